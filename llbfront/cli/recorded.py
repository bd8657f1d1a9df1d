"""The argument that selects a recorded build, which several commands share."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.errors import OptionError
from llbfront.files.paths import identity, is_regular
from llbfront.foreign_json import parse_json
from llbfront.frontend import image_configs
from llbfront.inspection.stage_names import target_of

if TYPE_CHECKING:
    import argparse

    from llbfront.frontend.offline import ImageSource
    from llbfront.inspection.formats import Graph
    from llbfront.inspection.recorded_build import RecordedBuild

_SHOWN_REF = 12
_SHOWN_TARGETS = 8


def add_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("path", nargs="?", metavar="PATH", help="the context of the build (default: the latest build of any)")
    add("-f", "--file", metavar="FILE", help="the Dockerfile of the build (default: PATH/Dockerfile)")
    add(
        "--build",
        metavar="REF|FILE",
        help="the build: its ref or the beginning of it, latest~N, target:NAME of a bake, or the file of a record",
    )


def images_of(build: RecordedBuild) -> ImageSource:
    """Return the image configs that a build had, to convert a Dockerfile with the same."""
    configs: dict[str, list[dict[str, object]]] = {}
    for ref, digest, config in build.images:
        configs.setdefault(ref, []).append({"digest": digest, "config": parse_json(config)})
    return image_configs.ImageConfigs(configs)


def explained_graph(build: RecordedBuild) -> Graph:
    """Return the graph of a build, with why its steps ran as `llbfront why` says it."""
    from llbfront.inspection.why import explain
    from llbfront.inspection.why_report import with_reasons

    return with_reasons(build, explain(build, *RecordedBuilds().earlier(build)))


def title_of(build: RecordedBuild) -> str:
    """Return what a picture of a build is called."""
    target = build.bake_target or build.target or target_of(build.graph)
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(build.started_ns // 10**9))
    return f"Build {build.ref[:_SHOWN_REF]} of {build.context}{f', target {target}' if target else ''}, {started} UTC"


def refuse_replaced(output: str, *records: str | None) -> None:
    """Refuse an output that would replace a record: one that is named, or one that llbfront keeps. Raises: OptionError."""
    kept = RecordedBuilds().store.paths()
    if is_regular(output) and identity(output) in {identity(path) for path in (*kept, *filter(None, records))}:
        raise OptionError(f"--output would replace the record of a build: {output}", hint="name another file")


def build_of(parsed: argparse.Namespace) -> RecordedBuild:
    """Return the build that the arguments mean. Raises: ContextError, GraphError, OptionError."""
    if parsed.build and (parsed.path or parsed.file):
        raise OptionError("--build names a build, and so do PATH and --file", hint="give one of them")
    builds = RecordedBuilds()
    if parsed.build:
        return builds.find(parsed.build)
    build = builds.latest(parsed.path, parsed.file)
    if len(build.bake_targets) > 1:
        flags = "; ".join(f"--build {shlex.quote(f'target:{name}')}" for name in build.bake_targets[:_SHOWN_TARGETS])
        more = "; …" if len(build.bake_targets) > _SHOWN_TARGETS else ""
        raise OptionError(f"the latest build is a bake of {len(build.bake_targets)} targets", hint=f"choose one: {flags}{more}")
    return build
