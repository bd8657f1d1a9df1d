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
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, Self, TextIO

from llbfront import arguments
from llbfront.client import (
    caches,
    environment,
    exporters,
    foreign_arguments,
    git_info,
    input_files,
    inputs,
    source_policy,
    status_decoding,
    syntax,
)
from llbfront.client.build_table import build_request
from llbfront.client.credential_notices import CredentialNotices
from llbfront.client.engine_lock import EngineLock
from llbfront.client.image_delivery import ImageDelivery
from llbfront.client.request import BuildRequest, annotation_attributes, check_texts, entitlements, frontend_options
from llbfront.client.result import BuildResult
from llbfront.client.session_services import SessionServices
from llbfront.client.solve import ATTESTATIONS, SEVERAL_OUTPUTS, check_listener, drive_frontend, show_warnings, solve
from llbfront.errors import LlbfrontError, RpcError, SolveError
from llbfront.files.reading import refuse_shared
from llbfront.pb import control_pb2 as control
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.rpc.codes import Code
from llbfront.rpc.services.control import ControlMethods
from llbfront.session import tunnel

if TYPE_CHECKING:
    from llbfront.client.build_arguments import Assignments, Attributes, ContextLike, OutputLike, SecretLike
    from llbfront.client.caches import Caches
    from llbfront.client.image_delivery import DeliveryPlan
    from llbfront.client.inputs import Inputs
    from llbfront.frontend.bridge import Bridge, FrontendWarning, Returned
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.pb import policy_pb2 as policy
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel


def caches_of(request: BuildRequest) -> Caches | None:
    """Prepare the caches of a request, None if it has none."""
    if not (request.cache_from or request.cache_to):
        return None
    return caches.prepare(request.cache_from, request.cache_to)


def _source_policy(request: BuildRequest) -> policy.Policy | None:
    """Read the source policy of a request, None if it has none."""
    if request.source_policy is None:
        return None
    return source_policy.read(request.source_policy)


class Engine:
    """A connection to an engine. Made by `llbfront.connect`; use it in a `with` block.

    It does one thing at a time: calls from several threads wait for each other. Open an engine for each build that is to run at the
    same time. `close` ends the build that another thread runs. After a fork, connect again.
    """

    def __init__(
        self,
        channel: Channel,
        address: str,
        *,
        find_docker: Callable[[str | None], str] | None = None,
        load_frontend: Callable[[Any], Callable[[Bridge], Returned]] | None = None,
        environ: Mapping[str, str] | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Use a channel; `llbfront.connect` makes one.

        Args:
            channel: the connection to the engine.
            address: the address of the engine.
            find_docker: finds the docker engine of a docker context, or of none, when an image is to be loaded.
            load_frontend: makes a frontend of a function or the path of a Python file.
            environ: the environment that builds read, by default that of the process.
            report: told what is wrong with the environment and does not stop a build.
        """
        self.channel = channel
        self.address = address
        self._load_frontend = load_frontend
        self._environ = os.environ if environ is None else environ
        self._report = report
        self._delivery = ImageDelivery(channel, address, find_docker)
        self._lock = EngineLock(channel)

    def __repr__(self) -> str:
        return f"<Engine at {self.address or 'an unnamed address'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if (lock := getattr(self, "_lock", None)) and not lock.is_closed:
            warnings.warn(f"unclosed engine {self.address}", ResourceWarning, stacklevel=2, source=self)
            lock.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Engine cannot be pickled or copied: give its address to the other process, and connect there")

    def close(self) -> None:
        """Close the connection. A build that another thread runs ends with EngineClosed. Closing twice does nothing."""
        self._lock.close()

    def begin_close(self) -> None:
        """Refuse further calls and end the present one. May be called from any thread; `close` must follow."""
        self._lock.begin_close()

    def interrupt(self, error: BaseException) -> None:
        """End the present call with `error`. May be called from any thread."""
        self._lock.interrupt(error)

    def forget_interrupt(self) -> None:
        """Take back an interrupt that came when no call was under way."""
        self._lock.forget_interrupt()

    def version(self) -> str:
        """The version of the engine, such as `v0.34.2`; that of docker, such as `docker 20.10.24`, where its BuildKit tells none."""
        with self._lock.use():
            return self._version()

    def _version(self) -> str:
        try:
            return self.channel.unary(ControlMethods.Info, control.InfoRequest()).buildkitVersion.version
        except RpcError as error:
            if error.code != Code.UNIMPLEMENTED or not self.is_docker:
                raise
        from llbfront.docker.api import DockerApi

        return f"docker {DockerApi(self.address).version()}"

    @property
    def is_docker(self) -> bool:
        """Whether it is a docker engine, which keeps what it builds among its images."""
        return self._delivery.is_docker

    @foreign_arguments.checked
    def build(
        self,
        context: str | os.PathLike[str] | bytes | BinaryIO = ".",
        *,
        file: str | os.PathLike[str] | bytes | BinaryIO | TextIO | None = None,
        target: str | None = None,
        tags: Iterable[str] = (),
        output: OutputLike | Iterable[OutputLike] = (),
        push: bool = False,
        load: bool = False,
        platforms: Iterable[str | Platform] = (),
        build_args: Assignments | None = None,
        labels: Assignments | None = None,
        secrets: SecretLike | Iterable[SecretLike] = (),
        build_contexts: Mapping[str, ContextLike] | Iterable[str] | None = None,
        no_cache: bool = False,
        no_cache_filter: Iterable[str] = (),
        pull: bool = False,
        network: str = "default",
        frontend: str | os.PathLike[str] | Callable[..., Any] | None = None,
        on_event: Callable[[StatusEvent], object] | None = None,
        ssh: Mapping[str, Any] | Iterable[str] = (),
        cache_from: str | Attributes | Iterable[str | Attributes] = (),
        cache_to: str | Attributes | Iterable[str | Attributes] = (),
        attest: str | Attributes | Iterable[str | Attributes] = (),
        sbom: bool | str | Attributes | None = None,
        provenance: bool | str | Attributes | None = None,
        annotations: Assignments | None = None,
        add_hosts: Mapping[str, Any] | Iterable[str] | None = None,
        ulimits: Mapping[str, Any] | Iterable[str] | None = None,
        shm_size: str | int = 0,
        cgroup_parent: str = "",
        allow: Iterable[str] = (),
        resources: Assignments | None = None,
        syntax: str | None = None,
        source_policy: str | os.PathLike[str] | None = None,
    ) -> BuildResult:
        """Build a Dockerfile. Every argument means what the flag of its name means to `docker buildx build`.

        Arguments take texts as on the command line, and mappings with the same keys. Where a list is meant, one text is one item.
        Values of build arguments and labels may be ints, but not bools or floats. None means that an argument is not given.

        Args:
            context: a directory, a URL, `-` for standard input, or a tar, compressed or not, as bytes or a binary file.
            file: the path of the Dockerfile, `-`, its text (whatever has a line break), bytes, or a file.
            target: the stage to build, by default the last.
            tags: names of the image.
            output: a directory, a text `type=…,dest=…`, a mapping of the same keys, an Export, or several of them.
            push: push the image to its registry.
            load: load the image into the docker engine.
            platforms: the platforms to build for, by default that of the engine.
            build_args: values of ARGs by name, or texts `NAME=VALUE`, of which a bare NAME is taken from the environment.
            labels: labels of the image.
            secrets: texts `id=…,src=…|env=…`, mappings of the same keys or with `value`, or SecretSource values.
            build_contexts: other contexts by name: paths, URLs, images such as `docker-image://alpine`, graphs and states.
            no_cache: run every step again.
            no_cache_filter: stages whose steps to run again.
            pull: ask the registry for base images even if the engine has them.
            network: network of RUN steps that name none: `default`, `none` or `host`.
            frontend: a function, or the path of a Python file with a function `frontend`, that builds in place of the Dockerfile's.
            on_event: called for every status event as it comes, on this thread. What it raises ends the build and is raised here.
            ssh: texts `ID[=SOCKET|KEY]`, or a mapping of ids to sockets or keys, None for the usual agent.
            cache_from: caches to take steps from: names of images, texts `type=…,…` or mappings.
            cache_to: caches to write, in the same forms.
            attest: attestations: texts `type=sbom|provenance,…` or mappings.
            sbom: short for `attest`: True, or attributes such as `generator=IMAGE`.
            provenance: short for `attest`: True, or attributes such as `mode=max`.
            annotations: annotations of the image by key, `[TYPE[PLATFORM]:]KEY`.
            add_hosts: lines of /etc/hosts of RUN steps: addresses by name, or texts `HOST=ADDRESS`.
            ulimits: limits of RUN steps: `{"nofile": 1024}`, `{"nofile": (1024, 2048)}`, or texts `TYPE=SOFT[:HARD]`.
            shm_size: size of /dev/shm in RUN steps: bytes, or a text such as `64m`.
            cgroup_parent: the cgroup that RUN steps run below.
            allow: entitlements: `network.host`, `security.insecure`, `device`.
            syntax: build with the frontend in this image, or `builtin`, whatever the `# syntax=` line says.
            source_policy: the path of a file of rules that allow, deny or replace sources, as JSON.
            resources: limits of the cgroups of RUN steps: `{"memory": "2g", "cpuset-cpus": "0-3"}`, or texts `NAME=VALUE`.

        Raises:
            DockerfileError: the Dockerfile is wrong; its span says where.
            ExecFailed: a step's command failed.
            SolveError: the engine failed otherwise.
            ContextError, ExportError, InvalidValue, OptionError: before anything was built.
            EngineClosed: the engine was closed, before or meanwhile.
            KeyboardInterrupt: Ctrl-C; the engine was told to stop.
        """
        request = build_request(
            {
                "context": context,
                "file": file,
                "target": target,
                "tags": tags,
                "output": output,
                "push": push,
                "load": load,
                "platforms": platforms,
                "build_args": build_args,
                "labels": labels,
                "secrets": secrets,
                "ssh": ssh,
                "build_contexts": build_contexts,
                "no_cache": no_cache,
                "no_cache_filter": no_cache_filter,
                "pull": pull,
                "network": network,
                "cache_from": cache_from,
                "cache_to": cache_to,
                "attest": attest,
                "sbom": sbom,
                "provenance": provenance,
                "annotations": annotations,
                "add_hosts": add_hosts,
                "ulimits": ulimits,
                "shm_size": shm_size,
                "cgroup_parent": cgroup_parent,
                "allow": allow,
                "resources": resources,
                "syntax": syntax,
                "source_policy": source_policy,
            }
        )
        custom = None if frontend is None or self._load_frontend is None else self._load_frontend(frontend)
        return self.run(request, on_event=on_event, frontend=custom)

    @foreign_arguments.checked
    def solve(
        self,
        graph: Graph | Definition | State,
        *,
        platform: str | Platform | None = None,
        locals: Mapping[str, str | os.PathLike[str]] | None = None,  # noqa: A002  the noun of LLB
        output: OutputLike | Iterable[OutputLike] = (),
        secrets: SecretLike | Iterable[SecretLike] = (),
        ssh: Mapping[str, Any] | Iterable[str] = (),
        tags: Iterable[str] = (),
        push: bool = False,
        load: bool = False,
        allow: Iterable[str] = (),
        on_event: Callable[[StatusEvent], object] | None = None,
    ) -> BuildResult:
        """Solve a graph that was built by hand (`llbfront.llb`), converted or loaded, and export its result.

        An image gets the image config of a Graph that has one. The other arguments mean what they mean to `build`.

        Args:
            graph: a State, a Graph or a Definition.
            platform: the platform of a State, that of this machine by default.
            locals: the directories that local sources of the graph name.
            output: as for `build`.
            secrets: as for `build`.
            ssh: as for `build`.
            tags: names of the image.
            push: push the image to its registry.
            load: load the image into the docker engine.
            allow: entitlements.
            on_event: called for every status event as it comes, on this thread. What it raises ends the build and is raised here.

        Raises:
            ContextError: the graph needs a local directory that `locals` does not name.
            ExecFailed: a step's command failed.
            SolveError: the engine failed otherwise.
            ExportError, InvalidValue, OptionError: before anything was solved.
        """
        from llbfront.client import gateway_solve

        check_listener(on_event)
        given = {"output": output, "secrets": secrets, "ssh": ssh, "tags": tags, "push": push, "load": load, "allow": allow}
        request = build_request(given)
        with self._lock.use():
            return gateway_solve.solve_graph(
                self.channel, graph, request, platform=platform, locals=locals, on_event=on_event, delivery=self._delivery
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
        if not isinstance(request, BuildRequest):
            raise arguments.refuse("request", "a BuildRequest", request, hint="Engine.build takes a context and options")
        check_listener(on_event)
        with self._lock.use():
            return self._run(request, on_event, display or QuietDisplay(Trace()), frontend)

    def _run(
        self,
        request: BuildRequest,
        on_event: Callable[[StatusEvent], object] | None,
        display: Display,
        frontend: Callable[[Bridge], Returned] | None,
    ) -> BuildResult:
        request = environment.apply(request, self._environ, address=self.address, report=self._report)
        exports = exporters.plan(
            request.outputs,
            tags=request.tags,
            push=request.push,
            load=request.load,
            default=environment.default_exports(self._environ, is_docker=self.is_docker),
            annotations=annotation_attributes(request),
        )
        exports = environment.with_artifact_default(exports, self._environ)
        exporters.check_destinations(exports)
        plan = self._delivery.plan(exports, platforms=request.platforms, is_attested=bool(request.attestations))
        request = self._delivery.with_hosts(request)
        places = {name: value for name, value in request.build_contexts.items() if isinstance(value, str)}
        refuse_shared(inputs.named_by(request))
        input_files.refuse_replaced(request, exporters.destinations(exports))
        offered = inputs.gather(
            request.context, dockerfile=request.file, named=places, stdin=getattr(sys.stdin, "buffer", None), environ=self._environ
        )
        ticker = Ticker(self.channel, display.tick, display.interval_s) if display.interval_s else None
        try:
            return self._solve(request, offered, plan, display, on_event, frontend)
        finally:
            if ticker:
                ticker.stop()
            offered.close()

    def _solve(
        self,
        request: BuildRequest,
        offered: Inputs,
        plan: DeliveryPlan,
        display: Display,
        on_event: Callable[[StatusEvent], object] | None,
        frontend: Callable[[Bridge], Returned] | None,
    ) -> BuildResult:
        exports = plan.exports
        if self._environ.get(environment.GIT_LABELS):
            request = git_info.with_labels(request, offered, self._environ)
        # What docker builds is based on the images that it has.
        local = {"image-resolve-mode": "local"} if self.is_docker else {}
        cached = caches_of(request)
        named = NamedGraphs(request, offered.directories)
        options = {
            **local,
            **frontend_options(request),
            **offered.options,
            **named.options,
            **(cached.options if cached else {}),
        }
        check_texts(options, (*exports, *request.cache_from, *request.cache_to))
        message = control.SolveRequest(
            Ref=tunnel.random_id(),
            Session=tunnel.random_id(),
            FrontendAttrs=options,
            Entitlements=entitlements(request),
            **status_decoding.exporters(exports),
            Cache=cached.message if cached else None,
            SourcePolicy=_source_policy(request),
        )

        graphs: list[Definition] = []
        configs: list[bytes] = []
        frontend_warnings: list[FrontendWarning] = []
        needs = [SEVERAL_OUTPUTS] if len(exports) > 1 else []
        needs += [ATTESTATIONS] if request.attestations else []

        def drive() -> None:
            config = drive_frontend(
                self.channel,
                message.Ref,
                message.Session,
                options,
                offered.read,
                graphs,
                needs=needs,
                frontend=frontend,
                inputs=named.definitions(message.Session),
                warnings=frontend_warnings,
            )
            if config is not None:
                configs.append(config)

        notify = CredentialNotices(self.channel.loop.post, display.update)
        session_services = SessionServices(
            request, offered, exports, plan.loads, cached.stores if cached else None, notify, self._environ
        )
        try:
            response = solve(
                self.channel,
                message,
                services=session_services.services,
                shared_key=offered.shared_key,
                display=display,
                on_event=on_event,
                drive=drive,
                graphs=graphs,
            )
            show_warnings(map(status_decoding.frontend_warning, frontend_warnings), display, on_event)
            session_services.commit(response)
            if cached:
                cached.commit(response)
            response = self._delivery.push(plan, response, store=session_services.credentials, show=display.update)
        except SolveError as error:
            show_warnings(map(status_decoding.frontend_warning, frontend_warnings), display, on_event)
            from llbfront.client import step_hints  # loads the parser, which a build that succeeds does not need here

            step_hints.add_hints(error, graphs, secrets=[each.id for each in request.secrets], agents=tuple(request.ssh))
            syntax.add_hint(error, options)
            raise session_services.explain(error, graphs) from None
        except LlbfrontError as error:
            show_warnings(map(status_decoding.frontend_warning, frontend_warnings), display, on_event)
            syntax.add_hint(error, options)
            raise
        finally:
            session_services.close()
        skipped = (*cached.skipped, *cached.unwritten(response)) if cached else ()
        return BuildResult(
            message.Ref, response, display.trace, session_services.sockets, skipped, tuple(graphs), next(iter(configs), None)
        )


class NamedGraphs:
    """The named contexts of a request that are graphs, as options and inputs of the frontend."""

    def __init__(self, request: BuildRequest, directories: Iterable[str]) -> None:
        """Check that `directories`, by name, are all that the graphs read. Raises: ContextError."""
        self._graphs = {name: value for name, value in request.build_contexts.items() if not isinstance(value, str)}
        self.options: Mapping[str, str] = {}
        self._definitions: Mapping[str, Definition] = {}
        if not self._graphs:
            return
        from llbfront.client import graphs

        platform = request.platforms[0] if request.platforms else None
        self.options = graphs.context_options(self._graphs)
        self._definitions = {name: graphs.definition_of(value, platform) for name, value in self._graphs.items()}
        for definition in self._definitions.values():
            graphs.check_locals(definition, directories, argument="build_contexts")

    def definitions(self, session_id: str) -> Mapping[str, Definition]:
        """Return the definitions, whose local sources are read from a session."""
        if not self._definitions:
            return {}
        from llbfront.client import graphs

        return {name: graphs.in_session(definition, session_id) for name, definition in self._definitions.items()}


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
