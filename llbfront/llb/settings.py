"""How a command is to be run, apart from the command: environment, directory, user, platform and limits, as values.

Source: client/llb/meta.go of BuildKit.
"""

from __future__ import annotations

import enum
import posixpath
from typing import TYPE_CHECKING

from llbfront.value import Shown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llbfront.oci.platform import Platform


class NetMode(enum.IntEnum):
    SANDBOX = 0
    HOST = 1
    NONE = 2


class SecurityMode(enum.IntEnum):
    SANDBOX = 0
    INSECURE = 1


class Env:
    """Environment variables in the order of their last assignment. Adding one is cheap and leaves the old value alone."""

    __slots__ = ("added", "parent", "values")

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] | None = dict(values or {})
        self.parent: Env | None = None
        self.added = ("", "")

    def set(self, name: str, value: str) -> Env:
        """Return the environment with `name` assigned, now the last one."""
        env = Env()
        env.values, env.parent, env.added = None, self, (name, value)
        return env

    def as_dict(self) -> Mapping[str, str]:
        """Return all variables in order; not to be changed."""
        if self.values is None:
            pending: list[Env] = []
            env = self
            while env.values is None and env.parent is not None:
                pending.append(env)
                env = env.parent
            values = dict(env.values or {})
            for later in reversed(pending):
                name, value = later.added
                values.pop(name, None)
                values[name] = value
            self.values, self.parent = values, None
        return self.values

    def get(self, name: str) -> str | None:
        return self.as_dict().get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.as_dict()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.as_dict().items())

    def __len__(self) -> int:
        return len(self.as_dict())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Env) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Env({self.as_dict()!r})"


NO_ENV = Env()


class HostIP(Value):
    """A line of /etc/hosts."""

    host: str
    ip: str


class Ulimit(Value):
    """A limit of a process by its name without RLIMIT_, in lower case."""

    name: str
    soft: int
    hard: int


class ProxyEnv(Value):
    """Proxy variables of a command. They are no part of its cache key."""

    http_proxy: str = ""
    https_proxy: str = ""
    ftp_proxy: str = ""
    no_proxy: str = ""
    all_proxy: str = ""


class Settings(Shown):
    """What a State says about commands that will run on it. `platform` is normalised."""

    env: Env = NO_ENV
    cwd: str = "/"
    user: str = ""
    platform: Platform | None = None
    network: NetMode = NetMode.SANDBOX
    security: SecurityMode = SecurityMode.SANDBOX
    hostname: str = ""
    cgroup_parent: str = ""
    extra_hosts: tuple[HostIP, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()


DEFAULT_SETTINGS = Settings()


def join(parent: str, path: str) -> str:
    """Join two paths as Go's path.Join does: empty ones are left out, the result is clean."""
    return clean("/".join(part for part in (parent, path) if part)) if parent or path else ""


def clean(path: str) -> str:
    """Return the shortest equal path, as Go's path.Clean does; `.` for an empty one."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
