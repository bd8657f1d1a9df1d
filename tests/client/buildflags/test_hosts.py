"""`--add-host`: the option of the frontend, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.request.build_request import frontend_options
from tests.client.buildflags.flags import assert_refused, request


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (
            {
                "add_host": [
                    "a=1.2.3.4",
                    "b:1.2.3.5",
                    "c=[::1]",
                    "d:[fe80::1]",
                    "e=10.0.0.1,10.0.0.2",
                    "f:1.1.1.1,g:2.2.2.2,h=::2,[::3]",
                ]
            },
            {"add-hosts": "a=1.2.3.4,b=1.2.3.5,c=::1,d=fe80::1,e=10.0.0.1,e=10.0.0.2,f=1.1.1.1,g=2.2.2.2,h=::2,h=::3"},
        ),
    ],
)
def test_hosts_are_an_option_of_the_frontend(flags: dict[str, Any], options: dict[str, str]) -> None:
    assert frontend_options(request(**flags)) == options


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["a"], "it is not HOST=ADDRESS"),
        (["a=b"], "'b' is not an IP address"),
        (["=1.2.3.4"], "it is not HOST=ADDRESS"),
    ],
)
def test_invalid_hosts_are_refused(value: Any, message: str) -> None:
    assert_refused("add_host", value, message)
