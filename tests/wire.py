"""Messages as bytes: protobuf's own classes of proto/, samples that real engines sent, and what of them proto/ does not know."""

from __future__ import annotations

import pathlib
import socket
import subprocess
import sys
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClassesForFiles
from google.protobuf.unknown_fields import UnknownFieldSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER = pathlib.Path(__file__).parent / "data/wire"
PROTO = pathlib.Path(__file__).parent.parent / "proto"


@cache
def message_types() -> Mapping[str, Any]:
    """Protobuf's classes of all messages by full name."""
    protos = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        options = [f"-I{PROTO}", "--include_imports", f"--descriptor_set_out={scratch}/set"]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *options, *protos], check=True)
        files = FileDescriptorSet.FromString(pathlib.Path(scratch, "set").read_bytes()).file
    pool = DescriptorPool()
    for file in files:
        pool.Add(file)
    found = GetMessageClassesForFiles([file.name for file in files], pool)
    return {name: made for name, made in found.items() if made.DESCRIPTOR.containing_type is None}


def samples() -> Mapping[str, Sequence[bytes]]:
    """Recorded messages by type; a file holds one message in hex a line."""
    return {path.stem: [bytes.fromhex(line) for line in path.read_text().splitlines()] for path in sorted(FOLDER.glob("*.hex"))}


def write_samples(messages: Mapping[str, Sequence[bytes]]) -> None:
    """Keep messages, with the name of the machine struck out."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    machine = socket.gethostname().encode()
    for name, kept in messages.items():
        struck = (data.replace(machine, b"x" * len(machine)) for data in kept)
        (FOLDER / f"{name}.hex").write_text("".join(f"{data.hex()}\n" for data in struck))


def unknown_fields(name: str, data: bytes) -> list[str]:
    """Paths of fields inside a message that its .proto does not have; decoding fails loudly where the bytes are none."""
    return list(_unknown(message_types()[name].FromString(data), name))


def _unknown(message: Any, path: str) -> Iterator[str]:
    for field in UnknownFieldSet(message):  # type: ignore[attr-defined]  # it can be walked, say its authors
        yield f"{path}.{field.field_number}"
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        here = f"{path}.{descriptor.name}"
        if descriptor.message_type.GetOptions().map_entry:
            if descriptor.message_type.fields_by_name["value"].message_type is not None:
                for inner in value.values():
                    yield from _unknown(inner, here)
        elif hasattr(value, "DESCRIPTOR"):
            yield from _unknown(value, here)
        else:
            for inner in value:
                yield from _unknown(inner, here)
