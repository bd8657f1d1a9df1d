"""Messages as bytes: samples that real engines sent, and the fields in them that proto/ does not have."""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import socket
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.unknown_fields import UnknownFieldSet

from llbfront import pb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER = pathlib.Path(__file__).parent / "data/wire"


@cache
def message_types() -> Mapping[str, Any]:
    """The classes of all messages of llbfront.pb by full name."""
    modules = [importlib.import_module(f"llbfront.pb.{each.name}") for each in pkgutil.iter_modules(pb.__path__)]
    return {message.full_name: getattr(module, message.name) for module in modules for message in _messages(module)}


def _messages(module: Any) -> list[Any]:
    return list(module.DESCRIPTOR.message_types_by_name.values())


def samples() -> Mapping[str, Sequence[bytes]]:
    """Recorded messages by type; a file has one message per line, in hex, since JSON would lose unknown fields."""
    return {path.stem: [bytes.fromhex(line) for line in path.read_text().splitlines()] for path in sorted(FOLDER.glob("*.hex"))}


def write_samples(messages: Mapping[str, Sequence[bytes]]) -> None:
    """Store messages without the name of the machine. An empty message cannot have unknown fields and is not stored."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    machine = socket.gethostname().encode()
    for name, recorded in messages.items():
        stored = [data.replace(machine, b"x" * len(machine)) for data in recorded if data]
        if stored:
            (FOLDER / f"{name}.hex").write_text("".join(f"{data.hex()}\n" for data in stored))


def unknown_fields(name: str, data: bytes) -> list[str]:
    """Paths of fields inside a message that its .proto does not have; raises if the bytes are not such a message."""
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
