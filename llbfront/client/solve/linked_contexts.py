"""Contexts of builds that run together: results of other builds, graphs, and directories that a shared session serves.

Source: build/build.go (waitContextDeps) and build/opt.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.client.solve.config_metadata import config_metadata
from llbfront.dockerfile2llb import git_ref
from llbfront.llb.marshal import marshal

if TYPE_CHECKING:
    from llbfront.client.solve.shared_calls import SharedCalls
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State


@attrs.frozen(eq=False)
class LinkedResult:
    """The result of another solve that still runs: its graphs by platform. Their local sources are read from the session of that solve.

    A solve for one platform has the platform "".
    """

    graphs: Mapping[str, Definition]
    configs: Mapping[str, bytes]

    def options(self, name: str) -> dict[str, str]:
        """Return the frontend options that make the result the named context `name`."""
        keys = {platform: f"{name}::{platform}" if platform else name for platform in self.graphs}
        options = {f"context:{key}": f"input:{key}" for key in keys.values()}
        return options | {f"input-metadata:{keys[platform]}": config_metadata(config) for platform, config in self.configs.items()}

    def definitions(self, name: str) -> dict[str, Definition]:
        """Return the graphs by the names that `options` gives them."""
        return {f"{name}::{platform}" if platform else name: graph for platform, graph in self.graphs.items()}


@attrs.frozen(eq=False)
class ContextGraphs:
    """The contexts of a build that come from elsewhere than its request says.

    Attributes:
        linked: named contexts that are results of solves which run at the same time.
        main: the main context, in place of the address in the request.
        sessions: the ids of the sessions that serve directories, by the names of these.
        calls: calls that the other builds share.
    """

    linked: Mapping[str, LinkedResult]
    main: State | None
    sessions: Mapping[str, str]
    calls: SharedCalls | None = None

    def options(self, sources: Mapping[str, str]) -> dict[str, str]:
        """Return the frontend options of the inputs of a build, with these contexts."""
        options = {**sources, **{f"local-sessionid:{name}": id_ for name, id_ in self.sessions.items()}}
        if self.main is not None:
            address = options.pop("context", "")
            options |= {"input:context": address} if git_ref.is_git(address) else {}
        return options | {key: value for name, result in self.linked.items() for key, value in result.options(name).items()}

    def definitions(self) -> dict[str, Definition]:
        """Return the graphs by the names of inputs."""
        graphs = {key: graph for name, result in self.linked.items() for key, graph in result.definitions(name).items()}
        if self.main is None:
            return graphs
        main = marshal(self.main)
        return {**graphs, "context": main, "dockerfile": main}
