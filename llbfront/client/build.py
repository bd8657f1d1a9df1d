"""Run a build: prepare what the engine gets and what the session serves, solve, and deliver the result.

`build` prepares a Dockerfile or a frontend, `graph_solve` a graph; `execute` solves either.

Source: client/build.go and client/solve.go of BuildKit, build/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import attrs

from llbfront.client.prepared_build import PreparedBuild, planned_exports
from llbfront.client.prepared_build import prepare as prepare_build
from llbfront.client.request import environment, syntax
from llbfront.client.request.build_request import entitlements, frontend_options
from llbfront.client.result import BuildResult
from llbfront.client.solve import status_decoding
from llbfront.client.solve.credential_notices import CredentialNotices
from llbfront.client.solve.frontend_run import ATTESTATIONS, SEVERAL_OUTPUTS, FrontendRun
from llbfront.client.solve.running_solve import show_warnings, solve
from llbfront.client.solve.session_services import SessionServices
from llbfront.errors import LlbfrontError, SolveError
from llbfront.pb import control_pb2 as control
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.client.buildflags.caches import PreparedCaches
    from llbfront.client.exports.image_delivery import DeliveryPlan, ImageDelivery
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.client.records.recording import Recorder
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.solve.frontend_run import PreparedGraph
    from llbfront.client.solve.linked_contexts import ContextGraphs
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.progress.trace import Trace
    from llbfront.rpc.channel import Channel
    from llbfront.session.filesync import FileSync

    AnyPreparedSolve: TypeAlias = "PreparedSolve[FrontendRun] | PreparedSolve[PreparedGraph]"
    """The solve of a local frontend, or of a graph."""


NAMED_CONTEXT = "context:"


@attrs.frozen(eq=False)
class EngineConnection:
    """The parts of an Engine that a build uses. `report` is called with problems of the environment that do not stop a build."""

    channel: Channel
    address: str
    delivery: ImageDelivery
    environ: Mapping[str, str]
    report: Callable[[str], None]


FrontendT = TypeVar("FrontendT", bound="FrontendRun | PreparedGraph")


@attrs.frozen(eq=False)
class PreparedSolve(Generic[FrontendT]):
    """The input of `execute`: the message to the engine, the files of the session, the delivery of the result, and the recorder of the build.

    `frontend` runs in the client, or holds the graph of the message.
    """

    request: BuildRequest
    message: control.SolveRequest
    inputs: Inputs
    plan: DeliveryPlan
    frontend: FrontendT
    caches: PreparedCaches | None = None
    recorder: Recorder | None = None


def build(
    connection: EngineConnection,
    request: BuildRequest | PreparedBuild,
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
    frontend: Callable[[Bridge], Returned] | None = None,
    recorder: Recorder | None = None,
    internal: bool = False,
) -> BuildResult:
    """Build a request with `frontend`, by default that of Dockerfiles, and show it on `display`.

    `recorder` keeps a local record of it. The engine keeps a build record unless the build is `internal`.
    """
    prepared = attrs.evolve(prepare(connection, request, frontend=frontend), recorder=recorder)
    prepared.message.Internal = internal
    try:
        return execute(connection, prepared, display=display, on_event=on_event)
    finally:
        prepared.inputs.close()


def prepare(
    connection: EngineConnection,
    request: BuildRequest | PreparedBuild,
    *,
    frontend: Callable[[Bridge], Returned] | None = None,
    contexts: ContextGraphs | None = None,
) -> PreparedSolve[FrontendRun]:
    """Prepare the solve of a request. Its inputs must be closed.

    Args:
        connection: the engine.
        request: what to build.
        frontend: the frontend, by default that of Dockerfiles.
        contexts: contexts that come from elsewhere than the request says.
    """
    environ, delivery = connection.environ, connection.delivery
    local = request if isinstance(request, PreparedBuild) else prepare_build(request, environ)
    try:
        request = environment.with_proxies(local.request, environ, connection.address, connection.report)
        exports = planned_exports(request, environ, is_docker=delivery.is_docker)
        plan = delivery.plan(exports, platforms=request.platforms, is_attested=bool(request.attestations))
        return _prepare(connection, attrs.evolve(local, request=delivery.with_hosts(request)), plan, frontend, contexts)
    except BaseException:
        local.close()
        raise


def _prepare(
    connection: EngineConnection,
    local: PreparedBuild,
    plan: DeliveryPlan,
    frontend: Callable[[Bridge], Returned] | None,
    contexts: ContextGraphs | None,
) -> PreparedSolve[FrontendRun]:
    """Prepare the solve of a Dockerfile or of a frontend."""
    request, sources = local.request, local.inputs
    cached = _caches(request)
    options = {
        # What docker builds is based on the images that it has.
        **({"image-resolve-mode": "local"} if connection.delivery.is_docker else {}),
        **frontend_options(request),
        **(contexts.options(sources.options) if contexts else sources.options),
        **local.graphs.options,
        **(cached.options if cached else {}),
    }
    if any(name.startswith(NAMED_CONTEXT) for name in options):  # another frontend that would ignore them is refused
        options["frontend.caps"] = "moby.buildkit.frontend.contexts+forward"
    message = control.SolveRequest(
        Ref=tunnel.random_id(),
        Session=tunnel.random_id(),
        FrontendAttrs=options,
        Entitlements=entitlements(request),
        **status_decoding.exporters(plan.exports),
        Cache=cached.cache_options if cached else None,
        SourcePolicy=local.source_policy,
    )
    run = FrontendRun(
        connection.channel,
        message.Ref,
        message.Session,
        options,
        read_file=sources.read,
        function=frontend,
        inputs={
            **local.graphs.definitions(message.Session),
            **(contexts.definitions() if contexts else {}),
        },
        requirements=(
            *((SEVERAL_OUTPUTS,) if len(plan.exports) > 1 else ()),
            *((ATTESTATIONS,) if request.attestations else ()),
        ),
        calls=contexts.calls if contexts else None,
        shares_images=not request.attestations,  # provenance names the images that a solve has looked up
    )
    return PreparedSolve(request, message, sources, plan, run, cached)


def _caches(request: BuildRequest) -> PreparedCaches | None:
    """Prepare the caches of a request, None if it has none."""
    if not (request.cache_from or request.cache_to):
        return None
    from llbfront.client.buildflags import caches

    return caches.prepare(request.cache_from, request.cache_to)


def execute(
    connection: EngineConnection,
    prepared: AnyPreparedSolve,
    *,
    display: Display,
    on_event: Callable[[StatusEvent], object] | None = None,
) -> BuildResult:
    """Solve what was prepared and deliver the result.

    Raises:
        SolveError: the engine failed to build; ExecFailed when a step's command did.
        ExportError: a result did not arrive, or could not be written or pushed.
        What a local frontend, `on_event` and `display` raise.
    """
    channel, frontend = connection.channel, prepared.frontend
    services = session_services(connection, prepared, display)
    try:
        with ticks(channel, display):
            with _frontend_warnings(frontend, display, on_event):
                response = solve(
                    channel,
                    prepared.message,
                    services=services.services,
                    shared_key=prepared.inputs.shared_key,
                    display=display,
                    on_event=on_event,
                    frontend=frontend,
                )
            response = deliver(connection, prepared, services, response, display)
    except SolveError as error:
        record(prepared, display.trace, has_failed=True)
        raise explained(error, prepared, services) from None
    except LlbfrontError as error:
        syntax.add_hint(error, prepared.message.FrontendAttrs)
        raise
    finally:
        services.close()
    record(prepared, display.trace)
    return build_result(prepared, services, response, display.trace)


def session_services(
    connection: EngineConnection, prepared: AnyPreparedSolve, display: Display, *, shared: Mapping[str, FileSync] | None = None
) -> SessionServices:
    """Set up the services that the engine may call during a solve. `shared` serves some of its directories in separate sessions."""
    cached, recorder, channel = prepared.caches, prepared.recorder, connection.channel
    observe = recorder.observer(prepared.inputs, prepared.message.FrontendAttrs, channel.call_later) if recorder else None
    return SessionServices(
        prepared.request,
        prepared.inputs,
        prepared.plan.exports,
        prepared.plan.loads,
        cached.stores if cached else None,
        CredentialNotices(channel.loop.post, display.update),
        connection.environ,
        observe,
        shared,
    )


def deliver(
    connection: EngineConnection,
    prepared: AnyPreparedSolve,
    services: SessionServices,
    response: Mapping[str, str],
    display: Display,
) -> Mapping[str, str]:
    """Complete the outputs and caches of a solve that ended; return the exporter response with what was pushed."""
    services.commit(response)
    if prepared.caches:
        prepared.caches.commit(response)
    return connection.delivery.push(prepared.plan, response, store=services.credentials, show=display.update)


def build_result(
    prepared: AnyPreparedSolve,
    services: SessionServices,
    response: Mapping[str, str],
    trace: Trace,
) -> BuildResult:
    """Describe a build that ended, with the steps that it had."""
    cached, frontend = prepared.caches, prepared.frontend
    types = [export.type for export in prepared.plan.exports]
    skipped = (*cached.skipped, *cached.unwritten(response, types)) if cached else ()
    return BuildResult(prepared.message.Ref, response, trace, services.sockets, skipped, tuple(frontend.graphs), frontend.config)


def record(prepared: AnyPreparedSolve, trace: Trace, *, has_failed: bool = False) -> None:
    """Keep a record of the build, if it is to be recorded."""
    if prepared.recorder is not None:
        prepared.recorder.finish(
            prepared.message, prepared.request, prepared.inputs, prepared.frontend, trace, has_failed=has_failed
        )


def explained(error: SolveError, prepared: AnyPreparedSolve, services: SessionServices) -> LlbfrontError:
    """Add hints to the error of a solve, or return the local error that caused it."""
    from llbfront.client.solve_errors import missing_files, step_hints  # load what a build that succeeds does not need here

    request, graphs = prepared.request, prepared.frontend.graphs
    step_hints.add_hints(error, graphs, secrets=[secret.id for secret in request.secrets], agents=tuple(request.ssh))
    error = missing_files.explained(error, graphs, prepared.inputs)
    syntax.add_hint(error, prepared.message.FrontendAttrs)
    return services.explain(error, graphs)


@contextlib.contextmanager
def _frontend_warnings(
    frontend: FrontendRun | PreparedGraph, display: Display, on_event: Callable[[StatusEvent], object] | None
) -> Iterator[None]:
    """Show the warnings of a frontend at the end of its solve, also when that fails."""
    try:
        yield
    except LlbfrontError:
        show_warnings(map(status_decoding.frontend_warning, frontend.warnings), display, on_event)
        raise
    show_warnings(map(status_decoding.frontend_warning, frontend.warnings), display, on_event)


@contextlib.contextmanager
def ticks(channel: Channel, display: Display) -> Iterator[None]:
    """Redraw a display at its interval while the loop of a channel runs, outside of all protocol state."""
    if not display.interval_s:
        yield
        return
    ticker = Ticker(channel, display.tick, display.interval_s)
    try:
        yield
    finally:
        ticker.stop()


class Ticker:
    """Calls back again and again while the loop of a channel runs."""

    def __init__(self, channel: Channel, on_tick: Callable[[], None], tick_s: float) -> None:
        self._channel, self._on_tick, self._tick_s = channel, on_tick, tick_s
        self._timer = channel.call_later(tick_s, self._tick)

    def _tick(self) -> None:
        self._channel.loop.deliver(self._on_tick)
        self._timer = self._channel.call_later(self._tick_s, self._tick)

    def stop(self) -> None:
        self._timer.cancel()
