"""Plans of small definitions equal those that docker buildx bake prints, and what it refuses is refused in one line."""

from __future__ import annotations

import json
import pathlib

import pytest

from llbfront import bake
from llbfront.errors import BakeError
from tests.bake.golden import ENVIRONMENT, in_order
from tests.bake.texts import EXPECTED, TEXTS, Text

RECORDED = json.loads(EXPECTED.read_text())


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_the_plan_is_that_of_buildx(text: Text, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    environ = {**ENVIRONMENT, **text.environ}

    def planned() -> bake.Plan:
        return bake.plan(text.targets, files=text.values_of("-f"), overrides=text.values_of("--set"), environ=environ)

    if RECORDED[text.name] is not None:
        assert in_order(planned().to_json()) == RECORDED[text.name]
        return
    with pytest.raises(BakeError) as refused:
        planned()
    assert str(refused.value)
    assert "\n" not in str(refused.value)
