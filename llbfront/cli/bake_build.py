"""`llbfront bake` without `--print`: build the targets of a plan, or ask about each.

Source: commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from typing import TYPE_CHECKING

from llbfront.bake import permissions
from llbfront.bake.files import DEFAULT_NAMES, DOTENV, LOCAL, PIPELINE
from llbfront.bake.remote import RemoteContexts
from llbfront.cli import engine_flags
from llbfront.cli.build import display_mode
from llbfront.cli.output import say
from llbfront.cli.platform_warnings import warn_of_platforms
from llbfront.client.buildflags import exporters
from llbfront.client.inputs.input_files import refuse_other_content, refuse_overwriting
from llbfront.client.linked_requests import prepared, shared_inputs
from llbfront.errors import BakeError, TargetsFailed
from llbfront.files.reading import refuse_same_input
from llbfront.files.writing import Destination, refuse_same_output
from llbfront.progress import display as progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llbfront.bake.plan import Plan
    from llbfront.client.engine import Engine
    from llbfront.client.linked_requests import LinkedRequest
    from llbfront.client.result import BuildResult

SHOWN_NAMES = 6


def build(parsed: argparse.Namespace, plan: Plan, reader: Engine | None) -> None:
    """Build the targets of a plan, except those that answer a question. `reader` is the engine that has read the definition, None to find one."""
    requests = plan.requests()
    if not requests:
        return
    mode = display_mode(parsed)
    refuse_shared_input(parsed, requests)
    require_permissions(parsed, plan, requests)
    warn_of_platforms(platform for linked in requests.values() for platform in linked.request.platforms)
    with (
        _metadata_file(parsed, requests) as metadata_file,
        prepared(requests, os.environ) as local,
        contextlib.nullcontext(reader) if reader else engine_flags.connected(parsed) as engine,
    ):
        try:
            with progress.showing(mode, sys.stderr, os.environ, description=engine.address) as display:
                results = engine.build_together(local, display=display, jobs=parsed.jobs, record=not parsed.no_record)
        except TargetsFailed as error:
            _report_targets(error, metadata_file)
            raise
        _write_metadata(metadata_file, results)
        _say_what_stays(plan, requests, engine)
    _warn(results)


def _report_targets(error: TargetsFailed, metadata_file: Destination | None) -> None:
    """Print why each target failed, and write the metadata of the others."""
    for name, failure in sorted(error.failures.items()):
        say(f"llbfront: target {name}: {failure}")
    _write_metadata(metadata_file, error.results)


def _write_metadata(file: Destination | None, results: Mapping[str, BuildResult]) -> None:
    if file is not None:
        metadata = {name: result.metadata for name, result in results.items()}
        file.write(f"{json.dumps(metadata, indent=2, sort_keys=True)}\n".encode(errors="surrogateescape"))


def _say_what_stays(plan: Plan, requests: Mapping[str, LinkedRequest], engine: Engine) -> None:
    """Name the targets whose results are not exported."""
    kept = [name for name, linked in requests.items() if not _is_exported(linked) and not plan.targets[name].is_linked]
    if kept and not engine.is_docker:
        say(f"llbfront: {kept_results(kept)} in the engine's cache; use --push, --load or --set TARGET.output=…")


def kept_results(names: Sequence[str]) -> str:
    """Return the beginning of a sentence about targets whose results stay somewhere, such as `the results of a and b stay`."""
    if len(names) == 1:
        return f"the result of {names[0]} stays"
    shown = names if len(names) <= SHOWN_NAMES else (*names[: SHOWN_NAMES - 1], f"{len(names) - SHOWN_NAMES + 1} more")
    return f"the results of {', '.join(shown[:-1])} and {shown[-1]} stay"


def _is_exported(linked: LinkedRequest) -> bool:
    return bool(linked.request.outputs or linked.request.push or linked.request.load)


def _warn(results: Mapping[str, BuildResult]) -> None:
    for name, result in results.items():
        for path in result.sockets:
            say(f"llbfront: warning: target {name}: {path} is a socket and arrived as an empty file")
        for reason in result.skipped_caches:
            say(f"llbfront: warning: target {name}: a cache was skipped: {reason}")


def require_permissions(parsed: argparse.Namespace, plan: Plan, names: Iterable[str]) -> None:
    """Ask for the permissions that targets need and `--allow` does not give; without a terminal they are refused. Raises: BakeError."""
    contexts = RemoteContexts(plan.remote) if plan.remote else None
    needed = permissions.needed_permissions([plan.targets[name] for name in names], contexts, os.environ)
    allowed = [*parsed.allow, *plan.permissions]
    lacking = permissions.missing(needed, allowed, os.environ, is_remote_definition=plan.remote is not None)
    if not lacking:
        return
    flags = " ".join(f"--allow {shlex.quote(text)}" for text in lacking)
    if parsed.progress != "rawjson" and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        say("llbfront: the targets ask for permissions:")
        for text in lacking:
            say(f"  {permissions.describe(text)}")
        say(f"{flags} grants them without this question. Grant them now? [y/N]")
        if sys.stdin.readline().strip().lower() == "y":
            return
    raise BakeError(f"permissions are missing: {', '.join(map(permissions.describe, lacking))}", hint=f"allow it with {flags}")


@contextlib.contextmanager
def _metadata_file(parsed: argparse.Namespace, requests: Mapping[str, LinkedRequest]) -> Iterator[Destination | None]:
    """Check the outputs of all targets together with the metadata file, and remove that of an earlier build."""
    outputs = [place for linked in requests.values() for place in exporters.destinations(linked.request.outputs)]
    named = [(parsed.metadata_file, "--metadata-file")] if parsed.metadata_file else []
    refuse_same_output([*outputs, *named])
    definitions = [(path, "a definition") for path in definition_files(parsed)]
    for linked in requests.values():
        refuse_overwriting(linked.request, [*outputs, *named], definitions)
        for path, flag in named:
            refuse_other_content(linked.request, path, flag)
    if not named:
        yield None
        return
    with Destination(parsed.metadata_file) as destination:
        destination.remove_stale()
        yield destination


def refuse_shared_input(parsed: argparse.Namespace, requests: Mapping[str, LinkedRequest]) -> None:
    """Refuse a pipe that is both a definition and an input of a target. Raises: OptionError."""
    definitions = [(name.removeprefix(LOCAL), "a definition") for name in parsed.files or ()]
    variables = [(name, "a file of variables") for name in parsed.variable_files]
    refuse_same_input([*definitions, *variables, *shared_inputs(requests)])


def definition_files(parsed: argparse.Namespace) -> tuple[str, ...]:
    """Return the files that a plan is read from, according to the flags and default names."""
    return (*(name.removeprefix(LOCAL) for name in parsed.files or (*DEFAULT_NAMES, PIPELINE)), *parsed.variable_files, DOTENV)
