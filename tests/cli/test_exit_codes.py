"""The exit codes of docs/exit-codes.md, over all commands, without an engine."""

from __future__ import annotations

import pathlib
import sys
from typing import TYPE_CHECKING

import pytest

from llbfront import errors
from llbfront.cli.commands import COMMANDS
from llbfront.cli.exit_codes import exit_code
from llbfront.cli.main import main
from llbfront.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = Source("Dockerfile", b"FROM scratch\n").at(1)
# A command line per command that is right but for what a case adds.
QUESTIONS = ("llb", "graph", "check", "outline", "targets", "stages", "inputs", "affected --files list", "diff --images registry .")
ENGINE = (
    "du", "prune --dry-run", "workers", "info", "history ls", "history inspect", "history logs", "history trace", "history export -o new",
    "history rm --all", "history pin", "history unpin", "history follow", "solve --frontend dockerfile.v0", "build .", "lock -o - .",
)  # fmt: skip
CASES: dict[str, int] = {
    # 1: the Dockerfile or an output is at fault
    **{f"{command} bad": 1 for command in QUESTIONS},
    # 2: the command line, or a file that it names, is at fault
    **{f"{command} --target nothing good": 2 for command in QUESTIONS},
    "stages --require nothing good": 2,
    "build --call targets --target nothing good": 2,
    "build --call outline --target nothing good": 2,
    "build --call check --target nothing good": 2,
    **{f"{command} broken.pb": 2 for command in ("llb", "graph", "diff good", "inputs", "stages")},
    "ignored a --file none": 2,
    "ignored a --context none": 2,
    "why --build broken.pb": 2,
    "trace --build broken.pb": 2,
    "build --frontend broken.py good": 2,
    "build --frontend raises.py good": 2,
    "build --frontend none.py good": 2,
    "build --call check --frontend broken.py good": 2,
    "frontend image broken.py": 2,
    "frontend image none.py": 2,
    "check --rules broken.py good": 2,
    "check --rules raises.py good": 2,
    "check --rules none.py good": 2,
    "bake -f broken.hcl": 2,
    "bake -f none.hcl": 2,
    "layers none.tar/x": 2,
    "layers ./none": 2,
    "layers good": 2,
    "layers broken.pb": 2,
    "layers --platform a/b/c/d/e good": 2,
    "history import -f broken.pb": 2,
    "history import": 2,
    "history ls --imported": 2,
    "completion nothing": 2,
    **{f"{command} --nothing": 2 for command in COMMANDS},
    **{f"{command} none": 2 for command in ("build", "lock", *QUESTIONS)},
    # bad values of flags are found before an engine is searched
    "du --filter nothing=1": 2,
    "du --filter type~=(": 2,
    "du --filter description~=[a": 2,
    "prune --dry-run --filter id~=*": 2,
    "history ls --filter ref~=(": 2,
    "layers /dev/zero": 2,
    "du --columns nothing": 2,
    "prune --dry-run --filter nothing=1": 2,
    "prune --dry-run --max-used-space much": 2,
    "prune --dry-run --keep-duration long": 2,
    "prune": 2,
    "history ls --filter nothing=1": 2,
    "history ls --columns nothing": 2,
    "history logs --progress nothing": 2,
    "history export -o none/x": 1,
    "solve": 2,
    "solve --frontend dockerfile.v0 --local context=none": 2,
    "solve --frontend dockerfile.v0 --oci-layout a=none": 2,
    "solve --frontend dockerfile.v0 --output type=nothing": 2,
    "solve --frontend dockerfile.v0 --output type=local,dest=file": 1,
    "solve --frontend dockerfile.v0 --export-cache type=local,dest=file": 1,
    "solve --frontend dockerfile.v0 --source-policy-file none": 2,
    "solve --frontend dockerfile.v0 --secret id=a,src=none": 2,
    "solve --frontend dockerfile.v0 --allow nothing": 2,
    "solve --frontend dockerfile.v0 --progress tty": 2,
    "solve --frontend dockerfile.v0 --metadata-file none/x": 1,
    "lock -o none/x good": 1,
    "lock --secret id=a,src=none good": 2,
    # 3: no engine
    **{f"{command} --addr unix:///nowhere.sock": 3 for command in ENGINE},
    **{
        f"{command} --addr nonsense": 3 for command in (*ENGINE, "doctor", "llb --images engine good", "check --images engine good")
    },
    "doctor --addr unix:///nowhere.sock": 3,
    "lock --addr unix:///nowhere.sock --check -o pins.json good": 3,
    # 4: findings
    "check linted": 4,
    "build --check linted": 4,
    "stages --require unused linted": 4,
    "diff good other": 4,
    # 0
    "check good": 0,
    "build --call check,ignorestatus=true linted": 0,
    "targets --target USED linted": 0,
    "diff good good": 0,
    "stages --require used linted": 0,
}


@pytest.fixture
def run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    """Run a command line in a directory with the files of the cases."""
    files = {
        "Dockerfile": "FROM scratch\n",
        "good/Dockerfile": "FROM scratch\n",
        "bad/Dockerfile": "FROM scratch\nRUNN true\n",
        "linted/Dockerfile": "FROM scratch AS unused\nFROM scratch as used\n",
        "other/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
        "broken.py": "def frontend(:\n",
        "raises.py": "raise ValueError('no')\n",
        "broken.pb": "\x0a\x05abc",
        "broken.hcl": "target {\n",
        "file": "",
        "list": "Dockerfile\n",
        "pins.json": '{"rules": []}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUILDKIT_HOST", f"unix://{tmp_path}/nowhere.sock")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "stdin", None)

    def run(line: str) -> tuple[int, str]:
        code = main(line.split())
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize("line", CASES)
def test_exit_codes(run: Callable[[str], tuple[int, str]], line: str) -> None:
    code, message = run(line)
    assert code == CASES[line], message
    assert "Traceback" not in message
    if code in {1, 2, 3} and not line.startswith("doctor"):
        assert message.startswith("llbfront: "), message


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.OptionError("x"), 2),
        (errors.OptionError("x", span=SPAN), 1),
        (errors.InvalidPlatform("x"), 2),
        (errors.InvalidPlatform("x", span=SPAN), 1),
        (errors.DockerfileSyntaxError("x", span=SPAN), 1),
        (errors.StageError("x"), 1),
        (errors.UnknownTarget("x"), 2),
        (errors.GraphError("x"), 1),
        (errors.GraphFileError("x"), 2),
        (errors.FrontendError("x", span=SPAN), 1),
        (errors.FrontendLoadError("x", span=SPAN), 2),
        (errors.RuleError("x", span=SPAN), 2),
        (errors.HclError("x", span=SPAN), 2),
        (errors.SolveError("x"), 1),
        (errors.ExportError("x"), 1),
        (errors.AddressError("x"), 3),
        (errors.ConnectError("x"), 3),
        (errors.EngineError("x"), 3),
        (errors.TransportError("x"), 1),
        (errors.Cancelled("x"), 130),
    ],
)
def test_codes_of_errors(error: errors.LlbfrontError, code: int) -> None:
    assert exit_code(error) == code
