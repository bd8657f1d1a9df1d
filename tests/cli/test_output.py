"""Nothing that a Dockerfile, a file name or a peer says reaches a terminal as a control sequence, whatever command prints it."""

from __future__ import annotations

import json
import pathlib
import re
import time
from typing import TYPE_CHECKING

import pytest

from llbfront.cli import output
from llbfront.cli.main import main, report
from llbfront.errors import ConnectError, ContextError, DockerfileError, ExecFailed, FrontendError, LlbfrontError, SolveError
from llbfront.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
EVIL = "\x1b[2J\x1b]8;;http://evil\x1b\\link\x9b31m\x07\u202e"
SPAN = Source("my\x1bfile", f"FROM scratch\n# {EVIL}\n".encode()).at(2)

COMMANDS = ("llb", "targets", "outline", "check")
DOCKERFILES: dict[str, tuple[str, tuple[int, int, int, int]]] = {  # and the exit codes of the commands
    "name": (f"FROM scratch AS {EVIL}\nRUN x\n", (1, 1, 1, 1)),
    "argument": (f"FROM scratch\nRUN x\nARG A={EVIL}\nARG B{EVIL}=1\n", (0, 0, 0, 0)),
    "label": (f"FROM scratch\nRUN x\nLABEL a{EVIL}=b{EVIL}\nENV c {EVIL}\n", (0, 0, 0, 4)),
    "copy": (f"FROM scratch\nCOPY a{EVIL} /{EVIL}\nWORKDIR x{EVIL}\n", (0, 0, 0, 4)),
    "run": (f"FROM scratch\nRUN echo {EVIL}\nCMD x {EVIL}\n", (0, 0, 0, 4)),
    "mount": (f"FROM scratch\nRUN --mount=type=secret,id=a{EVIL} --mount=type=cache,target=/c{EVIL} x\n", (0, 0, 0, 0)),
    "image": (f"FROM a{EVIL}\n", (1, 0, 1, 1)),
    "origin": (f"FROM scratch\nCOPY --from=b{EVIL} /a /b\n", (1, 0, 1, 1)),
    "url": (f"FROM scratch\nADD http://127.0.0.1/{EVIL} /\n", (0, 0, 0, 0)),
    "unknown": (f"FROM scratch\nRUNN{EVIL} x\n", (1, 1, 1, 1)),
    "heredoc": (f"FROM scratch\nRUN <<EOF\necho {EVIL}\nEOF\nCOPY <<F /\n{EVIL}\nF\n", (0, 0, 0, 0)),
    "name of a heredoc": (f"FROM scratch\nCOPY <<{EVIL} /\n{EVIL}\n", (1, 1, 1, 1)),
    "description": (f"# A {EVIL}\nARG A\n# a {EVIL}\nFROM scratch AS a\nARG A\n# {EVIL}\nRUN x\n", (0, 0, 0, 0)),
    "comment behind": (f"FROM scratch AS a # {EVIL}\n", (1, 1, 1, 1)),
    "surrogates": ("FROM scratch\nRUN echo \udcff\udc9b31m\nLABEL a=\udcfe\n", (1, 0, 0, 0)),
    "carriage returns": ("FROM scratch\rRUN x\rLABEL a=b\r", (1, 1, 1, 1)),
}


@pytest.mark.parametrize("title", DOCKERFILES)
@pytest.mark.parametrize(
    "command",
    ["llb", "llb --format json", "llb --format dot", "targets", "outline", "check", "check --json", "check --format sarif"],
)
def test_commands_print_dockerfiles_safely(
    title: str, command: str, tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my\x1bfile"
    dockerfile, codes = DOCKERFILES[title]
    path.write_bytes(dockerfile.encode(errors="surrogateescape"))
    code = main([*command.split(), "--file", str(path), str(tmp_path)])
    printed = capfd.readouterr()
    assert code == codes[COMMANDS.index(command.split(maxsplit=1)[0])]
    assert printed.out or printed.err
    assert not UNSAFE.search(printed.out)
    assert not UNSAFE.search(printed.err)
    if code in {0, 4} and "json" in command:
        json.loads(printed.out)


@pytest.mark.parametrize(
    "error",
    [
        LlbfrontError(EVIL, hint=EVIL),
        LlbfrontError(f"two\nlines\r{EVIL}\udc9b"),
        DockerfileError(EVIL, span=SPAN),
        DockerfileError(EVIL, span=Source(EVIL, b"").at(1), spans=()),
        ContextError(f"cannot read {EVIL}"),
        ConnectError("no engine", tried=[(f"unix://{EVIL}", EVIL)]),
        FrontendError(EVIL, span=SPAN),
        SolveError(EVIL, spans=(SPAN, SPAN), log_tail=(EVIL, "\rtext"), hint=EVIL),
        ExecFailed(EVIL, exit_code=1, spans=(SPAN,), log_tail=(EVIL,)),
    ],
)
def test_errors_are_reported_safely(error: LlbfrontError, capsys: pytest.CaptureFixture[str]) -> None:
    report(error)
    printed = capsys.readouterr().err
    assert printed.startswith("llbfront: ")
    assert not UNSAFE.search(printed)


@pytest.mark.parametrize(("function", "stream"), [(output.show, "out"), (output.show_json, "out"), (output.say, "err")])
def test_what_is_printed_is_safe(function: Callable[[str], None], stream: str, capsys: pytest.CaptureFixture[str]) -> None:
    function(json.dumps([EVIL, "\udcff"], ensure_ascii=False))
    printed = getattr(capsys.readouterr(), stream)
    assert printed.strip()
    assert not UNSAFE.search(printed)


def test_windows_line_ends_are_line_ends(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"FROM scratch as a\r\nRUN x\r\n")
    assert main(["check", str(tmp_path)]) == 4
    printed = capsys.readouterr().out
    assert "\r" not in printed
    assert r"\r" not in printed


def test_a_long_wait_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with output.reminding("reads https://host.example/app.git", after_s=0.05):
        time.sleep(0.5)
    with output.reminding("reads nothing", after_s=30):
        pass
    assert capsys.readouterr().err == "llbfront: waiting for the engine, which reads https://host.example/app.git\n"
