"""A row: one behaviour of the frontend as data, which is a Dockerfile with its context and options, and expectations of its build.

Other tests compare two frontends. A row states the expected behaviour, so that it also fails if both frontends are wrong. To read
a row, you need only this module and the module of the row.

    row("V5", "the shortest suffix is removed", "FROM scratch\\nENV A=a.b.c\\nENV B=${A%.*}\\n", ConfigHas("config/Env", "B=a.b"))
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
    """A property of a build. `check` raises AssertionError with the actual value."""

    def check(self, outcome: Outcome) -> None: ...


@attrs.frozen
class Row:
    """One behaviour. `ids` are the rows of the specification that it covers."""

    ids: tuple[str, ...]
    title: str
    dockerfile: bytes
    expectations: tuple[Expectation, ...]
    options: Mapping[str, str]
    files: Mapping[str, Node]
    contexts: Mapping[str, str]
    secrets: Mapping[str, bytes]
    agents: tuple[str, ...]
    entitlements: tuple[str, ...]
    inputs: Mapping[str, Input]
    stdin: bytes | None
    differs_in_wording: bool

    @property
    def name(self) -> str:
        return f"{' '.join(self.ids)}: {self.title}"


def row(
    ids: str,
    title: str,
    dockerfile: str | bytes,
    *expectations: Expectation,
    options: Mapping[str, str] | None = None,
    files: Mapping[str, Node | str] | None = None,
    contexts: Mapping[str, str] | None = None,
    secrets: Mapping[str, bytes] | None = None,
    agents: tuple[str, ...] = (),
    entitlements: tuple[str, ...] = (),
    inputs: Mapping[str, Input] | None = None,
    stdin: bytes | None = None,
    differs_in_wording: bool = False,
) -> Row:
    """Return a Row.

    Dockerfile, options and contexts may contain placeholders: <registry> is the address of a registry, <context> the directory of `files`,
    <web>, <main> and <old> belong to the server of `web`, <git>, <files> and <commit> to those of `servers`, <frontend> and <scanner> are
    images.

    Args:
        ids: rows of the specification, separated by spaces.
        title: the behaviour in words.
        dockerfile: the Dockerfile.
        expectations: what must be true of the build.
        options: options of the frontend.
        files: the context besides the Dockerfile, by default SMALL.
        contexts: named contexts, as `--build-context` takes them.
        secrets: contents of secrets by id.
        agents: ids of SSH agents that are offered.
        entitlements: the entitlements of the build.
        inputs: inputs of the frontend; a function returns a graph with placeholders replaced.
        stdin: standard input, which is the context `-`.
        differs_in_wording: the frontends have different words around the expected phrase of the error.
    """
    tree = (
        SMALL
        if files is None
        else {path: File(content.encode()) if isinstance(content, str) else content for path, content in files.items()}
    )
    text = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
    assert expectations, "a row needs an expectation"
    return Row(
        tuple(ids.split()),
        title,
        text,
        expectations,
        options or {},
        tree,
        contexts or {},
        secrets or {},
        agents,
        entitlements,
        inputs or {},
        stdin,
        differs_in_wording,
    )


_ABSENT = object()


@attrs.frozen
class HasFile:
    """A file of the result, with its content, mode, owner and link target if they are given."""

    path: str
    text: str | None = None
    mode: int | None = None
    owner: str | None = None
    link: str | None = None

    def check(self, outcome: Outcome) -> None:
        assert self.path in outcome.files, sorted(outcome.files)
        file = outcome.files[self.path]
        assert self.text is None or file.data.decode() == self.text
        assert self.mode is None or file.mode == self.mode, f"{self.path}: {file.mode:o}"
        assert self.owner is None or file.owner == self.owner
        assert self.link is None or file.link == self.link


@attrs.frozen
class OnlyFiles:
    """All files of the result that are not directories, in any order."""

    paths: str

    def check(self, outcome: Outcome) -> None:
        files = {path for path, file in outcome.files.items() if not file.is_directory}
        assert files == set(self.paths.split()), sorted(files)


@attrs.frozen
class NoFile:
    """A path that the result must not have."""

    path: str

    def check(self, outcome: Outcome) -> None:
        assert self.path not in outcome.files


@attrs.frozen
class Config:
    """A member of the image config, such as `config/Cmd`, or that it is absent (without a value)."""

    member: str
    value: Any = _ABSENT

    def check(self, outcome: Outcome) -> None:
        assert _member(outcome, self.member) == self.value


@attrs.frozen
class ConfigHas:
    """An entry of a list or mapping of the image config, or a part of a text."""

    member: str
    value: Any

    def check(self, outcome: Outcome) -> None:
        assert self.value in _member(outcome, self.member)


@attrs.frozen
class ConfigLacks:
    """A value that a list, mapping or text of the image config must not contain."""

    member: str
    value: Any

    def check(self, outcome: Outcome) -> None:
        assert self.value not in _member(outcome, self.member)


def _member(outcome: Outcome, path: str) -> Any:
    """Return a member of the config: `linux/arm64:config/Env` of one platform, `history/created_by` of every entry."""
    platform, colon, path = path.rpartition(":")
    value: Any = outcome.configs[platform if colon else next(iter(outcome.configs))]
    for name in path.split("/"):
        value = [element.get(name) for element in value] if isinstance(value, list) else value.get(name, _ABSENT)
        if value is _ABSENT:
            break
    return value


def history(*texts: str) -> Config:
    """Return the expectation of the `created_by` texts of a result on scratch."""
    return Config("history/created_by", list(texts))


@attrs.frozen
class ConfigBytes:
    """A part of the bytes of the image config, as the frontend sends it."""

    part: str

    def check(self, outcome: Outcome) -> None:
        assert self.part.encode() in next(iter(outcome.raw_configs.values()))


@attrs.frozen
class Fails:
    """The build fails with this phrase in its error. `lines` are the lines of its innermost source range."""

    phrase: str
    lines: str | None = None

    def check(self, outcome: Outcome) -> None:
        assert outcome.error is not None, "the build succeeded"
        assert self.phrase in outcome.error.message
        if self.lines is not None:
            assert outcome.error.places and outcome.error.places[0].lines == self.lines, outcome.error.places


@attrs.frozen
class HasStep:
    """A step of the progress with this name."""

    name: str

    def check(self, outcome: Outcome) -> None:
        assert self.name in outcome.steps.values(), sorted(outcome.steps.values())


@attrs.frozen
class NoStep:
    """No step has this part in its name."""

    part: str

    def check(self, outcome: Outcome) -> None:
        assert not [name for name in outcome.steps.values() if self.part in name]


@attrs.frozen
class StepCount:
    """The number of steps whose name matches a pattern."""

    pattern: str
    count: int

    def check(self, outcome: Outcome) -> None:
        names = [name for name in outcome.steps.values() if re.fullmatch(self.pattern, name)]
        assert len(names) == self.count, sorted(outcome.steps.values())


@attrs.frozen
class HasWarning:
    """A warning with this part in its text, and with these lines if they are given."""

    part: str
    lines: str | None = None

    def check(self, outcome: Outcome) -> None:
        warnings = [warning for warning in outcome.warnings if self.part in warning.text]
        assert warnings, outcome.warnings
        assert self.lines is None or self.lines in {warning.lines for warning in warnings}, warnings


@attrs.frozen
class NoWarning:
    """No warning, or no warning with this part in its text."""

    part: str = ""

    def check(self, outcome: Outcome) -> None:
        assert not [warning for warning in outcome.warnings if self.part in warning.text], outcome.warnings


@attrs.frozen
class WarningCount:
    """The number of warnings."""

    count: int

    def check(self, outcome: Outcome) -> None:
        assert len(outcome.warnings) == self.count, outcome.warnings


@attrs.frozen
class GraphBytes:
    """A part of the bytes of the result's graph."""

    part: bytes

    def check(self, outcome: Outcome) -> None:
        assert any(self.part in definition for definition in outcome.definitions.values())


@attrs.frozen
class HasOp:
    """An op of the result's graph: its kind, a part of its name, and some of its fields as nested mappings."""

    kind: str
    name: str = ""
    op: Mapping[str, Any] = attrs.field(factory=dict)

    def check(self, outcome: Outcome) -> None:
        nodes = [node for node in nodes_of(outcome) if node.kind == self.kind and self.name in node.name]
        assert nodes, [(node.kind, node.name) for node in nodes_of(outcome)]
        assert any(_covers(node.op, self.op) for node in nodes), [node.op for node in nodes]


@attrs.frozen
class GraphCheck:
    """A predicate on the nodes of the result's graph, and its description."""

    description: str
    predicate: Callable[[tuple[Any, ...]], bool]

    def check(self, outcome: Outcome) -> None:
        assert self.predicate(nodes_of(outcome)), self.description


@attrs.frozen
class Metadata:
    """A part of a metadata value of the result, such as `result.json` and `refs.platforms`."""

    key: str
    part: str

    def check(self, outcome: Outcome) -> None:
        assert self.part in outcome.metadata[self.key].decode()


@attrs.frozen
class MetadataJson:
    """A member of a JSON document in the metadata of the result, such as `args/0/name` of `result.json`."""

    key: str
    member: str
    value: Any

    def check(self, outcome: Outcome) -> None:
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
