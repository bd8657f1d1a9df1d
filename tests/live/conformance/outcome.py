"""The outcome of a build, and what of it must be the same for every frontend."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.inspection.graph import Graph
from tests.wire import message_types

if TYPE_CHECKING:
    from llbfront.errors import RpcError
    from llbfront.progress.events import StatusEvent

SOURCE = "errdefs.Source"
CONFIG = "containerimage.config"
# What progress shows of everything that surrounds a build, and of files that a frontend in the client reads from its own disk.
AROUND = ("exporting", "sending tarball", "resolve image config for docker-image://")
PROVENANCE = "provenance.json"  # which tells of the frontend itself
STEP = r"\[[^\]]*\d+/\d+\] |\[internal\] load git source "
RANDOM = r"(?<=\bref )[a-z0-9]{25}::[a-z0-9]{25}|(?<=/buildkit-mount)\d+"
READ_HERE = r"\[(internal|context [^\]]*)\] load (build definition from .*|\.dockerignore)"


@attrs.frozen
class Found:
    """A file of a result."""

    mode: int
    owner: str
    data: bytes = b""
    link: str = ""
    is_directory: bool = False


@attrs.frozen
class Place:
    """Lines of a file that an error is about, such as `3-4`."""

    filename: str
    lines: str


@attrs.frozen
class Failure:
    """An error as a client gets it, its places inner first. `code` is that of gRPC."""

    message: str
    places: tuple[Place, ...]
    code: int

    def is_like(self, other: Failure) -> bool:
        """Whether it is of the same kind and about the same places."""
        return (self.places, self.code) == (other.places, other.code)

    def says(self, other: Failure) -> bool:
        """Whether it says what another one does at the same places, and at most adds in brackets what may help."""
        added = self.message.removeprefix(other.message.removesuffix(")"))
        return self.is_like(other) and added != self.message and re.fullmatch(r"\)?| \(.*\)|; .*\)", added) is not None


@attrs.frozen
class Warned:
    """A warning as progress shows it."""

    text: str
    detail: tuple[str, ...]
    url: str
    lines: str


@attrs.frozen
class Outcome:
    """What came of a build. `definitions` are the bytes of the graphs of its results by platform, `steps` names by digest, of steps also by platform."""

    metadata: Mapping[str, bytes]
    definitions: Mapping[str, bytes]
    files: Mapping[str, Found]
    steps: Mapping[str, str]
    warnings: tuple[Warned, ...]
    error: Failure | None
    log: str  # empty for steps that another frontend has built

    def differences(self, other: Outcome, *, is_here: bool, differs_in_wording: bool = False) -> list[str]:
        """What another outcome has otherwise.

        is_here: one of the two was made in the client, which reads files by itself. differs_in_wording: messages of errors may differ.
        How far a build came that failed is a matter of chance.
        """
        mine, its = (attrs.asdict(outcome, recurse=False, filter=lambda field, _: field.name != "log") for outcome in (self, other))
        if self.error and other.error:
            del mine["steps"], its["steps"]
            if self.error.says(other.error) or (differs_in_wording and self.error.is_like(other.error)):
                del mine["error"], its["error"]
        if is_here and "steps" in mine:
            for outcome in (mine, its):
                outcome["steps"] = {digest: name for digest, name in outcome["steps"].items() if not re.fullmatch(READ_HERE, name)}
        return [
            f"{name}[{key}]: {_shown(a.get(key), b.get(key))}" if isinstance(a, dict) else f"{name}: {_shown(a, b)}"
            for name in mine
            if (a := mine[name]) != (b := its[name])
            for key in (sorted(key for key in a.keys() | b.keys() if a.get(key) != b.get(key)) if isinstance(a, dict) else "-")
        ]

    @property
    def raw_configs(self) -> dict[str, bytes]:
        """The image configs by platform, empty for a single one."""
        named = {key: value for key, value in self.metadata.items() if key == CONFIG or key.startswith(f"{CONFIG}/")}
        return {key.removeprefix(CONFIG).removeprefix("/"): value for key, value in named.items()}

    @property
    def configs(self) -> dict[str, Any]:
        return {platform: json.loads(value) for platform, value in self.raw_configs.items()}


def _shown(mine: object, its: object) -> str:
    """What differs between two values, from a little before the first difference."""
    here, there = (mine, its) if isinstance(mine, bytes) and isinstance(its, bytes) else (str(mine), str(its))
    same = next((at for at, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    begin = max(0, same - 40)
    return f"{here[begin : same + 200]!r} instead of {there[begin : same + 200]!r}"


def of(result: Any, events: Iterable[StatusEvent], archive: bytes, error: RpcError | None, *, sources: tuple[str, ...]) -> Outcome:
    """Read what came of a build; `sources` are the frontend images that builds came through, whose own steps are left out."""
    events = tuple(events)
    definitions = _definitions(result)
    return Outcome(
        metadata=dict(result.metadata),
        definitions=definitions,
        files=_files(archive),
        steps=_steps(events, definitions, sources),
        warnings=tuple(sorted(_warnings(events), key=lambda warning: (warning.lines, warning.text))),
        error=None if error is None else Failure(re.sub(RANDOM, "…", error.message), _places(error), error.code),
        log="".join(log.data.decode(errors="replace") for event in events for log in event.logs),
    )


def _definitions(result: Any) -> dict[str, bytes]:
    refs = {"": result.ref} if result.HasField("ref") else result.refs.refs
    return {platform: _with_numbers(getattr(ref, "def").SerializeToString()) for platform, ref in refs.items()}


def _with_numbers(encoded: bytes) -> bytes:
    """A definition with numbers for the ids of progress groups, which are random; read by protobuf, whose messages can be changed."""
    definition = message_types()["pb.Definition"].FromString(encoded)
    groups: dict[str, str] = {}
    for op in getattr(definition, "def"):
        meta = definition.metadata.get(f"sha256:{hashlib.sha256(op).hexdigest()}")
        if meta is not None and meta.HasField("progress_group"):
            meta.progress_group.id = groups.setdefault(meta.progress_group.id, str(len(groups)))
    written: bytes = definition.SerializeToString(deterministic=True)
    return written


def _files(data: bytes) -> dict[str, Found]:
    if not data:
        return {}
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if member.name.endswith(PROVENANCE):
                continue
            file = archive.extractfile(member) if member.isreg() or member.islnk() else None
            files[member.name.rstrip("/")] = Found(
                member.mode,
                f"{member.uid}:{member.gid}",
                file.read() if file else b"",
                member.linkname if member.issym() else "",
                member.isdir(),
            )
    return files


def _steps(events: tuple[StatusEvent, ...], definitions: Mapping[str, bytes], sources: tuple[str, ...]) -> dict[str, str]:
    """Names of vertices by digest, without those of the frontend images themselves.

    An engine shows a vertex that two builds share under the name that the first gave it, and one without a name only where it looks
    at it, so the graph is asked where there is one.
    """
    shown = {vertex.digest: vertex.name for event in events for vertex in event.vertexes}
    named = {
        f"{platform} {node.digest}": node.meta.name or shown.get(node.digest, node.summary)
        for platform, graph in definitions.items()
        for node in Graph.load(graph).nodes
    }
    digests = {key.rpartition(" ")[2] for key in named}
    told = set(named.values())  # an engine may show one of them under another digest, or not at all where it has just been built
    others = {
        digest: name
        for digest, name in shown.items()
        if digest not in digests
        and name not in told
        and not (name.startswith(AROUND) or any(source in name for source in sources) or (named and re.match(STEP, name)))
    }
    return {**others, **named}


def _warnings(events: tuple[StatusEvent, ...]) -> list[Warned]:
    return [
        Warned(warning.short, warning.detail, warning.url, ",".join(_lines(part.start, part.end) for part in warning.ranges))
        for event in events
        for warning in event.warnings
    ]


def _lines(start: int, end: int) -> str:
    return f"{start}" if end in {start, 0} else f"{start}-{end}"


def _places(error: RpcError) -> tuple[Place, ...]:
    documents = [json.loads(value) for url, value in error.details if url.removesuffix("+json").endswith(SOURCE)]
    return tuple(
        Place(
            document["info"].get("filename", ""),
            ",".join(_lines(part["start"].get("line", 0), part["end"].get("line", 0)) for part in document.get("ranges") or ()),
        )
        for document in documents
    )
