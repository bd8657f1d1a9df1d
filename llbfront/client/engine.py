"""The public Engine: a connection to an engine, and what a program does with it.

`build` runs what Engine starts. `llbfront.connect` makes an Engine.

Source: client/client.go of BuildKit.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, Self, TextIO

from llbfront import arguments
from llbfront.client import build
from llbfront.client.engine_control import EngineControl
from llbfront.client.engine_lock import EngineLock
from llbfront.client.exports.image_delivery import ImageDelivery
from llbfront.client.prepared_build import PreparedBuild
from llbfront.client.request import foreign_arguments
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.request.settings import build_request
from llbfront.client.solve.running_solve import check_listener
from llbfront.errors import RpcError
from llbfront.pb import control_pb2 as control
from llbfront.progress.display import QuietDisplay
from llbfront.progress.trace import Trace
from llbfront.rpc.codes import Code
from llbfront.rpc.services.control import ControlMethods

if TYPE_CHECKING:
    from llbfront.client.linked_requests import LinkedRequest
    from llbfront.client.records.joint_recorders import JointRecorders
    from llbfront.client.records.recording import Recorder
    from llbfront.client.request.converters import Assignments, Attributes, ContextLike, OutputLike, SecretLike
    from llbfront.client.result import BuildResult
    from llbfront.client.solve.frontend_solve import FrontendSolve
    from llbfront.client.sources.remote_files import RemoteFiles
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.progress.display import Display
    from llbfront.progress.events import StatusEvent
    from llbfront.rpc.channel import Channel


class Engine(EngineControl):
    """A connection to an engine. `llbfront.connect` makes one; use it in a `with` block, or `close` it.

    An Engine runs one build at a time: calls from several threads wait for each other. Open an Engine for each build that is to run at the same
    time. After a fork, connect again.

    Attributes:
        address: the address of the engine.

    Example:
        >>> with llbfront.connect() as engine:  # doctest: +SKIP
        ...     result = engine.build("app", tags="registry.example/app", push=True)
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
            report: called with problems of the environment that do not stop a build.
        """
        self.channel = channel
        self.address = address
        self._load_frontend = load_frontend
        self._connection = build.EngineConnection(
            channel,
            address,
            ImageDelivery(channel, address, find_docker),
            os.environ if environ is None else environ,
            report,
        )
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
        """Close the connection. A build that another thread runs ends with EngineClosed. Closing twice is allowed."""
        self._lock.close()

    def begin_close(self) -> None:
        """Refuse further calls and end the present one. May be called from any thread; `close` must follow."""
        self._lock.begin_close()

    def interrupt(self, error: BaseException) -> None:
        """End the present call with `error`. May be called from any thread."""
        self._lock.interrupt(error)

    def forget_interrupt(self) -> None:
        """Drop an interrupt that came when no call was under way."""
        self._lock.forget_interrupt()

    def version(self) -> str:
        """Return the version of the engine, such as `v0.34.2`, or of docker, such as `docker 20.10.24`, if its BuildKit has none."""
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
        """Whether it is a docker engine, which stores every result in its image store."""
        return self._connection.delivery.is_docker

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
        record: bool = False,
    ) -> BuildResult:
        """Build a Dockerfile. Every argument means what the flag of its name means to `docker buildx build`.

        Arguments take strings as on the command line, and mappings with the same keys. Where a list is meant, one string is one item.
        Values of build arguments and labels may be ints, but not bools or floats. None means that an argument is not given, but `context` is never None.

        Args:
            context: a directory, a URL, `-` for standard input, or a tar, compressed or not, as bytes or a binary file.
            file: the path of the Dockerfile, `-`, its text (whatever has a line break), bytes, or a file.
            target: the stage to build, by default the last.
            tags: names of the image.
            output: a directory, a string `type=…,dest=…`, a mapping of the same keys, an Export, or several of them.
            push: push the image to its registry.
            load: load the image into the docker engine.
            platforms: the platforms to build for, by default that of the engine.
            build_args: values of ARGs by name, or strings `NAME=VALUE`, of which a bare NAME is taken from the environment.
            labels: labels of the image.
            secrets: strings `id=…,src=…|env=…`, mappings of the same keys or with `value`, or SecretSource values.
            build_contexts: other contexts by name: paths, URLs, images such as `docker-image://alpine`, graphs and states.
            no_cache: run every step again.
            no_cache_filter: stages whose steps to run again.
            pull: ask the registry for base images even if the engine has them.
            network: network of RUN steps that name none: `default`, `none` or `host`.
            frontend: a function, or the path of a Python file with a function `frontend`, that builds in place of the Dockerfile's.
            on_event: called for every status event as it comes, on this thread. What it raises ends the build and is raised here.
            ssh: strings `ID[=SOCKET|KEY]`, or a mapping of ids to sockets or keys, None for the usual agent.
            cache_from: caches to take steps from: names of images, strings `type=…,…` or mappings.
            cache_to: caches to write, in the same forms.
            attest: attestations: strings `type=sbom|provenance,…` or mappings.
            sbom: short for `attest`: True, or attributes such as `generator=IMAGE`.
            provenance: short for `attest`: True, or attributes such as `mode=max`.
            annotations: annotations of the image by key, `[TYPE[PLATFORM]:]KEY`.
            add_hosts: lines of /etc/hosts of RUN steps: addresses by name, or strings `HOST=ADDRESS`.
            ulimits: limits of RUN steps: `{"nofile": 1024}`, `{"nofile": (1024, 2048)}`, or strings `TYPE=SOFT[:HARD]`.
            shm_size: size of /dev/shm in RUN steps: bytes, or a string such as `64m`.
            cgroup_parent: the parent cgroup of RUN steps.
            allow: entitlements: `network.host`, `security.insecure`, `device`.
            syntax: build with the frontend in this image, or `builtin`, whatever the `# syntax=` line says.
            source_policy: the path of a file of rules that allow, deny or replace sources, as JSON.
            resources: limits of the cgroups of RUN steps: `{"memory": "2g", "cpuset-cpus": "0-3"}`, or strings `NAME=VALUE`.
            record: keep a record of the build, which `llbfront why` and RecordedBuilds read, unless LLBFRONT_RECORD forbids it.

        Raises:
            DockerfileError: the Dockerfile is wrong; its span says where.
            ExecFailed: a step's command failed.
            SolveError: the engine failed otherwise.
            ContextError, ExportError, InvalidValue, OptionError: before anything was built.
            EngineClosed: the engine was closed before or during the call.
            KeyboardInterrupt: Ctrl-C; the build was cancelled on the engine, too.
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
        function = None if frontend is None or self._load_frontend is None else self._load_frontend(frontend)
        return self.run(request, on_event=on_event, frontend=function, record=arguments.flag(record, "record"))

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
        from llbfront.client.solve.graph_solve import solve_graph  # loads the graph model, which a build does not need

        check_listener(on_event)
        request = build_request(
            {"output": output, "secrets": secrets, "ssh": ssh, "tags": tags, "push": push, "load": load, "allow": allow}
        )
        with self._lock.use():
            return solve_graph(self._connection, graph, request, platform=platform, directories=locals, on_event=on_event)

    def solve_frontend(
        self,
        frontend: str | FrontendSolve = "",
        *,
        options: Mapping[str, str | int | os.PathLike[str]] | None = None,
        locals: Mapping[str, str | os.PathLike[str]] | None = None,  # noqa: A002  the noun of LLB
        oci_layouts: Mapping[str, str | os.PathLike[str]] | None = None,
        definition: Graph | Definition | None = None,
        output: OutputLike | Iterable[OutputLike] = (),
        secrets: SecretLike | Iterable[SecretLike] = (),
        ssh: Mapping[str, Any] | Iterable[str] = (),
        allow: Iterable[str] = (),
        cache_from: str | Attributes | Iterable[str | Attributes] = (),
        cache_to: str | Attributes | Iterable[str | Attributes] = (),
        no_cache: bool = False,
        source_policy: str | os.PathLike[str] | None = None,
        proxy_network: bool = False,
        on_event: Callable[[StatusEvent], object] | None = None,
        display: Display | None = None,
    ) -> BuildResult:
        """Solve with a frontend that the engine runs, or solve a definition, as `buildctl build` does.

        Args:
            frontend: `dockerfile.v0`, or `gateway.v0` with the option `source`. A solve that was prepared has all other settings, too.
            options: the options of the frontend, such as `{"target": "final", "build-arg:A": 1}`.
            locals: directories by name, such as `{"context": ".", "dockerfile": "."}`.
            oci_layouts: OCI layouts by name.
            definition: a graph, in place of a frontend.
            output: as for `build`.
            secrets: as for `build`.
            ssh: as for `build`.
            allow: entitlements.
            cache_from: as for `build`.
            cache_to: as for `build`.
            no_cache: run every step again.
            source_policy: as for `build`.
            proxy_network: run the steps in the proxy network of the engine.
            on_event: called for every status event as it comes, on this thread.
            display: shows the build; the caller finishes it.

        Raises:
            ExecFailed: a step's command failed.
            SolveError: the engine failed otherwise.
            ContextError, ExportError, InvalidValue, OptionError: before anything was solved.
        """
        from llbfront.client.solve.frontend_solve import FrontendSolve, prepare, solve_frontend

        check_listener(on_event)
        if isinstance(frontend, FrontendSolve):
            what = frontend
        else:
            what = prepare(
                frontend,
                options=options,
                locals=locals,
                oci_layouts=oci_layouts,
                definition=definition,
                proxy_network=proxy_network,
                output=output,
                secrets=secrets,
                ssh=ssh,
                allow=allow,
                cache_from=cache_from,
                cache_to=cache_to,
                no_cache=no_cache,
                source_policy=source_policy,
            )
        with self._lock.use():
            return solve_frontend(self._connection, what, display=display or QuietDisplay(Trace()), on_event=on_event)

    def run(
        self,
        request: BuildRequest | PreparedBuild,
        *,
        on_event: Callable[[StatusEvent], object] | None = None,
        display: Display | None = None,
        frontend: Callable[[Bridge], Returned] | None = None,
        record: bool = False,
        internal: bool = False,
    ) -> BuildResult:
        """Build `request`, showing it on `display`, which the caller finishes. `frontend` builds, by default that of Dockerfiles.

        `record` keeps a record of the build for `llbfront why`, unless LLBFRONT_RECORD forbids it. The engine keeps no build
        record of an `internal` build.
        """
        if not isinstance(request, (BuildRequest, PreparedBuild)):
            raise arguments.refuse("request", "a BuildRequest", request, hint="Engine.build takes a context and options")
        check_listener(on_event)
        with self._lock.use():
            return build.build(
                self._connection,
                request,
                display=display or QuietDisplay(Trace()),
                on_event=on_event,
                frontend=frontend,
                recorder=self._recorder() if record else None,
                internal=internal,
            )

    @foreign_arguments.checked
    def build_together(
        self,
        requests: Mapping[str, BuildRequest | LinkedRequest],
        *,
        on_event: Callable[[StatusEvent], object] | None = None,
        display: Display | None = None,
        jobs: str | int = "",
        record: bool = False,
    ) -> dict[str, BuildResult]:
        """Build several requests at the same time, such as `llbfront.bake.Plan.requests`. Steps that they share run once.

        Args:
            requests: the requests by name. Those of a plan also say which contexts are results of others.
            on_event: called for every status event as it comes, on this thread. What it raises ends the builds and is raised here.
            display: shows the progress; the caller finishes it.
            jobs: how many run at the same time, or what happens when one fails: `fail-fast` (the others are cancelled), `defer-output` (nothing
                is exported before all have succeeded), `defer-error` (the others end); both as in `defer-error,parallel=2`.
            record: keep a record of each build, which `llbfront why` and RecordedBuilds read, unless LLBFRONT_RECORD forbids it.

        Returns:
            The results by name. Each has the steps and warnings of its own request, among them the steps that it shares with others.

        Raises:
            SolveError: a build failed on the engine; the others were cancelled.
            TargetsFailed: builds failed with `defer-error`.
            Errors of `build`.
        """
        from llbfront.client import joint_build
        from llbfront.client.linked_requests import read_requests
        from llbfront.client.request.jobs import read_jobs

        check_listener(on_event)
        linked = read_requests(requests)
        with self._lock.use():
            return joint_build.build_together(
                self._connection,
                linked,
                display=display or QuietDisplay(Trace()),
                on_event=on_event,
                jobs=read_jobs(jobs),
                recorders=self._joint_recorders(linked) if arguments.flag(record, "record") else None,
            )

    def read_remote_files(
        self,
        address: str,
        paths: str | Iterable[str],
        *,
        must_exist: bool = True,
        secrets: SecretLike | Iterable[SecretLike] = (),
        ssh: Mapping[str, Any] | Iterable[str] = (),
        git_advice: bool = False,
    ) -> RemoteFiles:
        """Read files of a git repository, or of an archive on the web, which the engine fetches.

        Args:
            address: a git repository as a build context names it, or the http URL of an archive or of a single file.
            paths: the files to read. Of the URL of a single file, that file is read.
            must_exist: whether a missing file is an error; else it is left out.
            secrets: credentials for git: `GIT_AUTH_TOKEN` or `GIT_AUTH_HEADER`, also followed by `.HOST`.
            ssh: agents and keys for git over SSH.
            git_advice: let git print advice.

        Raises:
            ContextError: the address cannot be read, or a file does not exist.
        """
        from llbfront.client.sources import remote_files

        request = build_request({"secrets": secrets, "ssh": ssh})
        with self._lock.use():
            return remote_files.read_remote_files(
                self.channel,
                arguments.text(address, "address"),
                arguments.texts(paths, "paths"),
                must_exist=must_exist,
                git_advice=git_advice,
                request=request,
            )

    def _recorder(self) -> Recorder | None:
        if not self._is_recording():
            return None
        from llbfront.client.records.recording import Recorder  # what records a build is loaded if it is recorded

        return Recorder(self._connection.environ, self._connection.address)

    def _joint_recorders(self, targets: Iterable[str]) -> JointRecorders | None:
        if not self._is_recording():
            return None
        from llbfront.client.records.joint_recorders import JointRecorders

        return JointRecorders(self._connection.environ, self._connection.address, targets)

    def _is_recording(self) -> bool:
        from llbfront.client.records import record_store

        return record_store.is_enabled(self._connection.environ)
