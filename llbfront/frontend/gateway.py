"""The bridge to a real engine: LLBBridge calls over the Control connection or over the standard streams of a frontend image.

Source: frontend/gateway/grpcclient/client.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import interrupts, llb
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import GraphError, RpcError
from llbfront.frontend import image_lookups
from llbfront.frontend.bridge import Attestation, FrontendWarning, Returned, SourceMeta
from llbfront.llb.caps import FRONTEND_DEFAULT, FRONTEND_KNOWN, LLB_DEFAULT, Caps
from llbfront.llb.definition import SourceMap
from llbfront.oci.platform import Platform
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.services.gateway import LLBBridgeMethods
from llbfront.rpc.timestamp import to_nanoseconds

if TYPE_CHECKING:
    from llbfront.errors import LlbfrontError
    from llbfront.frontend.bridge import ImageRequest, Reference
    from llbfront.frontend.image_lookups import ImageCalls
    from llbfront.frontend.options import CacheImport
    from llbfront.llb.definition import Definition
    from llbfront.rpc.calls import Call, Metadata
    from llbfront.rpc.channel import Channel
    from llbfront.source import Source, Span

_KINDS = {"in-toto": 0, "bundle": 1}
# An engine puts all warnings of a moment into one message of at most 16 MiB, else the progress stream breaks.
WARNING_BYTES = 8 << 20
WARNING_OVERHEAD_BYTES = 400
WARNING_SILENCE_S = 5


@attrs.frozen(eq=False)
class GatewayReference:
    """A result on the engine, by its id. `definition` is the graph that the engine returned for it."""

    bridge: LLBBridge
    id: str
    definition: ops.Definition | None = None

    def read_file(self, path: str, *, limit: int) -> bytes:
        request = gateway.ReadFileRequest(Ref=self.id, FilePath=path, Range=gateway.FileRange(Length=limit))
        return self.bridge.ask(LLBBridgeMethods.ReadFile, request).Data  # type: ignore[no-any-return]  # the message says bytes

    def size_of(self, path: str) -> int | None:
        if not self.bridge.caps.supports("statfile"):
            return None
        try:
            answer = self.bridge.ask(LLBBridgeMethods.StatFile, gateway.StatFileRequest(Ref=self.id, Path=path))
        except RpcError:
            return None
        return answer.stat.size  # type: ignore[no-any-return]  # the message says int


class LLBBridge:
    """An engine reached over a channel. Created by `connect`, which asks for its capabilities."""

    def __init__(
        self,
        channel: Channel,
        *,
        options: Mapping[str, str],
        session_id: str,
        metadata: Metadata = (),
        local_file: Callable[[str, str], bytes | None] | None = None,
        inputs: Mapping[str, Definition] | None = None,
        image_calls: ImageCalls | None = None,
    ) -> None:
        """Create a bridge.

        inputs: the inputs of the solve; None asks the engine for them when they are needed.
        image_calls: look-ups of images that solves of the same build share.
        """
        self.channel = channel
        self.options = options
        self.session_id = session_id
        self.metadata = metadata
        self.caps = FRONTEND_DEFAULT
        self.llb_caps = LLB_DEFAULT
        self.platforms: Sequence[Platform] = ()
        self._local_file = local_file
        self._inputs = inputs
        self._image_calls = image_calls
        self._warning_calls: list[Call[Any, Any]] = []
        self._infos: dict[int, tuple[Source, Any]] = {}
        self._unsent_bytes = WARNING_BYTES
        self.warnings: list[FrontendWarning] | None = None  # for the client that runs the frontend, whatever the engine passes on
        self._solved: dict[str, Definition] = {}
        self.graphs: list[Definition] = []  # what was solved, for a client that explains a failed step
        self.images: list[tuple[str, ResolvedImage]] = []  # the images that were resolved, by the references that were asked for

    @classmethod
    def connect(
        cls,
        channel: Channel,
        *,
        options: Mapping[str, str],
        session_id: str,
        metadata: Metadata = (),
        product: str = "buildkit",
        local_file: Callable[[str, str], bytes | None] | None = None,
        inputs: Mapping[str, Definition] | None = None,
        pong: gateway.PongResponse | None = None,
        image_calls: ImageCalls | None = None,
    ) -> LLBBridge:
        """Request the capabilities and workers of the engine, unless `pong` is the answer to such a request. Raises: RpcError."""
        bridge = cls(
            channel,
            options=options,
            session_id=session_id,
            metadata=metadata,
            local_file=local_file,
            inputs=inputs,
            image_calls=image_calls,
        )
        pong = pong or bridge.ask(LLBBridgeMethods.Ping, gateway.PingRequest())
        bridge.caps = _caps(pong.FrontendAPICaps, FRONTEND_KNOWN, product) or FRONTEND_DEFAULT
        bridge.llb_caps = _caps(pong.LLBCaps, None, product) or LLB_DEFAULT
        if pong.Workers:
            bridge.platforms = tuple(map(_platform, pong.Workers[0].platforms))
        return bridge

    def start(self, method: Any, request: Any) -> Call[Any, Any]:
        """Start a call. A signal in the middle of it would leave the connection in a bad state."""
        with interrupts.deferred():
            call = self.channel.start(method, metadata=self.metadata)
            call.send(request)
            call.close_send()
            return call

    def ask(self, method: Any, request: Any) -> Any:
        """Call and wait. Raises: RpcError."""
        return self.start(method, request).result()

    def solve(
        self, definitions: Sequence[Definition], *, cache_imports: Sequence[CacheImport] = (), evaluate: bool = False
    ) -> list[Reference | None]:
        calls = []
        self.graphs.extend(definitions)
        for definition in definitions:
            self.llb_caps.check(definition)
            request = gateway.SolveRequest(
                Definition=definition.to_message() if definition.ops else None,
                allowResultReturn=True,
                allowResultArrayRef=True,
                CacheImports=[
                    gateway.CacheOptionsEntry(Type=cache_import.type, Attrs=cache_import.attrs) for cache_import in cache_imports
                ],
                FrontendOpt=self._inherited({}),
                Evaluate=evaluate and self.caps.supports("gateway.solve.evaluate"),
            )
            calls.append(self.start(LLBBridgeMethods.Solve, request))
        refs = [self._returned(call.result()).ref for call in calls]
        self._solved.update(
            (ref.id, definition) for ref, definition in zip(refs, definitions, strict=True) if isinstance(ref, GatewayReference)
        )
        if evaluate and not self.caps.supports("gateway.solve.evaluate"):
            self._evaluate(ref for ref in refs if isinstance(ref, GatewayReference))
        return refs

    def _evaluate(self, refs: Iterable[GatewayReference]) -> None:
        """Make an engine evaluate results now rather than when they are read. Raises: LlbfrontError."""
        for ref in refs:
            self.caps.require("statfile")
            self.ask(LLBBridgeMethods.StatFile, gateway.StatFileRequest(Ref=ref.id, Path="."))

    def evaluate(self, returned: Returned) -> list[Call[Any, Any]]:
        """Start to evaluate a result. Engines without this call evaluate a result when it is read."""
        refs = [ref for ref in (returned.refs or {"": returned.ref}).values() if isinstance(ref, GatewayReference)]
        if self.caps.supports("gateway.evaluate"):
            return [self.start(LLBBridgeMethods.Evaluate, gateway.EvaluateRequest(Ref=ref.id)) for ref in refs]
        return [self.start(LLBBridgeMethods.StatFile, gateway.StatFileRequest(Ref=ref.id, Path=".")) for ref in refs]

    def graphs_of(self, returned: Returned) -> list[Definition]:
        """Return the graphs that a result was solved from, as far as they were solved here."""
        return list(self.graphs_by_platform(returned).values())

    def graphs_by_platform(self, returned: Returned) -> dict[str, Definition]:
        """Return the graphs of a result by platform, as far as they were solved here; that of one platform by ""."""
        refs = {"": returned.ref} if returned.refs is None else returned.refs
        solved = ((name, ref) for name, ref in refs.items() if isinstance(ref, GatewayReference) and ref.id in self._solved)
        return {name: self._solved[ref.id] for name, ref in solved}

    def solve_frontend(self, name: str, options: Mapping[str, str], inputs: Mapping[str, Definition]) -> Returned:
        request = gateway.SolveRequest(
            Frontend=name,
            FrontendOpt=self._inherited(options),
            allowResultReturn=True,
            allowResultArrayRef=True,
            FrontendInputs={key: definition.to_message() for key, definition in inputs.items()},
        )
        return self._returned(self.ask(LLBBridgeMethods.Solve, request))

    def _inherited(self, options: Mapping[str, str]) -> dict[str, str]:
        """Options of a nested solve: caches to import pass on to it."""
        passed = {key: self.options[key] for key in ("cache-imports", "cache-from") if key in self.options}
        return {**passed, **options}

    def _returned(self, response: Any) -> Returned:
        result = response.result
        kind = result.WhichOneof("result")
        if kind is None:
            return Returned(self._reference(response.ref), metadata=dict(result.metadata))
        if kind in {"ref", "refDeprecated"}:
            ref = self._of(result.ref) if kind == "ref" else self._reference(result.refDeprecated)
            returned = Returned(ref, metadata=dict(result.metadata))
        else:
            messages = result.refs.refs if kind == "refs" else result.refsDeprecated.refs
            refs = {key: self._of(ref) if kind == "refs" else self._reference(ref) for key, ref in messages.items()}
            returned = Returned(refs=refs, metadata=dict(result.metadata))
        attested = {key: tuple(map(self._attestation, each.attestation)) for key, each in result.attestations.items()}
        return attrs.evolve(returned, attestations=attested)

    def _of(self, ref: Any) -> GatewayReference | None:
        return GatewayReference(self, ref.id, getattr(ref, "def")) if ref.id else None

    def _reference(self, key: str) -> GatewayReference | None:
        return GatewayReference(self, key) if key else None

    def _attestation(self, message: Any) -> Attestation:
        kind = next(name for name, number in _KINDS.items() if number == message.kind)
        return Attestation(
            kind, self._of(message.ref), message.path, message.inTotoPredicateType, dict(message.metadata), message.inTotoSubjects
        )

    def resolve_images(self, requests: Sequence[ImageRequest]) -> list[ResolvedImage | LlbfrontError]:
        calls = {} if self._image_calls is None else self._image_calls
        has_resolver = self.caps.supports("source.metaresolver")
        answers = image_lookups.look_up(self.start, requests, calls, has_resolver=has_resolver)
        resolved = zip((request.ref for request in requests), answers, strict=True)
        self.images.extend((ref, answer) for ref, answer in resolved if isinstance(answer, ResolvedImage))
        return answers

    def resolve_source(self, identifier: str, attributes: Mapping[str, str], *, log_name: str, with_commit: bool) -> SourceMeta:
        if not self.caps.supports("source.metaresolver"):
            return SourceMeta()
        request = gateway.ResolveSourceMetaRequest(
            Source=ops.SourceOp(identifier=identifier, attrs=attributes),
            LogName=log_name,
            Git=gateway.ResolveSourceGitRequest(ReturnObject=True) if with_commit else None,
        )
        answer = self.ask(LLBBridgeMethods.ResolveSourceMeta, request)
        is_dated = answer.HTTP.HasField("LastModified")
        return SourceMeta(
            commit=answer.Git.CommitObject or None,
            last_modified_ns=to_nanoseconds(answer.HTTP.LastModified) if is_dated else None,
            checksum=answer.Git.CommitChecksum or answer.Git.Checksum or answer.HTTP.Checksum or None,
        )

    def inputs(self) -> Mapping[str, Definition]:
        if self._inputs is None:
            answer = self.ask(LLBBridgeMethods.Inputs, gateway.InputsRequest())
            self._inputs = {key: _loadable(definition) for key, definition in answer.Definitions.items()}
        return self._inputs

    def warn(self, digest: str, text: str, *, detail: str, url: str, span: Span) -> None:
        """Send a warning without waiting: a build does not fail because of a warning that was not delivered.

        The engine passes warnings on with their sources, and fails when they are too long together. Those beyond the limit are sent
        without a source, or not at all if they are kept in `warnings`.
        """
        self._unsent_bytes -= len(span.source.data) + WARNING_OVERHEAD_BYTES
        has_source = self._unsent_bytes >= 0
        if self.warnings is not None:
            self.warnings.append(FrontendWarning(digest, text, detail, url, span))
            if not has_source:
                return
        request = gateway.WarnRequest(
            digest=digest,
            level=1,
            short=_utf8(text),
            detail=[_utf8(detail)],
            url=url,
            info=self._source_info(span) if has_source else None,
            ranges=ranges(span),
        )
        self._warning_calls.append(self.start(LLBBridgeMethods.Warn, request))

    def _source_info(self, span: Span) -> Any:
        """Return the source of a span as a message, made once for all warnings about it."""
        key = id(span.source)
        if key not in self._infos:
            self._infos[key] = (span.source, source_info(span))
        return self._infos[key][1]

    def settle(self) -> None:
        """Wait until the engine has taken all warnings, or has taken none for a while."""
        count = len(self._warning_calls)
        while not self.channel.wait(self._are_warnings_over, timeout_s=WARNING_SILENCE_S) and len(self._warning_calls) < count:
            count = len(self._warning_calls)
        self._warning_calls.clear()

    def _are_warnings_over(self) -> bool:
        while self._warning_calls and self._warning_calls[-1].done:
            self._warning_calls.pop()
        return not self._warning_calls

    def local_file(self, name: str, path: str) -> bytes | None:
        if self._local_file is None:
            raise NotImplementedError
        with interrupts.immediate():  # it may be a pipe without a writer
            return self._local_file(name, path)


def _loadable(message: ops.Definition) -> Definition:
    try:
        definition = llb.decode(message.SerializeToString())
        if not definition.metadata:  # Parity: an empty graph is treated as missing
            raise GraphError("invalid nil input definition to definition op")
        llb.load(definition)
    except GraphError as error:
        raise error.prefixed("failed to get frontend inputs") from error
    return definition


def source_info(span: Span) -> Any:
    """Return the source of a span as a message."""
    source = span.source
    graph = source.definition if isinstance(source, SourceMap) else None
    definition = None if graph is None else graph.to_message()
    return ops.SourceInfo(filename=source.filename, data=source.data, language=source.language, definition=definition)


def ranges(span: Span) -> list[Any]:
    """Return the ranges of a span as messages, line by line."""
    return [
        ops.Range(start=ops.Position(line=line), end=ops.Position(line=line))
        for part in span.ranges
        for line in range(part.start, max(part.start, part.end) + 1)
    ]


def _utf8(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _caps(listed: Iterable[Any], known: frozenset[str] | None, product: str) -> Caps | None:
    """Return the capabilities that a peer lists, or None if it lists none, as old peers do."""
    caps = tuple(listed)
    if not caps:
        return None
    enabled = frozenset(cap.ID for cap in caps if cap.Enabled)
    disabled = tuple((cap.ID, cap.DisabledReasonMsg) for cap in caps if not cap.Enabled)
    return Caps(enabled, disabled, product) if known is None else Caps(enabled, disabled, product, known)


def _platform(message: Any) -> Platform:
    return Platform(message.OS, message.Architecture, message.Variant, message.OSVersion, tuple(message.OSFeatures))
