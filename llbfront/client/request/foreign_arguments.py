"""Arguments of docker-py and python-on-whales, and what the library calls them.

`checked` makes a function refuse unknown keyword arguments with a hint. Its signature stays as it is.

Source: `BuildApiMixin.build` of docker-py, `buildx.build` of python-on-whales.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from llbfront.errors import ArgumentError
from llbfront.suggestions import suggestion

P = ParamSpec("P")
R = TypeVar("R")

_NO_EFFECT = "it has no effect with BuildKit; leave it out"
_EVENTS = "use on_event to receive progress and logs"
_RESOURCES = 'use resources={"memory": "2g", "cpuset-cpus": "0-3"}'
HINTS = {
    "addr": "use llbfront.connect(address)",
    "buildargs": "use build_args",
    "builder": "use llbfront.connect(address) to choose the engine",
    "cache": "use no_cache=True to run every step again",
    "container_limits": _RESOURCES,
    "contexts": "use build_contexts",
    "context_path": "use context",
    "custom_context": "pass the tar as context: bytes or a binary file",
    "decode": _EVENTS,
    "dockerfile": "use file",
    "encoding": "a compressed tar is recognized by its content; leave it out",
    "extra_hosts": "use add_hosts",
    "fileobj": "use file for a Dockerfile, context for a tar",
    "forcerm": _NO_EFFECT,
    "gzip": _NO_EFFECT,
    "isolation": _NO_EFFECT,
    "memory": _RESOURCES,
    "network_mode": "use network",
    "nocache": "use no_cache",
    "path": "use context",
    "platform": 'use platforms="linux/amd64" or a list',
    "progress": _EVENTS,
    "quiet": "the library prints nothing; leave it out",
    "rm": _NO_EFFECT,
    "shmsize": "use shm_size",
    "squash": _NO_EFFECT,
    "stream_logs": _EVENTS,
    "tag": 'use tags="NAME" or a list',
    "timeout": "llbfront waits about 15 s for an engine that stops answering; leave it out",
    "use_config_proxy": "proxies of docker's config.json are always used; leave it out",
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function refuse unknown keyword arguments with the name that was probably meant.

    Raises:
        ArgumentError: the function has no argument of that name.
    """
    known = tuple(name for name in inspect.signature(function).parameters if name != "self")

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                raise ArgumentError(f"{function.__name__} has no argument {name}", hint=hint(name, known))
        return function(*args, **kwargs)

    return call


def hint(name: str, known: tuple[str, ...]) -> str:
    """Return what to use instead of an argument that a function does not have."""
    advice = HINTS.get(name, "")
    names = advice.removeprefix("use ").split("=")[0].split(" ")[0]
    is_usable = not advice.startswith("use ") or names in known or "." in names
    return (
        (is_usable and advice)
        or suggestion(name, known)
        or f"see help({'llbfront.convert' if 'source' in known else 'llbfront.Engine.build'})"
    )
