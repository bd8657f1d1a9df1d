"""Errors cross process borders whole, and explain themselves when nobody catches them."""

from __future__ import annotations

import ast
import concurrent.futures
import copy
import functools
import importlib
import inspect
import pathlib
import pickle
import pkgutil
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import llbfront
from llbfront import errors
from llbfront.errors import ConnectError, ExecFailed, LlbfrontError, RpcError, SolveError
from llbfront.errors.llbfront_error import explained, joined_hints
from llbfront.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llbfront.source import Span

SPAN = Source("Dockerfile", b"FROM scratch\nRUN false\nRUN true\n").at(2)
OTHER = Source("common", b"RUN false\n").at(1)
# A value for each parameter that constructors of errors have.
ARGUMENTS: dict[str, Any] = {
    "message": "it failed",
    "span": SPAN,
    "spans": (SPAN, OTHER),
    "hint": "try again",
    "unmatched": ("NAME",),
    "tried": (("unix:///run/a.sock", "no such file"), ("tcp://b:1234", "refused")),
    "code": 5,
    "details": (("github.com/moby/buildkit/errdefs.Vertex+json", b'{"digest":"sha256:00"}'),),
    "vertex": "sha256:00",
    "log_tail": ("this is why", "\tindented"),
    "exit_code": 42,
    "command": ("/bin/sh", "-c", "false"),
    "is_temporary": True,
    "failures": {},
    "results": {},
}
# A value of each type, for other parameters.
BY_TYPE: dict[str, Any] = {
    "str": "a text",
    "bytes": b"octets",
    "int": 7,
    "bool": True,
    "str | None": "a text",
    "OSError": OSError(13, "Permission denied"),
}


def pickled(protocol: int, error: LlbfrontError) -> LlbfrontError:
    copied: LlbfrontError = pickle.loads(pickle.dumps(error, protocol))
    return copied


COPIES: dict[str, Callable[[LlbfrontError], LlbfrontError]] = {
    **{f"pickle {number}": functools.partial(pickled, number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def all_classes() -> list[type[LlbfrontError]]:
    """Every class of errors in the package, those that one module keeps to itself included."""
    for module in pkgutil.walk_packages(llbfront.__path__, "llbfront."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(set(subclasses(LlbfrontError)), key=lambda kind: kind.__qualname__)


def subclasses(kind: type[LlbfrontError]) -> Iterator[type[LlbfrontError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__.startswith("llbfront."):
            yield from subclasses(below)


def example(kind: type[LlbfrontError]) -> LlbfrontError:
    names = inspect.signature(kind.__init__).parameters
    keywords = {
        name: ARGUMENTS[name] if name in ARGUMENTS else BY_TYPE[str(parameter.annotation)]
        for name, parameter in names.items()
        if name != "self"
    }
    positional = [keywords.pop(name) for name in list(keywords) if names[name].kind is not inspect.Parameter.KEYWORD_ONLY]
    error = kind(*positional, **keywords)
    error.add_hint("and once more")
    error.add_note("a note of the user's")
    return error


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: kind.__qualname__)
def test_every_error_survives(kind: type[LlbfrontError], way: str) -> None:
    error = example(kind)
    again = COPIES[way](error)
    assert type(again) is kind
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))
    assert again.explanation() == error.explanation()


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: kind.__qualname__)
def test_every_error_takes_a_prefix(kind: type[LlbfrontError], way: str) -> None:
    error = example(kind)
    before = (str(error), error.text, error.args, dict(vars(error)))
    prefixed = COPIES[way](error.prefixed("failed to read"))
    assert (str(error), error.text, error.args, vars(error)) == before
    assert type(prefixed) is kind
    assert prefixed.args == (f"failed to read: {error.message}",)
    assert prefixed.text == f"failed to read: {error.text}"
    assert vars(prefixed) == {**vars(error), "message": f"failed to read: {error.message}"}


CHANGES: dict[str, tuple[dict[str, Any], str, tuple[Span, ...]]] = {
    "message": ({"message": "m"}, "Dockerfile:2: m (try again)", (SPAN,)),
    "span": ({"span": OTHER}, "common:1: it failed (try again)", (OTHER,)),
    "spans": ({"spans": (SPAN, OTHER)}, "Dockerfile:2: it failed (try again)", (SPAN, OTHER)),
    "spans from an iterator": ({"spans": iter((OTHER, OTHER))}, "Dockerfile:2: it failed (try again)", (OTHER, OTHER)),
    "no spans": ({"spans": ()}, "Dockerfile:2: it failed (try again)", ()),
    "span, other spans": ({"span": OTHER, "spans": (SPAN,)}, "common:1: it failed (try again)", (SPAN,)),
    "no span": ({"span": None}, "it failed (try again)", ()),
    "hint": ({"hint": "h"}, "Dockerfile:2: it failed (h)", (SPAN,)),
    "no hint": ({"hint": None}, "Dockerfile:2: it failed", (SPAN,)),
    "reading": ({"reading": "parse error: "}, "Dockerfile:2: it failed (try again)", (SPAN,)),
    "nothing": ({}, "Dockerfile:2: it failed (try again)", (SPAN,)),
    "several": ({"message": "m", "span": OTHER, "hint": None}, "common:1: m", (OTHER,)),
}


@pytest.mark.parametrize(("changes", "line", "spans"), CHANGES.values(), ids=CHANGES)
def test_evolve_replaces_fields_of_a_copy(changes: dict[str, Any], line: str, spans: tuple[Span, ...]) -> None:
    error = errors.DockerfileError("it failed", span=SPAN, hint="try again")
    changed = error.evolve(**changes)
    assert (str(changed), changed.spans) == (line, spans)
    assert changed.reading == changes.get("reading", "")
    assert (str(error), error.spans, error.reading) == ("Dockerfile:2: it failed (try again)", (SPAN,), "")


def test_evolve_gives_a_copy_notes_of_its_own() -> None:
    error = example(SolveError)
    error.evolve(message="m").add_note("of the copy")
    assert error.__notes__ == ["a note of the user's"]


HINTS: list[tuple[tuple[str | None, ...], str | None]] = [
    ((), None),
    ((None,), None),
    (("", None), None),
    (("a",), "a"),
    (("a", None), "a"),
    ((None, "b"), "b"),
    (("a", "b", "c"), "a; b; c"),
]


@pytest.mark.parametrize(("hints", "joined"), HINTS)
def test_hints_are_joined(hints: tuple[str | None, ...], joined: str | None) -> None:
    assert joined_hints(*hints) == joined


FIELDS = {"message", "span", "spans", "hint", "reading"}


def rewritten(text: str) -> list[int]:
    """The lines that assign a field of an error from outside of it."""
    assignments = (node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)))
    targets = (target for node in assignments for target in (node.targets if isinstance(node, ast.Assign) else [node.target]))
    attributes = (target for target in targets if isinstance(target, ast.Attribute) and target.attr in FIELDS)
    return [target.lineno for target in attributes if not (isinstance(target.value, ast.Name) and target.value.id == "self")]


def test_only_the_errors_module_assigns_fields_of_errors() -> None:
    root = pathlib.Path(llbfront.__path__[0])
    files = {str(path.relative_to(root)): rewritten(path.read_text()) for path in root.rglob("*.py")}
    assert [name for name, lines in files.items() if lines] == ["errors/llbfront_error.py"]  # `located` completes a place there


def test_a_copy_has_notes_of_its_own() -> None:
    error = example(SolveError)
    copy.copy(error).add_note("of the copy")
    assert error.__notes__ == ["a note of the user's"]


def test_an_error_with_a_cause_survives() -> None:
    error = ConnectError("no engine", tried=[("unix://a.sock", "no such file")])
    error.__cause__ = OSError(2, "no such file", pathlib.Path("a.sock"))
    assert pickle.loads(pickle.dumps(error)).tried == error.tried


class UserError(errors.FrontendError):
    """An error of a user's own, whose constructor takes what it likes."""

    def __init__(self, number: int, *, path: pathlib.Path) -> None:
        super().__init__(f"number {number} in {path}")
        self.number, self.path = number, path


@pytest.mark.parametrize("way", COPIES)
def test_an_error_of_a_users_own_survives(way: str) -> None:
    again = COPIES[way](UserError(3, path=pathlib.Path("x")))
    assert isinstance(again, UserError)
    assert (str(again), again.number, again.path) == ("number 3 in x", 3, pathlib.Path("x"))


def fail() -> None:
    with explained():
        raise ExecFailed("RUN false: exit code 42", exit_code=42, spans=[SPAN], log_tail=["this is why"])


def test_a_failure_in_another_process_reports_itself() -> None:
    with concurrent.futures.ProcessPoolExecutor(1) as pool, pytest.raises(ExecFailed) as raised:
        pool.submit(fail).result(60)
    assert raised.value.exit_code == 42
    assert "this is why" in "".join(traceback.format_exception_only(raised.value))


UNCAUGHT = [
    (SolveError("it failed", spans=[SPAN], log_tail=["this is why"]), ["  this is why", " 2 | >>> RUN false"]),
    (ExecFailed("exit code 1", exit_code=1, spans=[SPAN]), [" 2 | >>> RUN false"]),
    (ConnectError("no engine", tried=[("unix://a", "refused")]), ["  unix://a: refused"]),
    (errors.UnknownInstruction("unknown instruction: RNU", span=SPAN), [" 2 | >>> RUN false"]),
    (errors.DockerfileError("two places", spans=ARGUMENTS["spans"]), [" 2 | >>> RUN false", " 1 | >>> RUN false"]),
]


@pytest.mark.parametrize(("error", "lines"), UNCAUGHT, ids=lambda value: type(value).__name__)
def test_an_uncaught_error_shows_what_explains_it(error: LlbfrontError, lines: list[str]) -> None:
    for _ in range(2):  # it may leave two entry points
        with pytest.raises(LlbfrontError), explained():
            raise error
    shown = "".join(traceback.format_exception(error)).splitlines()
    assert [line for line in shown if line in lines] == lines


def test_notes_are_safe_for_a_terminal() -> None:
    error = SolveError("it failed", log_tail=["\x1b]0;title\x07red", "\udcff"])
    error.add_explanation()
    assert error.__notes__ == ["\n  \\x1b]0;title\\ared\n  \\xff\n"]


def test_an_error_without_places_has_no_empty_note() -> None:
    error = RpcError("gone", code=14)
    with pytest.raises(RpcError), explained():
        raise error
    assert not hasattr(error, "__notes__")


def test_the_explanation_is_a_note_of_library_calls() -> None:
    with pytest.raises(errors.DockerfileError) as raised:
        llbfront.convert("FROM scratch\nRNU true\n")
    assert " 2 | >>> RNU true" in "".join(traceback.format_exception_only(raised.value)).splitlines()


def test_a_long_message_and_a_long_hint_are_shown_without_their_middle() -> None:
    error = LlbfrontError("a" * 1_000_000, hint="b" * 1_000_000)
    assert len(str(error)) < 2100
    assert str(error).endswith("bbb)")
    assert len(error.text) > 2_000_000
