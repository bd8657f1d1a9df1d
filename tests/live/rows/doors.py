"""The ways into a build: through the frontend image, through the engine's own frontend, and the frontend of this side.

Enters: a Row and a connection. Leaves: an Outcome for each door. All builds of a row share one session, so that ops which name the
session have the same digest; the frontends are called as a client's build function calls them, which shows what they return.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.client import inputs, wire
from llbfront.errors import LlbfrontError, RpcError
from llbfront.frontend.build import build as build_here
from llbfront.frontend.gateway import LLBBridge
from llbfront.frontend.returning import encode_error, encode_result
from llbfront.pb import control, gateway
from llbfront.session import auth, secrets, tunnel
from llbfront.session.content import Content
from llbfront.session.credentials import CredentialStore
from llbfront.session.export import Export, StreamTarget
from llbfront.session.filesync import FileSync, LocalDir
from llbfront.session.layout import Layout
from llbfront.session.ssh import Ssh, SshAgent
from tests.fs.trees import build as build_tree

if TYPE_CHECKING:
    from pathlib import Path

    from llbfront.progress.events import StatusEvent
    from llbfront.transport.channel import Call, Channel, Services
    from tests.live.rows.row import Row

SOURCE = "errdefs.Source"
CONFIG = "containerimage.config"
# What progress shows of everything that surrounds a build, and of files that a frontend on this side reads from its own disk.
AROUND = ("exporting", "sending tarball", "resolve image config for docker-image://")
READ_HERE = ("[internal] load build definition from ", "[internal] load .dockerignore")


@attrs.frozen
class Door:
    """A way to build. `frontend` is what the engine runs, None for the one of this side; `options` are its own."""

    name: str
    frontend: str | None
    options: Mapping[str, str] = attrs.field(factory=dict)


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
    """An error as a client gets it, its places inner first."""

    message: str
    places: tuple[Place, ...]


@attrs.frozen
class Warned:
    """A warning as progress shows it."""

    text: str
    detail: tuple[str, ...]
    url: str
    lines: str


@attrs.frozen
class Outcome:
    """What came of a build. `definitions` are the bytes of the graphs of its results by platform, `steps` names by digest."""

    metadata: Mapping[str, bytes]
    definitions: Mapping[str, bytes]
    files: Mapping[str, Found]
    steps: Mapping[str, str]
    warnings: tuple[Warned, ...]
    error: Failure | None
    log: str  # empty for steps that another door has built

    def differences(self, other: Outcome, *, is_here: bool) -> list[str]:
        """What another outcome has otherwise; `is_here`: one of the two was made on this side, which reads files by itself."""
        mine, its = (attrs.asdict(one, recurse=False, filter=lambda field, _: field.name != "log") for one in (self, other))
        if is_here:
            for one in (mine, its):
                one["steps"] = {digest: name for digest, name in one["steps"].items() if not name.startswith(READ_HERE)}
        return [
            f"{name}[{key}]: {a.get(key)} instead of {b.get(key)}" if isinstance(a, dict) else f"{name}: {a} instead of {b}"
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


def enter(channel: Channel, row: Row, folder: Path, doors: tuple[Door, ...], names: Mapping[str, str]) -> dict[str, Outcome]:
    """Build a row through each door, one after another. names: what is filled into named contexts, such as {registry}."""
    root = build_tree(folder, row.files)
    if not (root / "Dockerfile").exists():
        (root / "Dockerfile").write_bytes(row.dockerfile)
    named = {key: str(root / value) if value.startswith("./") else value.format_map(names) for key, value in row.contexts.items()}
    offered = inputs.with_named(inputs.Inputs({"context": str(root), "dockerfile": str(root)}, {}), named)
    export = Export({})
    session = tunnel.open(channel, _services(row, offered, export))
    options = {**{key: value.format_map(names) if "{" in value else value for key, value in row.options.items()}, **offered.options}
    try:
        return {door.name: _enter(channel, row, session.session_id, options, export, offered.read, door) for door in doors}
    finally:
        session.close()


def _services(row: Row, offered: inputs.Inputs, export: Export) -> Services:
    layouts = {f"oci:{name}": Layout(path) for name, path in offered.layouts.items()}
    return {
        **FileSync({name: LocalDir(path) for name, path in offered.directories.items()}).services(),
        **export.services(),
        **auth.services(CredentialStore()),
        **(Content(layouts).services() if layouts else {}),
        **(secrets.services({key: secrets.ValueSecret(value) for key, value in row.secrets.items()}) if row.secrets else {}),
        **(Ssh({name: SshAgent("/nobody-listens") for name in row.agents}).services() if row.agents else {}),
    }


def _enter(
    channel: Channel,
    row: Row,
    session_id: str,
    options: Mapping[str, str],
    export: Export,
    read: Callable[[str, str], bytes | None],
    door: Door,
) -> Outcome:
    archive = _Kept()
    events: list[StatusEvent] = []
    export.targets[0] = StreamTarget(archive)
    ref = tunnel.random_id()
    request = control.SolveRequest(Ref=ref, Session=session_id, FrontendAttrs=options, Entitlements=row.entitlements)
    if "requestid" not in options:
        request.Exporters.add(Type="tar")
    solve = channel.start(control.Control.Solve)
    solve.send(request)
    solve.close_send()
    status = channel.start(control.Control.Status, on_message=lambda message: events.append(wire.status_event(message)))
    status.send(control.StatusRequest(Ref=ref))
    status.close_send()
    bridge = LLBBridge.connect(
        channel, options=options, session_id=session_id, metadata=(("buildkit-controlapi-buildid", ref),), local_file=read
    )
    error = None
    result = gateway.Result()
    try:
        answer = _ask(bridge, door)
        result = answer.result
        bridge.ask(gateway.LLBBridge.Return, answer)
        solve.result()
    except LlbfrontError as failed:
        if not solve.done and not result.ByteSize():
            bridge.ask(gateway.LLBBridge.Return, encode_error(failed))
        error = _end(channel, solve)
    channel.wait(lambda: status.done, timeout_s=10)
    return Outcome(
        metadata=dict(result.metadata),
        definitions=_definitions(result),
        files=_files(archive.getvalue()),
        steps=_steps(events, door),
        warnings=tuple(sorted(_warnings(events), key=lambda one: (one.lines, one.text))),
        error=None if error is None else Failure(error.message, _places(error)),
        log="".join(log.data.decode(errors="replace") for event in events for log in event.logs),
    )


def _end(channel: Channel, solve: Call[Any, Any]) -> RpcError:
    channel.wait(lambda: solve.done, timeout_s=10)
    assert isinstance(solve.error, RpcError)
    return solve.error


class _Kept(io.BytesIO):
    """A stream that keeps what was written to it when it is closed."""

    def close(self) -> None:
        pass


def _ask(bridge: LLBBridge, door: Door) -> Any:
    """The Return that a frontend leads to. Raises what it failed with."""
    if door.frontend is None:
        return encode_result(build_here(bridge), bridge.caps)
    request = gateway.SolveRequest(
        Frontend=door.frontend, FrontendOpt={**bridge.options, **door.options}, allowResultReturn=True, allowResultArrayRef=True
    )
    return gateway.ReturnRequest(result=bridge.ask(gateway.LLBBridge.Solve, request).result)


def _definitions(result: Any) -> dict[str, bytes]:
    found = {"": result.ref} if result.HasField("ref") else result.refs.refs
    return {platform: getattr(ref, "def").SerializeToString(deterministic=True) for platform, ref in found.items()}


def _files(data: bytes) -> dict[str, Found]:
    if not data:
        return {}
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            found[member.name.rstrip("/")] = Found(
                member.mode,
                f"{member.uid}:{member.gid}",
                file.read() if file else b"",
                member.linkname if member.issym() else "",
                member.isdir(),
            )
    return found


def _steps(events: list[StatusEvent], door: Door) -> dict[str, str]:
    """Names of vertices by digest, without those of the frontend image itself."""
    vertices = {vertex.digest: vertex.name for event in events for vertex in event.vertexes}
    source = door.options.get("source")
    return {
        digest: name
        for digest, name in vertices.items()
        if not (name.startswith(AROUND) or (source is not None and source in name))
    }


def _warnings(events: list[StatusEvent]) -> list[Warned]:
    return [
        Warned(one.short, one.detail, one.url, ",".join(_lines(part.start, part.end) for part in one.ranges))
        for event in events
        for one in event.warnings
    ]


def _lines(start: int, end: int) -> str:
    return f"{start}" if end in {start, 0} else f"{start}-{end}"


def _places(error: RpcError) -> tuple[Place, ...]:
    found = [json.loads(value) for url, value in error.details if url.removesuffix("+json").endswith(SOURCE)]
    return tuple(
        Place(
            one["info"].get("filename", ""),
            ",".join(_lines(part["start"]["line"], part["end"].get("line", 0)) for part in one.get("ranges") or ()),
        )
        for one in found
    )
