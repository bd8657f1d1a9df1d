"""Read the arguments of State.run: commands, mounts, hosts, limits and devices."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

import attrs

from llbfront import arguments
from llbfront.errors import GraphError
from llbfront.llb.exec_settings import HostIP, NetMode, ProxyEnv, SecurityMode, Ulimit
from llbfront.llb.mounts import Mount

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Settings

MOUNTS = get_args(Mount)
SHELL = ("/bin/sh", "-c")


def command(args: str | Iterable[str | int | os.PathLike[str]] | None) -> tuple[str, ...]:
    """Return the words of a command; a string is one for the shell. Raises: GraphError for an empty one."""
    if args is None:
        return ()
    if isinstance(args, str):
        args = (*SHELL, args) if args.strip() else ()
    words = arguments.words(args, "args")
    if not words:
        raise GraphError("a command needs arguments")
    return words


def hosts(value: HostIP | Iterable[HostIP], name: str = "hosts") -> tuple[HostIP, ...]:
    """Return lines of /etc/hosts."""
    return _values(value, HostIP, name, 'HostIP values such as HostIP("name", "10.0.0.7")')


def ulimits(value: Ulimit | Iterable[Ulimit], name: str = "ulimits") -> tuple[Ulimit, ...]:
    """Return limits."""
    return _values(value, Ulimit, name, 'Ulimit values such as Ulimit("nofile", 1024, 4096)')


def mounts(value: Mount | Iterable[Mount]) -> tuple[Mount, ...]:
    """Return mounts."""
    return _values(value, MOUNTS, "mounts", "mounts such as Bind, Cache and Secret")


def _values(value: Any, kind: Any, name: str, takes: str) -> tuple[Any, ...]:
    """Return values of a type; a single value counts as a list of one."""
    if type(value) is tuple and (not value or all(isinstance(item, kind) for item in value)):
        return value

    def checked(item: Any, where: str) -> Any:
        if isinstance(item, kind):
            return item
        raise arguments.refuse(where, takes, item)

    return arguments.items(value, name, takes, checked, single=kind)


def devices(value: Iterable[str | tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """Return CDI devices as (name, optional)."""
    if value == ():
        return ()
    return arguments.items(value, "devices", "names of devices, or pairs (name, optional)", _device)


def _device(value: Any, name: str) -> tuple[str, bool]:
    device, optional = value if isinstance(value, tuple) and len(value) == 2 else (value, False)
    return arguments.text(device, name), arguments.flag(optional, name)


def exit_codes(value: int | Iterable[int]) -> tuple[int, ...]:
    """Return exit codes."""
    if value == ():
        return ()
    return arguments.items(value, "valid_exit_codes", "an int or a list of ints", arguments.integer, single=int)


def settings(
    inherited: Settings,
    own: Mapping[str, Any],
    *,
    added_hosts: HostIP | Iterable[HostIP],
    added_ulimits: Ulimit | Iterable[Ulimit],
) -> Settings:
    """Return the settings of a command: the inherited ones, overridden by the values in `own` that are not None, plus hosts and limits."""
    read = {name: _SETTINGS[name](value, name) for name, value in own.items() if value is not None}
    changes = {name: value for name, value in read.items() if value != getattr(inherited, name)}
    if added := hosts(added_hosts, "extra_hosts"):
        changes["extra_hosts"] = inherited.extra_hosts + added
    if limits := ulimits(added_ulimits):
        changes["ulimits"] = inherited.ulimits + limits
    return attrs.evolve(inherited, **changes) if changes else inherited


def network(value: NetMode | str, name: str = "network") -> NetMode:
    """Return the network of a command."""
    return arguments.member(value, NetMode, name)


def security(value: SecurityMode | str, name: str = "security") -> SecurityMode:
    """Return the security of a command."""
    return arguments.member(value, SecurityMode, name)


_SETTINGS: dict[str, arguments.Convert] = {
    "network": network,
    "security": security,
    "hostname": arguments.text,
    "cgroup_parent": arguments.text,
}


def proxy(value: ProxyEnv | None) -> ProxyEnv | None:
    """Return proxy variables."""
    if value is None or isinstance(value, ProxyEnv):
        return value
    raise arguments.refuse("proxy", 'a ProxyEnv such as ProxyEnv(http_proxy="http://proxy:3128")', value)
