"""How instructions are read and converted: numbers, addresses, heredocs, mounts."""

from __future__ import annotations

import base64

import pytest

from llbfront.pb import ops_pb2 as ops
from tests.differential.subject import answer
from tests.frontend.cases import case


def test_a_byte_order_mark_before_a_value_is_dropped() -> None:
    result = answer(case("FROM scratch\nENV A=\ufeffx B=\ufeff C=y\ufeff\n"))
    assert result["image"]["config"]["Env"][1:] == ["A=x", "B=", "C=y\ufeff"]


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000], ids=["20 digits", "5000 digits"])
def test_numbers_that_are_too_large_are_an_error(digits: str) -> None:
    signal = answer(case(f"FROM scratch\nSTOPSIGNAL {digits}\n"))["error"]
    port = answer(case(f"FROM scratch\nEXPOSE {digits}\n"))["error"]
    assert signal.startswith(f"Dockerfile:2: invalid signal: {digits[:20]}")
    assert port.startswith(f"Dockerfile:2: invalid containerPort: {digits[:20]}")


def test_a_number_may_have_any_number_of_zeros() -> None:
    digits = "0" * 5000 + "1"
    assert answer(case(f"FROM scratch\nSTOPSIGNAL {digits}\n"))["error"] is None
    assert answer(case(f"FROM scratch\nEXPOSE {digits}\n"))["error"] is None


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000, "0" * 5000 + "1"], ids=["20 digits", "5000 digits", "5000 zeros"])
def test_an_owner_of_any_length_is_a_name(digits: str) -> None:
    assert answer(case(f"FROM alpine\nCOPY --chown={digits} a b\n"))["error"] is None


def test_an_undefined_variable_in_a_heredoc_is_reported_before_the_error() -> None:
    result = answer(case("FROM alpine\nCOPY <<E /\n${A?}\nE\n"))
    assert result["error"] == 'Dockerfile:2: failed to process "${A?}\\n": A: is not allowed to be unset'
    assert [warning["detail"] for warning in result["warnings"]] == ["Usage of undefined variable '$A'"]


def test_many_mounts_on_one_target_are_in_the_order_of_buildkit() -> None:
    mounts = " ".join(f"--mount=type=cache,id={number},target=/{'ab'[number % 2]}" for number in range(14))
    result = answer({**case(f"FROM alpine\nRUN {mounts} x\n"), "def": True})
    definition = ops.Definition.FromString(base64.b64decode(result["def_b64"]))
    mounted = ops.Op.FromString(getattr(definition, "def")[1])
    order = " ".join(mount.cacheOpt.ID.removeprefix("/") for mount in mounted.exec.mounts[1:])
    assert order == "8 10 2 12 4 0 6 7 5 9 1 11 3 13"


@pytest.mark.parametrize(("name", "command"), [("a/../b", "/dev/pipes/b"), ("..", "/dev"), ("/x", "/dev/pipes/x")])
def test_the_path_of_a_heredoc_script_is_cleaned(name: str, command: str) -> None:
    result = answer(case(f"FROM alpine\nRUN <<'{name}'\n#!/bin/x\n{name}\n"))
    assert result["image"]["history"][-1]["created_by"] == f"RUN /bin/sh -c {command} # buildkit"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("[::1]", None),
        ("[]", None),
        ("[::1", "invalid IP address [::1: address [::1:: missing ']' in address"),
        ("[::1]x", "invalid IP address [::1]x: address [::1]x:: missing port in address"),
        ("[::1]:x", "invalid IP address [::1]:x: address [::1]:x:: too many colons in address"),
        ("[[::1]", "invalid IP address [[::1]: address [[::1]:: unexpected '[' in address"),
        ("[x]", "invalid IP address: x"),
    ],
)
def test_an_ipv6_address_in_brackets_is_parsed(address: str, message: str | None) -> None:
    error = answer(case(f"FROM scratch\nEXPOSE {address}:80:90\n"))["error"]
    assert error is None if message is None else error.endswith(message)
