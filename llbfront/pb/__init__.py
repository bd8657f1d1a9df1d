"""Messages of the wire: the tables that `make proto` wrote into this package → message classes and methods.

Each module beside this one holds the table of one .proto file. A class is made when it is first named: a build names 40 of 250. The
words are those of protobuf's own classes, whose runtime costs more to load than a small build takes. What is different:

    messages cannot be changed once they are made; lists and maps are given to the constructor
    google.protobuf.Timestamp is an int of nanoseconds since 1970, None where it is not set
    a field that proto/ marks as lazy is the bytes of its message
    unknown fields are dropped

Source: proto/ of this repository.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from llbfront.errors import ProtocolError
from llbfront.pb import codec

if TYPE_CHECKING:
    from llbfront.pb.codec import Slot, Write

_DEFAULTS: Mapping[str, Any] = {"string": "", "bytes": b"", "bool": False, codec.TIME: None}
_NO_PAIRS: Mapping[Any, Any] = MappingProxyType({})


class Field:
    """One field of a message: a line of a table, `number name label kind`.

    label: `one`, `many`, `map`, or the name of the oneof that it belongs to.
    kind: a scalar type, `enum module.Name`, or `module.Name` of a message; of a map those of its keys and values.
    """

    __slots__ = ("_message", "is_map", "is_message", "is_repeated", "json_name", "kind", "name", "number", "oneof")

    def __init__(self, line: str) -> None:
        number, self.name, label, self.kind = line.split(" ", 3)
        self.number = int(number)
        self.is_map = label == "map"
        self.is_repeated = self.is_map or label == "many"
        self.oneof = None if self.is_repeated or label == "one" else label
        self.is_message = "." in self.kind and " " not in self.kind and self.kind != codec.TIME  # a map is none, nor is a time
        self._message: type[Message] | None = None
        self.json_name = self.name if "_" not in self.name else _camel(self.name)

    @property
    def is_enum(self) -> bool:
        return self.kind.startswith("enum ")

    @property
    def default(self) -> Any:
        return _NO_PAIRS if self.is_map else () if self.is_repeated else _DEFAULTS.get(self.kind, 0)

    @property
    def message(self) -> type[Message]:
        """The class of its messages; of a map that of a pair of `key` and `value`."""
        if self._message is None:
            key, _, value = self.kind.partition(" ")
            self._message = message_class("pair", f"1 key one {key}\n2 value one {value}") if self.is_map else self._named()
        return self._message

    @property
    def enum(self) -> Mapping[str, int]:
        """The names of its enum and their numbers."""
        found: Mapping[str, int] = self._named()
        return found

    def _named(self) -> Any:
        module, name = self.kind.removeprefix("enum ").split(".", 1)
        return getattr(__import__(f"llbfront.pb.{module}", fromlist=(name,)), name)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join([part[:1].upper() + part[1:] for part in others])


class Message:
    """One message. What is not set reads as its default: zero, empty, or a message with nothing in it."""

    name_: ClassVar[str]
    fields_: ClassVar[Mapping[str, Field]]
    slots_: ClassVar[Mapping[int, Slot] | None] = None
    writes_: ClassVar[Sequence[tuple[str, Write]] | None] = None

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            if (field := self.fields_.get(name)) is None:
                raise TypeError(f"{self.name_} has no field {name}")
            if value is not None:
                self.__dict__[name] = value if not field.is_repeated else dict(value) if field.is_map else list(value)

    if not TYPE_CHECKING:  # which knows all fields by the stubs

        def __getattr__(self, name: str) -> Any:
            """Make the default of a field that holds a message, once."""
            if name not in self.fields_:
                raise AttributeError(f"{self.name_} has no field {name}")
            default = self.fields_[name].message()
            setattr(type(self), name, default)
            return default

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self.name_}.{name} cannot be assigned to")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.name_ == other.name_ and self.SerializeToString() == other.SerializeToString()

    def __hash__(self) -> int:
        return hash(self.SerializeToString())

    def __repr__(self) -> str:
        return f"{self.name_}({', '.join(f'{field.name}={value!r}' for field, value in self.ListFields())})"

    @classmethod
    def FromString(cls, data: bytes) -> Self:
        """Read a message. Raises: ProtocolError."""
        try:
            made: Self = codec.read(cls, data)
        except (IndexError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"not a {cls.name_}: {error}") from None
        return made

    def SerializeToString(self) -> bytes:
        """Write the message: fields in the order of their numbers, maps in that of their keys."""
        values = self.__dict__
        writes = self.writes_ or codec.make_writes(type(self))
        return b"".join([write(values[name]) for name, write in writes if name in values])

    def HasField(self, name: str) -> bool:
        """Whether a message, a time or a member of a oneof is set."""
        return name in self.__dict__

    def WhichOneof(self, oneof: str) -> str | None:
        """The member of a oneof that is set."""
        return next((name for name in self.__dict__ if self.fields_[name].oneof == oneof), None)

    def ListFields(self) -> list[tuple[Field, Any]]:
        """What is set and not zero or empty, in the order of the table."""
        values = self.__dict__
        return [
            (field, values[name])
            for name, field in self.fields_.items()
            if name in values and (values[name] or field.oneof or field.kind == codec.TIME)
        ]


def message_class(name: str, table: str, constants: Mapping[str, int] = _NO_PAIRS) -> type[Message]:
    """Make the class of a message from its table; `constants` are the values of enums inside it."""
    fields = {field.name: field for field in map(Field, table.splitlines())}
    defaults = {field.name: field.default for field in fields.values() if field.is_repeated or not field.is_message}
    return type(name.rpartition(".")[2], (Message,), {"name_": name, "fields_": fields, **defaults, **constants})


if TYPE_CHECKING:
    RequestT = TypeVar("RequestT", bound=Message)
    ResponseT = TypeVar("ResponseT", bound=Message)
else:
    RequestT = TypeVar("RequestT")
    ResponseT = TypeVar("ResponseT")


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
    """The methods of one service, as attributes. A line of its table: `Name module.Request module.Response`, `*` before streams."""

    def __init__(self, full_name: str, table: str) -> None:
        self.full_name = full_name
        self._lines = {name: line for name, _, line in (row.partition(" ") for row in table.splitlines())}

    @property
    def methods(self) -> dict[str, Method[Any, Any]]:
        return {name: getattr(self, name) for name in self._lines}

    def __getattr__(self, name: str) -> Method[Any, Any]:
        if name not in self._lines:
            raise AttributeError(name)
        sides = self._lines[name].split(" ")
        request, response = (Field(f"1 side one {side.removeprefix('*')}").message for side in sides)
        streams = sides[0].startswith("*"), sides[1].startswith("*")
        made: Method[Any, Any] = Method(f"/{self.full_name}/{name}", request, response, streams)
        setattr(self, name, made)
        return made


def load(
    namespace: dict[str, Any],
    package: str,
    messages: Mapping[str, str],
    enums: Mapping[str, Mapping[str, int]],
    services: Mapping[str, str],
) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module that stands for a .proto file. What was named once is kept in `namespace`.

    Enums inside a message are named `Message.Enum`.
    """

    def __getattr__(name: str) -> Any:
        if name in messages:
            inner = [enum for owner, enum in enums.items() if owner.startswith(f"{name}.")]
            constants = {key: number for enum in inner for key, number in enum.items()}
            made: Any = message_class(f"{package}.{name}", messages[name], constants)
        elif name in services:
            made = Service(f"{package}.{name}", services[name])
        elif name in enums:
            made = enums[name]
        else:
            made = next((enum[name] for owner, enum in enums.items() if name in enum and "." not in owner), None)
            if made is None:
                raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        namespace[name] = made
        return made

    return __getattr__
