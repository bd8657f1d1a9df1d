"""Find the docker engine that images are loaded into.

Source: cli/command of the docker CLI.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llbfront.docker import context as docker_context
from llbfront.engine import discover, probe
from llbfront.engine.discover import Candidate
from llbfront.errors import ExportError


def find_docker_engine(context: str | None = None, *, environ: Mapping[str, str] = os.environ, timeout_s: float = 1.0) -> str:
    """Return the `docker:` address of the docker engine to load images into.

    This is the engine of the docker context `context`, else the one that docker is configured to use, else the first of the usual
    sockets that answers.

    Raises: ExportError with every address and why it failed.
    """
    failed: list[str] = []
    for candidate in _candidates(context, environ):
        cause = candidate.problem
        if not cause:
            outcome = probe.probe_docker(candidate.address, timeout_s=timeout_s)
            if isinstance(outcome, probe.Answer):
                return discover.docker_address(candidate.address)
            cause = outcome.cause
        failed.append(f"{candidate.origin} {candidate.address}".strip() + f": {cause}")
    raise ExportError(
        f"no docker engine to load the image into: {'; '.join(failed)}", hint="to write a file instead, use type=docker,dest=FILE"
    )


def _candidates(context: str | None, environ: Mapping[str, str]) -> tuple[Candidate, ...]:
    if configured := docker_context.chosen(environ, context=context):
        return (Candidate(configured.origin, configured.address, problem=configured.problem),)
    return discover.docker_sockets(environ)
