"""Targets that are built together and read the same pipe or descriptor."""

from __future__ import annotations

import os
import pathlib

import pytest

from llbfront.client.buildflags.secrets import SecretSource
from llbfront.client.linked_requests import LinkedRequest, prepared
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import OptionError
from llbfront.session.secrets import from_file


@pytest.fixture
def pipe() -> str:
    reading, writing = os.pipe()
    os.write(writing, b"FROM scratch\n")
    os.close(writing)
    return f"/dev/fd/{reading}"


def requests(tmp_path: pathlib.Path, **settings: dict[str, object]) -> dict[str, LinkedRequest]:
    return {name: LinkedRequest(BuildRequest(context=str(tmp_path), **given)) for name, given in settings.items()}  # type: ignore[arg-type]


def test_both_targets_get_the_dockerfile_of_a_pipe(tmp_path: pathlib.Path, pipe: str) -> None:
    with prepared(requests(tmp_path, a={"file": pipe}, b={"file": pipe}), {}) as local:
        for linked in local.values():
            assert linked.local is not None
            assert linked.local.inputs.read("dockerfile", linked.local.inputs.options["filename"]) == b"FROM scratch\n"


def test_both_targets_get_the_secret_of_a_pipe(tmp_path: pathlib.Path, pipe: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    secret = SecretSource("token", path=pipe)
    with prepared(requests(tmp_path, a={"secrets": (secret,)}, b={"secrets": (secret,)}), {}) as local:
        values = [from_file(secret.id, pipe).read() for _ in local]
    assert values == [b"FROM scratch\n"] * 2


@pytest.mark.parametrize("other", ["secrets", "source_policy"])
def test_one_pipe_is_not_read_as_two_things(tmp_path: pathlib.Path, pipe: str, other: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    given = {"secrets": (SecretSource("token", path=pipe),), "source_policy": pipe}[other]
    with (
        pytest.raises(OptionError, match="cannot both be read"),
        prepared(requests(tmp_path, a={"file": pipe}, b={other: given}), {}),
    ):
        pass


def test_standard_input_is_the_context_of_one_target(tmp_path: pathlib.Path) -> None:
    del tmp_path
    linked = {name: LinkedRequest(BuildRequest(context="-")) for name in "ab"}
    with pytest.raises(OptionError, match="the build context of a and the build context of b"), prepared(linked, {}):
        pass
