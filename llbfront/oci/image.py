"""Read image configs and write them byte for byte as Go does.

Members that BuildKit's frontend does not know are lost, as they are there. An absent list is None, an empty one is ().

Source: opencontainers/image-spec config.go, moby/docker-image-spec, Go's encoding/json and time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import InvalidValue
from llbfront.foreign_json import describe_error
from llbfront.gostd.json import OrderedObject, StringParts, marshal
from llbfront.gostd.time import BAD_ZONE, OUT_OF_RANGE, normalize_rfc3339

if TYPE_CHECKING:
    from llbfront.gostd.json import Json

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
    """How containers of an image are run. Do not change the mappings; make a new value with `evolve`.

    Args:
        user: the user, and the group after a colon.
        exposed_ports: such as `80/tcp`.
        env: variables as `NAME=VALUE`.
        entrypoint: the words before `cmd`.
        cmd: the words of the default command.
        volumes: paths.
        working_dir: the directory of the command.
        labels: labels.
        stop_signal: the signal that stops a container.
        args_escaped: for Windows.
        healthcheck: how to check whether a container is healthy.
        on_build: triggers for builds on top of the image.
        shell: the shell of commands that are given as text.

    Example:
        >>> from llbfront.kit import ImageConfig, evolve
        >>> evolve(ImageConfig(cmd=("sh",)), user="nobody").cmd
        ('sh',)
    """

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
    except ValueError as error:
        raise InvalidValue(describe_error(error)) from None
    except RecursionError:
        raise InvalidValue("it is nested too deep") from None
    members = _read_members("", value, _IMAGE)
    return Image(**members.pop("rootfs", {}), **members)


def write(image: Image) -> bytes:
    """Write the config compactly, members in the order of the frontend's Go struct, maps sorted, empty members left out.

    Raises: InvalidValue for a time that has no RFC 3339 text.
    """
    return marshal(_write_members(image, _IMAGE))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _wrong(where: str, value: Any, expected: str) -> InvalidValue:
    return InvalidValue(f"{where or 'it'} is not {expected}: {str(value)[:40]}")


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


def _time(where: str, value: Any) -> str:
    """Check an RFC 3339 time and write it as Go does."""
    text = normalize_rfc3339(value) if isinstance(value, str) else None
    if text is None:
        raise _wrong(where, value, "a time")
    return text


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
    fields: dict[str, Any] = {}
    for member, item in ({} if value is None else _object(where, value)).items():
        field, reader = read_by.get(member.casefold(), (None, None))
        if field is not None and reader is not None and item is not None:
            fields[field] = reader(f"{where}.{member}" if where else member, item)
    return fields


def _write_members(value: Any, table: Table) -> Json:
    members = OrderedObject()
    for member, name, _ in table:
        item = _write_members(value, _ROOTFS) if name == "rootfs" else _written(getattr(value, name))
        if name == "created" and isinstance(item, str) and item.startswith((OUT_OF_RANGE, BAD_ZONE)):
            raise InvalidValue(f"failed to marshal image config: {item}")
        if name == "created_by" and isinstance(item, list):
            item = StringParts(item)
        if member in _ALWAYS or item not in _EMPTY or isinstance(item, OrderedObject):
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
