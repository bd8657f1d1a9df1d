"""The settings of a command apart from its arguments: environment, directory, user, platform and limits.

Source: client/llb/meta.go of BuildKit.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.short_repr import ShortRepr, short_repr

if TYPE_CHECKING:
    from llbfront.oci.platform import Platform


class NetMode(enum.IntEnum):
    """The network of a command.

    Attributes:
        SANDBOX: a private network that can reach the outside.
        HOST: the network of the engine's host; needs the entitlement `network.host`.
        NONE: no network.
    """

    SANDBOX = 0
    HOST = 1
    NONE = 2


class SecurityMode(enum.IntEnum):
    """The security of a command.

    Attributes:
        SANDBOX: without privileges.
        INSECURE: with all privileges; needs the entitlement `security.insecure`.
    """

    SANDBOX = 0
    INSECURE = 1


_BLOCK = 128


class _Block:
    """Some variables, with their encoding once it was needed. Environments share blocks, which never change."""

    __slots__ = ("packed", "values")

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.packed: bytes | None = None


class Env:
    """Environment variables, in the order of their last assignment. An Env never changes; its methods return a new one.

    Args:
        values: values by name.

    Example:
        >>> from llbfront import llb
        >>> env = llb.Env({"LANG": "C"}).set("PATH", "/bin")
        >>> env.as_dict()
        {'LANG': 'C', 'PATH': '/bin'}
    """

    __slots__ = ("blocks",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        items = list(values.items()) if values else []
        self.blocks = tuple([_Block(dict(items[at : at + _BLOCK])) for at in range(0, len(items), _BLOCK)])

    def set(self, name: str, value: str) -> Env:
        """Return the environment with a variable set, which becomes the last."""
        return self.update({name: value})

    def update(self, assigned: Mapping[str, str]) -> Env:
        """Return the environment with several variables set, which become the last, in their order."""
        blocks = [block for old in self.blocks if (block := _without(old, assigned)).values]
        items = list(assigned.items())
        free_slots = _BLOCK - len(blocks[-1].values) if blocks else 0
        if items and free_slots > 0:
            blocks[-1] = _Block({**blocks[-1].values, **dict(items[:free_slots])})
            items = items[free_slots:]
        env = Env()
        env.blocks = (*blocks, *Env(dict(items)).blocks) if items else tuple(blocks)
        return env

    def as_dict(self) -> dict[str, str]:
        """Return a dictionary of all variables, in order."""
        values: dict[str, str] = {}
        for block in self.blocks:
            values.update(block.values)
        return values

    def get(self, name: str) -> str | None:
        """Return the value of a variable, None if it is not set."""
        return next((block.values[name] for block in self.blocks if name in block.values), None)

    def __contains__(self, name: str) -> bool:
        return any(name in block.values for block in self.blocks)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for block in self.blocks:
            yield from block.values.items()

    def __len__(self) -> int:
        return sum(len(block.values) for block in self.blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Env) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # Python's way to forbid hashing

    def __repr__(self) -> str:
        return f"Env(names={short_repr(tuple(self.as_dict()))})"  # values may be secrets


def _without(block: _Block, names: Mapping[str, str]) -> _Block:
    if block.values.keys().isdisjoint(names):
        return block
    return _Block({name: value for name, value in block.values.items() if name not in names})


NO_ENV = Env()


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class HostIP(ShortRepr):
    """A line of /etc/hosts.

    Args:
        host: the name.
        ip: the address.
    """

    host: str
    ip: str


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class Ulimit(ShortRepr):
    """A limit of a process.

    Args:
        name: the name without `RLIMIT_`, in lower case, such as `nofile`.
        soft: the soft limit.
        hard: the hard limit.
    """

    name: str
    soft: int
    hard: int


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class ProxyEnv(ShortRepr):
    """Proxy variables of a command. They are not part of its cache key.

    Args:
        http_proxy: HTTP_PROXY.
        https_proxy: HTTPS_PROXY.
        ftp_proxy: FTP_PROXY.
        no_proxy: NO_PROXY.
        all_proxy: ALL_PROXY.
    """

    http_proxy: str = ""
    https_proxy: str = ""
    ftp_proxy: str = ""
    no_proxy: str = ""
    all_proxy: str = ""


@attrs.frozen(eq=False, repr=False)
class Settings(ShortRepr):
    """How commands on a State are run. The methods of State change it.

    Attributes:
        env: environment variables.
        cwd: the directory.
        user: the user, and the group after a colon.
        platform: the platform, normalised; None for that of the build.
        network: the network.
        security: the security.
        hostname: the host name that commands see.
        cgroup_parent: the parent cgroup of commands.
        extra_hosts: lines of /etc/hosts.
        ulimits: limits.
    """

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
