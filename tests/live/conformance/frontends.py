"""Build a row through each frontend: the frontend image, the engine's own, and the frontend of this side.

All builds of a row share one session, so that ops which name the session have the same digest. The frontends are called as a client's
build function calls them, which shows what they return.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import llb
from llbfront.client.inputs import contexts
from llbfront.client.solve import status_decoding
from llbfront.errors import LlbfrontError, RpcError
from llbfront.frontend.build import build as build_here
from llbfront.frontend.errors import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.frontend.results import encode_result
from llbfront.pb import control_pb2 as control
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.codes import Code
from llbfront.rpc.services.control import ControlMethods
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.session import auth, secrets, tunnel, upload
from llbfront.session.content import Content
from llbfront.session.credentials import CredentialStore
from llbfront.session.export import Export, StreamTarget
from llbfront.session.filesync import FileSync, LocalDir
from llbfront.session.oci_layout import Layout
from llbfront.session.ssh import Ssh, SshAgent
from tests.fsutil.trees import build as build_tree
from tests.live.conformance import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.calls import Call, Handler, ServerCall, Services
    from llbfront.rpc.channel import Channel
    from tests.live.conformance.outcome import Outcome
    from tests.live.conformance.row import Input, Row


@attrs.frozen
class Frontend:
    """A way to build. `engine_frontend` is what the engine runs, None for the one of this side; `options` are its own."""

    name: str
    engine_frontend: str | None
    options: Mapping[str, str] = attrs.field(factory=dict)


CANCELED = "context canceled"


def build_with_each(
    channel: Channel, row: Row, folder: Path, frontends: tuple[Frontend, ...], names: Mapping[str, str]
) -> dict[str, Outcome]:
    """Build a row through each frontend, one after another. names: what stands for names such as <registry> in all its texts."""
    root = build_tree(folder, row.files)
    known = {**names, "<context>": str(root)}

    def filled(text: str) -> str:
        return re.sub("<[a-z]+>", lambda match: known.get(match[0], match[0]), text)

    if not (root / "Dockerfile").exists():
        (root / "Dockerfile").write_bytes(filled(row.dockerfile.decode("latin-1")).encode("latin-1"))
    named = {key: filled(value) for key, value in row.contexts.items()}
    offered = contexts.with_named(_inputs_of(row, str(root)), named)
    export = Export({})
    session = tunnel.open(channel, _services(row, offered, export))
    options = {**{key: filled(value) for key, value in row.options.items()}, **offered.options}
    definitions = {name: _definition(graph, filled) for name, graph in row.inputs.items()}
    sources = tuple(frontend.options["source"] for frontend in frontends if "source" in frontend.options)

    def build(frontend: Frontend) -> Outcome:
        return _build(channel, row, session.session_id, options, definitions, export, offered.read, frontend, sources)

    def settled(frontend: Frontend) -> Outcome:
        """Build again if the engine joined this build to a transfer of the one before, which it was about to cancel."""
        built = build(frontend)
        return build(frontend) if built.error and built.error.message.endswith(CANCELED) else built

    try:
        return {frontend.name: settled(frontend) for frontend in frontends}
    finally:
        session.close()
        offered.close()


def _inputs_of(row: Row, root: str) -> contexts.Inputs:
    """The directory of a row, and what a client makes of standard input."""
    here = contexts.Inputs({"context": root, "dockerfile": root}, {})
    if row.stdin is None:
        return here
    piped = contexts.gather("-", dockerfile=row.options.get("filename"), stdin=io.BufferedReader(io.BytesIO(row.stdin)))
    return attrs.evolve(piped, directories={**here.directories, **piped.directories})


def _services(row: Row, offered: contexts.Inputs, export: Export) -> Services:
    layouts = {f"oci:{name}": Layout(path) for name, path in offered.layouts.items()}
    return {
        **FileSync({name: LocalDir(path) for name, path in offered.directories.items()}).services(),
        **export.services(),
        **auth.AuthService(CredentialStore()).services(),
        **(Content(layouts).services() if layouts else {}),
        **(_upload(offered.upload[0].strip("/"), row.stdin or b"") if offered.upload else {}),
        **(secrets.services({key: secrets.ValueSecret(value) for key, value in row.secrets.items()}) if row.secrets else {}),
        **(Ssh({name: SshAgent("/nobody-listens") for name in row.agents}).services() if row.agents else {}),
    }


def _upload(key: str, data: bytes) -> Services:
    """Standard input from its beginning at each pull: a client's is read once, but here are several frontends."""

    def pull(call: ServerCall) -> Handler:
        return upload.Upload({key: io.BytesIO(data)}).services()[upload.PULL](call)

    return {upload.PULL: pull}


def _build(
    channel: Channel,
    row: Row,
    session_id: str,
    options: Mapping[str, str],
    definitions: Mapping[str, ops.Definition],
    export: Export,
    read: Callable[[str, str], bytes | None],
    frontend: Frontend,
    sources: tuple[str, ...],
) -> Outcome:
    archive = _Kept()
    events: list[StatusEvent] = []
    export.targets[0] = StreamTarget(archive)
    ref = tunnel.random_id()
    request = control.SolveRequest(
        Ref=ref,
        Session=session_id,
        FrontendAttrs=options,
        FrontendInputs=definitions,
        Entitlements=row.entitlements,
        Exporters=[control.Exporter(Type="tar")] if "requestid" not in options else (),
    )
    solve = channel.start(ControlMethods.Solve)
    solve.send(request)
    solve.close_send()
    status = channel.start(ControlMethods.Status, on_message=lambda message: events.append(status_decoding.status_event(message)))
    status.send(control.StatusRequest(Ref=ref))
    status.close_send()
    bridge, error = None, None
    result = gateway.Result()
    try:
        bridge = LLBBridge.connect(
            channel, options=options, session_id=session_id, metadata=(("buildkit-controlapi-buildid", ref),), local_file=read
        )
        answer = _ask(bridge, definitions, frontend)
        result = answer.result
        bridge.ask(LLBBridgeMethods.Return, answer)
        solve.result()
    except LlbfrontError as failed:
        if bridge and not solve.done and not result.SerializeToString():  # without a bridge the engine itself refused the build
            bridge.ask(LLBBridgeMethods.Return, encode_error(failed))
        ended = _end(channel, solve)
        error = (
            failed if bridge and frontend.engine_frontend and isinstance(failed, RpcError) else ended
        )  # each return turns places around
    channel.wait(lambda: status.done, timeout_s=10)
    return outcome.of(result, events, archive.getvalue(), error, sources=sources)


def _end(channel: Channel, solve: Call[Any, Any]) -> RpcError:
    """What a build failed with. Raises RpcError if the engine is gone."""
    channel.wait(lambda: solve.done, timeout_s=10)
    assert isinstance(solve.error, RpcError)
    if solve.error.code == Code.UNAVAILABLE:
        raise solve.error
    return solve.error


class _Kept(io.BytesIO):
    """A stream that keeps what was written to it when it is closed."""

    def close(self) -> None:
        pass


def _definition(graph: Input, filled: Callable[[str], str]) -> ops.Definition:
    if isinstance(graph, bytes):
        return ops.Definition.FromString(graph)
    return llb.marshal(graph if isinstance(graph, llb.State) else graph(filled)).to_message()


def _ask(bridge: LLBBridge, definitions: Mapping[str, ops.Definition], frontend: Frontend) -> Any:
    """The Return that a frontend leads to. Raises what it failed with."""
    if frontend.engine_frontend is None:
        try:
            return encode_result(build_here(bridge), bridge.caps)
        finally:
            bridge.settle()
    request = gateway.SolveRequest(
        Frontend=frontend.engine_frontend,
        FrontendOpt={**bridge.options, **frontend.options},
        FrontendInputs=definitions,
        allowResultReturn=True,
        allowResultArrayRef=True,
    )
    return gateway.ReturnRequest(result=bridge.ask(LLBBridgeMethods.Solve, request).result)
