"""Functions that hash passwords."""

from __future__ import annotations

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


@pytest.mark.parametrize("arguments", ['"x", 32', f'"{"a" * 73}"', '"x", 4, 5', '"x", 4.5', ""])
def test_bcrypt_refuses(arguments: str) -> None:
    with pytest.raises(HclError):
        evaluated(f"bcrypt({arguments})")


def test_bcrypt_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(HclError, match=r"pip install 'llbfront\[hcl\]'"):
        evaluated('bcrypt("x")')
