"""`--allow`: the entitlements of a request, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.request.build_request import entitlements
from tests.client.buildflags.flags import assert_refused, request


def test_each_entitlement_is_requested_once() -> None:
    allowed = request(network="host", allow=["network.host", "security.insecure", "device=x", "buildx.local.delete"])
    assert entitlements(allowed) == ("network.host", "security.insecure", "device=x")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["network.hots"], "unknown entitlement network.hots (did you mean network.host?)"),
        (["network.host=x"], "unknown entitlement network.host=x"),
    ],
)
def test_unknown_entitlements_are_refused(value: Any, message: str) -> None:
    assert_refused("allow", value, message)
