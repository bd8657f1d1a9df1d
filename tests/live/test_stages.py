"""The stages that are said to be built are those whose vertices the engine starts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import llbfront
from llbfront.inspection.stages import stage_statuses

if TYPE_CHECKING:
    import pathlib

    from llbfront.progress.events import StatusEvent
    from tests.live.conftest import Engine

STEP = re.compile(r"\[(?P<stage>\S+) +\d+/\d+\] ")
TREE = """\
FROM busybox AS base
RUN echo base
FROM base AS tools
RUN echo tools
FROM busybox AS test
RUN --mount=from=tools,target=/t echo test
FROM base AS build
COPY --from=tools /bin/ls /ls
FROM scratch AS unused
COPY --from=busybox /bin/ls /
FROM scratch AS final
COPY --from=build /ls /
FROM final AS labelled
LABEL a=b
"""
TARGETS = ("base", "tools", "test", "build", "unused", "final", "labelled")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("no_cache", [False, True])
def test_stages_are_the_vertices_that_the_engine_starts(
    engine: Engine, tmp_path: pathlib.Path, target: str, *, no_cache: bool
) -> None:
    (tmp_path / "Dockerfile").write_text(TREE)
    started: set[str] = set()

    def listen(event: StatusEvent) -> None:
        started.update(vertex.name for vertex in event.vertexes if vertex.started_ns)

    with llbfront.connect(engine.address) as connection:
        connection.build(tmp_path, target=target, no_cache=no_cache, on_event=listen)
    statuses = stage_statuses(llbfront.convert(tmp_path, target=target))
    steps = {step for status in statuses for step in status.steps}
    assert {match["stage"] for name in started if (match := STEP.match(name))} == {
        status.name for status in statuses if status.steps
    }
    assert {name for name in started if STEP.match(name) and "] FROM " not in name} == {
        name for name in steps if "] FROM " not in name
    }
