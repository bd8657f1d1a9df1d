"""`--attest`, `--provenance` and `--sbom`: options of the frontend, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from llbfront.client.request.build_request import frontend_options
from tests.client.buildflags.flags import assert_refused, request


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        ({"attest": ["type=sbom"]}, {"attest:sbom": ""}),
        ({"attest": ["type=sbom,generator=r/scan,Extra=1"]}, {"attest:sbom": "generator=r/scan,Extra=1"}),
        ({"attest": ['type=sbom,"a=b,c"']}, {"attest:sbom": '"a=b,c"'}),
        ({"sbom": "true", "provenance": "mode=max"}, {"attest:provenance": "mode=max", "attest:sbom": ""}),
        ({"attest": ["type=provenance,mode=min"], "provenance": "false"}, {}),
        ({"attest": ["type=provenance,mode=min", "type=provenance,disabled=false,mode=max"]}, {"attest:provenance": "mode=max"}),
    ],
)
def test_attestations_are_options_of_the_frontend(flags: dict[str, Any], options: dict[str, str]) -> None:
    assert frontend_options(request(**flags)) == options


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("attest", ["mode=max"], "type is required"),
        ("attest", ["type=spom"], "unknown type spom (did you mean sbom?)"),
        ("attest", ["type=sbom,disabled=perhaps"], "disabled must be true or false"),
        ("provenance", "mode=all", "unknown mode all"),
        ("sbom", "yes", "'yes' is not key=value"),
    ],
)
def test_invalid_attestations_are_refused(flag: str, value: Any, message: str) -> None:
    assert_refused(flag, value, message)
