"""Run a frontend in the client for a solve that has begun, and give the engine its result or its error.

`solve` calls `run` once the engine has been asked to begin. Afterwards the graphs, the warnings and the image config can be read.

Source: client/build.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from llbfront.client.inputs.contexts import DEFAULT_NAME
from llbfront.client.solve.shared_calls import SharedCalls
from llbfront.dockerfile.other_formats import other_format
from llbfront.errors import LlbfrontError, OptionError
from llbfront.pb import gateway_pb2 as gateway
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.source import Source

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
    from llbfront.frontend.bridge import Bridge, FrontendWarning, Returned
    from llbfront.frontend.gateway import LLBBridge
    from llbfront.llb.definition import Definition
    from llbfront.rpc.calls import Call
    from llbfront.rpc.channel import Channel

    Ping: TypeAlias = Call[gateway.PingRequest, gateway.PongResponse]


BUILD_ARG = "build-arg:"


@attrs.frozen
class Requirement:
    """A capability that an engine must have in addition to the graph's: its name, the feature that needs it, and the BuildKit version that has it."""

    capability: str
    feature: str
    since: str


SEVERAL_OUTPUTS = Requirement("exporter.multiple", "several outputs in one build", "0.13")
ATTESTATIONS = Requirement("exporter.image.attestations", "attestations", "0.11")


def build_metadata(ref: str) -> tuple[tuple[str, str], ...]:
    """Return the call metadata by which an engine finds the solve that a gateway call belongs to."""
    return (("buildkit-controlapi-buildid", ref),)


class FrontendRun:
    """One run of `function`, by default the frontend of Dockerfiles.

    Attributes:
        graphs: what it solved, the graphs of the result last.
        warnings: its warnings, which the engine may not pass on.
        config: the image config, None if there is none or one for each platform.
        images: the images that it had resolved, with the references that it asked for.
        platform_graphs: the graphs of the result by platform, "" for the only one.
        platform_configs: the image configs in the same way.
    """

    def __init__(
        self,
        channel: Channel,
        ref: str,
        session_id: str,
        options: Mapping[str, str],
        *,
        read_file: Callable[[str, str], bytes | None],
        function: Callable[[Bridge], Returned] | None = None,
        inputs: Mapping[str, Definition] | None = None,
        requirements: Iterable[Requirement] = (),
        calls: SharedCalls | None = None,
        shares_images: bool = True,
    ) -> None:
        """Prepare a run.

        Args:
            channel: the connection to the engine.
            ref: the id of the solve.
            session_id: the session that serves local files.
            options: the options of the frontend.
            read_file: reads a file of a local directory; None if it does not exist.
            function: the frontend.
            inputs: the graphs that options name.
            requirements: what the engine must be able to do.
            calls: calls that builds share which run at the same time.
            shares_images: look-ups of images are among them.
        """
        self.channel, self.ref, self.session_id, self.options = channel, ref, session_id, options
        self.read_file, self.inputs = read_file, inputs or {}
        self._function, self._requirements = function, requirements
        self._calls, self._shares_images = calls, shares_images
        self.graphs: list[Definition] = []
        self.warnings: list[FrontendWarning] = []
        self.config: bytes | None = None
        self.images: list[tuple[str, ResolvedImage]] = []
        self.platform_graphs: dict[str, Definition] = {}
        self.platform_configs: dict[str, bytes] = {}
        self._bridge: LLBBridge | None = None
        self._message: gateway.ReturnRequest | None = None
        self._result: Returned | None = None

    def run(self) -> None:
        """Run the frontend and return its result or its error to the engine.

        Raises:
            OptionError: the engine lacks a requirement.
            Errors of the frontend.
        """
        self.begin()
        self.finish()

    def begin(self) -> None:
        """Run the frontend and keep its result, or return its error to the engine."""
        calls = self._calls or SharedCalls()
        is_own = calls.ping is None
        ping = calls.ping = calls.ping or self._start_ping()
        self.channel.flush()
        from llbfront.frontend.build import build  # here: it loads while the engine begins the solve and says what it can do
        from llbfront.frontend.gateway import LLBBridge
        from llbfront.frontend.results import CONFIG, encode_result

        bridge = LLBBridge.connect(
            self.channel,
            options=self.options,
            session_id=self.session_id,
            metadata=build_metadata(self.ref),
            local_file=self._read_local,
            inputs=self.inputs,
            pong=self._pong(ping, is_own=is_own),
            image_calls=calls.images if self._calls and self._shares_images else None,
        )
        bridge.graphs, bridge.warnings, bridge.images = self.graphs, self.warnings, self.images
        try:
            self._check_requirements(bridge)
            result = (self._function or build)(bridge)
            message = encode_result(result, bridge.caps)
        except LlbfrontError as error:
            from llbfront.frontend.errors import encode_error

            bridge.settle()
            bridge.ask(LLBBridgeMethods.Return, encode_error(error))
            raise
        bridge.settle()
        last = bridge.graphs_of(result)
        self.graphs[:] = [graph for graph in self.graphs if graph not in last] + last
        self.config = result.metadata.get(CONFIG)
        self.platform_graphs = bridge.graphs_by_platform(result)
        configs = {name: result.metadata.get(f"{CONFIG}/{name}" if name else CONFIG) for name in self.platform_graphs}
        self.platform_configs = {name: config for name, config in configs.items() if config is not None}
        self._bridge, self._message, self._result = bridge, message, result
        if self._function is None and self.graphs:  # another frontend may read arguments in its own way
            self.warnings += self._misspelt_arguments()

    def _start_ping(self) -> Ping:
        ping = self.channel.start(LLBBridgeMethods.Ping, metadata=build_metadata(self.ref))
        ping.send(gateway.PingRequest())
        ping.close_send()
        return ping

    def _pong(self, ping: Ping, *, is_own: bool) -> gateway.PongResponse:
        """Wait for the answer to a ping. If that of another build failed, which it also does when that build ends, ask once more."""
        try:
            return ping.result()
        except LlbfrontError:
            if is_own:
                raise
        return self._start_ping().result()

    def evaluate(self) -> list[Call[Any, Any]]:
        """Start to evaluate the result, which the engine would do at the end only."""
        assert self._bridge is not None
        assert self._result is not None
        return self._bridge.evaluate(self._result)

    def finish(self) -> None:
        """Return the result to the engine."""
        assert self._bridge is not None
        self._bridge.ask(LLBBridgeMethods.Return, self._message)

    def _read_local(self, name: str, path: str) -> bytes | None:
        """Read a file for the frontend, and warn of an ignore file that is not text in UTF-8. Parity: it is read as one without rules."""
        from llbfront.frontend.bridge import FrontendWarning
        from llbfront.frontend.ignorefile import IGNORE

        data = self.read_file(name, path)
        if data and path.endswith(IGNORE) and (kind := other_format(data)):
            text = f"{path} is {kind.name}, so that it ignores nothing"
            hint = f" ({kind.hint})" if kind.hint else ""
            self.warnings.append(FrontendWarning("", text + hint, "", "", Source(path, b"").at()))
        return data

    def _misspelt_arguments(self) -> list[FrontendWarning]:
        """Return a warning for each build argument that no ARG takes, and whose name is like that of one."""
        names = [name.removeprefix(BUILD_ARG) for name in self.options if name.startswith(BUILD_ARG)]
        if not names:
            return []
        from llbfront.dockerfile2llb.unused_arguments import misspelt_arguments  # few builds have build arguments
        from llbfront.frontend.bridge import FrontendWarning

        filename = self.options.get("filename", DEFAULT_NAME)
        try:
            source = Source(filename, self.read_file("dockerfile", filename) or b"")
            return [FrontendWarning("", each.text, "", "", each.span) for each in misspelt_arguments(source, names)]
        except (LlbfrontError, NotImplementedError):  # not local, or a file that another frontend reads
            return []

    def _check_requirements(self, bridge: LLBBridge) -> None:
        for requirement in self._requirements:
            if not bridge.llb_caps.supports(requirement.capability):
                raise OptionError(
                    f"this engine is too old for {requirement.feature}", hint=f"it needs BuildKit {requirement.since} or newer"
                )


@attrs.frozen(eq=False)
class PreparedGraph:
    """In the place of a frontend where the engine already has the graph."""

    graphs: Sequence[Definition]
    config: bytes | None = None
    warnings: Sequence[FrontendWarning] = ()
    images: Sequence[tuple[str, ResolvedImage]] = ()

    def run(self) -> None:
        """Do nothing: the solve has its graph."""
