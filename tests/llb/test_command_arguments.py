"""The arguments of State.run: which values are taken, and what refusals say."""

from typing import Any

import pytest

from llbfront import llb
from llbfront.errors import ArgumentError, GraphError
from llbfront.llb import command_arguments
from llbfront.llb.exec_settings import HostIP, ProxyEnv, Settings, Ulimit

HOST, LIMIT = HostIP("a", "10.0.0.1"), Ulimit("nofile", 1, 2)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (None, ()),
        ("make && make install", ("/bin/sh", "-c", "make && make install")),
        (["make", 5], ("make", "5")),
        (("a",), ("a",)),
    ],
)
def test_a_command(args: Any, words: tuple[str, ...]) -> None:
    assert command_arguments.command(args) == words


@pytest.mark.parametrize("args", ["", " \n", (), []])
def test_an_empty_command(args: Any) -> None:
    with pytest.raises(GraphError, match="^a command needs arguments$"):
        command_arguments.command(args)


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (command_arguments.hosts, HOST, (HOST,)),
        (command_arguments.hosts, [HOST], (HOST,)),
        (command_arguments.ulimits, (LIMIT,), (LIMIT,)),
        (command_arguments.mounts, (), ()),
        (command_arguments.devices, "vendor/class=a", (("vendor/class=a", False),)),
        (command_arguments.devices, ["a", ("b", True)], (("a", False), ("b", True))),
        (command_arguments.exit_codes, 3, (3,)),
        (command_arguments.exit_codes, [0, 3], (0, 3)),
        (command_arguments.exit_codes, (), ()),
        (command_arguments.proxy, None, None),
        (command_arguments.proxy, ProxyEnv("a"), ProxyEnv("a")),
    ],
)
def test_one_value_counts_as_a_list_of_one(read: Any, value: Any, expected: Any) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (command_arguments.hosts, ("a",), 'hosts[0] takes HostIP values such as HostIP("name", "10.0.0.7"), not a value of the type str'),
        (command_arguments.hosts, (HOST, 1), 'hosts[1] takes HostIP values such as HostIP("name", "10.0.0.7"), not a value of the type int'),
        (command_arguments.ulimits, 5, 'ulimits takes Ulimit values such as Ulimit("nofile", 1024, 4096), not a value of the type int'),
        (command_arguments.mounts, ("/a",), "mounts[0] takes mounts such as Bind, Cache and Secret, not a value of the type str"),
        (command_arguments.devices, [("a", 1)], "devices[0] takes True or False, not a value of the type int"),
        (command_arguments.exit_codes, "3", "valid_exit_codes takes an int or a list of ints, not a value of the type str"),
        (command_arguments.proxy, "x", 'proxy takes a ProxyEnv such as ProxyEnv(http_proxy="http://proxy:3128"), not a value of the type str'),
    ],
)  # fmt: skip
def test_other_values_are_refused_by_name(read: Any, value: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        read(value)
    assert refused.value.message == message


def test_settings_are_inherited_unless_they_are_set() -> None:
    inherited = Settings(hostname="a", extra_hosts=(HOST,), ulimits=(LIMIT,))
    same = command_arguments.settings(inherited, {"hostname": "a", "network": None}, added_hosts=(), added_ulimits=())
    assert same is inherited
    changed = command_arguments.settings(inherited, {"hostname": "b", "network": "none"}, added_hosts=HOST, added_ulimits=[LIMIT])
    assert (changed.hostname, changed.network) == ("b", llb.NetMode.NONE)
    assert (changed.extra_hosts, changed.ulimits) == ((HOST, HOST), (LIMIT, LIMIT))
