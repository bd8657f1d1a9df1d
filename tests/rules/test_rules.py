"""Rules of users beside the built-in ones, as `llbfront check` runs them."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest

from llbfront.cli.main import main
from llbfront.errors import RuleError
from llbfront.rules import Finding, rule

ROOT = pathlib.Path(__file__).parents[2]
DOCKERFILE = """\
ARG BASE=debian:bookworm-slim
FROM $BASE AS base
ARG PACKAGE=curl
RUN apt-get update && \\
    apt-get install --yes $PACKAGE

FROM base
COPY . .
RUN pip install -r requirements.txt
ENV a b
"""
RULES = '''\
from llbfront.rules import Finding, rule


@rule("EveryUser", "No stage should say who runs it", url="https://example.org/every-user")
def every_user(checked):
    """Whoever runs it knows better."""
    for statement in checked.dockerfile.statements:
        if statement.keyword == "USER":
            yield Finding("Somebody is named", statement)


@rule("Places", "All kinds of places")
def places(checked):
    stage = checked.stages[-1]
    return [
        Finding("nowhere"),
        Finding("line", 1),
        Finding("stage", stage),
        Finding("instruction", stage.instructions[0]),
        Finding("range", stage.instructions[0].range),
        Finding("node", checked.graph.nodes[-1]),
        Finding("span", checked.graph.nodes[-1].spans[0]),
        Finding("fact", checked.facts.stages[0]),
        Finding("argument", checked.arguments[0], hint="help"),
    ]


@rule("Quiet", "Finds nothing")
def quiet(checked):
    pass
'''


class Done:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out = code, out
        told = [
            line.removeprefix("llbfront: ")
            for line in err.splitlines()
            if line.startswith("llbfront: ") and "config assumed" not in line
        ]
        (self.complaint,) = told or [""]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        return list(json.loads(self.out)["warnings"] or ())

    @property
    def rules(self) -> list[str]:
        return [warning["ruleName"] for warning in self.warnings]


@pytest.fixture
def check(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(RULES)

    def call(*arguments: object, text: str = DOCKERFILE) -> Done:
        (tmp_path / "Dockerfile").write_text(text)
        code = main(["check", *map(str, arguments)])
        return Done(code, *capsys.readouterr())

    return call


EXAMPLES = ("--rules", ROOT / "examples/rules/project_rules.py")
Check = Any


def test_the_examples_find_what_they_are_for(check: Check) -> None:
    done = check(*EXAMPLES, "--json")
    assert done.code == 4
    assert [(each["ruleName"], each["detail"]) for each in done.warnings] == [
        ("LegacyKeyValueFormat", '"ENV key=value" should be used instead of legacy "ENV key value" format'),
        ("UnpinnedBase", "debian:bookworm-slim is not pinned (debian:bookworm-slim@sha256:…)"),
        ("AptListsKept", "apt-get leaves its package lists in the layer (end with rm -rf /var/lib/apt/lists/*)"),
        ("CopyBeforeInstall", "line 9 installs again after every change (copy the lock file first)"),
    ]
    lines = [[part["start"]["line"] for part in each["location"]["ranges"]] for each in done.warnings]
    assert lines == [[10], [2], [4, 5], [8]]


@pytest.mark.parametrize(
    "text",
    [
        f"FROM debian@sha256:{'1' * 64}\nRUN apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        f"ARG D=sha256:{'1' * 64}\nFROM debian@$D AS a\nFROM a\nRUN --mount=type=cache,target=/var/lib/apt apt-get install -y curl\n",
        "FROM scratch\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
        "FROM scratch AS a\nCOPY . .\nFROM scratch\nRUN npm ci\n",
    ],
)
def test_the_examples_are_silent_where_nothing_is_wrong(check: Check, text: str) -> None:
    done = check(*EXAMPLES, "--strict" if "debian" not in text else "--json", text=text)
    assert done.code == 0, done.out


def test_the_answer_has_the_form_that_built_in_rules_give_it(check: Check) -> None:
    done = check("--rules", "own.py", "--only", "EveryUser", "--json", text="FROM scratch\nUSER me\n")
    assert done.warnings == [
        {
            "ruleName": "EveryUser",
            "description": "No stage should say who runs it",
            "url": "https://example.org/every-user",
            "detail": "Somebody is named",
            "location": {"ranges": [{"start": {"line": 2}, "end": {"line": 2}}]},
        }
    ]
    text = check("--rules", "own.py", "--only", "EveryUser", text="FROM scratch\nUSER me\n").out
    assert "WARNING: EveryUser - https://example.org/every-user\nSomebody is named\nDockerfile:2\n" in text


def test_a_place_may_be_anything_that_has_lines(check: Check) -> None:
    done = check("--rules", "own.py", "--only", "Places", "--json")
    lines = {each["detail"]: [part["start"]["line"] for part in each["location"].get("ranges", ())] for each in done.warnings}
    assert lines == {
        "nowhere": [],
        "line": [1],
        "stage": [7],
        "instruction": [8],
        "range": [8],
        "node": [9],
        "span": [9],
        "fact": [2],
        "argument (help)": [1],
    }


def test_findings_are_printed_in_the_order_of_their_lines(check: Check) -> None:
    out = check(*EXAMPLES).out
    assert out.startswith("Check complete, 4 warnings have been found!\n")
    names = ("UnpinnedBase", "AptListsKept", "CopyBeforeInstall", "LegacyKeyValueFormat")
    places = [out.index(f"WARNING: {name}") for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("flags", "rules", "code"),
    [
        (("--disable", "unpinnedbase,AptListsKept"), ["LegacyKeyValueFormat", "CopyBeforeInstall"], 4),
        (("--disable", "all"), [], 0),
        (("--only", "CopyBeforeInstall"), ["CopyBeforeInstall"], 4),
        (("--only", "LegacyKeyValueFormat"), ["LegacyKeyValueFormat"], 4),
        (("--error", "FromAsCasing"), ["LegacyKeyValueFormat", "UnpinnedBase", "AptListsKept", "CopyBeforeInstall"], 0),
        (("--error", "AptListsKept"), ["LegacyKeyValueFormat", "UnpinnedBase", "AptListsKept", "CopyBeforeInstall"], 4),
    ],
)
def test_flags_choose_among_all_rules(check: Check, flags: tuple[str, ...], rules: list[str], code: int) -> None:
    done = check(*EXAMPLES, *flags, "--json")
    assert (done.rules, done.code) == (rules, code)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (f"# check=skip=UnpinnedBase\n{DOCKERFILE}", ["LegacyKeyValueFormat", "AptListsKept", "CopyBeforeInstall"]),
        (f"# check=skip=all\n{DOCKERFILE}", []),
        (
            DOCKERFILE.replace("COPY . .", "# check=skip=CopyBeforeInstall\nCOPY . ."),
            ["LegacyKeyValueFormat", "UnpinnedBase", "AptListsKept"],
        ),
        (
            DOCKERFILE.replace("RUN apt", "# check=skip=all\nRUN apt"),
            ["LegacyKeyValueFormat", "UnpinnedBase", "CopyBeforeInstall"],
        ),
    ],
)
def test_comments_of_the_dockerfile_count(check: Check, text: str, rules: list[str]) -> None:
    assert check(*EXAMPLES, "--json", text=text).rules == rules


def test_sarif_lists_them(check: Check) -> None:
    log = json.loads(
        check("--rules", "own.py", "--format", "sarif", "--error", "EveryUser", text="ARG A\nFROM scratch\nUSER me\nCOPY . /\n").out
    )
    (run,) = log["runs"]
    known = {each["id"]: each for each in run["tool"]["driver"]["rules"]}
    assert known["EveryUser"]["helpUri"] == "https://example.org/every-user"
    assert "helpUri" not in known["Quiet"]
    assert [(each["ruleId"], each["level"]) for each in run["results"] if each["ruleId"] == "EveryUser"] == [("EveryUser", "error")]


def test_an_invalid_dockerfile_is_the_usual_error(check: Check) -> None:
    done = check("--rules", "own.py", "--json", text="FROM scratch\nRUNN x\n")
    assert done.code == 1
    assert done.complaint.startswith("Dockerfile:2: unknown instruction: RUNN")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("    raise ValueError('no\\nway')", "the rule Mine failed: ValueError: no way (mine.py:6)"),
        ("    raise SystemExit(0)", "the rule Mine failed: SystemExit: 0 (mine.py:6)"),
        ("    helper()", "the rule Mine failed: ZeroDivisionError: division by zero (mine.py:10)"),
        ("    import json\n    json.loads('{')", "(mine.py:7)"),
        ("    yield 'text'", "the rule Mine failed: it yields 'text', which is not a Finding (mine.py:4)"),
        ("    yield Finding('text', 'here')", "the rule Mine failed: 'here' is not a place (mine.py:4)"),
        ("    return 5", "the rule Mine failed: it returned a value of the type int (mine.py:4) (a rule yields Findings)"),
        ("    return Finding('text')", "the rule Mine failed: it returned a value of the type Finding (mine.py:4)"),
    ],
)  # fmt: skip
def test_a_rule_that_fails_is_one_line_with_its_place(check: Check, code: str, message: str) -> None:
    head = "from llbfront.rules import Finding, rule\n\n\n@rule('Mine', 'mine')\ndef mine(checked):\n"
    pathlib.Path("mine.py").write_text(f"{head}{code}\n\n\ndef helper():\n    return 1 / 0\n")
    done = check("--rules", "mine.py")
    assert done.code == 2
    assert message in done.complaint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise SystemExit(0)\n", "cannot load mine.py: SystemExit: 0 (mine.py:1)"),
        ("x = (\n", "cannot load mine.py: '(' was never closed (mine.py:1)"),
        ("import nothing_of_that_name\n", "cannot load mine.py: ModuleNotFoundError: No module named 'nothing_of_that_name' (mine.py:1)"),
        ("x = 1\n", "there are no rules in mine.py (see llbfront.rules)"),
        ("from llbfront.rules import rule\n@rule('FromAsCasing', '')\ndef x(c): ...\n", "mine.py:2: FromAsCasing is the name of a built-in rule"),
        ("from llbfront.rules import rule\n@rule('fromascasing', '')\ndef x(c): ...\n", "mine.py:2: fromascasing is the name of a built-in rule"),
        ("from llbfront.rules import rule\n@rule('quiet', '')\ndef x(c): ...\n", "two rules are called quiet: own.py:28 and mine.py:2"),
        ("from llbfront.rules import rule\n@rule('a,b', '')\ndef x(c): ...\n", "cannot load mine.py: 'a,b' cannot be the name of a rule (letters, digits, - and _, such as UnpinnedBase) (mine.py:2)"),
        ("from llbfront.rules import rule\n@rule('All', '')\ndef x(c): ...\n", "cannot load mine.py: 'All' cannot be the name of a rule (letters, digits, - and _, such as UnpinnedBase) (mine.py:2)"),
        ("from llbfront.rules import Rule\nx = Rule('X', '', print)\n", "cannot load mine.py: the rule X is made of <built-in function print>, which is not a function (mine.py:2)"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_loaded_are_one_line(check: Check, text: str, message: str) -> None:
    pathlib.Path("mine.py").write_text(text)
    done = check("--rules", "own.py", "--rules", "mine.py")
    assert (done.code, done.complaint) == (2, message)
    assert done.out == ""


def test_a_file_of_rules_that_is_not_there(check: Check) -> None:
    assert check("--rules", "none.py").complaint == "cannot read the rules none.py: no such file or directory"
    assert not list(pathlib.Path().glob("__pycache__"))


def test_unknown_names_get_the_nearest_of_all_rules(check: Check) -> None:
    assert (
        check("--rules", "own.py", "--disable", "EvryUser").complaint
        == "--disable: unknown rule EvryUser (did you mean EveryUser?)"
    )


def test_pages_are_printed(check: Check) -> None:
    built_in = check("--explain", "copyignoredfile")
    assert (built_in.code, built_in.out) == (0, (ROOT / "docs/rules/CopyIgnoredFile.md").read_text())
    own = check("--rules", "own.py", "--explain", "EveryUser").out
    assert own == (
        "# EveryUser\n\nNo stage should say who runs it\n\nWhoever runs it knows better.\n\n"
        "https://example.org/every-user\n\nRule of own.py:4\n"
    )
    assert check("--explain", "all").complaint == "--explain takes the name of one rule"
    assert check("--explain", "Quite").code == 2


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A directory that the example is installed into."""
    folder = tmp_path_factory.mktemp("site")
    source = folder / "source"
    source.mkdir()
    for name in ("project_rules.py", "pyproject.toml"):
        (source / name).write_bytes((ROOT / "examples/rules" / name).read_bytes())
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", folder, source]
    subprocess.run([str(part) for part in command], check=True)
    return folder


def test_rules_of_installed_packages_are_found(check: Check, installed: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed)
    importlib.invalidate_caches()
    assert check("--json").rules == ["LegacyKeyValueFormat", "UnpinnedBase", "AptListsKept", "CopyBeforeInstall"]
    assert "Rule of" in check("--explain", "AptListsKept").out
    assert check(*EXAMPLES).complaint.startswith("two rules are called UnpinnedBase: ")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nothing_of_that_name", "cannot load the rule mine = nothing_of_that_name: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("json:loads", "cannot load the rule mine = json:loads: it is neither a rule nor a module (see llbfront.rules)"),
    ],
)  # fmt: skip
def test_a_broken_package_is_named(
    check: Check, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    info = tmp_path / "broken-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[llbfront.rules]\nmine = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    done = check()
    assert done.code == 2
    assert done.complaint.startswith(message)


def test_the_rule_of_the_documentation_works(check: Check) -> None:
    text = (ROOT / "docs/scripting.md").read_text()
    (code,) = re.findall(r"```python title=.*\n(from llbfront\.rules import .*?)```", text, re.DOTALL)
    pathlib.Path("documented.py").write_text(code)
    text = "FROM scratch\nRUN --network=none a\nRUN b\n"
    (warning,) = check("--rules", "documented.py", "--json", text=text).warnings
    assert warning["detail"] == "[2/2] RUN b may use the network (RUN --network=none)"
    assert warning["location"]["ranges"][0]["start"]["line"] == 3


def test_a_rule_can_be_called_by_its_own_tests() -> None:
    @rule("Mine", "mine")
    def mine(checked: Any) -> list[Finding]:
        return [Finding(checked)]

    assert list(mine("a")) == [Finding("a")]  # type: ignore[arg-type]  # any value does here
    with pytest.raises(RuleError):
        rule("no name", "")(mine.find)
