"""The requests that `Engine.build_together` takes."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.linked_requests import LinkedRequest, read_requests
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import ArgumentError

REQUEST = BuildRequest(context=".")


@pytest.mark.parametrize("given", [REQUEST, LinkedRequest(REQUEST)])
def test_requests_may_have_links_or_not(given: BuildRequest | LinkedRequest) -> None:
    assert read_requests({"app": given}) == {"app": LinkedRequest(REQUEST)}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([REQUEST], "requests takes a mapping of names to BuildRequests, not a value of the type list"),
        (REQUEST, "requests takes a mapping of names to BuildRequests, not a value of the type BuildRequest"),
        (None, "requests takes a mapping of names to BuildRequests, not None"),
        ({"app": "."}, r"requests\['app'\] takes a BuildRequest, not a value of the type str"),
        ({"app": {"context": "."}}, r"requests\['app'\] takes a BuildRequest, not a value of the type dict"),
        ({1: REQUEST}, "a name in requests takes a string, not a value of the type int"),
    ],
)
def test_other_values_are_refused_by_name(given: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        read_requests(given)
