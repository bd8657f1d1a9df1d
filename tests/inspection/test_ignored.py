"""Which rule decides about a path: a table, and the check that the decision changes without the reported rules."""

import json
import pathlib

import pytest

import llbfront
from llbfront.cli.main import main
from llbfront.inspection.ignored import IgnoreRules
from llbfront.scripting import ignore_rules

# rules, path: ignored, line that decided, lines that decide the same, lines that force a walk
CASES: list[tuple[str, str, bool, int | None, list[int], list[int]]] = [
    ("", "a", False, None, [], []),
    ("*.log", "a.log", True, 1, [], []),
    ("*.log", "d/a.log", False, None, [], []),
    ("# comment\n\n**/*.log\n", "d/a.log", True, 3, [], []),
    ("*.log\n!keep.log", "keep.log", False, 2, [], []),
    ("*.log\n!keep.log", "other.log", True, 1, [], []),
    ("*.log\na.*\n", "a.log", True, 1, [2], []),
    ("dir", "dir/sub/file", True, 1, [], []),
    ("dir", "dir", True, 1, [], []),
    ("dir\n!dir/keep", "dir", True, 1, [], [2]),
    ("dir\n!dir/keep", "dir/keep", False, 2, [], []),
    ("dir\n!dir/keep", "dir/other", True, 1, [], []),
    ("dir\n!**/keep\n!other/x", "dir", True, 1, [], [2]),
    ("*\n!src\nsrc/tmp", "src/tmp/x", True, 3, [], []),
    ("*\n!src\nsrc/tmp", "src/main", False, 2, [], []),
    ("/rooted", "rooted", True, 1, [], []),
    ("  spaced  \r\n", "spaced", True, 1, [], []),
    ("a\n!a\na\n", "a", True, 3, [], [2]),
    ("!a\n", "a", False, None, [], []),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]!r} {case[1]}")
def test_the_rule_that_decides(case: tuple[str, str, bool, int | None, list[int], list[int]]) -> None:
    text, path, is_ignored, line, also, walked = case
    decision = IgnoreRules.parse(text.encode(), ".dockerignore").decide(path)
    assert (decision.is_ignored, decision.rule and decision.rule.line) == (is_ignored, line)
    assert [rule.line for rule in decision.also] == also
    assert [rule.line for rule in decision.walked] == walked


@pytest.mark.parametrize("case", [case for case in CASES if case[3] is not None], ids=lambda case: f"{case[0]!r} {case[1]}")
def test_the_decision_changes_without_the_rules(case: tuple[str, str, bool, int | None, list[int], list[int]]) -> None:
    text, path, is_ignored, line, also, _ = case
    removed = {line, *also}
    left = "\n".join(each for number, each in enumerate(text.split("\n"), 1) if number not in removed)
    assert IgnoreRules.parse(left.encode(), ".dockerignore").decide(path).is_ignored != is_ignored


@pytest.fixture
def context(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text("*.log\nbig\n!big/one\n")
    for path in ("a.log", "a.txt", "big/one", "big/two", "big/d/three"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_decisions_are_what_is_sent(context: pathlib.Path) -> None:
    sent = {file.path for file in llbfront.convert(context).inputs().contexts["context"].files}
    files = [str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()]
    assert {path for path in files if not ignore_rules(context).decide(path).is_ignored} == sent


def test_the_command_names_the_rule_of_each_path(context: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ignored", "a.log", "a.txt", str(context / "big")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.log: ignored, because of .dockerignore:1: *.log",
        "a.txt: not ignored, no rule matches",
        "big: ignored, because of .dockerignore:2: big",
        "  4 entries below it are still visited, because of",
        "    .dockerignore:3: !big/one",
    ]


def test_json_has_the_rule_of_a_path(context: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ignored", "--json", "--context", str(context), "a.log"]) == 0
    rule = {"file": ".dockerignore", "line": 1, "text": "*.log"}
    expected = {"path": "a.log", "ignored": True, "rule": rule, "also": [], "walked": [], "entry_count": 0}
    assert json.loads(capsys.readouterr().out) == {"schema": "llbfront.ignored/1", "paths": [expected]}


def test_an_ignore_file_beside_the_dockerfile_wins(context: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (context / "Dockerfile.dockerignore").write_text("*.txt")
    (context / "other").mkdir()
    for name in ("app", "plain"):
        (context / f"other/{name}.Dockerfile").write_text("FROM scratch\n")
    (context / "other/app.Dockerfile.dockerignore").write_text("big")
    assert main(["ignored", "a.txt"]) == 0
    assert main(["ignored", "-f", "other/app.Dockerfile", "big"]) == 0
    assert main(["ignored", "-f", "other/plain.Dockerfile", "a.log"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("because of ")[2] for line in lines] == [
        "Dockerfile.dockerignore:1: *.txt",
        "app.Dockerfile.dockerignore:1: big",
        ".dockerignore:1: *.log",
    ]


@pytest.mark.parametrize("path", [".", "..", "/elsewhere"])
def test_paths_that_no_context_has(context: pathlib.Path, capsys: pytest.CaptureFixture[str], path: str) -> None:
    assert main(["ignored", path]) == 2
    assert "is not below the build context" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.log", "https://user:pass@web.test/app.git"], "@web.test/app.git is a URL, not a path of the build context"),
        (["--context", "https://web.test/app.git", "x"], "the context https://web.test/app.git can only be read with an engine"),
        (["--context", "git@web.test:app", "x"], "the context git@web.test:app can only be read with an engine"),
    ],
)
def test_what_is_not_on_this_machine(
    context: pathlib.Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["ignored", *arguments]) == 2
    captured = capsys.readouterr()
    assert (captured.out, said in captured.err, "pass" in captured.err, captured.err.count("\n")) == ("", True, False, 1)
