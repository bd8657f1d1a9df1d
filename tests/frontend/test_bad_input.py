"""Bad input to the frontend image's process, each kind one clear error that is returned once: never a traceback, never silence."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.frontend import stdio
from llbfront.frontend.files import LIMIT
from llbfront.llb.caps import LLB_KNOWN
from llbfront.pb import caps_pb2 as caps
from llbfront.pb import fsutil_pb2 as fsutil
from llbfront.pb import gateway_pb2 as gateway
from llbfront.rpc.calls import Handler
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from tests.frontend.test_stdio import MODULE, Engine, Frontend, run

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN, INTERNAL = 2, 13
OPTIONS = [
    ("build-arg:BUILDKIT_GIT_ADVICE=odd", "BUILDKIT_GIT_ADVICE"),
    ("build-arg:BUILDKIT_DOCKERFILE_CHECK=odd=1", "BUILDKIT_DOCKERFILE_CHECK"),
    ("build-arg:BUILDKIT_DISABLE_FILEOP=1", "removed"),
    ("override-copy-image=x", "removed"),
    ("build-arg:BUILDKIT_ATTEST_ODD=", 'unknown attestation type "odd"'),
    ("build-arg:BUILDKIT_MULTI_PLATFORM=maybe", "invalid boolean value for multi-platform: maybe"),
    ("build-arg:SOURCE_DATE_EPOCH=nonesuch", "nonesuch"),
    ("context=git://h.example/r.git?odd=1", "odd"),
    ("context=https://h.example/r.git?ref=a&ref=b", "ref"),
    ("target=nowhere", "nowhere"),
    ("platform=a/b/c/d", "a/b/c/d"),
    ("platform=linux/amd64,", "platform"),
    ("multi-platform=maybe", "invalid boolean value for multi-platform: maybe"),
    ("image-resolve-mode=x", "invalid image-resolve-mode: x"),
    ("add-hosts=h=host-gateway", "failed to parse IP host-gateway"),
    ("add-hosts=h", "invalid key-value pair h"),
    ('add-hosts="h=1.2.3.4', "hosts"),
    ("ulimit=bogus=1", "invalid ulimit type: bogus"),
    ("ulimit=nofile=5:1", "soft limit"),
    ("ulimit=nofile=1:2:3", "too many limit value arguments"),
    ("ulimit=nofile=x", "failed to parse ulimit"),
    ("ulimit=nofile", "invalid ulimit argument: nofile"),
    ("shm-size=much", "failed to parse shm size"),
    ("memory=1g", "invalid memory value: 1g"),
    ("memswap=0", "invalid memswap value: 0"),
    ("cpushares=-1", "invalid cpushares value: -1"),
    ("cpuperiod=x", "invalid cpuperiod value: x"),
    ("cpuquota=-1", "invalid cpuquota value: -1"),
    ("cpusetcpus=3-1", "invalid cpusetcpus value: 3-1"),
    ("cpusetmems=9999", "invalid cpusetmems value: 9999"),
    ("force-network-mode=bridge", "invalid netmode bridge"),
    ("attest:sbom=generator=BAD", "failed to parse sbom scanner BAD"),
    ("attest:odd=x", 'unknown attestation type "odd"'),
    ('attest:provenance="', "parse error"),
    ("cache-imports=[", "failed to unmarshal cache-imports"),
    ("cache-imports=[1]", "failed to unmarshal cache-imports"),
    ('cache-imports={"a":1}', "failed to unmarshal cache-imports"),
    ("context:alpine=odd:x", "unsupported context source odd"),
    ("context:alpine=nothing", "invalid context specifier nothing"),
    ("context:alpine=oci-layout://store", "has no digest"),
    ("context:alpine=docker-image://BAD", "invalid reference format"),
    ("context:alpine=input:none", "invalid input none"),
    ("context:alpine=git://h.example/r.git?odd=1", "odd"),
]


@pytest.mark.parametrize(("option", "phrase"), OPTIONS)
def test_a_malformed_option(option: str, phrase: str) -> None:
    error = refused(Engine(b"FROM alpine\nCOPY a /\n"), option)
    assert phrase in error.message
    assert error.code == UNKNOWN


def refused(engine: Engine, *options: str) -> Any:
    """The one error that a build is refused with; nothing else is said. The entry point is served in this process."""
    to_frontend, to_engine = os.pipe(), os.pipe()
    environment = {f"BUILDKIT_FRONTEND_OPT_{number}": option for number, option in enumerate(options)}
    done: list[bool] = []

    def work() -> None:
        channel = StreamChannel(Pipes(to_frontend[0], to_engine[1]))
        try:
            done.append(stdio.serve(channel, environment))
        finally:
            channel.close()

    said = io.StringIO()
    served = StreamChannel(Pipes(to_engine[0], to_frontend[1]), services=engine.services())
    thread = threading.Thread(target=work)
    with contextlib.redirect_stderr(said):
        thread.start()
        served.wait(lambda: engine.returned is not None, timeout_s=20)
        while thread.is_alive():  # the end of a thread wakes nobody
            served.wait(lambda: not thread.is_alive(), timeout_s=0.01)
    served.close()
    assert (done, said.getvalue()) == ([False], "")
    assert engine.returns == 1
    return engine.returned.error


@pytest.mark.parametrize(
    ("dockerfile", "phrase"),
    [
        (b"\x00" * 4096, "an empty tar archive"),
        (b"\x7fELF\x02\x01\x01\xff\xfe\x00\n" * 99, "unknown instruction"),
        (b"\xff\xfeF\x00R\x00O\x00M\x00 \x00a\x00\n\x00", "text in UTF-16, not in UTF-8"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + bytes(range(256)), "compressed by gzip"),
        (b"FROM alpine\nRUN \xff\xfe\nCOPY --from=\xff a /\n", 'failed to parse stage name "ÿ": invalid reference format'),
        (b"FROM alpine\n#" + b"x" * 70_000 + b"\n", "dockerfile line greater than max allowed size"),
        (b"\n\n", "no instructions"),
    ],
)
def test_a_file_that_is_not_a_dockerfile_is_refused_with_the_reason(dockerfile: bytes, phrase: str) -> None:
    assert phrase in refused(Engine(dockerfile)).message


@pytest.mark.parametrize(
    ("patterns", "phrase"),
    [
        (b"!\n", 'illegal exclusion pattern: "!"'),
        (b"a[\n", "syntax error in pattern"),
        (b"a\nb[z-a]\n[]a]\n", "syntax error in pattern"),
        (b"x" * 70_000, "failed parsing .dockerignore"),
        (b"\\", "syntax error in pattern"),
    ],
)
@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_an_ignore_file_that_cannot_be_read(name: str, patterns: bytes, phrase: str) -> None:
    engine = Engine(b"FROM alpine\nCOPY . /\n")
    engine.files[name] = patterns
    assert phrase.replace(".dockerignore", name) in refused(engine).message


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore", "Dockerfile.dockerignore"])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_file_that_is_too_large(name: str, is_told: bool) -> None:
    class Large(Engine):
        read_whole = False

        def stat(self, request: Any, call: Any) -> Any:
            if request.Path == name:
                return fsutil_stat(LIMIT + 1 if is_told else 7)
            return super().stat(request, call)

        def read(self, request: Any, call: Any) -> Any:
            self.read_whole |= request.FilePath == name
            return super().read(request, call)

    engine = Large(b"FROM alpine\nCOPY . /\n")
    engine.files[name] = b"# large\n".ljust(LIMIT + 1 if not is_told else 8, b"\n")
    error = refused(engine)
    assert f"{name} exceeds maximum allowed size of {LIMIT} bytes" in error.message
    assert engine.read_whole is not is_told


def fsutil_stat(size_bytes: int) -> Any:
    return gateway.StatFileResponse(stat=fsutil.Stat(size=size_bytes))


@pytest.mark.parametrize("missing", ["file.base", "source.local", "source.image", "exec.meta.base"])
def test_an_engine_that_cannot(missing: str) -> None:
    class Lesser(Engine):
        def ping(self, request: Any, call: Any) -> Any:
            pong = super().ping(request, call)
            del pong.LLBCaps[:]
            pong.LLBCaps.extend(caps.APICap(ID=cap, Enabled=cap != missing) for cap in sorted(LLB_KNOWN))
            return pong

    error = refused(Lesser(b"FROM alpine\nRUN true\nCOPY a /\n"))
    assert missing in error.message
    assert error.code == UNKNOWN


@pytest.mark.parametrize("capability", ["moby.nothing", "moby.nothing+forward", "moby.buildkit.frontend.inputs,moby.nothing"])
def test_a_capability_that_the_frontend_has_not(capability: str) -> None:
    error = refused(Engine(b"FROM alpine\n"), f"frontend.caps={capability}")
    (detail,) = error.details
    assert (detail.type_url, json.loads(detail.value)) == (
        "github.com/moby/buildkit/errdefs.FrontendCap+json",
        {"name": "moby.nothing"},
    )


@pytest.mark.parametrize(
    "raised", ["KeyError('x')", "RecursionError()", "MemoryError()", "UnicodeDecodeError('a', b'', 0, 1, 'x')"]
)
def test_a_mistake_of_ours(raised: str) -> None:
    engine = Engine(b"FROM alpine\n")
    program = f"import sys\nfrom llbfront.frontend import stdio\ndef build(bridge): raise {raised}\nstdio.build = build\nsys.exit(stdio.main())"
    frontend = Frontend(engine, (), ("-c", program))
    assert frontend.channel.wait(lambda: engine.returned is not None, timeout_s=20)
    assert frontend.end() == 1
    assert engine.returned.error.code == INTERNAL
    assert engine.returned.error.message.startswith(f"internal error of llbfront: {raised.partition('(')[0]}")
    assert frontend.log.startswith("Traceback")
    assert engine.returns == 1


METHODS = ("Ping", "Inputs", "Solve", "StatFile", "ReadFile", "ResolveSourceMeta", "Return")


def begun(method: str, then: Callable[[Frontend], object]) -> tuple[Engine, Frontend]:
    """A frontend that has begun a call which nobody answers; what happens then."""
    engine = Engine(b"FROM alpine\nCOPY a /\n")
    calls: list[Any] = []

    def begin(call: Any) -> Handler:
        calls.append(call)
        return Handler()

    services = {**engine.services(), getattr(LLBBridgeMethods, method).path: begin}
    frontend = Frontend(engine, (), MODULE, services)
    assert frontend.channel.wait(lambda: bool(calls), timeout_s=20)
    then(frontend)
    return engine, frontend


@pytest.mark.parametrize("method", METHODS)
def test_a_bridge_that_closes_early(method: str) -> None:
    _, frontend = begun(method, lambda frontend: frontend.channel.close())
    _, log = frontend.process.communicate(timeout=20)
    assert frontend.process.returncode == 1
    assert log.startswith("llbfront: ")
    assert log.count("\n") == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_frontend_that_is_terminated(method: str) -> None:
    engine, frontend = begun(method, lambda frontend: frontend.process.send_signal(signal.SIGTERM))
    while engine.returned is None and frontend.process.poll() is None:  # the end of a process wakes nobody
        frontend.channel.wait(lambda: engine.returned is not None, timeout_s=0.05)
    assert frontend.end() == 1
    assert "Traceback" not in frontend.log
    if method not in {"Ping", "Return"}:  # before it there is nobody to tell, and after it it is told
        assert engine.returned.error.message == "the frontend was terminated"


def test_good_input_for_comparison() -> None:
    assert run(Engine(b"FROM alpine\nCOPY a /\n")) == 0
