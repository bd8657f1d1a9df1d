"""Messages of the wire: the descriptors that `make proto` wrote into this package → message classes and methods.

Each module beside this one holds one compiled .proto file. Its classes are built when they are first named, by protobuf's C
runtime and in a descriptor pool of our own: importing protobuf's public generated-code path costs 25 ms that no build needs,
and the pool of a process may already hold somebody else's idea of BuildKit's messages.

Source: proto/ of this repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import DecodeError as DecodeError
    from google.protobuf.message import Message

    RequestT = TypeVar("RequestT", bound=Message)
    ResponseT = TypeVar("ResponseT", bound=Message)
else:
    RequestT = TypeVar("RequestT")
    ResponseT = TypeVar("ResponseT")

try:
    from google._upb import _message as _upb
except ImportError:
    _upb = None  # type: ignore[assignment]


class Method(Generic[RequestT, ResponseT]):
    """One RPC: its path, its message classes, and which of its sides are streams."""

    __slots__ = ("client_streaming", "path", "request", "response", "server_streaming")

    def __init__(self, path: str, request: type[RequestT], response: type[ResponseT], streams: tuple[bool, bool]) -> None:
        self.path = path
        self.request = request
        self.response = response
        self.client_streaming, self.server_streaming = streams

    def __repr__(self) -> str:
        return f"Method({self.path!r})"


class Service:
    """The methods of one service, as attributes."""

    def __init__(self, descriptor: Any) -> None:
        self.full_name: str = descriptor.full_name
        self._descriptor = descriptor

    @property
    def methods(self) -> dict[str, Method[Any, Any]]:
        return {method.name: getattr(self, method.name) for method in self._descriptor.methods}

    def __getattr__(self, name: str) -> Method[Any, Any]:
        method = self._descriptor.methods_by_name.get(name)
        if method is None:
            raise AttributeError(name)
        made: Method[Any, Any] = Method(
            f"/{self.full_name}/{name}",
            _message_class(method.input_type),
            _message_class(method.output_type),
            (method.client_streaming, method.server_streaming),
        )
        setattr(self, name, made)
        return made


if _upb is not None:
    _pool = _upb.DescriptorPool()
else:
    from google.protobuf import descriptor_pool

    _pool = descriptor_pool.DescriptorPool()

_classes: dict[str, Any] = {}


def _message_class(descriptor: Any) -> Any:
    name = descriptor.full_name
    if name not in _classes:
        if _upb is not None:
            from google.protobuf.message import Message  # here, so that a module which only names enums stays cheap

            body = {"DESCRIPTOR": descriptor, "__module__": __name__}
            for nested in descriptor.nested_types:
                body[nested.name] = _message_class(nested)
            _classes[name] = _upb.MessageMeta(descriptor.name, (Message,), body)
        else:
            from google.protobuf import message_factory

            _classes[name] = message_factory.GetMessageClass(descriptor)
    return _classes[name]


def is_map(field: Any) -> bool:
    """Whether a field, by its descriptor, is a map. Of all messages in proto/ only the entries of maps have options.

    Asking the options themselves would load protobuf's own descriptors, 20 ms and not in the frontend image.
    """
    return field.message_type is not None and bool(field.message_type.has_options)


def load(namespace: dict[str, Any], serialized: bytes) -> Callable[[str], Any]:
    """Add one compiled .proto file to the pool; return the `__getattr__` of its module.

    Enum values are ints, as in protobuf's own generated modules. What was named once is kept in `namespace`.
    """
    file = _add(serialized)

    def __getattr__(name: str) -> Any:
        if name in file.message_types_by_name:
            value: Any = _message_class(file.message_types_by_name[name])
        elif name in file.services_by_name:
            value = Service(file.services_by_name[name])
        elif name == "DESCRIPTOR":
            value = file
        else:
            value = next((e.values_by_name[name].number for e in file.enum_types_by_name.values() if name in e.values_by_name), None)
            if value is None:
                raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        namespace[name] = value
        return value

    return __getattr__


def _add(serialized: bytes) -> Any:
    if _upb is not None:
        return _pool.AddSerializedFile(serialized)
    from google.protobuf import descriptor_pb2

    _pool.AddSerializedFile(serialized)
    return _pool.FindFileByName(descriptor_pb2.FileDescriptorProto.FromString(serialized).name)


def __getattr__(name: str) -> Any:
    """Give `DecodeError`, what parsing raises, without loading protobuf's Python half before it is needed."""
    if name != "DecodeError":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from google.protobuf.message import DecodeError

    globals()[name] = DecodeError
    return DecodeError
