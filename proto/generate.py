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
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

HERE = pathlib.Path(__file__).parent
SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: ("bool", "bool"),
    FieldDescriptorProto.TYPE_STRING: ("string", "str"),
    FieldDescriptorProto.TYPE_BYTES: ("bytes", "bytes"),
    FieldDescriptorProto.TYPE_INT32: ("int32", "int"),
    FieldDescriptorProto.TYPE_INT64: ("int64", "int"),
    FieldDescriptorProto.TYPE_UINT32: ("uint32", "int"),
    FieldDescriptorProto.TYPE_UINT64: ("uint64", "int"),
}
TIME = ".google.protobuf.Timestamp"
STUB_HEAD = """\
# Made from {proto} by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
{imports}
enums: Mapping[str, Mapping[str, int]]
"""


def module_name(proto: str) -> str:
    return proto.removesuffix(".proto").replace("/", "_")


class Module:
    """The module of one file and its stub; `owner` maps the full name of a message or enum to the module and name Python knows it by."""

    def __init__(self, file: FileDescriptorProto, owner: dict[str, str]) -> None:
        self.file = file
        self.owner = owner

    def text(self) -> str:
        tables = {"enums": self.enums(), "messages": self.tables(), "services": self.services()}
        parts = [f"# Made from {self.file.name} by `make proto`.\nfrom llbfront.pb import load\n"]
        parts += [f"{name} = {literal(table)}" for name, table in tables.items()]
        return "\n".join((*parts, f'__getattr__ = load(globals(), "{self.file.package}", messages, enums, services)\n'))

    def enums(self) -> dict[str, dict[str, int]]:
        inner = {f"{message.name}.{enum.name}": enum for message in self.file.message_type for enum in message.enum_type}
        enums = {**{enum.name: enum for enum in self.file.enum_type}, **inner}
        return {name: {value.name: value.number for value in enum.value} for name, enum in enums.items()}

    def tables(self) -> dict[str, str]:
        return {
            message.name: "".join(f"{field.number} {field.name} {self.label(message, field)}\n" for field in message.field)
            for message in self.file.message_type
        }

    def label(self, message: DescriptorProto, field: FieldDescriptorProto) -> str:
        """What a line of a table says of a field behind its number and name."""
        entry = self.entries(message).get(field.type_name)
        if entry is not None:
            return f"map {self.kind(entry.field[0])} {'bytes' if field.options.lazy else self.kind(entry.field[1])}"
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"many {self.kind(field)}"
        return f"{message.oneof_decl[field.oneof_index].name if field.HasField('oneof_index') else 'one'} {self.kind(field)}"

    def entries(self, message: DescriptorProto) -> dict[str, DescriptorProto]:
        return {f".{self.file.package}.{message.name}.{nested.name}": nested for nested in message.nested_type}

    def kind(self, field: FieldDescriptorProto) -> str:
        if field.options.lazy:
            return "bytes"
        if field.type == FieldDescriptorProto.TYPE_MESSAGE:
            return self.owner[field.type_name]
        if field.type == FieldDescriptorProto.TYPE_ENUM:
            return f"enum {self.owner[field.type_name]}"
        return SCALARS[field.type][0]

    def services(self) -> dict[str, str]:
        return {service.name: "".join(f"{self.method(method)}\n" for method in service.method) for service in self.file.service}

    def method(self, method: MethodDescriptorProto) -> str:
        request = "*" * method.client_streaming + self.owner[method.input_type]
        return f"{method.name} {request} {'*' * method.server_streaming}{self.owner[method.output_type]}"

    def stub(self) -> str:
        names = sorted({module_name(name) for name in (*self.file.dependency, self.file.name)})
        imports = "".join(f"from llbfront.pb import {name} as _{name}\n" for name in names)
        parts = [STUB_HEAD.format(proto=self.file.name, imports=imports)]
        parts += [constants(enum, "") for enum in self.file.enum_type]
        parts += [self.message(message) for message in self.file.message_type]
        parts += [self.service(service) for service in self.file.service]
        return "\n".join(parts)

    def message(self, message: DescriptorProto) -> str:
        entries = self.entries(message)
        named = (field for field in message.field if not keyword.iskeyword(field.name))
        fields = [(field.name, *self.types(field, entries.get(field.type_name))) for field in named]
        lines = [f"class {message.name}(Message):\n", *(constants(enum, "    ") for enum in message.enum_type)]
        lines += [f"    {name}: {held}\n" for name, held, _ in fields]
        others = [("**others: object",)] if len(fields) < len(message.field) else []  # names that are words of Python
        arguments = ", ".join(
            ("self", *(("*",) if fields else ()), *(f"{name}: {given} | None = ..." for name, _, given in fields), *sum(others, ()))
        )
        return "".join((*lines, f"    def __init__({arguments}) -> None: ...\n"))

    def types(self, field: FieldDescriptorProto, entry: DescriptorProto | None) -> tuple[str, str]:
        """Types of a field: as an attribute, and as an argument of the constructor."""
        if entry is not None:
            key, value = self.single(entry.field[0]), "bytes" if field.options.lazy else self.single(entry.field[1])
            return f"Mapping[{key}, {value}]", f"Mapping[{key}, {value}]"
        single = self.single(field)
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"Sequence[{single}]", f"Iterable[{single}]"
        return f"{single} | None" if field.type_name == TIME else single, single

    def single(self, field: FieldDescriptorProto) -> str:
        if field.type == FieldDescriptorProto.TYPE_MESSAGE and not field.options.lazy:
            return "int" if field.type_name == TIME else f"_{self.owner[field.type_name]}"
        return "bytes" if field.options.lazy else "int" if field.type == FieldDescriptorProto.TYPE_ENUM else SCALARS[field.type][1]

    def service(self, service: ServiceDescriptorProto) -> str:
        rows = "".join(f"    {m.name}: Method[_{self.owner[m.input_type]}, _{self.owner[m.output_type]}]\n" for m in service.method)
        return f"class _{service.name}(Service):\n{rows}\n{service.name}: _{service.name}\n"


def literal(table: dict[str, str] | dict[str, dict[str, int]]) -> str:
    """A table as Python; texts of several lines stay such."""
    rows = [f'    "{name}": {numbers(row) if isinstance(row, dict) else lines(row)},\n' for name, row in table.items()]
    return f"{{\n{''.join(rows)}}}\n" if rows else "{}\n"


def lines(text: str) -> str:
    return f'"""\\\n{text}"""' if text else '""'


def numbers(enum: dict[str, int]) -> str:
    rows = [f'"{name}": {number}' for name, number in enum.items()]
    return f"{{{', '.join(rows)}}}" if sum(map(len, rows)) < 110 else "{\n" + "".join(f"        {row},\n" for row in rows) + "    }"


def constants(enum: EnumDescriptorProto, indent: str) -> str:
    return "".join(f"{indent}{value.name}: int\n" for value in enum.value)


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
        f".{file.package}.{name}": f"{module_name(file.name)}.{name}"
        for file in files
        for name in (
            *(message.name for message in file.message_type),
            *(enum.name for enum in file.enum_type),
            *(f"{message.name}.{enum.name}" for message in file.message_type for enum in message.enum_type),
        )
    }
    for file in files:
        module = Module(file, owner)
        (target / f"{module_name(file.name)}.py").write_text(module.text())
        (target / f"{module_name(file.name)}.pyi").write_text(module.stub())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
