"""Read the arguments of `llbfront.llb` that are neither strings nor numbers: file systems, platforms, owners, modes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from llbfront import arguments
from llbfront.oci import platform as platforms
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.llb.op import Filesystem


def platform(value: Platform | str | None, name: str = "platform") -> Platform | None:
    """Return a platform, which may be given as `linux/arm64`. Raises: InvalidPlatform."""
    if value is None or isinstance(value, Platform):
        return value
    if isinstance(value, str):
        return platforms.parse(value)
    raise arguments.refuse(name, "a Platform or a string such as linux/arm64", value)


def filesystem(value: Filesystem, name: str = "source") -> Filesystem:
    """Return something with files: a State."""
    if hasattr(value, "output") and hasattr(value, "settings"):
        return value
    hint = "the State after a command is its `root`" if hasattr(value, "root") else None
    raise arguments.refuse(name, "a State", value, hint=hint or _HINTS.get(type(value)))


_HINTS: dict[type, str] = {str: "such as llb.local(NAME) or llb.image(NAME)"}


def check_states(states: Iterable[Filesystem]) -> None:
    """Refuse values that are not States. Raises: ArgumentError."""
    for number, state in enumerate(states, 1):
        filesystem(state, f"state {number}")


def optional_filesystem(value: Filesystem | None, name: str = "source") -> Filesystem | None:
    """Return something with files, or None."""
    return None if value is None else filesystem(value, name)


def mode(value: int | str | None, name: str = "mode") -> int | str | None:
    """Return file permissions: an int such as 0o755, or a symbolic text such as `u+x`."""
    return value if isinstance(value, str) else arguments.optional_integer(value, name)


def content(value: bytes | str, name: str = "data") -> bytes:
    """Return the content of a file; a string is encoded as UTF-8."""
    if isinstance(value, str):
        return value.encode(errors="surrogateescape")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise arguments.refuse(name, "bytes or a string", value)


def identity(value: Any, name: str = "user") -> int | str | None:
    """Return a user or group: a number or a name."""
    if value is None or type(value) is str:
        return value
    return arguments.integer(value, name) if not isinstance(value, str) else arguments.text(value)
