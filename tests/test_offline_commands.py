"""The commands that ask and build nothing, as a person or a pipeline meets them."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parents[1]
FOUND = "FROM alpine as base\nENV a b\nRUN --network=none echo\n"
CLEAN = "FROM alpine\nRUN echo\n"
BROKEN = "FROM alpine\nENV a b\nRUNN x\n"


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    def call(*arguments: object, stdin: bytes | str = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "llbfront", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return call


def complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    (line,) = [line for line in done.stderr.decode().splitlines() if line.startswith("llbfront: ") and "config assumed" not in line]
    return line.removeprefix("llbfront: ")


Run = Any


@pytest.mark.parametrize(("text", "code"), [(FOUND, 4), (CLEAN, 0), (BROKEN, 1)])
def test_check_exits_with_4_for_findings(run: Run, text: str, code: int) -> None:
    for form in ("text", "json", "sarif"):
        done = run("check", "--format", form, "-", stdin=text)
        assert done.returncode == code, done.stderr
        if form != "text":
            json.loads(done.stdout)
    if code == 1:
        assert complaint(done) == "Dockerfile:3: unknown instruction: RUNN (did you mean RUN?)"


def test_check_prints_findings_with_their_lines(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(FOUND)
    text = run("check").stdout.decode()
    assert text.startswith("Check complete, 2 warnings have been found!\n")
    assert "WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/" in text
    assert "   2 | >>> ENV a b" in text
    assert run("check", "-", stdin=CLEAN).stdout == b"Check complete, no warnings found.\n"


@pytest.mark.parametrize(
    ("flags", "rules", "code"),
    [
        (("--disable", "fromascasing"), ["LegacyKeyValueFormat"], 4),
        (("--disable", "FromAsCasing,LegacyKeyValueFormat"), [], 0),
        (("--disable", "all"), [], 0),
        (("--only", "FromAsCasing"), ["FromAsCasing"], 4),
        (("--only", "FromAsCasing", "--disable", "FromAsCasing"), [], 0),
        (("--error", "UndefinedVar"), ["FromAsCasing", "LegacyKeyValueFormat"], 0),
        (("--error", "LegacyKeyValueFormat"), ["FromAsCasing", "LegacyKeyValueFormat"], 4),
        (("--only", "InvalidDefinitionDescription"), ["InvalidDefinitionDescription"], 4),
    ],
)
def test_rules_are_chosen_on_the_command_line(run: Run, flags: tuple[str, ...], rules: list[str], code: int) -> None:
    done = run("check", "--json", *flags, "-", stdin=f"# something else\n{FOUND}")
    assert [each["ruleName"] for each in json.loads(done.stdout)["warnings"] or ()] == rules
    assert done.returncode == code


def test_what_the_dockerfile_says_of_checks_counts_too(run: Run) -> None:
    done = run("check", "--json", "-", stdin=f"# check=skip=FromAsCasing;error=true\n{FOUND}")
    assert [each["ruleName"] for each in json.loads(done.stdout)["warnings"]] == ["LegacyKeyValueFormat"]
    assert "buildError" not in json.loads(done.stdout)
    assert done.returncode == 4
    assert run("check", "--disable", "LegacyKeyValueFormat", "-", stdin=f"# check=skip=FromAsCasing\n{FOUND}").returncode == 0
    assert "invalid check option" in complaint(run("check", "-", stdin=f"# check=nonsense\n{FOUND}"))


def test_sarif_names_file_rule_and_lines(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "sub dir" / "Dockerfile").write_text(FOUND)
    log = json.loads(run("check", "--format", "sarif", "--error", "LegacyKeyValueFormat", "sub dir").stdout)
    assert log["version"] == "2.1.0"
    (sarif_run,) = log["runs"]
    known = {rule["id"] for rule in sarif_run["tool"]["driver"]["rules"]}
    assert {(each["ruleId"], each["level"]) for each in sarif_run["results"]} == {
        ("FromAsCasing", "warning"),
        ("LegacyKeyValueFormat", "error"),
    }
    assert all(each["ruleId"] in known for each in sarif_run["results"])
    place = sarif_run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "sub%20dir/Dockerfile"}, "region": {"startLine": 2, "endLine": 2}}


def test_outline_and_targets(run: Run) -> None:
    text = "# base what all stand on\nFROM alpine AS base\n# V which\nARG V=1\nRUN echo $V\nFROM base\n"
    table = run("targets", "-", stdin="FROM alpine\n" + text).stdout.decode().splitlines()
    assert [line.split() for line in table] == [
        ["TARGET", "DESCRIPTION"],
        [*["stage-0", "(no", "name:", "--target", "cannot", "select", "it)"]],
        [*["base", "what", "all", "stand", "on"]],
        [*["stage-2", "(default)"]],
    ]
    assert b"V           1       which" in run("outline", "--target", "base", "-", stdin=text).stdout
    for name in ("outline", "targets"):
        json.loads(run(name, "--json", "-", stdin=text).stdout)
    assert run("outline", "--target", "none", "-", stdin=text).returncode == 2


def test_a_graph_goes_through_every_form(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "Dockerfile").write_text(FOUND)
    (tmp_path / "Dockerfile.dockerignore").write_text("x\n")
    tree = run("llb").stdout
    assert tree.decode().splitlines()[0].startswith("#2 exec  [2/2] RUN --network=none echo  network=none")
    assert (
        run("llb", "Dockerfile").stdout
        == tree
        == run("llb", "-", stdin=FOUND).stdout
        == run("llb", "-f", "-", ".", stdin=FOUND).stdout
    )
    for form in ("json", "pb", "msgpack"):
        assert run("llb", "-", stdin=run("llb", "--format", form).stdout).stdout == tree
        assert run("llb", "--format", form, "-o", "saved").returncode == 0
        assert run("llb", "saved").stdout == tree
    assert run("llb", "--format", "dot").stdout.startswith(b"digraph")
    assert run("llb", "--format", "mermaid").stdout.startswith(b"flowchart")
    json.loads(run("llb", "--json").stdout)


def test_image_configs_from_a_file(run: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "images.json").write_text(
        json.dumps(
            {
                "alpine": {
                    "digest": "sha256:" + "1" * 64,
                    "config": {"os": "linux", "architecture": "amd64", "config": {"User": "me"}},
                }
            }
        )
    )
    done = run("llb", "--json", "--images", "images.json", "--strict", "--write-images", "found.json", "-", stdin=CLEAN)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert json.loads(done.stdout)["config"]["config"]["User"] == "me"
    assert run("llb", "--json", "--images", "found.json", "-", stdin=CLEAN).stdout == done.stdout
    made_up = run("llb", "-", stdin=CLEAN)
    assert (
        made_up.stderr
        == b"llbfront: warning: default image config assumed for docker.io/library/alpine:latest (--images registry looks up the real one)\n"
    )
    strict = run("llb", "--strict", "-", stdin=CLEAN)
    assert strict.returncode == 1
    assert "no config is known of the image docker.io/library/alpine:latest" in complaint(strict)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        (("llb", "none"), "", 2, "cannot read none: no such file or directory"),
        (("llb", "--images", "none", "-"), CLEAN, 2, "cannot read the image configs none: no such file or directory"),
        (("llb", "-f", "x", "-"), CLEAN, 2, "standard input is the Dockerfile, and --file names another"),
        (("llb", "-"), b"\n\x05garbage\x00", 2, "not a definition"),
        (("llb", "-"), '{"def": 1}', 2, "not the JSON of a definition"),
        (("llb", "https://example.com/r.git"), "", 2, "can only be read with an engine"),
        (("llb", "--platform", "a/b/c/d/e", "-"), CLEAN, 2, "a/b/c/d/e"),
        (("llb", "--build-arg", "=x", "-"), CLEAN, 2, "it has no name"),
        (("llb", "-o", "none/x", "-"), CLEAN, 1, "cannot write none/x"),
        (("check", "--only", "FromAsCasin", "-"), CLEAN, 2, "--only: unknown rule FromAsCasin (did you mean FromAsCasing?)"),
        (("check", "-"), "", 1, "the Dockerfile cannot be empty"),
        (("targets", "-"), "RUNN\n", 1, "Dockerfile:1: unknown instruction: RUNN (did you mean RUN?)"),
    ],
)
def test_bad_input_is_one_line(run: Run, arguments: tuple[str, ...], stdin: bytes | str, code: int, message: str) -> None:
    done = run(*arguments, stdin=stdin)
    assert message in complaint(done)
    assert done.returncode == code
    assert done.stdout == b"" or arguments[0] == "check"


def test_doctor_says_which_engines_there_are(run: Run, tmp_path: pathlib.Path) -> None:
    done = run("doctor", "--addr", f"unix://{tmp_path}/none.sock")
    assert done.returncode == 3
    first, *_ = done.stdout.decode().splitlines()
    assert first.startswith("[no] ") and f"{tmp_path}/none.sock" in first and "→" in first
    document = json.loads(run("doctor", "--json", "--addr", f"unix://{tmp_path}/none.sock").stdout)
    assert document["schema"] == "llbfront.doctor/1"
    assert document["places"][0]["is_good"] is False


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("llbfront", "ch"), {"check"}),
        (("llbfront", "llb", "--form"), {"--format"}),
        (("llbfront", "llb", "--format", "m"), {"mermaid", "msgpack"}),
        (("llbfront", "engine", "st"), {"start", "stop", "status"}),
        (("llbfront", "build", "--f"), {"--file", "--frontend"}),
        (("llbfront", "build", "--cache"), {"--cache-from", "--cache-to"}),
        (("llbfront", "check", "--rules", "Dock"), {"Dockerfile"}),
        (("llbfront", "check", "-f", "Dock"), {"Dockerfile"}),
    ],
)
def test_bash_completes(run: Run, tmp_path: pathlib.Path, words: tuple[str, ...], expected: set[str]) -> None:
    (tmp_path / "completion").write_bytes(run("completion", "bash").stdout)
    (tmp_path / "Dockerfile").write_text(CLEAN)
    script = f"""
        source ./completion
        COMP_WORDS=({" ".join(words)}) COMP_CWORD={len(words) - 1}
        entry=$(complete -p llbfront); entry=${{entry#*-F }}
        ${{entry%% *}} llbfront "{words[-1]}" "{words[-2]}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert set(done.stdout.split()) == expected


def test_zsh_gets_a_script_too(run: Run) -> None:
    assert run("completion", "zsh").stdout.startswith(b"#compdef llbfront")
    assert run("completion", "fish").returncode == 2


def test_help_loads_no_command_and_no_client(run: Run) -> None:
    code = "import sys; from llbfront.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    assert "llbfront.cli.main" in loaded
    assert not {name for name in loaded if name.startswith(("google", "attr", "shtab", "llbfront.llb", "llbfront.client"))} - {
        "attrs"
    }


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["buld"], "llbfront: unknown command buld (did you mean build?)"),
        (["zzz"], "llbfront: unknown command zzz (see llbfront --help)"),
        (["build", "--progres=plain", "."], "llbfront: unknown flag --progres (did you mean --progress?)"),
        (["engine", "logs", "--line=3"], "llbfront: unknown flag --line (did you mean --lines?)"),
        (["build", ".", "other"], "llbfront: unexpected argument 'other' (see llbfront build --help)"),
        (["build", ".", ""], "llbfront: unexpected argument '' (see llbfront build --help)"),
        (["build", "--target"], "llbfront: --target needs a value (see llbfront build --help)"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(
    run: Callable[..., subprocess.CompletedProcess[bytes]], arguments: list[str], line: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", line + "\n")


def test_an_empty_command_line_asks_for_help(run: Callable[..., subprocess.CompletedProcess[bytes]]) -> None:
    done = run()
    assert done.returncode == 0
    assert done.stdout.startswith(b"usage: llbfront")


@pytest.mark.parametrize(
    "command",
    ["graph", "inputs", "llb", "check", "stages", "targets", "affected --files a", "diff Dockerfile"],
    ids=lambda words: words.split()[0],
)
def test_a_misspelt_build_argument_is_a_warning(run: Run, tmp_path: pathlib.Path, command: str) -> None:
    (tmp_path / "Dockerfile").write_text("ARG VERSION=1\nFROM scratch\nLABEL version=$VERSION\nCOPY a /\n")
    (tmp_path / "a").touch()
    flags = ("--build-arg", "VERSOIN=2", "--build-arg", "OTHER=3")
    said = run(*command.split(), *flags, ".").stderr.decode().splitlines()
    assert set(said) == {"llbfront: warning: Dockerfile:1: No ARG takes the build argument VERSOIN (did you mean VERSION?)"}
    assert not run(*command.split(), "--build-arg", "VERSION=2", ".").stderr


@pytest.mark.parametrize(
    "flags",
    [
        "--target x",
        "--build-arg A=1",
        "--platform linux/arm64",
        "--build-context a=.",
        "--context .",
        "--images registry",
        "--strict",
    ],
)
def test_options_that_cannot_change_saved_graphs_are_refused(run: Run, tmp_path: pathlib.Path, flags: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    for name in ("one.msgpack", "two.msgpack"):
        assert run("llb", "-o", name, ".").returncode == 0
    assert run("diff", "one.msgpack", "two.msgpack").returncode == 0
    done = run("diff", *flags.split(), "one.msgpack", "two.msgpack")
    assert done.returncode == 2
    assert "cannot change" in complaint(done)
