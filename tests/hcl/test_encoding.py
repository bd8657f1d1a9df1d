"""Functions that hash passwords."""

from __future__ import annotations

import re
import sys

import bcrypt
import pytest

from llbfront.errors import HclError
from tests.hcl import evaluated


@pytest.mark.parametrize(("arguments", "cost"), [('"secret"', 10), ('"secret", 4', 4), ('"secret", 3', 10), ('"secret", -1', 10)])
def test_bcrypt(arguments: str, cost: int) -> None:
    hashed = evaluated(f"bcrypt({arguments})").strip('"').encode()
    assert hashed.startswith(f"$2a${cost:02}$".encode())
    assert bcrypt.checkpw(b"secret", hashed)


REFUSED = {
    '"x", 32': "the cost 32 is not between 4 and 31",
    f'"{"a" * 73}"': "the password is longer than 72 bytes",
    '"x", 4, 5': "takes no more than two arguments",
    '"x", 4.5': 'Invalid value for "cost" parameter: value must be a whole number',
    "": 'Missing value for "str"',
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_bcrypt_refuses(arguments: str) -> None:
    with pytest.raises(HclError, match=re.escape(REFUSED[arguments])):
        evaluated(f"bcrypt({arguments})")


def test_bcrypt_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(HclError, match=r"pip install bcrypt"):
        evaluated('bcrypt("x")')
