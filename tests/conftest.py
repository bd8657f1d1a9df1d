"""What holds for all tests: signals end the programs that they start, and builds are not recorded among those of the user.

A shell that runs the tests in the background, or `nohup`, has them ignore SIGINT or SIGHUP, and programs inherit that.
"""

import os
import pathlib
import signal

import pytest
from hypothesis import HealthCheck, settings

LIVE = pathlib.Path(__file__).parent / "live"
LONGEST_ID = 60
"""Characters of a value that name a test case."""

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.environ.setdefault("LLBFRONT_RECORD", "0")
# Whether a test passes must not depend on the load of the machine.
settings.register_profile("any load", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put live tests first: their files take longest, and the short ones of the others let all workers end at about the same time."""
    items.sort(key=lambda item: not item.path.is_relative_to(LIVE))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """The name of a long value is its argument's, as every test worker must name a test case alike.

    Compressed data, for example, holds the time at which a worker made it.
    """
    del config
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST_ID else None
