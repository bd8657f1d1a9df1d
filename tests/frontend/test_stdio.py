"""The entry point of the frontend image: the tests play the engine over its standard input and output."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from llbfront.errors import OptionError, RpcError
from llbfront.frontend import stdio
from llbfront.llb.caps import FRONTEND_KNOWN, LLB_KNOWN
from llbfront.pb import caps_pb2 as caps
from llbfront.pb import fsutil_pb2 as fsutil
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.rpc.stream_channel import Pipes, StreamChannel
from llbfront.rpc.unary import unary_handler

pytestmark = pytest.mark.slow

CONFIG = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "5" * 64]}}


# What an engine has to support before a frontend may call a method.
METHOD_CAPS = {"StatFile": "statfile", "ResolveSourceMeta": "source.metaresolver", "Inputs": "frontend.inputs"}


class Engine:
    """The engine's side: it answers from one Dockerfile, keeps what is returned, and refuses methods of capabilities it lacks."""

    def __init__(self, dockerfile: bytes, *, without: frozenset[str] = frozenset()) -> None:
        self.files = {"Dockerfile": dockerfile}
        self.without = without
        self.called: set[str] = set()
        self.solved: list[Any] = []
        self.requests: list[Any] = []
        self.warnings: list[Any] = []
        self.returned: Any = None
        self.returns = 0

    def services(self) -> dict[str, Any]:
        handlers = {
            "Ping": self.ping,
            "Solve": self.solve,
            "StatFile": self.stat,
            "ReadFile": self.read,
            "ResolveSourceMeta": self.resolve,
            "ResolveImageConfig": self.resolve_image,
            "Inputs": lambda _request, _call: gateway.InputsResponse(),
            "Warn": self.warn,
            "Return": self.take,
        }
        methods = {name: getattr(LLBBridgeMethods, name) for name in handlers}
        return {method.path: unary_handler(method, self._recorded(name, handlers[name])) for name, method in methods.items()}

    def _recorded(self, name: str, respond: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def answer(request: Any, call: Any) -> Any:
            self.called.add(name)
            if METHOD_CAPS.get(name) in self.without:
                raise RpcError(f"unknown method {name}", code=Code.UNIMPLEMENTED)
            return respond(request, call)

        return answer

    def ping(self, _request: Any, _call: Any) -> Any:
        known = sorted(FRONTEND_KNOWN - self.without)
        return gateway.PongResponse(
            FrontendAPICaps=[caps.APICap(ID=cap, Enabled=True) for cap in known],
            LLBCaps=[caps.APICap(ID=cap, Enabled=True) for cap in sorted(LLB_KNOWN)],
        )

    def solve(self, request: Any, _call: Any) -> Any:
        self.solved.append(request)
        return gateway.SolveResponse(result=gateway.Result(ref=gateway.Ref(id=f"ref{len(self.solved)}")))

    def stat(self, request: Any, _call: Any) -> Any:
        self.requests.append(request)
        return gateway.StatFileResponse(stat=fsutil.Stat(size=len(self._file(request.Path))))

    def read(self, request: Any, _call: Any) -> Any:
        return gateway.ReadFileResponse(Data=self._file(request.FilePath))

    def _file(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def resolve(self, request: Any, _call: Any) -> Any:
        image = gateway.ResolveSourceImageResponse(Digest="sha256:" + "7" * 64, Config=json.dumps(CONFIG).encode())
        return gateway.ResolveSourceMetaResponse(Source=request.Source, Image=image)

    def resolve_image(self, request: Any, _call: Any) -> Any:
        return gateway.ResolveImageConfigResponse(Digest="sha256:" + "7" * 64, Config=json.dumps(CONFIG).encode(), Ref=request.Ref)

    def warn(self, request: Any, _call: Any) -> Any:
        self.warnings.append(request)
        return gateway.WarnResponse()

    def take(self, request: Any, _call: Any) -> Any:
        self.returned = request
        self.returns += 1
        return gateway.ReturnResponse()


class Frontend:
    """A running frontend process, and the engine's channel to it."""

    def __init__(self, engine: Engine, options: tuple[str, ...], command: tuple[str, ...], services: Any = None) -> None:
        ours, theirs = os.pipe(), os.pipe()
        environment = {
            **os.environ,
            "BUILDKIT_SESSION_ID": "s1",
            "BUILDKIT_WORKERS": json.dumps([{"Platforms": [{"os": "linux", "architecture": "amd64"}]}]),
        }
        environment.update({f"BUILDKIT_FRONTEND_OPT_{number}": option for number, option in enumerate(options)})
        self.process = subprocess.Popen(
            [sys.executable, *command], stdin=ours[0], stdout=theirs[1], stderr=subprocess.PIPE, text=True, env=environment
        )
        self.log = ""
        os.close(ours[0])
        os.close(theirs[1])
        self.channel = StreamChannel(Pipes(theirs[0], ours[1]), services=services or engine.services())

    def end(self) -> int:
        self.channel.wait(lambda: self.process.poll() is not None, timeout_s=0.2)
        self.channel.close()
        _, self.log = self.process.communicate(timeout=20)
        return self.process.returncode


MODULE = ("-m", "llbfront.frontend.stdio")


def run(engine: Engine, *options: str, command: tuple[str, ...] = MODULE) -> int:
    """Run the frontend against an engine until it ends; give its exit code."""
    frontend = Frontend(engine, options, command)
    assert frontend.channel.wait(lambda: engine.returned is not None, timeout_s=20)
    return frontend.end()


def test_a_build_returns_its_result_and_image_config() -> None:
    engine = Engine(b"FROM alpine\nRUN echo hi\n")
    assert run(engine) == 0
    result = engine.returned.result
    assert result.ref.id == f"ref{len(engine.solved)}"
    config = json.loads(result.metadata["containerimage.config"])
    assert config["history"][-1]["created_by"] == "RUN /bin/sh -c echo hi # buildkit"
    assert json.loads(result.metadata["refs.platforms"])["Platforms"][0]["ID"] == "linux/amd64"


def test_options_come_from_the_environment() -> None:
    engine = Engine(b"FROM alpine AS a\nFROM alpine AS b\nARG X\nLABEL x=$X\n")
    assert run(engine, "target=b", "build-arg:X=1=2", "platform=linux/amd64,linux/arm64") == 0
    assert sorted(engine.returned.result.refs.refs) == ["linux/amd64", "linux/arm64"]
    config = json.loads(engine.returned.result.metadata["containerimage.config/linux/arm64"])
    assert config["config"]["Labels"] == {"x": "1=2"}


def test_an_error_is_returned_with_its_place() -> None:
    engine = Engine(b"FROM alpine\nRNU x\n")
    assert run(engine) == 1
    error = engine.returned.error
    assert error.message == "dockerfile parse error on line 2: unknown instruction: RNU (did you mean RUN?)"
    (detail,) = error.details
    assert detail.type_url == "github.com/moby/buildkit/errdefs.Source+json"
    source = json.loads(detail.value)
    assert source["info"]["filename"] == "Dockerfile"
    assert source["ranges"] == [{"start": {"line": 2}, "end": {"line": 2}}]


CYCLE = b"FROM alpine AS a\nRUN --mount=from=b,target=/b true\nFROM alpine AS b\nRUN --mount=from=a,target=/a true\n"


@pytest.mark.parametrize(
    ("dockerfile", "places"),
    [
        (CYCLE, ["2", "4"]),
        (b"FROM --platform=a/b/c/d/e alpine\n", ["1", "1"]),
        (b"ARG A\n", []),
        (b"", []),
        (b"FROM alpine\nRUN \\\n --mount=type=nope true\n", ["2 3"]),
    ],
)
def test_an_error_is_returned_with_the_source_ranges_of_buildkit(dockerfile: bytes, places: list[str]) -> None:
    engine = Engine(dockerfile)
    assert run(engine) == 1
    returned_ranges = [json.loads(detail.value)["ranges"] for detail in engine.returned.error.details]
    assert [" ".join(str(part["start"]["line"]) for part in ranges) for ranges in returned_ranges] == places


def test_a_warning_is_sent_with_its_place() -> None:
    engine = Engine(b"FROM alpine\nENV a b\n")
    assert run(engine) == 0
    (warning,) = engine.warnings
    assert warning.short.startswith(b"LegacyKeyValueFormat: ")
    assert [part.start.line for part in warning.ranges] == [2]
    assert warning.info.filename == "Dockerfile"


def test_a_missing_dockerfile_is_one_error() -> None:
    engine = Engine(b"")
    engine.files.clear()
    assert run(engine) == 1
    assert engine.returns == 1
    assert engine.returned.error.message.startswith("failed to read dockerfile: ")


@pytest.mark.parametrize(
    ("without", "called"),
    [
        (frozenset[str](), {"StatFile", "ResolveSourceMeta", "Inputs"}),
        (frozenset(("statfile",)), {"ResolveSourceMeta", "Inputs"}),
        (frozenset(("source.metaresolver",)), {"StatFile", "ResolveImageConfig", "Inputs"}),
        (frozenset(("frontend.inputs",)), {"StatFile", "ResolveSourceMeta"}),
    ],
)
def test_methods_that_an_older_engine_lacks_are_not_called(without: frozenset[str], called: set[str]) -> None:
    engine = Engine(b"FROM alpine\nCOPY a b\n", without=without)
    assert run(engine) == 0
    assert engine.called == called | {"Ping", "Solve", "ReadFile", "Return"}
    assert engine.returned.result.ref.id == f"ref{len(engine.solved)}"


def test_an_older_engine_gets_its_result_in_the_older_field() -> None:
    engine = Engine(b"FROM alpine\nCOPY a b\n", without=frozenset(("proto.refarray",)))
    assert run(engine) == 0
    result = engine.returned.result
    assert (result.WhichOneof("result"), result.refDeprecated) == ("refDeprecated", f"ref{len(engine.solved)}")


NAMED, NAMED_OPTION = b"FROM scratch\nCOPY --from=lib a b\n", "context:lib=local:lib"


def test_an_engine_that_does_not_evaluate_is_asked_for_the_root() -> None:
    engine = Engine(NAMED, without=frozenset(("gateway.solve.evaluate",)))
    engine.files["."] = b""
    assert run(engine, NAMED_OPTION) == 0
    assert [request.Path for request in engine.requests] == [
        "Dockerfile",
        "Dockerfile.dockerignore",
        ".",
        ".dockerignore",
        ".dockerignore",
    ]


@pytest.mark.parametrize("without", [("gateway.solve.evaluate",), ("gateway.solve.evaluate", "statfile")])
def test_a_directory_that_is_not_there_is_missed_on_an_engine_that_does_not_evaluate(without: tuple[str, ...]) -> None:
    assert run(Engine(NAMED, without=frozenset(without)), NAMED_OPTION) == 1


class PolicyEngine(Engine):
    """An engine whose source policy turns every image into an HTTP source."""

    def resolve(self, request: Any, _call: Any) -> Any:
        return gateway.ResolveSourceMetaResponse(Source=ops.SourceOp(identifier="https://h/f"))


def test_an_image_that_a_policy_converts_to_another_source_is_not_a_base() -> None:
    engine = PolicyEngine(b"FROM alpine\n")
    assert run(engine) == 1
    message = "alpine: ref mutated by policy to non-image: docker-image://docker.io/library/alpine:latest -> https://h/f"
    assert engine.returned.error.message == message


def test_a_long_error_is_returned_whole() -> None:
    engine = Engine(b"FROM " + b"a" * 2000 + b"\n")
    assert run(engine) == 1
    assert f'failed to parse stage name "{"a" * 2000}"' in engine.returned.error.message


@pytest.mark.parametrize("subrequest", ["outline", "targets", "convertllb"])
def test_an_error_of_a_subrequest_is_returned_without_places(subrequest: str) -> None:
    engine = Engine(b"FROM alpine\nRNU x\n")
    assert run(engine, f"requestid=frontend.{subrequest}") == 1
    assert "unknown instruction" in engine.returned.error.message
    assert not engine.returned.error.details


def test_the_subrequests_are_listed() -> None:
    engine = Engine(b"FROM alpine\n")
    assert run(engine, "requestid=frontend.subrequests.describe") == 0
    listed = json.loads(engine.returned.result.metadata["result.json"])
    assert [each["name"] for each in listed] == ["frontend.outline", "frontend.targets", "frontend.subrequests.describe"]


def test_an_unknown_subrequest_is_a_typed_error() -> None:
    engine = Engine(b"FROM alpine\n")
    assert run(engine, "requestid=frontend.nope") == 1
    (detail,) = engine.returned.error.details
    assert engine.returned.error.code == Code.UNKNOWN
    assert (detail.type_url, json.loads(detail.value)) == (
        "github.com/moby/buildkit/errdefs.Subrequest+json",
        {"name": "frontend.nope"},
    )


def test_an_unexpected_exception_is_returned_as_an_internal_error() -> None:
    engine = Engine(b"FROM alpine\n")
    program = "import sys; from llbfront.frontend import stdio; stdio.build = lambda bridge: {}[0]; sys.exit(stdio.main())"
    frontend = Frontend(engine, (), ("-c", program))
    assert frontend.channel.wait(lambda: engine.returned is not None, timeout_s=20)
    assert frontend.end() == 1
    assert (engine.returned.error.code, engine.returned.error.message) == (Code.INTERNAL, "internal error of llbfront: KeyError: 0")
    assert frontend.log.startswith("Traceback")
    assert engine.returns == 1


def test_what_is_printed_by_mistake_does_not_reach_the_engine() -> None:
    engine = Engine(b"FROM alpine\n")
    program = (
        "import os, sys; from llbfront.frontend import stdio; build = stdio.build\n"
        "def chatty(bridge):\n os.write(1, b'hello'); print('world', flush=True)\n return build(bridge)\n"
        "stdio.build = chatty; sys.exit(stdio.main())"
    )
    assert run(engine, command=("-c", program)) == 0


def test_termination_cancels_the_build_and_is_reported() -> None:
    engine = Engine(b"FROM alpine\n")
    begun: list[Any] = []

    def begin(call: Any) -> Handler:
        begun.append(call)
        return Handler()

    services = {**engine.services(), LLBBridgeMethods.Solve.path: begin}
    frontend = Frontend(engine, (), MODULE, services)
    assert frontend.channel.wait(lambda: bool(begun), timeout_s=20)
    frontend.process.terminate()
    assert frontend.channel.wait(lambda: engine.returned is not None, timeout_s=20)
    assert frontend.end() == 1
    assert (engine.returned.error.code, engine.returned.error.message) == (Code.CANCELLED, "the frontend was terminated")


def test_an_engine_that_goes_away_ends_the_build() -> None:
    engine = Engine(b"FROM alpine\n")
    frontend = Frontend(engine, (), MODULE)
    assert frontend.channel.wait(lambda: bool(engine.solved), timeout_s=20)
    frontend.channel.close()
    _, log = frontend.process.communicate(timeout=20)
    assert frontend.process.returncode == 1
    assert log.startswith("llbfront: ") and "Traceback" not in log


@pytest.mark.parametrize(
    ("dockerfile", "options", "message"),
    [
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe\n", (), r"unknown instruction: \x7fELF\x02\x01\x01\x00??"),
        (b"FROM alpine\n", ("platform=linux/amd64/v2/v3/v4",), "platform"),
        (b"FROM alpine\n", ("shm-size=much",), "shm"),
        (b"", (), "the Dockerfile cannot be empty"),
    ],
)
def test_bad_input_is_one_error(dockerfile: bytes, options: tuple[str, ...], message: str) -> None:
    engine = Engine(dockerfile)
    assert run(engine, *options) == 1
    assert message in engine.returned.error.message
    assert engine.returns == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("{}", "BUILDKIT_WORKERS is not a list"),
        ("[1]", r"BUILDKIT_WORKERS\[0\] is not an object"),
        ('[{"Platforms": {}}]', "Platforms is not a list"),
        ('[{"Platforms": [1]}]', r"Platforms\[0\] is not an object"),
        ('[{"Platforms": [{"os": 1}]}]', "os is not a string"),
        ('[{"Platforms": [{"os.features": "x"}]}]', "os.features is not a list"),
        ("[" * 100_000, "it is nested too deep"),
    ],
)
def test_invalid_workers_are_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=f"^BUILDKIT_WORKERS is invalid: .*{message}") as caught:
        stdio.read_workers({"BUILDKIT_WORKERS": text})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "[null]", "[{}]", '[{"Platforms": null}]'])
def test_workers_without_platforms_have_none(text: str) -> None:
    assert stdio.read_workers({"BUILDKIT_WORKERS": text}) == ()


def test_the_preface_and_settings_are_sent_at_once() -> None:
    program = "import sys; from llbfront.frontend.connection import connect; connect(); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        beginning = process.stdout.read(24 + 9)
        process.stdin.close()
    assert beginning[:24] == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    assert beginning[24 + 3] == 4  # the type of a SETTINGS frame


def test_opening_the_connection_imports_no_frontend() -> None:
    program = "import sys, llbfront.frontend.connection; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = ("llbfront.frontend.build", "llbfront.dockerfile", "llbfront.dockerfile2llb", "llbfront.lint", "llbfront.llb", "grpc")
    assert "llbfront.rpc.stream_channel" in loaded
    assert [name for name in heavy if name in loaded] == []
