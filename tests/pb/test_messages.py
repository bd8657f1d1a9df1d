"""Our messages and protobuf's own, of the same proto/: what one writes the other reads, and both refuse the same bytes."""

from __future__ import annotations

import contextlib
import importlib
import pathlib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as some

from llbfront import llb
from llbfront.errors import GraphError, ProtocolError
from llbfront.pb import control, ops
from llbfront.pb.packing import message
from tests.wire import message_types, samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llbfront.pb import Message

PACKAGE = pathlib.Path(__file__).parent.parent.parent / "llbfront/pb"
TIME, ENTRY = "google.protobuf.Timestamp", "Entry"
WIDTHS = {3: (-(1 << 63), 1 << 63), 4: (0, 1 << 64), 5: (-(1 << 31), 1 << 31), 13: (0, 1 << 32), 14: (-(1 << 31), 1 << 31)}
NAMES = sorted(name for name in message_types() if name not in {TIME, "google.protobuf.FieldMask"})


@cache
def ours() -> Mapping[str, type[Message]]:
    """Our classes by full name."""
    found: dict[str, type[Message]] = {}
    for path in PACKAGE.glob("*.py"):
        module = importlib.import_module(f"llbfront.pb.{path.stem}")
        for name in getattr(module, "messages", ()):
            made = getattr(module, name)
            found[made.name_] = made
    return found


def is_map(field: Any) -> bool:
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def scalars(field: Any) -> some.SearchStrategy[Any]:
    if field.type == field.TYPE_STRING:
        return some.text(some.characters(exclude_categories=["Cs"]), max_size=140)
    if field.type == field.TYPE_BYTES:
        return some.binary(max_size=140)
    if field.type == field.TYPE_BOOL:
        return some.booleans()
    low, end = WIDTHS[field.type]
    return some.integers(low, end - 1) | some.integers(0, 300)


def fill(draw: Any, message: Any, depth: int) -> None:
    """Set some fields of a protobuf message."""
    fields = [field for field in message.DESCRIPTOR.fields if depth or field.message_type is None]
    for field in draw(some.lists(some.sampled_from(fields), max_size=6)) if fields else ():
        target = getattr(message, field.name)
        if message.DESCRIPTOR.full_name == TIME:
            continue
        if is_map(field):
            key = draw(scalars(field.message_type.fields_by_name["key"]))
            value = field.message_type.fields_by_name["value"]
            if value.message_type is None:
                target[key] = draw(scalars(value))
            else:
                fill(draw, target[key], depth - 1)
        elif field.is_repeated and field.message_type is None:
            target.extend(draw(some.lists(scalars(field), max_size=4)))
        elif field.is_repeated:
            fill(draw, target.add(), depth - 1)
        elif field.message_type is None:
            setattr(message, field.name, draw(scalars(field)))
        elif field.message_type.full_name == TIME:
            target.seconds = draw(some.integers(0, 1 << 36) | some.integers(-(1 << 40), 1 << 40))
            target.nanos = draw(some.integers(0, 999_999_999))
        else:
            target.SetInParent()
            fill(draw, target, depth - 1)
            if field.GetOptions().lazy and not target.ByteSize():
                message.ClearField(field.name)  # bytes know no difference between nothing and an empty message


@some.composite
def messages(draw: Any, names: Sequence[str] = NAMES) -> Any:
    message = message_types()[draw(some.sampled_from(names))]()
    fill(draw, message, 3)
    return message


def plain(message: Any) -> dict[str, Any]:
    """What a message of protobuf holds, as ours tell it."""
    return {field.name: held(field, value) for field, value in message.ListFields()}


def held(field: Any, value: Any) -> Any:
    if is_map(field):
        inner = field.message_type.fields_by_name["value"]
        return {key: held(inner, value[key]) for key in value}
    if field.message_type is None:
        return list(value) if field.is_repeated else value
    if field.is_repeated:
        return [plain(item) for item in value]
    if field.message_type.full_name == TIME:
        return value.seconds * 10**9 + value.nanos
    return plain(value)


def told(message: Message) -> dict[str, Any]:
    """What a message of ours holds; the bytes of lazy fields are read."""
    lazy = lazy_fields()[message.name_]

    def of(value: Any, kind: str | None) -> Any:
        if isinstance(value, dict):
            return {key: of(item, kind) for key, item in value.items()}
        if kind is not None:
            return told(ours()[kind].FromString(value))
        return (
            [of(item, kind) for item in value] if isinstance(value, list) else told(value) if hasattr(value, "fields_") else value
        )

    return {field.name: of(value, lazy.get(field.name)) for field, value in message.ListFields()}


@cache
def lazy_fields() -> Mapping[str, Mapping[str, str]]:
    """The fields that hold the bytes of messages, by messages, and whose."""
    return {
        name: {
            field.name: (field.message_type.fields_by_name["value"] if is_map(field) else field).message_type.full_name
            for field in made.DESCRIPTOR.fields
            if field.GetOptions().lazy
        }
        for name, made in message_types().items()
    }


def has_lazy(message: Any, seen: set[str]) -> bool:
    """Whether a field anywhere in a message is lazy."""
    if message.full_name in seen:
        return False
    seen.add(message.full_name)
    return any(field.GetOptions().lazy or has_lazy(field.message_type, seen) for field in message.fields if field.message_type)


EAGER = [name for name in NAMES if not has_lazy(message_types()[name].DESCRIPTOR, set())]  # the others do not look at all bytes


def test_all_messages_are_there() -> None:
    assert ours().keys() == message_types().keys()


@given(messages())
def test_what_protobuf_writes_is_read_alike(message: Any) -> None:
    read = ours()[message.DESCRIPTOR.full_name].FromString(message.SerializeToString(deterministic=True))
    assert told(read) == plain(message)


@given(messages())
def test_what_we_write_protobuf_reads(message: Any) -> None:
    data = message.SerializeToString(deterministic=True)
    again = type(message).FromString(ours()[message.DESCRIPTOR.full_name].FromString(data).SerializeToString())
    assert again == message


@pytest.mark.parametrize("name", sorted(samples()))
def test_what_engines_sent_is_read_alike(name: str) -> None:
    for data in samples()[name]:
        assert told(ours()[name].FromString(data)) == plain(message_types()[name].FromString(data))


def agree(name: str, data: bytes) -> None:
    """Either both read the bytes, and find the same, or both refuse them."""
    try:
        wanted = plain(message_types()[name].FromString(data))
    except DecodeError:
        with pytest.raises(ProtocolError):
            ours()[name].FromString(data)
    else:
        assert told(ours()[name].FromString(data)) == wanted


@given(messages(EAGER), some.data())
def test_damaged_bytes_are_refused_alike(message: Any, chance: some.DataObject) -> None:
    data = bytearray(message.SerializeToString(deterministic=True))
    for _ in range(chance.draw(some.integers(1, 3))):
        if data:
            data[chance.draw(some.integers(0, len(data) - 1))] = chance.draw(some.integers(0, 255))
    agree(message.DESCRIPTOR.full_name, bytes(data[: chance.draw(some.integers(0, len(data)))]))


@given(some.sampled_from(EAGER), some.binary(max_size=40))
def test_any_bytes_are_read_or_refused_alike(name: str, data: bytes) -> None:
    agree(name, data)


@pytest.mark.parametrize("depth", [60, 100, 150, 200, 300, 3000])
def test_graphs_inside_graphs_are_read_or_refused(depth: int) -> None:
    data = b""
    for _ in range(depth):
        data = message(3, message(2, message(3, data)))
    with contextlib.suppress(GraphError):
        assert len(llb.decode(data).sources) == 1
    if depth > 1000:
        with pytest.raises(ProtocolError):
            ops.Definition.FromString(data)


def test_messages_are_what_was_given() -> None:
    vertex = control.Vertex(digest="sha256:1", inputs=("a", "b"), started=5, cached=None)
    assert vertex == control.Vertex.FromString(vertex.SerializeToString())
    assert (vertex.name, vertex.cached, vertex.inputs, vertex.completed) == ("", False, ["a", "b"], None)
    assert vertex.progressGroup == ops.ProgressGroup()
    assert not vertex.HasField("progressGroup")
    with pytest.raises(TypeError, match="no field title"):
        control.Vertex(title="x")  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="cannot be assigned"):
        vertex.name = "x"
    with pytest.raises(AttributeError, match="no field title"):
        vertex.title  # type: ignore[attr-defined]  # noqa: B018
