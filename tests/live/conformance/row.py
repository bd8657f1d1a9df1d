"""A row: one behaviour of the frontend as data; a Dockerfile with its context and options, and expectations of its build.

What two frontends agree on is compared elsewhere. A row says what they agree on, so that it also fails where both are wrong or where
the case shows nothing. This module and that of a row are all that is needed to read the row.

    row("V5", "the shortest suffix goes", "FROM scratch\\nENV A=a.b.c\\nENV B=${A%.*}\\n", Has("config/Env", "B=a.b"))
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from llbfront.inspection.graph import Graph
from tests.fsutil.trees import File

if TYPE_CHECKING:
    from llbfront.llb import State
    from tests.fsutil.trees import Node
    from tests.live.conformance.outcome import Outcome

    Input = State | bytes | Callable[[Callable[[str], str]], State]

SMALL = {
    "a.txt": File(b"a\n"),
    "b.txt": File(b"b\n"),
    "dir/c.txt": File(b"c\n"),
    "dir/d.md": File(b"d\n"),
    "dir/sub/e.txt": File(b"e\n", mode=0o600),
    "run.sh": File(b"#!/bin/sh\necho ran\n", mode=0o755),
}


class Expectation(Protocol):
    """What must be seen of a build. `judge` fails with what it saw instead."""

    def judge(self, outcome: Outcome) -> None: ...


@attrs.frozen
class Row:
    """One behaviour. `ids` are the rows of the specification that it belongs to."""

    ids: tuple[str, ...]
    says: str
    dockerfile: bytes
    sees: tuple[Expectation, ...]
    options: Mapping[str, str]
    files: Mapping[str, Node]
    contexts: Mapping[str, str]
    secrets: Mapping[str, bytes]
    agents: tuple[str, ...]
    entitlements: tuple[str, ...]
    inputs: Mapping[str, Input]
    stdin: bytes | None
    has_own_words: bool

    @property
    def name(self) -> str:
        return f"{' '.join(self.ids)}: {self.says}"


def row(
    ids: str,
    says: str,
    dockerfile: str | bytes,
    *sees: Expectation,
    options: Mapping[str, str] | None = None,
    files: Mapping[str, Node | str] | None = None,
    contexts: Mapping[str, str] | None = None,
    secrets: Mapping[str, bytes] | None = None,
    agents: tuple[str, ...] = (),
    entitlements: tuple[str, ...] = (),
    inputs: Mapping[str, Input] | None = None,
    stdin: bytes | None = None,
    has_own_words: bool = False,
) -> Row:
    """Make a Row.

    Dockerfile, options and contexts may hold placeholders: <registry> is the address of a registry, <context> the directory of `files`,
    <web>, <main> and <old> belong to the server of `web`, <git>, <files> and <commit> to those of `servers`, <frontend> and <scanner> are
    images.

    Args:
        ids: rows of the specification, separated by blanks.
        says: what the row shows, in words.
        dockerfile: the Dockerfile.
        sees: the expectations.
        options: options of the frontend.
        files: the context besides the Dockerfile, by default SMALL.
        contexts: named contexts, as `--build-context` takes them.
        secrets: contents of secrets by id.
        agents: ids of SSH agents that are offered.
        entitlements: what steps may use.
        inputs: graphs that the frontend is given; a function makes a graph with placeholders filled in.
        stdin: standard input, as a client's `-` takes it.
        has_own_words: frontends word the error differently around the phrase that is expected.
    """
    tree = (
        SMALL
        if files is None
        else {path: File(content.encode()) if isinstance(content, str) else content for path, content in files.items()}
    )
    text = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
    assert sees, "a row without anything to see shows nothing"
    return Row(
        tuple(ids.split()),
        says,
        text,
        sees,
        options or {},
        tree,
        contexts or {},
        secrets or {},
        agents,
        entitlements,
        inputs or {},
        stdin,
        has_own_words,
    )


_ABSENT = object()


@attrs.frozen
class Holds:
    """A file of the result and what is to be known of it; `link` is where a link leads."""

    path: str
    text: str | None = None
    mode: int | None = None
    owner: str | None = None
    link: str | None = None

    def judge(self, outcome: Outcome) -> None:
        assert self.path in outcome.files, sorted(outcome.files)
        file = outcome.files[self.path]
        assert self.text is None or file.data.decode() == self.text
        assert self.mode is None or file.mode == self.mode, f"{self.path}: {file.mode:o}"
        assert self.owner is None or file.owner == self.owner
        assert self.link is None or file.link == self.link


@attrs.frozen
class Only:
    """All files of the result that are not directories, in any order."""

    paths: str

    def judge(self, outcome: Outcome) -> None:
        file = {path for path, file in outcome.files.items() if not file.is_directory}
        assert file == set(self.paths.split()), sorted(file)


@attrs.frozen
class Lacks:
    """A path that the result must not have."""

    path: str

    def judge(self, outcome: Outcome) -> None:
        assert self.path not in outcome.files


@attrs.frozen
class Is:
    """A member of the image config, such as `config/Cmd`, or that it is absent (without a value)."""

    member: str
    value: Any = _ABSENT

    def judge(self, outcome: Outcome) -> None:
        assert _member(outcome, self.member) == self.value


@attrs.frozen
class Has:
    """An entry of a list or mapping of the image config, or a part of a text."""

    member: str
    value: Any

    def judge(self, outcome: Outcome) -> None:
        assert self.value in _member(outcome, self.member)


@attrs.frozen
class Hasnt:
    """What a list, mapping or text of the image config must not contain."""

    member: str
    value: Any

    def judge(self, outcome: Outcome) -> None:
        assert self.value not in _member(outcome, self.member)


def _member(outcome: Outcome, path: str) -> Any:
    """A member of the config; `linux/arm64:config/Env` is of one platform, `history/created_by` the member of every entry."""
    platform, colon, path = path.rpartition(":")
    value: Any = outcome.configs[platform if colon else next(iter(outcome.configs))]
    for name in path.split("/"):
        value = [element.get(name) for element in value] if isinstance(value, list) else value.get(name, _ABSENT)
        if value is _ABSENT:
            break
    return value


def history(*texts: str) -> Is:
    """What the history of a result on scratch says, entry by entry."""
    return Is("history/created_by", list(texts))


@attrs.frozen
class Raw:
    """A part of the bytes of the image config, as the frontend sends it."""

    part: str

    def judge(self, outcome: Outcome) -> None:
        assert self.part.encode() in next(iter(outcome.raw_configs.values()))


@attrs.frozen
class Fails:
    """The build fails with this phrase in its error and, if they are given, these lines of a file as its innermost place."""

    phrase: str
    lines: str | None = None

    def judge(self, outcome: Outcome) -> None:
        assert outcome.error is not None, "it was built"
        assert self.phrase in outcome.error.message
        if self.lines is not None:
            assert outcome.error.places and outcome.error.places[0].lines == self.lines, outcome.error.places


@attrs.frozen
class Step:
    """The name of a step as progress shows it."""

    name: str

    def judge(self, outcome: Outcome) -> None:
        assert self.name in outcome.steps.values(), sorted(outcome.steps.values())


@attrs.frozen
class NoStep:
    """A part that no name of a step has."""

    part: str

    def judge(self, outcome: Outcome) -> None:
        assert not [name for name in outcome.steps.values() if self.part in name]


@attrs.frozen
class Steps:
    """How many steps have a name that a pattern matches in full."""

    pattern: str
    count: int

    def judge(self, outcome: Outcome) -> None:
        names = [name for name in outcome.steps.values() if re.fullmatch(self.pattern, name)]
        assert len(names) == self.count, sorted(outcome.steps.values())


@attrs.frozen
class Warns:
    """A warning by a part of its text, with the lines that it is about if they are given."""

    part: str
    lines: str | None = None

    def judge(self, outcome: Outcome) -> None:
        warnings = [warning for warning in outcome.warnings if self.part in warning.text]
        assert warnings, outcome.warnings
        assert self.lines is None or self.lines in {warning.lines for warning in warnings}, warnings


@attrs.frozen
class Quiet:
    """No warning, or none with this part."""

    part: str = ""

    def judge(self, outcome: Outcome) -> None:
        assert not [warning for warning in outcome.warnings if self.part in warning.text], outcome.warnings


@attrs.frozen
class Warned:
    """How many warnings there are."""

    count: int

    def judge(self, outcome: Outcome) -> None:
        assert len(outcome.warnings) == self.count, outcome.warnings


@attrs.frozen
class Encoded:
    """A part of the bytes of the result's graph."""

    part: bytes

    def judge(self, outcome: Outcome) -> None:
        assert any(self.part in definition for definition in outcome.definitions.values())


@attrs.frozen
class Op:
    """An op of the result's graph: its kind, a part of its name, and fields of it, nested mappings by the fields that they name."""

    kind: str
    name: str = ""
    op: Mapping[str, Any] = attrs.field(factory=dict)

    def judge(self, outcome: Outcome) -> None:
        nodes = [node for node in nodes_of(outcome) if node.kind == self.kind and self.name in node.name]
        assert nodes, [(node.kind, node.name) for node in nodes_of(outcome)]
        assert any(_covers(node.op, self.op) for node in nodes), [node.op for node in nodes]


@attrs.frozen
class Graphs:
    """Whatever else a predicate finds in the nodes of the result's graph; `says` is what it asks."""

    says: str
    asks: Callable[[tuple[Any, ...]], bool]

    def judge(self, outcome: Outcome) -> None:
        assert self.asks(nodes_of(outcome)), self.says


@attrs.frozen
class Told:
    """A part of what a result says besides its files: `result.json`, `refs.platforms`."""

    key: str
    part: str

    def judge(self, outcome: Outcome) -> None:
        assert self.part in outcome.metadata[self.key].decode()


@attrs.frozen
class Json:
    """A member of a JSON document that a result has, such as `result.json` and `args/0/name`."""

    key: str
    member: str
    value: Any

    def judge(self, outcome: Outcome) -> None:
        document = json.loads(outcome.metadata[self.key])
        for name in self.member.split("/"):
            document = document[int(name)] if isinstance(document, list) else document.get(name)
        assert document == self.value


def nodes_of(outcome: Outcome) -> tuple[Any, ...]:
    return tuple(node for definition in outcome.definitions.values() for node in Graph.load(definition).nodes)


def _covers(actual: Any, expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(key in actual and _covers(actual[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(_covers, actual, expected))
    return bool(actual == expected)
