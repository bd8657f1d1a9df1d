"""The graph that a custom frontend makes, without an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.frontend import offline
from llbfront.frontend.results import CONFIG
from llbfront.inspection.formats import Graph
from llbfront.kit.loading import runner
from llbfront.llb.definition import Definition

if TYPE_CHECKING:
    from llbfront.scripting import DockerfileQuery


def graph_of_frontend(path: str, query: DockerfileQuery) -> Graph:
    """Call the frontend of a Python file with the options and files of a query.

    Raises:
        OptionError: the frontend cannot be loaded, or returns several results.
        LlbfrontError: it failed, or asks for what only an engine knows.
    """
    returned = runner(path)(query.bridge())
    refs = list((returned.refs or {"": returned.ref}).items())
    if len(refs) != 1:
        raise OptionError("a graph is of one platform", hint="choose one with --platform")
    ((key, ref),) = refs
    definition = offline.stable(ref.definition) if isinstance(ref, offline.UnsolvedReference) else Definition()
    config = returned.metadata.get(f"{CONFIG}/{key}" if key else CONFIG)
    return Graph.of(definition, config=config, directories=query.directories)
