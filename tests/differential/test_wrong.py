"""Our errors beside the reference's, for every case of tests/data/wrong.txt: the same lines, its words, its suggestion.

Our messages are the reference's with something added: what to do, or where it stands. Where they say something else, REWORDED
holds what.
"""

from __future__ import annotations

import re

import pytest

from tests import wrong
from tests.differential import filters

HINT = re.compile(r" \(did you mean ([^?]*)\?(?:; [^)]*)?\)\Z")
PREFIX = re.compile(r"\Adockerfile parse error on line \d+: ")
AGAIN = 200
REWORDED = (  # what the reference says, and what of it we do
    (r"strconv\.Parse(?:Int|Uint|Bool): ", ""),  # nobody has to know which function failed
    (r"(: invalid \w+ value: \S+): .*", r"\1"),  # the reason is our hint
    (r", can only have up to two, .*", ""),
    (r"(failed to unmarshal cache-imports [^:]*): .*", r"\1"),
    (r"\*instructions.Stage is not a command type", "FROM isn't allowed as an ONBUILD trigger"),
    (r"failed to parse image config: json: .*", "failed to parse image config"),
    (r": requested prerelease feature .*", ""),
)
CONTROL = {code: f"\\x{code:02x}" for code in range(32)} | {ord("\n"): "\\n"}


@pytest.fixture(scope="module")
def answers() -> list[tuple[wrong.Wrong, filters.Answer]]:
    cases = wrong.cases()
    [theirs] = filters.ask([case.case for case in cases], filters.oracle())
    return list(zip(cases, theirs, strict=True))


def test_the_reference_refuses_them_all(answers: list[tuple[wrong.Wrong, filters.Answer]]) -> None:
    assert [case.title for case, theirs in answers if theirs["error"] is None] == []


def test_lines(answers: list[tuple[wrong.Wrong, filters.Answer]]) -> None:
    """A circle of stages has a place for each instruction, of which we make one."""
    for case, theirs in answers:
        places = theirs.get("error_lines") or [[]]
        every = sorted({line for place in places for line in place}) if "circular" in theirs["error"] else places[0]
        assert case.expected.split(" ")[0] == wrong.lines(every), case.title


def test_suggestions(answers: list[tuple[wrong.Wrong, filters.Answer]]) -> None:
    """Of several words that are equally near the reference takes now this, now that; ours must be one of them."""
    for case, theirs in answers:
        suggested = HINT.search(theirs["error"])
        ours = HINT.search(case.expected)
        if suggested is None or (ours and ours[1] == suggested[1]):
            continue
        [others] = filters.ask([case.case] * AGAIN, filters.oracle())
        assert ours, case.title
        assert ours[1] in {found[1] for other in others if (found := HINT.search(other["error"]))}, case.title


def test_words(answers: list[tuple[wrong.Wrong, filters.Answer]]) -> None:
    for case, theirs in answers:
        said = plain(HINT.sub("", PREFIX.sub("", theirs["error"])))
        assert said in plain(case.expected), f"{case.title}: {theirs['error']}"


def plain(text: str) -> str:
    """A message without what we word otherwise."""
    for old, new in REWORDED:
        text = re.sub(old, new, text, flags=re.DOTALL)
    return text.strip().translate(CONTROL)
