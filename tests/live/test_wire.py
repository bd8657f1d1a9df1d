"""Every message that an engine sends us, or takes from us, is one of proto/ and holds nothing that proto/ does not know.

What is heard here is kept in tests/data/wire, where tests/test_proto.py reads it without an engine; LLBFRONT_GOLDEN=1 writes it anew.
"""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

import llbfront
from llbfront.client.buildflags.secrets import SecretSource
from llbfront.client.inputs import contexts
from llbfront.pb import content_pb2 as content
from llbfront.pb import control_pb2 as control
from llbfront.rpc.services.content import ContentMethods
from llbfront.rpc.services.control import ControlMethods
from llbfront.session import tunnel
from tests.live.recording import Recorder
from tests.wire import samples, unknown_fields, write_samples

if TYPE_CHECKING:
    import pytest

    from tests.live.conftest import Engine

# Heard in every conversation of this test; a rarer one may be missing from a run.
# Kinds of messages that are small enough for a sample in some runs only.
MOSTLY_LARGE = {"containerd.services.content.v1.ReadContentResponse", "moby.buildkit.v1.frontend.ReturnRequest"}
ALWAYS = {
    "fsutil.types.Packet",
    "moby.buildkit.secrets.v1.GetSecretRequest",
    "moby.buildkit.secrets.v1.GetSecretResponse",
    "moby.buildkit.v1.BuildHistoryEvent",
    "moby.buildkit.v1.DiskUsageResponse",
    "moby.buildkit.v1.InfoResponse",
    "moby.buildkit.v1.ListWorkersResponse",
    "moby.buildkit.v1.SolveRequest",
    "moby.buildkit.v1.SolveResponse",
    "moby.buildkit.v1.StatusResponse",
    "moby.buildkit.v1.frontend.PongResponse",
    "moby.buildkit.v1.frontend.ReadFileResponse",
    "moby.buildkit.v1.frontend.ResolveSourceMetaResponse",
    "moby.buildkit.v1.frontend.ReturnRequest",
    "moby.buildkit.v1.frontend.SolveRequest",
    "moby.buildkit.v1.frontend.SolveResponse",
    "moby.buildkit.v1.frontend.StatFileResponse",
    "moby.filesync.v1.BytesMessage",
}


def test_conversations_hold_only_what_we_know(engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    opened = tunnel.open
    monkeypatch.setattr(tunnel, "open", lambda channel, services, **rest: opened(channel, recorder.tap(services), **rest))
    (tmp_path / "token").write_text("not so secret")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/file").write_text("text")
    (tmp_path / "lib/link").symlink_to("file")
    (tmp_path / "Dockerfile").write_text(
        "FROM alpine AS a\nRUN --mount=type=secret,id=token cat /etc/passwd; echo heard >&2\n"
        "FROM busybox\nARG UNSET\nWORKDIR rel\nCOPY lib /lib2\nCOPY --link --from=a /etc/passwd /p\nRUN echo $UNDEFINED\n"
    )
    with llbfront.connect(engine.address) as client:
        recorder.listen(client.channel)
        secrets = [SecretSource("token", str(tmp_path / "token"))]
        outputs = [str(tmp_path / "out"), f"type=oci,dest={tmp_path}/a.tar"]
        client.build(tmp_path, secrets=secrets, output=outputs, tags=["example.test/wire"], no_cache=True)
        client.build(tmp_path, secrets=secrets, output=f"type=oci,tar=false,dest={tmp_path}/layout")
        monkeypatch.setattr(contexts.Inputs, "read", unreadable)
        client.build(tmp_path, secrets=secrets)
        ask_the_rest(client)
    missing = ALWAYS - set(recorder.messages)
    assert not missing
    unknown = {name: unknown_fields(name, data) for name, kept in recorder.messages.items() for data in kept}
    assert not {name: fields for name, fields in unknown.items() if fields}
    if os.environ.get("LLBFRONT_GOLDEN"):
        write_samples(recorder.messages)
    recorded = {name for name, kept in recorder.messages.items() if any(kept)}  # others are empty, or too large for a sample
    assert recorded
    assert recorded - MOSTLY_LARGE <= set(samples()), "new kinds of messages; keep them with LLBFRONT_GOLDEN=1"


def unreadable(*_: object) -> bytes:
    """Stand for a Dockerfile that only the engine can read."""
    raise NotImplementedError


def ask_the_rest(client: llbfront.Engine) -> None:
    """Calls that a build does not make."""
    channel = client.channel
    channel.unary(ControlMethods.Info, control.InfoRequest())
    channel.unary(ControlMethods.ListWorkers, control.ListWorkersRequest())
    channel.unary(ControlMethods.DiskUsage, control.DiskUsageRequest())
    history = channel.start(ControlMethods.ListenBuildHistory)
    history.send(control.BuildHistoryRequest(EarlyExit=True))
    history.close_send()
    events = list(history.messages())
    logs = next(event.record.logs for event in events if event.record.logs.size)
    read = channel.start(ContentMethods.Read)
    read.send(content.ReadContentRequest(digest=logs.digest))
    read.close_send()
    assert b"".join(part.data for part in read.messages())
