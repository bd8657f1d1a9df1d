"""Read the image config that a frontend returns, in every form that cannot be misunderstood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.llb import state_arguments
from llbfront.llb.command_arguments import SHELL
from llbfront.oci.image import ImageConfig

if TYPE_CHECKING:
    from llbfront.llb.state import State


def state(value: State, name: str = "state") -> State:
    """Return the files of an image. Raises: ArgumentError."""
    state_arguments.filesystem(value, name)
    return value


def config(value: ImageConfig, name: str = "config") -> ImageConfig:
    """Return an image config whose lists are tuples of strings.

    A command given as one string runs in a shell, like CMD in a Dockerfile; the environment may be a mapping; ports may be ints.

    Raises: ArgumentError.
    """
    if not isinstance(value, ImageConfig):
        raise arguments.refuse(name, 'an ImageConfig such as ImageConfig(cmd=("httpd", "-f"))', value)
    changes = {field: read(getattr(value, field), field) for field, read in _READERS.items()}
    changed = {
        field: item
        for field, item in changes.items()
        if item != getattr(value, field) or type(item) is not type(getattr(value, field))
    }
    return attrs.evolve(value, **changed) if changed else value


def _command(value: Any, name: str) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (*SHELL, value)
    return None if value is None else arguments.words(value, name)


def _environment(value: Any, name: str) -> tuple[str, ...] | None:
    if isinstance(value, Mapping):
        return tuple(f"{key}={item}" for key, item in arguments.assignments(value, name).items())
    return None if value is None else arguments.texts(value, name)


def _texts(value: Any, name: str) -> tuple[str, ...] | None:
    return None if value is None else arguments.texts(value, name)


def _set(value: Any, name: str) -> frozenset[str]:
    return frozenset(arguments.items(value, name, "strings or ints", arguments.scalar, single=(str, int)))


_READERS: dict[str, arguments.Convert] = {
    "user": arguments.scalar,
    "exposed_ports": _set,
    "env": _environment,
    "entrypoint": _command,
    "cmd": _command,
    "volumes": _set,
    "working_dir": arguments.path,
    "labels": arguments.assignments,
    "stop_signal": arguments.scalar,
    "on_build": _texts,
    "shell": _texts,
}
