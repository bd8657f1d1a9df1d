"""What holds for all tests: signals end the programs that they start, and builds are not recorded among those of the user.

A shell that runs the tests in the background, or `nohup`, has them ignore SIGINT or SIGHUP, and programs inherit that.
"""

import os
import signal

import pytest

LONGEST_ID = 60
"""Characters of a value that name a test case."""

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.environ.setdefault("LLBFRONT_RECORD", "0")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """The name of a long value is its argument's, as every test worker must name a test case alike.

    Compressed data, for example, holds the time at which a worker made it.
    """
    del config
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST_ID else None
