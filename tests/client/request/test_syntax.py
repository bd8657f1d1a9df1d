"""The choice of a frontend: what becomes an option, and when an error hints at the switch."""

from __future__ import annotations

import pytest

from llbfront.cli import build
from llbfront.cli.main import parse_arguments
from llbfront.client.request import syntax
from llbfront.client.request.build_request import BuildRequest, frontend_options
from llbfront.errors import SolveError
from llbfront.frontend.contexts import Entry
from llbfront.frontend.forwarding import other_frontend
from llbfront.llb import SourceMap
from llbfront.source import LineRange, Source, Span

DIRECTIVE = b"# syntax=127.0.0.1:1/frontend\nFROM scratch\n"
OTHER = {"build-arg:BUILDKIT_SYNTAX": "r/frontend"}
OURS = {"cmdline": "dockerfile.v0"}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--syntax", "builtin"], OURS),
        (["--syntax="], OURS),
        (["--syntax", "r/frontend"], OTHER),
        (["--build-arg", "BUILDKIT_SYNTAX="], OURS),
        (["--build-arg", "BUILDKIT_SYNTAX= "], OURS),
        (["--build-arg", "BUILDKIT_SYNTAX=builtin"], OURS),
        (["--build-arg", "BUILDKIT_SYNTAX=dockerfile.v0"], OURS),
        (["--build-arg", "BUILDKIT_SYNTAX=r/frontend"], OTHER),
        (["--build-arg", "BUILDKIT_SYNTAX=r/frontend --x"], {"build-arg:BUILDKIT_SYNTAX": "r/frontend --x"}),
        (["--build-arg", "BUILDKIT_SYNTAX=r/other", "--syntax", "builtin"], OURS),
        (["--build-arg", "BUILDKIT_SYNTAX=", "--syntax", "r/frontend"], OTHER),
        (["--build-arg", "BUILDKIT_SYNTAX"], OTHER),
    ],
)
def test_the_frontend_is_chosen(words: list[str], options: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDKIT_SYNTAX", "r/frontend")
    assert frontend_options(build.request_of(parse_arguments(["build", *words]))) == options


@pytest.mark.parametrize(("options", "ref"), [({}, "127.0.0.1:1/frontend"), (OURS, None), (OTHER, "r/frontend")])
def test_the_choice_beats_the_directive(options: dict[str, str], ref: str | None) -> None:
    entry = Entry(SourceMap("Dockerfile", DIRECTIVE), "", None)
    other = other_frontend(options, entry)
    assert (other.ref if other else None) == ref


def error_at(line: int, data: bytes = DIRECTIVE, message: str = "connection refused") -> SolveError:
    return SolveError(message, spans=[Span(Source("Dockerfile", data), (LineRange(line, line),))])


@pytest.mark.parametrize(
    ("error", "options", "is_hinted"),
    [
        (error_at(1), {}, True),
        (error_at(1), OURS, False),
        (error_at(2), {}, False),
        (error_at(1, b"FROM scratch\n"), {}, False),
        (error_at(2, b"#!/x\n# syntax=r/f\nFROM scratch\n"), {}, True),
        (error_at(1, b"// syntax=r/f\n{}\n"), {}, True),
        (error_at(1, b"\xef\xbb\xbf# syntax=r/f\nFROM a\n"), {}, True),
        (error_at(1, b"# escape=`\n# syntax=r/f\nFROM a\n"), {}, False),
        (SolveError("failed with build-arg:BUILDKIT_SYNTAX = r/f: not found"), OTHER, True),
        (SolveError("not found"), OTHER, False),
        (SolveError("not found"), {}, False),
    ],
)
def test_errors_about_the_other_frontend_hint_at_the_switch(error: SolveError, options: dict[str, str], is_hinted: bool) -> None:
    syntax.add_hint(error, options)
    assert ('syntax="builtin"' in str(error)) == is_hinted


def test_other_build_arguments_stay() -> None:
    request = BuildRequest(build_args={"A": "b", "BUILDKIT_SYNTAX": ""})
    assert frontend_options(request) == {"build-arg:A": "b", **OURS}
