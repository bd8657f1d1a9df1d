"""The second way to generate: the same arguments make the same cases, and what they show is the same on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.differential import corpus, filters, printing, run
from tests.differential.explain import explain
from tests.differential.generator.cases import make as generated
from tests.differential.mutator import pool
from tests.differential.mutator.cases import CHANGES, make

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SEED = 20261126
CASES = 600


@pytest.fixture(scope="module")
def files() -> pool.Pool:
    """Texts to mutate, so that the test needs no files: some that the other generator makes."""
    return pool.of(generated(SEED, number)[0]["dockerfile"] for number in range(80))


def test_a_pool_knows_instructions_and_names(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM --platform=x alpine:1 AS a\nARG V=1\nRUN one \\\n  two\nCOPY --from=tools:2 x y\nCOPY --from=a x y\n"
    )
    (tmp_path / "Dockerfile.dockerignore").write_text("x")
    faults = pool.read(corpus.files(tmp_path))
    [text] = faults.texts
    assert faults.flags == ("--platform=x", "--from=tools:2", "--from=a")
    assert "RUN one \\\n  two\n" in faults.instructions
    assert (pool.stages(text), pool.variables(text)) == (["a"], ["V"])
    assert "tools:2" in pool.bases(text)


def test_the_same_arguments_make_the_same_case(files: pool.Pool) -> None:
    assert [make(files, 1, number) for number in range(50)] == [make(files, 1, number) for number in range(50)]
    assert make(files, 1, 0) != make(files, 2, 0)


def test_every_change_is_made(files: pool.Pool) -> None:
    done = {change for number in range(1000) for change in make(files, 3, number)[1]}
    assert set(CHANGES) <= done


@pytest.mark.timeout(300)
def test_mutated_files_are_converted_as_the_reference_converts_them(files: pool.Pool) -> None:
    judges = run.Judges(filters.subject(), filters.oracle())
    tally = run.run(judges, (make(files, SEED, number) for number in range(CASES)))
    shown = ["\n".join(explain(*judges.shrunk(failure))) for failure in tally.failures[:2]]
    assert not shown, "\n\n".join(shown)
    assert tally.accepted > CASES * 0.2


def test_trees_print_their_files_and_edits_leave_the_rest_alone(files: pool.Pool) -> None:
    texts = [make(files, SEED, number)[0]["dockerfile"] for number in range(1500)]
    texts += [generated(SEED, number)[0]["dockerfile"] for number in range(1500)]
    assert [(text, faults) for text in texts if (faults := list(printing.faults(text.encode())))] == []
