"""`--ulimit`, `--shm-size` and `--cgroup-parent`: options of the frontend, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.buildflags.limits import parse_size
from llbfront.client.request.build_request import frontend_options
from llbfront.errors import OptionError
from tests.client.buildflags.flags import assert_refused, request


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        ({"ulimit": ["nofile=1024", "nproc=10:20", "nofile=5:-1"]}, {"ulimit": "nofile=5:-1,nproc=10:20"}),
        ({"shm_size": "64m"}, {"shm-size": "67108864"}),
        ({"shm_size": "1.5GiB"}, {"shm-size": "1610612736"}),
        ({"shm_size": "100"}, {"shm-size": "100"}),
        ({"shm_size": "2 kb"}, {"shm-size": "2048"}),
        ({"cgroup_parent": "builds.slice"}, {"cgroup-parent": "builds.slice"}),
    ],
)
def test_limits_are_options_of_the_frontend(flags: dict[str, Any], options: dict[str, str]) -> None:
    assert frontend_options(request(**flags)) == options


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("ulimit", ["nofiles=1"], "invalid ulimit type: nofiles"),
        ("ulimit", ["nofile=2:1"], "soft limit must be less than or equal to hard limit"),
        ("ulimit", ["nofile"], "invalid ulimit argument: nofile"),
        ("shm_size", "much", "invalid shm-size 'much'"),
        ("shm_size", "-1", "invalid shm-size '-1'"),
    ],
)
def test_invalid_limits_are_refused(flag: str, value: Any, message: str) -> None:
    assert_refused(flag, value, message)


def test_a_size_beyond_all_limits_is_refused() -> None:
    with pytest.raises(OptionError, match="it is too large"):
        parse_size("9" * 300)
