"""Image configs: JSON bytes of a registry → Image, and back in exactly the bytes that Go writes.

Members unknown to BuildKit's frontend are lost, as they are there. An absent list is None, an empty one is ().

Source: opencontainers/image-spec config.go, moby/docker-image-spec, Go's encoding/json and time.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import InvalidValue
from llbfront.oci.gojson import Ordered, Parts, write_json

if TYPE_CHECKING:
    from llbfront.oci.gojson import Json

    Table = tuple[tuple[str, str, Callable[[str, Any], Any]], ...]


@attrs.frozen
class Healthcheck:
    """How to see whether a container is healthy; times in nanoseconds, 0 means the default."""

    test: tuple[str, ...] | None = None
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    start_interval_ns: int = 0
    retries: int = 0


@attrs.frozen
class ImageConfig:
    """How containers of the image are run. Mappings are not to be changed; write a new one."""

    user: str = ""
    exposed_ports: frozenset[str] = frozenset()
    env: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    volumes: frozenset[str] = frozenset()
    working_dir: str = ""
    labels: Mapping[str, str] = attrs.field(factory=dict)
    stop_signal: str = ""
    args_escaped: bool = False
    healthcheck: Healthcheck | None = None
    on_build: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None


@attrs.frozen
class History:
    """How one layer (or none) came to be. `created` is RFC 3339 text as Go prints it; a long `created_by` may be in parts."""

    created: str | None = None
    created_by: str | tuple[str, ...] = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


NO_CONFIG = ImageConfig()


@attrs.frozen
class Image:
    """An image config file. `diff_ids` None is written as null."""

    architecture: str = ""
    os: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] | None = None
    variant: str = ""
    created: str | None = None
    author: str = ""
    config: ImageConfig = NO_CONFIG
    rootfs_type: str = ""
    diff_ids: tuple[str, ...] | None = None
    history: tuple[History, ...] | None = None


def read(data: bytes) -> Image:
    """Read a config as Go's decoder does: member names in any case, null is absence, unknown members are dropped.

    Raises: InvalidValue.
    """
    try:
        value = json.loads(data.decode(errors="replace"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidValue(str(error)) from None
    members = _read_members("", value, _IMAGE)
    return Image(**members.pop("rootfs", {}), **members)


def write(image: Image) -> bytes:
    """Write the config compactly, members in the order of the frontend's Go struct, maps sorted, empty members left out.

    Raises: InvalidValue for a time that has no RFC 3339 text.
    """
    return write_json(_write_members(image, _IMAGE))


def timestamp(time_ns: int) -> str:
    """Return nanoseconds since 1970 as RFC 3339 text in UTC, as Go prints it; what has none is refused when it is written."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    if not _YEAR_0 <= seconds < _YEAR_10000:
        return _NO_TIMESTAMP
    year, month, day, hour, minute, second = time.gmtime(seconds)[:6]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{_fraction(f'{rest:09}')}Z"


_YEAR_0, _YEAR_10000 = -62_167_219_200, 253_402_300_800
_NO_TIMESTAMP = "year outside of range [0,9999]"
NO_ZONE = "timezone hour outside of range [0,23]"  # in place of a time in such a zone


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _wrong(where: str, value: Any, wanted: str) -> InvalidValue:
    return InvalidValue(f"{where or 'it'} is not {wanted}: {str(value)[:40]}")


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(where, value, "a string")
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _texts(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(where, value, "a list of strings")
    return tuple("" if item is None else _text(where, item) for item in value)


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, value, "true or false")
    return value


def _number(where: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -(1 << 63) <= value < 1 << 63:
        raise _wrong(where, value, "a 64-bit number")
    return value


def _object(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, value, "an object")
    return value


def _names(where: str, value: Any) -> frozenset[str]:
    for item in _object(where, value).values():
        if item is not None:
            _object(where, item)
    return frozenset(_text(where, name) for name in value)


def _map(where: str, value: Any) -> dict[str, str]:
    return {_text(where, key): "" if item is None else _text(where, item) for key, item in _object(where, value).items()}


_TIME = r"(\d{4}-(\d\d)-(\d\d))T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))"


def _time(where: str, value: Any) -> str:
    """Check an RFC 3339 time and write it as Go does: fraction without trailing zeros, Z for a zero offset.

    Parity: Go reads an hour of one digit, too, and zones that it does not write.
    """
    match = re.fullmatch(_TIME, value, re.ASCII) if isinstance(value, str) else None
    if match is None:
        raise _wrong(where, value, "a time")
    month, day, hour, minute, second, zone_hour, zone_minute = (int(match[group] or 0) for group in (2, 3, 4, 5, 6, 9, 10))
    year = int(match[1][:4])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    valid_day = 1 <= month <= 12 and 1 <= day <= days[month - 1]
    if not valid_day or hour > 23 or minute > 59 or second > 59 or zone_hour > 24 or zone_minute > 60:
        raise _wrong(where, value, "a time")
    offset = zone_hour * 60 + zone_minute
    if offset >= 24 * 60:
        return NO_ZONE
    zone = f"{match[8]}{offset // 60:02}:{offset % 60:02}" if offset else "Z"
    return f"{match[1]}T{hour:02}:{minute:02}:{second:02}{_fraction(match[7] or '')}{zone}"


def _fraction(digits: str) -> str:
    digits = digits[:9].rstrip("0")
    return f".{digits}" if digits else ""


def _healthcheck(where: str, value: Any) -> Healthcheck:
    return Healthcheck(**_read_members(where, value, _HEALTHCHECK))


def _config(where: str, value: Any) -> ImageConfig:
    return ImageConfig(**_read_members(where, value, _CONFIG))


def _rootfs(where: str, value: Any) -> dict[str, Any]:
    return _read_members(where, value, _ROOTFS)


def _history(where: str, value: Any) -> tuple[History, ...]:
    if not isinstance(value, list):
        raise _wrong(where, value, "a list")
    return tuple(History(**_read_members(where, item, _ENTRY)) for item in value)


# Member in JSON, field here, reader; in the order in which Go writes them. (Go writes what a struct embeds first, so config is last.)
_HEALTHCHECK: Table = (
    ("Test", "test", _texts), ("Interval", "interval_ns", _number), ("Timeout", "timeout_ns", _number),
    ("StartPeriod", "start_period_ns", _number), ("StartInterval", "start_interval_ns", _number), ("Retries", "retries", _number),
)  # fmt: skip
_CONFIG: Table = (
    ("User", "user", _text), ("ExposedPorts", "exposed_ports", _names), ("Env", "env", _texts), ("Entrypoint", "entrypoint", _texts),
    ("Cmd", "cmd", _texts), ("Volumes", "volumes", _names), ("WorkingDir", "working_dir", _text), ("Labels", "labels", _map),
    ("StopSignal", "stop_signal", _text), ("ArgsEscaped", "args_escaped", _flag), ("Healthcheck", "healthcheck", _healthcheck),
    ("OnBuild", "on_build", _texts), ("Shell", "shell", _texts),
)  # fmt: skip
_ENTRY: Table = (
    ("created", "created", _time), ("created_by", "created_by", _text), ("author", "author", _text), ("comment", "comment", _text),
    ("empty_layer", "empty_layer", _flag),
)  # fmt: skip
_ROOTFS: Table = (("type", "rootfs_type", _text), ("diff_ids", "diff_ids", _texts))
_IMAGE: Table = (
    ("created", "created", _time), ("author", "author", _text), ("architecture", "architecture", _text), ("os", "os", _text),
    ("os.version", "os_version", _text), ("os.features", "os_features", _texts), ("variant", "variant", _text),
    ("rootfs", "rootfs", _rootfs), ("history", "history", _history), ("config", "config", _config),
)  # fmt: skip
_ALWAYS = frozenset(("architecture", "os", "rootfs", "type", "diff_ids", "config"))
_FOLDED = {
    id(table): {member.casefold(): (field, reader) for member, field, reader in table}
    for table in (_HEALTHCHECK, _CONFIG, _ENTRY, _ROOTFS, _IMAGE)
}
_TABLES: dict[type, Table] = {Healthcheck: _HEALTHCHECK, ImageConfig: _CONFIG, History: _ENTRY}


def _read_members(where: str, value: Any, table: Table) -> dict[str, Any]:
    """Read the members of an object that the table knows; null stands for absence, of the object too."""
    read_by = _FOLDED[id(table)]
    found: dict[str, Any] = {}
    for member, item in ({} if value is None else _object(where, value)).items():
        field, reader = read_by.get(member.casefold(), (None, None))
        if field is not None and reader is not None and item is not None:
            found[field] = reader(f"{where}.{member}" if where else member, item)
    return found


def _write_members(value: Any, table: Table) -> Json:
    members = Ordered()
    for member, name, _ in table:
        item = _write_members(value, _ROOTFS) if name == "rootfs" else _written(getattr(value, name))
        if name == "created" and isinstance(item, str) and item.startswith((_NO_TIMESTAMP, NO_ZONE)):
            raise InvalidValue(f"failed to marshal image config: {item}")
        if name == "created_by" and isinstance(item, list):
            item = Parts(item)
        if member in _ALWAYS or item not in _EMPTY or isinstance(item, Ordered):
            members[member] = item
    return members


_EMPTY: tuple[Json, ...] = (None, "", 0, False, [], {})


def _written(item: Any) -> Json:
    if isinstance(item, frozenset):
        return {name: {} for name in item}
    if isinstance(item, tuple):
        return [_written(part) for part in item]
    table = _TABLES.get(type(item))
    return _write_members(item, table) if table else item
