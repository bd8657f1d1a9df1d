"""The `key=value,key=value` form of flags: fields, pairs, and what of it messages show."""

from __future__ import annotations

import pytest

from llbfront.client.buildflags import csv
from llbfront.errors import LlbfrontError, OptionError
from tests.client.buildflags.flags import assert_refused, request

SHOWN = {
    "type=local,dest=out": "'type=local,dest=out'",
    "token=hunter2": "'token=***'",
    "token=hunter2,type=gha": "'token=***,type=gha'",
    "token=hunter2,tail": "'token=***,***'",
    "token=hunter2,tail,end,type=gha": "'token=***,***,***,type=gha'",
    "type=gha,plain,token=hunter2": "'type=gha,plain,token=***'",
    '"secret_access_key=hunter2,tail",type=s3': "'\"secret_access_key=***\",type=s3'",
    "id=a,VALUE=hunter2": "'id=a,VALUE=***'",
    "a=b,token=hunter2=x": "'a=b,token=***'",
}


@pytest.mark.parametrize("text", SHOWN)
def test_values_of_sensitive_keys_are_not_shown(text: str) -> None:
    assert csv.shown(text) == SHOWN[text]


def test_a_field_without_equals_is_named_unless_it_may_be_part_of_a_secret() -> None:
    with pytest.raises(OptionError, match=r"^invalid x 'type=a,tail': 'tail' is not key=value$"):
        csv.pairs("type=a,tail", option="x")
    with pytest.raises(OptionError, match=r"^invalid x 'token=\*\*\*,\*\*\*': field 2 is not key=value$"):
        csv.pairs("token=hunter2,tail", option="x")


# Flags, and values that each is refused for. Every value holds a secret behind a key that says so.
SECRETS = [
    ("attest", "type=sbon,token=hunter2"),
    ("attest", "type=provenance,mode=all,token=hunter2"),
    ("attest", "type=provenance,token=hunter2,disabled=maybe"),
    ("attest", "token=hunter2,tail-hunter2"),
    ("sbom", "disabled=maybe,token=hunter2"),
    ("sbom", "generatr=x,token=hunter2"),
    ("provenance", "mode=all,token=hunter2"),
    ("output", "type=nothing,token=hunter2"),
    ("output", "type=image,pusg=true,token=hunter2"),
    ("output", "token=hunter2"),
    ("output", "type=image,token=hunter2,tail-hunter2"),
    ("cache-to", "type=gha,token=hunter2,mode=all"),
    ("cache-to", "type=s3,bukcet=b,secret_access_key=hunter2"),
    ("cache-from", "type=none,token=hunter2"),
    ("cache-from", "type=s3,secret_access_key=hunter2,tail-hunter2"),
    ("secret", "id=a,value=hunter2"),
    ("secret", "id=a,valu=x,token=hunter2"),
    ("secret", "id=a,token=hunter2,tail-hunter2"),
]


@pytest.mark.parametrize(("flag", "value"), SECRETS, ids=[f"{flag} {value}" for flag, value in SECRETS])
def test_no_error_of_a_flag_shows_a_secret(flag: str, value: str) -> None:
    with pytest.raises(LlbfrontError, match=r"\*\*\*") as caught:
        request(**{flag: value if flag in {"sbom", "provenance"} else [value]})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("id=a,vlaue=x", "unknown key vlaue (keys are id, src, env, type)"),
        ("id=a,value=x", "unknown key value (keys are id, src, env, type)"),
        ("id=a,scr=x", "unknown key scr (did you mean src?)"),
    ],
)
def test_the_flag_of_secrets_suggests_only_keys_that_it_takes(value: str, message: str) -> None:
    assert_refused("secret", [value], message)
