"""Write llbfront/pb from the .proto files beside this script: one module and one typed stub for each of them.

Run by `make proto`; needs grpcio-tools. Source: none, the layout is ours.
"""

import keyword
import pathlib
import subprocess
import sys
import tempfile

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

HERE = pathlib.Path(__file__).parent
WRAP = 100
SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_STRING: "str",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
}
STUB_HEAD = """\
# Made from {proto} by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
{imports}
DESCRIPTOR: FileDescriptor
"""


def module_name(proto: str) -> str:
    return proto.removesuffix(".proto").replace("/", "_")


def literal(data: bytes) -> str:
    return "\n".join(f"    {data[at : at + WRAP]!r}" for at in range(0, len(data), WRAP))


def module_text(file: FileDescriptorProto) -> str:
    imports = "".join(f"from llbfront.pb import {module_name(name)}  # noqa: F401\n" for name in sorted(file.dependency))
    data = literal(file.SerializeToString())
    return f"# Made from {file.name} by `make proto`.\nfrom llbfront.pb import load\n{imports}\n__getattr__ = load(\n    globals(),\n{data},\n)\n"


class Stub:
    """The stub of one file; `owner` maps the full name of a message to the module and name that Python knows it by."""

    def __init__(self, file: FileDescriptorProto, owner: dict[str, str]) -> None:
        self.file = file
        self.owner = owner

    def text(self) -> str:
        names = sorted({module_name(name) for name in (*self.file.dependency, self.file.name)})
        imports = "".join(f"from llbfront.pb import {name} as _{name}\n" for name in names)
        parts = [STUB_HEAD.format(proto=self.file.name, imports=imports)]
        parts += [self.enum(enum, "") for enum in self.file.enum_type]
        parts += [self.message(message) for message in self.file.message_type]
        parts += [self.service(service) for service in self.file.service]
        return "\n".join(parts)

    def enum(self, enum: EnumDescriptorProto, indent: str) -> str:
        rows = [f"{enum.name}: EnumTypeWrapper", *(f"{value.name}: int" for value in enum.value)]
        return "".join(f"{indent}{row}\n" for row in rows)

    def message(self, message: DescriptorProto) -> str:
        entries = {f".{self.file.package}.{message.name}.{nested.name}": nested for nested in message.nested_type}
        named = (field for field in message.field if not keyword.iskeyword(field.name))
        fields = [(field.name, *self.types(field, entries.get(field.type_name))) for field in named]
        lines = [f"class {message.name}(Message):\n", *(self.enum(enum, "    ") for enum in message.enum_type)]
        lines += [f"    {name}: {held}\n" for name, held, _ in fields]
        arguments = ", ".join(
            ("self", *(("*",) if fields else ()), *(f"{name}: {given} | None = ..." for name, _, given in fields))
        )
        return "".join((*lines, f"    def __init__({arguments}) -> None: ...\n"))

    def types(self, field: FieldDescriptorProto, entry: DescriptorProto | None) -> tuple[str, str]:
        """Types of a field: as an attribute, and as an argument of the constructor."""
        if entry is not None:
            key, value = (self.single(part) for part in entry.field)
            kind = "MessageMap" if entry.field[1].type == FieldDescriptorProto.TYPE_MESSAGE else "ScalarMap"
            return f"{kind}[{key}, {value}]", f"Mapping[{key}, {value}]"
        single = self.single(field)
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            kind = "Composite" if field.type == FieldDescriptorProto.TYPE_MESSAGE else "Scalar"
            return f"Repeated{kind}FieldContainer[{single}]", f"Iterable[{single}]"
        return single, single

    def single(self, field: FieldDescriptorProto) -> str:
        return self.owner[field.type_name] if field.type == FieldDescriptorProto.TYPE_MESSAGE else SCALARS.get(field.type, "int")

    def service(self, service) -> str:  # noqa: ANN001
        rows = "".join(f"    {m.name}: Method[{self.owner[m.input_type]}, {self.owner[m.output_type]}]\n" for m in service.method)
        return f"class _{service.name}(Service):\n{rows}\n{service.name}: _{service.name}\n"


def main(target: pathlib.Path) -> None:
    protos = sorted(str(path.relative_to(HERE)) for path in HERE.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{HERE}",
            "--include_imports",
            f"--descriptor_set_out={scratch}/set",
        ]
        subprocess.run([*command, *protos], check=True)
        files = FileDescriptorSet.FromString(pathlib.Path(scratch, "set").read_bytes()).file
    owner = {
        f".{file.package}.{message.name}": f"_{module_name(file.name)}.{message.name}"
        for file in files
        for message in file.message_type
    }
    for file in files:
        name = module_name(file.name)
        (target / f"{name}.py").write_text(module_text(file))
        public = f"from google.protobuf.{name.removeprefix('google_protobuf_')}_pb2 import *\n"
        (target / f"{name}.pyi").write_text(public if file.package == "google.protobuf" else Stub(file, owner).text())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
