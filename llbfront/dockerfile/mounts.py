"""Parse the values of RUN --mount and --device.

Source: frontend/dockerfile/instructions/commands_runmount.go and commands_rundevice.go of BuildKit; docker/go-units for sizes.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import attrs

from llbfront.dockerfile.instructions import Device
from llbfront.errors import FlagError, InvalidValue
from llbfront.gostd.csv import split_fields
from llbfront.gostd.strconv import parse_bool, parse_uint32, quote
from llbfront.gostd.strings import to_lower
from llbfront.gostd.units import ram_in_bytes
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    _Word = TypeVar("_Word", bound=enum.StrEnum)


class MountType(enum.StrEnum):
    """The type of a mount."""

    BIND = "bind"
    CACHE = "cache"
    TMPFS = "tmpfs"
    SECRET = "secret"  # noqa: S105  a mount type, not a password
    SSH = "ssh"


class Sharing(enum.StrEnum):
    """How concurrent steps share a cache mount."""

    SHARED = "shared"
    PRIVATE = "private"
    LOCKED = "locked"


@attrs.frozen
class Mount:
    """A mount of RUN as given: no path is joined or defaulted yet, so strings may be empty.

    `env` is None when not given; an empty one takes the default name.
    """

    type: MountType = MountType.BIND
    origin: str = ""
    source: str = ""
    target: str = ""
    readonly: bool = True
    size_bytes: int = 0
    id: str = ""
    sharing: Sharing | None = None
    required: bool = False
    env: str | None = None
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


KEYS = (
    *("type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid"),
    *("src", "dst", "destination", "ro", "rw", "readwrite", "env"),
)
_FIELDS = {
    "from": "origin",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
    "id": "id",
    "env": "env",
}
_NUMBERS = {"mode": 8, "uid": 10, "gid": 10}
_ACCESS = {"readonly": True, "ro": True, "readwrite": False, "rw": False}
_TYPES_OF = {
    "required": "it needs type=secret or type=ssh before it",
    "size": "it needs type=tmpfs before it",
}
_MAY_BE_REQUIRED = {MountType.SECRET, MountType.SSH}
_MAY_HAVE_OWNER = {MountType.SECRET, MountType.SSH, MountType.CACHE}
_WRITABLE = {MountType.CACHE, MountType.TMPFS}


def check_mount(text: str) -> None:
    """Check what can be checked of --mount before its words are expanded. Raises: FlagError."""
    for field in _split(text, "mounts"):
        key, _, value = field.partition("=")
        if to_lower(key) == "from" and "$" in value[:-1]:
            raise FlagError("'from' doesn't support variable expansion, define alias stage instead")


def mount_origin(text: str) -> str:
    """Return the value of `from`, in which nothing is expanded; empty without one. Raises: FlagError."""
    origin = ""
    for field in _split(text, "mounts"):
        key, equals, value = field.partition("=")
        if equals and to_lower(key) == "from":
            origin = value
    return origin


def parse_mount(text: str, expand: Callable[[str], str]) -> Mount:
    """Read a value of --mount, each of whose words goes through `expand`. Raises: FlagError; what `expand` raises."""
    values: dict[str, object] = {}
    for field in _split(text, "mounts"):
        key, equals, value = field.partition("=")
        _read_field(values, to_lower(key), expand(value) if equals else None, field)
    kind = _type(values)
    values.setdefault("readonly", kind not in _WRITABLE)
    mount = Mount(**values)  # type: ignore[arg-type]  # the readers give each field its type
    _check(mount)
    return mount


def _type(values: dict[str, object]) -> MountType:
    kind = values.get("type", MountType.BIND)
    assert isinstance(kind, MountType)
    return kind


def _read_field(values: dict[str, object], key: str, value: str | None, field: str) -> None:
    """Read one `key=value` or, with no value, `key` into the fields of a mount."""
    if value is None and key not in _ACCESS and key != "required":
        raise FlagError(f"invalid field '{field}' must be a key=value pair", hint=_form_of_field(field))
    if key in _ACCESS:
        values["readonly"] = _boolean(key, value) == _ACCESS[key]
    elif key in {"required", "size"}:
        if _type(values) not in (_MAY_BE_REQUIRED if key == "required" else {MountType.TMPFS}):
            raise FlagError(f"unexpected key '{key}' for mount type '{_type(values)}'", hint=_TYPES_OF[key])
        if key == "required":
            values["required"] = _boolean(key, value)
        else:
            values["size_bytes"] = _size(value or "")
    elif key in _FIELDS:
        values[_FIELDS[key]] = value
    elif key in _NUMBERS:
        values[key] = parse_uint32(value or "", _NUMBERS[key])
        if values[key] is None:
            hint = "use octal digits" if key == "mode" else "use a number, not a name"
            raise FlagError(f"invalid value {value} for {key}", hint=hint)
    elif key == "type":
        values["type"] = _word(MountType, "mount type", value or "")
    elif key == "sharing":
        values["sharing"] = _word(Sharing, "sharing value", value or "")
    else:
        hint = suggestion(key, KEYS, match_case=True) or f"keys of mounts are {', '.join(KEYS[:12])} and env"
        raise FlagError(f"unexpected key '{key}' in '{field}'", hint=hint)


def _form_of_field(field: str) -> str | None:
    if not field:
        return "an extra comma, or a space after a comma"
    return f"type={field}" if field in tuple(MountType) else f"{field}=…"


def _boolean(key: str, value: str | None) -> bool:
    answer = True if value is None else parse_bool(value)
    if answer is None:
        raise FlagError(f"invalid value for {key}: {value}", hint="use true or false")
    return answer


def _word(words: type[_Word], noun: str, value: str) -> _Word:
    try:
        return words(to_lower(value))
    except ValueError:
        hint = suggestion(value, words, match_case=True) or f"one of {', '.join(words)}"
        raise FlagError(f"unsupported {noun} {quote(value)}", hint=hint) from None


def _check(mount: Mount) -> None:
    for name in ("mode", "uid", "gid"):
        if mount.type not in _MAY_HAVE_OWNER and getattr(mount, name) is not None:
            raise FlagError(f"{name} not allowed for {quote(mount.type)} type mounts")
    if mount.type is MountType.SECRET:
        if mount.origin:
            raise FlagError("secret mount should not have a from")
        if mount.sharing:
            raise FlagError("secret mount should not define sharing")
        if not (mount.source or mount.target or mount.id):
            raise FlagError("invalid secret mount. one of source, target required", hint="add id=NAME")
        if mount.source and mount.id:
            raise FlagError("both source and id can't be set", hint="use only one of them")
    if mount.sharing and mount.type is not MountType.CACHE:
        raise FlagError(f"invalid cache sharing set for {mount.type} mount", hint="sharing needs type=cache")


def parse_device(text: str) -> Device:
    """Read a value of --device: a name or `name=NAME`, and `required`. Raises: FlagError."""
    name, required = "", False
    for field in _split(text, "devices"):
        key, equals, value = field.partition("=")
        key = to_lower(key)
        if key == "required":
            required = _boolean(key, value if equals else None)
        elif key == "name" and equals:
            if name:
                raise FlagError(f"device name already set to {name}")
            name = value
        elif not name:
            name = field
        elif equals:
            hint = suggestion(key, ("name", "required"), match_case=True)
            raise FlagError(f"unexpected key '{key}' in '{field}'", hint=hint)
        else:
            raise FlagError(f"invalid field '{field}' must be a key=value pair")
    return Device(name, required)


def _split(text: str, noun: str) -> tuple[str, ...]:
    try:
        return split_fields(text)
    except InvalidValue as error:
        raise FlagError(f"failed to parse csv {noun}: {error.message}", hint=error.hint) from None


def _size(text: str) -> int:
    """Parse an amount of memory such as `64m` to bytes."""
    size_bytes = ram_in_bytes(text)
    if size_bytes is None:
        raise FlagError(f"invalid value for size: {text}", hint="use a size such as 64m or 1g")
    return size_bytes
