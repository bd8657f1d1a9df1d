"""Requests made from flags, for the tests of the flags."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.request.build_request import BuildRequest
from llbfront.client.request.settings import request_of_flags
from llbfront.errors import LlbfrontError


def request(**flags: Any) -> BuildRequest:
    """Return the request of flags: `add_host=["a=1.2.3.4"]` is `--add-host a=1.2.3.4`."""
    return request_of_flags({name.replace("_", "-"): value for name, value in flags.items()})


def assert_refused(flag: str, value: Any, message: str) -> None:
    """Check that a value of a flag is refused with one line that has the message."""
    with pytest.raises(LlbfrontError) as caught:
        request(**{flag: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
