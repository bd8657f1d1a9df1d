"""`llbfront bake` without `--print`: build the targets of a plan, or ask about each.

Source: commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING

from llbfront import connect
from llbfront.bake.requests import linked_request
from llbfront.cli.build import display_mode
from llbfront.cli.call import read as read_call
from llbfront.cli.output import say, show
from llbfront.client.buildflags import exporters
from llbfront.client.inputs.input_files import refuse_replaced
from llbfront.errors import BakeError, SolveError
from llbfront.files.writing import Destination, refuse_shared
from llbfront.progress import display as progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from llbfront.bake.plan import Plan
    from llbfront.bake.target import Target
    from llbfront.client.joint_build import LinkedRequest
    from llbfront.client.result import BuildResult

NEEDS_CONSENT = ("network.host", "security.insecure", "device")


def build(parsed: argparse.Namespace, plan: Plan) -> int:
    """Build all targets of a plan at the same time."""
    mode = display_mode(parsed)
    requests = plan.requests()
    check_allowed(plan.targets, parsed.allow)
    outputs = [place for linked in requests.values() for place in exporters.destinations(linked.request.outputs)]
    refuse_shared(outputs)
    with (
        _metadata_file(parsed.metadata_file, requests) as metadata_file,
        connect(parsed.addr, start=parsed.engine == "auto", report=say) as engine,
    ):
        display = progress.display(mode, sys.stderr, os.environ, description=engine.address)
        try:
            results = engine.build_together(requests, display=display)
        except BaseException as error:
            display.finish(error)
            if isinstance(error, SolveError) and mode not in {"quiet", "none", "rawjson"}:
                error.log_tail = ()  # the display has shown it
            raise
        display.finish()
        if metadata_file is not None:
            metadata = {name: result.metadata for name, result in results.items()}
            metadata_file.write(f"{json.dumps(metadata, indent=2, sort_keys=True)}\n".encode(errors="surrogateescape"))
        kept = [name for name, linked in requests.items() if not _is_exported(linked) and not plan.targets[name].is_linked]
        if kept and not engine.is_docker:
            say(
                f"llbfront: the results of {', '.join(kept)} stay in the engine's cache; use --push, --load or --set TARGET.output=…"
            )
    _warn(results)
    return 0


def _is_exported(linked: LinkedRequest) -> bool:
    return bool(linked.request.outputs or linked.request.push or linked.request.load)


def _warn(results: Mapping[str, BuildResult]) -> None:
    for name, result in results.items():
        for path in result.sockets:
            say(f"llbfront: warning: target {name}: {path} is a socket and arrived as an empty file")
        for reason in result.skipped_caches:
            say(f"llbfront: warning: target {name}: a cache was skipped: {reason}")


def check_allowed(targets: Mapping[str, Target], allowed: list[str]) -> None:
    """Refuse entitlements that `--allow` does not name. Raises BakeError."""
    names = {text.partition("=")[0] for text in allowed}
    for target in targets.values():
        for entitlement in target.entitlements or []:
            if entitlement.partition("=")[0] in NEEDS_CONSENT and entitlement.partition("=")[0] not in names:
                raise BakeError(
                    f"target {target.name} asks for the entitlement {entitlement}", hint=f"allow it with --allow {entitlement}"
                )


@contextlib.contextmanager
def _metadata_file(path: str | None, requests: Mapping[str, LinkedRequest]) -> Iterator[Destination | None]:
    if path is None:
        yield None
        return
    for linked in requests.values():
        refuse_replaced(linked.request, [(path, "--metadata-file")])
    with Destination(path) as destination:
        yield destination


def call(parsed: argparse.Namespace, plan: Plan, method: str) -> int:
    """Ask about each target: check, outline or targets. Return the worst exit code."""
    read_call(method)
    from llbfront.cli.bake_call import ask

    codes = []
    for number, (name, target) in enumerate(sorted(plan.targets.items())):
        if target.is_linked:
            continue
        show(f"{'' if number == 0 else chr(10)}{name}\n" + (f"{target.description}\n" if target.description else ""))
        codes.append(ask(linked_request(target), method, parsed.addr))
    return max(codes, default=0)
