"""A build from beginning to end: the frontend of this side between a session and exporters.

Enters: a connection and a BuildRequest. Leaves: a BuildResult, and the files that the request's outputs name.

Source: client/build.go of BuildKit, build/build.go of docker/buildx.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from llbfront.client import exporters, inputs, syntax, wire
from llbfront.client.guard import EngineGuard
from llbfront.client.notices import NoticeDisplay
from llbfront.client.offer import Offer
from llbfront.client.placing import Placing
from llbfront.client.request import BuildRequest, entitlements, frontend_options
from llbfront.client.result import BuildResult
from llbfront.client.solve import ATTESTATIONS, SEVERAL_OUTPUTS, check_listener, drive_frontend, solve
from llbfront.errors import LlbfrontError, RpcError, SolveError
from llbfront.files.reading import refuse_shared
from llbfront.pb import control
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.client.caches import Caches
    from llbfront.client.exporters import Export
    from llbfront.client.inputs import Inputs
    from llbfront.client.placing import Placement
    from llbfront.client.request import SecretSource
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.transport.channel import Channel

UNIMPLEMENTED = 12


def rare_fields(given: Mapping[str, Any], *, environ: Mapping[str, str]) -> dict[str, Any]:
    """Read what `client.flags` reads, which is only loaded if there is something to read."""
    if not any(given.values()):
        return {}
    from llbfront.client import flags

    return flags.fields(given, environ=environ)


def caches_of(request: BuildRequest) -> Caches | None:
    """Prepare the caches of a request, None if it has none."""
    if not (request.cache_from or request.cache_to):
        return None
    from llbfront.client import caches

    return caches.prepare(request.cache_from, request.cache_to)


class Engine:
    """A connection to an engine. Made by `llbfront.connect`; use it in a `with` block.

    It does one thing at a time: calls from several threads wait for each other. Open an engine for each build that is to run at the
    same time. `close` ends the build that another thread runs. After a fork, connect again.
    """

    def __init__(self, channel: Channel, address: str, *, find_docker: Callable[[str | None], str] | None = None) -> None:
        """find_docker: asked, only when an image is to be loaded, for the docker engine of a docker context, or of none."""
        self.channel = channel
        self.address = address
        self._placing = Placing(channel, address, find_docker)
        self._guard = EngineGuard(channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if (guard := getattr(self, "_guard", None)) and not guard.is_closed:
            warnings.warn(f"unclosed engine {self.address}", ResourceWarning, stacklevel=2, source=self)
            guard.close()

    def close(self) -> None:
        """Close the connection. A build that another thread runs ends with EngineClosed. Closing twice does nothing."""
        self._guard.close()

    def begin_close(self) -> None:
        """Refuse further calls and end the present one. May be called from any thread; `close` must follow."""
        self._guard.begin_close()

    def interrupt(self, error: BaseException) -> None:
        """End the present call with `error`. May be called from any thread."""
        self._guard.interrupt(error)

    def forget_interrupt(self) -> None:
        """Take back an interrupt that came when no call was under way."""
        self._guard.forget_interrupt()

    def version(self) -> str:
        """The version of the engine, such as `v0.34.2`; that of docker, such as `docker 20.10.24`, where its BuildKit tells none."""
        with self._guard.use():
            return self._version()

    def _version(self) -> str:
        try:
            return self.channel.unary(control.Control.Info, control.InfoRequest()).buildkitVersion.version
        except RpcError as error:
            if error.code != UNIMPLEMENTED or not self.is_docker:
                raise
        from llbfront.transport.dockerapi import DockerApi

        return f"docker {DockerApi(self.address).version()}"

    @property
    def is_docker(self) -> bool:
        """Whether it is a docker engine, which keeps what it builds among its images."""
        return self._placing.is_docker

    def build(
        self,
        context: str | os.PathLike[str] = ".",
        *,
        file: str | os.PathLike[str] | None = None,
        target: str | None = None,
        tags: Iterable[str] = (),
        output: str | Export | Iterable[str | Export] = (),
        push: bool = False,
        load: bool = False,
        platforms: Iterable[str] = (),
        build_args: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        secrets: Iterable[SecretSource] = (),
        build_contexts: Mapping[str, str] | None = None,
        no_cache: bool = False,
        pull: bool = False,
        network: str = "default",
        on_event: Callable[[StatusEvent], object] | None = None,
        ssh: Iterable[str] = (),
        cache_from: Iterable[str] = (),
        cache_to: Iterable[str] = (),
        attest: Iterable[str] = (),
        annotations: Mapping[str, str] | None = None,
        add_hosts: Mapping[str, str] | None = None,
        ulimits: Iterable[str] = (),
        shm_size: str | int = 0,
        cgroup_parent: str = "",
        allow: Iterable[str] = (),
    ) -> BuildResult:
        """Build a Dockerfile; every argument means what the flag of its name means to `docker buildx build`.

        output: a directory, a `type=…,dest=…` text, an Export, or several of them. on_event: called for every status event
        as it comes, on this thread. ssh and what follows: texts, as on the command line.

        Raises:
            DockerfileError: the Dockerfile is wrong; its span says where.
            ExecFailed: a step's command failed. SolveError: the engine failed otherwise.
            ContextError, ExportError, InvalidValue: before anything was built.
        """
        given = (output,) if isinstance(output, (str, exporters.Export)) else tuple(output)
        rare = {
            "ssh": tuple(ssh),
            "cache_from": tuple(cache_from),
            "cache_to": tuple(cache_to),
            "attest": tuple(attest),
            "annotations": tuple(f"{name}={value}" for name, value in (annotations or {}).items()),
            "hosts": tuple(f"{name}={address}" for name, address in (add_hosts or {}).items()),
            "ulimits": tuple(ulimits),
            "shm_size_bytes": str(shm_size or ""),
            "cgroup_parent": cgroup_parent,
            "allow": tuple(allow),
        }
        request = BuildRequest(
            **rare_fields(rare, environ=os.environ),
            context=os.fspath(context),
            file=None if file is None else os.fspath(file),
            target=target,
            platforms=tuple(platforms),
            build_args=dict(build_args or {}),
            labels=dict(labels or {}),
            tags=tuple(tags),
            outputs=tuple(exporters.parse(one) if isinstance(one, str) else one for one in given),
            push=push,
            load=load,
            no_cache=no_cache,
            pull=pull,
            secrets=tuple(secrets),
            build_contexts=dict(build_contexts or {}),
            network=network,
        )
        return self.run(request, on_event=on_event)

    def solve(
        self,
        graph: Definition | State,
        *,
        platform: str | None = None,
        locals: Mapping[str, str | os.PathLike[str]] | None = None,  # noqa: A002  the noun of LLB
        output: str | Export | Iterable[str | Export] = (),
        secrets: Iterable[SecretSource] = (),
        on_event: Callable[[StatusEvent], object] | None = None,
    ) -> BuildResult:
        """Solve a graph built by hand (`llbfront.llb`) or loaded, and export its result.

        platform: of a State that is marshalled here, that of this machine by default. locals: the directories that the graph's
        local sources name. Raises what `build` raises.
        """
        from llbfront.client import lookup

        check_listener(on_event)
        with self._guard.use():
            return lookup.solve_graph(
                self.channel,
                lookup.definition_of(graph, platform),
                locals=locals,
                output=output,
                secrets=secrets,
                on_event=on_event,
                placing=self._placing,
            )

    def run(
        self,
        request: BuildRequest,
        *,
        on_event: Callable[[StatusEvent], object] | None = None,
        display: Display | None = None,
        frontend: Callable[[Bridge], Returned] | None = None,
    ) -> BuildResult:
        """Build `request`, showing it on `display`, which the caller finishes. `frontend` builds, by default that of Dockerfiles."""
        check_listener(on_event)
        with self._guard.use():
            return self._run(request, on_event, display or QuietDisplay(Trace()), frontend)

    def _run(
        self,
        request: BuildRequest,
        on_event: Callable[[StatusEvent], object] | None,
        display: Display,
        frontend: Callable[[Bridge], Returned] | None,
    ) -> BuildResult:
        exports = exporters.plan(
            request.outputs,
            tags=request.tags,
            push=request.push,
            load=request.load,
            default=(exporters.Export("image"),) if self.is_docker else (),
            annotations=request.annotations,
        )
        exporters.check_destinations(exports)
        placement = self._placing.place(exports, platforms=request.platforms, is_attested=bool(request.attestations))
        request = self._placing.with_hosts(request)
        refuse_shared(inputs.named_by(request))
        offered = inputs.gather(
            request.context, dockerfile=request.file, named=request.build_contexts, stdin=getattr(sys.stdin, "buffer", None)
        )
        ticker = Ticker(self.channel, display.tick, display.interval_s) if display.interval_s else None
        try:
            return self._solve(request, offered, placement, display, on_event, frontend)
        finally:
            if ticker:
                ticker.stop()
            offered.close()

    def _solve(
        self,
        request: BuildRequest,
        offered: Inputs,
        placement: Placement,
        display: Display,
        on_event: Callable[[StatusEvent], object] | None,
        frontend: Callable[[Bridge], Returned] | None,
    ) -> BuildResult:
        exports = placement.exports
        # What docker builds is based on the images that it has.
        local = {"image-resolve-mode": "local"} if self.is_docker else {}
        cached = caches_of(request)
        options = {**local, **frontend_options(request), **offered.options, **(cached.options if cached else {})}
        message = control.SolveRequest(
            Ref=tunnel.random_id(),
            Session=tunnel.random_id(),
            FrontendAttrs=options,
            Entitlements=entitlements(request),
            **wire.exporters(exports),
            Cache=cached.message if cached else None,
        )

        graphs: list[Definition] = []
        needs = [SEVERAL_OUTPUTS] if len(exports) > 1 else []
        needs += [ATTESTATIONS] if request.attestations else []

        def drive() -> None:
            drive_frontend(
                self.channel, message.Ref, message.Session, options, offered.read, graphs, needs=needs, frontend=frontend
            )

        notify = NoticeDisplay(self.channel.loop.post, display.update)
        offer = Offer(request, offered, exports, placement.loads, cached.stores if cached else None, notify)
        try:
            response = solve(
                self.channel,
                message,
                services=offer.services,
                shared_key=offered.shared_key,
                display=display,
                on_event=on_event,
                drive=drive,
                graphs=graphs,
            )
            offer.commit(response)
            if cached:
                cached.commit(response)
            response = self._placing.push(placement, response, store=offer.credentials, show=display.update)
        except SolveError as error:
            syntax.add_hint(error, options)
            raise (offer.failure or error) from None
        except LlbfrontError as error:
            syntax.add_hint(error, options)
            raise
        finally:
            offer.close()
        skipped = cached.skipped if cached else ()
        return BuildResult(message.Ref, response, display.trace, tuple(offer.unreadable), skipped)


class Ticker:
    """Calls back again and again while the loop of a channel runs, outside of all protocol state."""

    def __init__(self, channel: Channel, on_tick: Callable[[], None], tick_s: float) -> None:
        self._channel, self._on_tick, self._tick_s = channel, on_tick, tick_s
        self._timer = channel.call_later(tick_s, self._tick)

    def _tick(self) -> None:
        self._channel.loop.deliver(self._on_tick)
        self._timer = self._channel.call_later(self._tick_s, self._tick)

    def stop(self) -> None:
        self._timer.cancel()
