"""Requests that are built together: their contexts may be results of each other.

Source: build/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments
from llbfront.client import prepared_build
from llbfront.client.inputs.contexts import named_by
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.request.jobs import DEFER_OUTPUT
from llbfront.errors import LlbfrontError, OptionError
from llbfront.files.paths import STANDARD_STREAM
from llbfront.files.reading import keeping_pipes, refuse_same_input

if TYPE_CHECKING:
    from llbfront.client.prepared_build import PreparedBuild
    from llbfront.client.request.jobs import Jobs
    from llbfront.llb.state import State


@attrs.frozen
class LinkedRequest:
    """A request whose contexts may be graphs.

    Attributes:
        request: what to build.
        links: the named contexts that are results of other requests: names of contexts to names of requests.
        context: the main context as a graph, which is taken in place of the address in the request.
        local: the request with its local input, once that was read.
    """

    request: BuildRequest
    links: Mapping[str, str] = attrs.Factory(dict)
    context: State | None = None
    local: PreparedBuild | None = None


def read_requests(requests: Mapping[str, BuildRequest | LinkedRequest]) -> dict[str, LinkedRequest]:
    """Return requests by name; a plain request has no links. Raises: ArgumentError."""
    if not isinstance(requests, Mapping):
        raise arguments.refuse(
            "requests", "a mapping of names to BuildRequests", requests, hint='such as {"app": BuildRequest(context=".")}'
        )
    return {arguments.text(name, "a name in requests"): _linked(name, request) for name, request in requests.items()}


def _linked(name: str, request: BuildRequest | LinkedRequest) -> LinkedRequest:
    if isinstance(request, LinkedRequest):
        return request
    if isinstance(request, BuildRequest):
        return LinkedRequest(request)
    raise arguments.refuse(f"requests[{name!r}]", "a BuildRequest", request)


@contextlib.contextmanager
def prepared(requests: Mapping[str, LinkedRequest], environ: Mapping[str, str]) -> Iterator[dict[str, LinkedRequest]]:
    """Read and check the local input of requests before an engine is needed. Raises what `prepared_build.prepare` raises."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(keeping_pipes())
        if not all(linked.local for linked in requests.values()):
            refuse_same_input(shared_inputs(requests))
        yield {
            name: attrs.evolve(linked, local=linked.local or stack.enter_context(_prepare(name, linked.request, environ)))
            for name, linked in requests.items()
        }


def shared_inputs(requests: Mapping[str, LinkedRequest]) -> list[tuple[str, str]]:
    """Return the paths that requests have read locally, with what they are. What `keeping_pipes` lets several read comes once."""
    named = [(name, *pair) for name, linked in requests.items() for pair in named_by(linked.request)]
    once = dict.fromkeys((path, what) for _, path, what in named if path != STANDARD_STREAM)
    return [*once, *((path, f"{what} of {name}") for name, path, what in named if path == STANDARD_STREAM)]


def _prepare(name: str, request: BuildRequest, environ: Mapping[str, str]) -> PreparedBuild:
    try:
        return prepared_build.prepare(request, environ)
    except LlbfrontError as error:
        error.add_hint(f"in target {name}")
        raise


def check_jobs(jobs: Jobs, requests: Mapping[str, LinkedRequest]) -> None:
    """Refuse a number of jobs that could never end. Raises: OptionError."""
    if not 0 < jobs.parallel < len(requests):
        return
    if jobs.mode == DEFER_OUTPUT:
        raise OptionError(f"{DEFER_OUTPUT} needs as many jobs as targets, {len(requests)}", hint="leave out parallel=")
    if any(linked.links for linked in requests.values()):
        raise OptionError("a limit of jobs is not possible for targets that are contexts of others", hint="leave out parallel=")


def in_order(requests: Mapping[str, LinkedRequest]) -> list[str]:
    """Return the names of requests, each after those that it links to. Raises: OptionError."""
    ordered: dict[str, None] = {}

    def add(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise OptionError(f"targets link to each other in a circle: {' → '.join((*path, name))}")
        if name not in requests:
            raise OptionError(f"the target {path[-1]} links to {name}, which is not built")
        for linked in requests[name].links.values():
            add(linked, (*path, name))
        ordered[name] = None

    for name in requests:
        add(name, ())
    return list(ordered)
