"""Read and check everything local that a build needs, before an engine is searched or asked for anything.

Source: build/opt.go of docker/buildx.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

import attrs

from llbfront.client.buildflags import exporters
from llbfront.client.inputs import contexts, input_files
from llbfront.client.request import environment
from llbfront.client.request.build_request import BuildRequest, annotation_attributes, check_texts, frontend_options
from llbfront.files.reading import refuse_same_input

if TYPE_CHECKING:
    from types import TracebackType

    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.llb.definition import Definition
    from llbfront.pb import policy_pb2 as policy


@attrs.frozen(eq=False)
class PreparedBuild:
    """A request with the local input that belongs to it. Made by `prepare`; use it in a `with` block.

    Attributes:
        request: what to build, with the settings of the environment that hold for every engine.
        inputs: the directories and files that the engine may read.
        graphs: the named contexts that are graphs.
        source_policy: the rules of `request.source_policy`.
    """

    request: BuildRequest
    inputs: Inputs
    graphs: GraphContexts
    source_policy: policy.Policy | None = None

    def close(self) -> None:
        """Remove temporary files."""
        self.inputs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def prepare(request: BuildRequest, environ: Mapping[str, str] | None = None) -> PreparedBuild:
    """Read and check the local input of a build.

    Args:
        request: what to build.
        environ: the environment, by default that of the process.

    Raises:
        ContextError: an input cannot be read.
        ExportError: an output cannot be written.
        InvalidValue, OptionError: a bad value, or settings that contradict each other.
    """
    environ = os.environ if environ is None else environ
    request = environment.apply(request, environ)
    exports = planned_exports(request, environ)
    exporters.check_destinations(exports)
    exporters.refuse_archives(exports, is_attested=bool(request.attestations), has_platforms=len(request.platforms) > 1)
    exporters.check_cache_destinations(request.cache_to)
    refuse_same_input(contexts.named_by(request))
    input_files.refuse_overwriting(request, exporters.destinations(exports))
    rules = _source_policy(request)
    offered = _gathered(request, environ)
    try:
        if environ.get(environment.GIT_LABELS):
            from llbfront.client.git import commit_labels

            request = commit_labels.with_labels(request, offered, environ)
        graphs = GraphContexts(request, offered.directories)
        options = {**frontend_options(request), **offered.options, **graphs.options}
        check_texts(options, (*exports, *request.cache_from, *request.cache_to))
    except BaseException:
        offered.close()
        raise
    return PreparedBuild(request, offered, graphs, rules)


def planned_exports(request: BuildRequest, environ: Mapping[str, str], *, is_docker: bool = False) -> tuple[Export, ...]:
    """Return the outputs of a build; `is_docker` says whether a docker engine builds. Raises: OptionError, InvalidReference."""
    exports = exporters.plan(
        request.outputs,
        tags=request.tags,
        push=request.push,
        load=request.load,
        default=environment.default_exports(environ, is_docker=is_docker),
        annotations=annotation_attributes(request),
    )
    return environment.with_artifact_default(exports, environ)


def _source_policy(request: BuildRequest) -> policy.Policy | None:
    """Read the source policy of a request, None if it has none."""
    if request.source_policy is None:
        return None
    from llbfront.client.sources import source_policy

    return source_policy.read(request.source_policy)


def _gathered(request: BuildRequest, environ: Mapping[str, str]) -> Inputs:
    places = {name: value for name, value in request.build_contexts.items() if isinstance(value, str)}
    stdin = getattr(sys.stdin, "buffer", None)
    return contexts.gather(request.context, dockerfile=request.file, named=places, stdin=stdin, environ=environ)


class GraphContexts:
    """The named contexts of a request that are graphs, as options and inputs of the frontend."""

    def __init__(self, request: BuildRequest, directories: Iterable[str]) -> None:
        """Check that `directories`, by name, are all that the graphs read. Raises: ContextError."""
        self._graphs = {name: value for name, value in request.build_contexts.items() if not isinstance(value, str)}
        self.options: Mapping[str, str] = {}
        self._definitions: Mapping[str, Definition] = {}
        if not self._graphs:
            return
        from llbfront.client.solve import graphs

        platform = request.platforms[0] if request.platforms else None
        self.options = graphs.context_options(self._graphs)
        self._definitions = {name: graphs.definition_of(value, platform) for name, value in self._graphs.items()}
        for definition in self._definitions.values():
            graphs.check_locals(definition, directories, argument="build_contexts")

    def definitions(self, session_id: str) -> Mapping[str, Definition]:
        """Return the definitions, whose local sources are read from a session."""
        if not self._definitions:
            return {}
        from llbfront.client.solve import graphs

        return {name: graphs.in_session(definition, session_id) for name, definition in self._definitions.items()}
