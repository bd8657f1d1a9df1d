"""The values of RUN --mount and --device.

Enters: one comma separated value and a way to expand words. Leaves: a mount or a device whose fields agree with its type.

Source: frontend/dockerfile/instructions/commands_runmount.go and commands_rundevice.go of BuildKit.
"""

from __future__ import annotations

import enum

import attrs


class MountType(enum.StrEnum):
    """What a mount shows."""

    BIND = "bind"
    CACHE = "cache"
    TMPFS = "tmpfs"
    SECRET = "secret"  # noqa: S105 - the word of the language
    SSH = "ssh"


class Sharing(enum.StrEnum):
    """Who may use a cache at one time."""

    SHARED = "shared"
    PRIVATE = "private"
    LOCKED = "locked"


@attrs.frozen
class Mount:
    """A mount of RUN as given: no path is joined or defaulted yet, so texts may be empty.

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
