"""`llbfront solve`: buildctl's `build` in its own spelling, for scripts that move over.

Source: cmd/buildctl/build.go of BuildKit.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.cli import engine_flags, headings
from llbfront.cli.foreign_flags import refuse
from llbfront.cli.output import is_answered, say
from llbfront.errors import ContextError, OptionError
from llbfront.progress import display as progress
from llbfront.setting_names import spelled

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.result import BuildResult
    from llbfront.client.solve.frontend_solve import FrontendSolve
    from llbfront.files.writing import Destination
    from llbfront.inspection.graph import Graph
    from llbfront.progress.events import StatusEvent

EPILOG = """\
examples:
  llbfront solve --frontend dockerfile.v0 --local context=. --local dockerfile=. --opt target=final -o type=oci,dest=app.tar
  llbfront solve --frontend gateway.v0 --opt source=docker/dockerfile --local context=. --local dockerfile=.
  llbfront llb --format pb . | llbfront solve --local context=.
Without --frontend, standard input is the definition, in any form that llbfront llb writes.
"""
REFUSED = {
    "--debug-json-cache-metrics": "use --progress rawjson",
    "--registry-auth-tlscontext": "configure the registry in the configuration of the engine",
}
SUBREQUEST = "requestid"
EPOCH = "SOURCE_DATE_EPOCH"
SPELLING = {"build_contexts": "--opt context:{}", "tags": "--output type=image,name={}", "no_cache_filter": "--opt no-cache={}"}


def add_arguments(command: Parser) -> None:
    command.epilog, command.usage = EPILOG, "%(prog)s [FLAG ...]"
    command.set_defaults(run=run)

    def several(heading: str, *flags: str, metavar: str, text: str) -> None:
        command.under(heading).add_argument(*flags, action="append", default=[], metavar=metavar, help=text)

    add = command.under(headings.INPUT).add_argument
    add("--frontend", default="", metavar="NAME", help="dockerfile.v0 or gateway.v0 (default: the definition on standard input)")
    several(headings.INPUT, "--local", metavar="NAME=DIR", text="let the build read a directory")
    several(headings.INPUT, "--oci-layout", metavar="NAME=DIR", text="let the build read an OCI layout")
    add("--source-policy-file", metavar="FILE", help="rules that allow, deny or replace sources, as JSON")
    opt = "an option of the frontend, such as target=final or build-arg:NAME=VALUE"
    several(headings.ARGUMENTS, "--opt", metavar="KEY=VALUE", text=opt)
    several(headings.ARGUMENTS, "--secret", metavar="SPEC", text="id=NAME[,src=FILE|env=VAR]")
    several(headings.ARGUMENTS, "--ssh", metavar="SPEC", text="default or ID[=SOCKET|KEY[,KEY]]")
    several(headings.OUTPUT, "-o", "--output", metavar="SPEC", text="where the result goes: type=image|local|tar|oci|docker,…")
    add = command.under(headings.OUTPUT).add_argument
    add("--metadata-file", metavar="FILE", help="write facts of the result as JSON")
    add("--ref-file", metavar="FILE", help="write the ref of the build, for llbfront history")
    source, place = "type=registry,ref=NAME or type=local,src=DIR, …", "type=registry,ref=NAME or type=local,dest=DIR, …"
    several(headings.CACHE, "--import-cache", metavar="SPEC", text=f"take steps from a cache: {source}")
    several(headings.CACHE, "--export-cache", metavar="SPEC", text=f"write the cache: {place}")
    command.under(headings.CACHE).add_argument("--no-cache", action="store_true", help="run every step again")
    several(headings.STEPS, "--allow", metavar="ENTITLEMENT", text="network.host, security.insecure or device")
    add = command.under(headings.STEPS).add_argument
    add("--proxy-network", action="store_true", help="run the steps in the proxy network of the engine")
    add = command.under(headings.PROGRESS).add_argument
    add("--progress", default="auto", metavar="MODE", help=f"{', '.join(progress.MODES)} (default: auto)")
    add("--trace", metavar="FILE", help="write each status event as a line of JSON")
    engine_flags.add_arguments(command)
    refuse(command, REFUSED)


@spelled(SPELLING)
def run(parsed: argparse.Namespace) -> int:
    from llbfront.client.solve.frontend_solve import prepare
    from llbfront.engine import discover

    settings = arguments_of(parsed)
    progress.check_mode(parsed.progress, sys.stderr, os.environ)
    what = prepare(parsed.frontend, definition=None if parsed.frontend else _definition(parsed), **settings)
    discover.check_address(parsed.addr)
    with _result_files(parsed, what) as files, engine_flags.connected(parsed) as engine:
        with progress.showing(parsed.progress, sys.stderr, os.environ, description=engine.address) as display:
            result = engine.solve_frontend(what, display=display, on_event=files.on_event)
        files.write(result)
    for reason in result.skipped_caches:
        say(f"llbfront: warning: a cache was skipped: {reason}")
    return 0


def arguments_of(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of `Engine.solve_frontend` that the flags mean. Raises: OptionError."""
    from llbfront.cli.build import parse_agents

    options = {**({f"build-arg:{EPOCH}": os.environ[EPOCH]} if os.environ.get(EPOCH) else {}), **pairs("--opt", parsed.opt)}
    if SUBREQUEST in options:
        raise OptionError(f"--opt {SUBREQUEST}=… is not supported", hint="use llbfront build --call for a Dockerfile")
    return {
        "options": options,
        "locals": pairs("--local", parsed.local),
        "oci_layouts": pairs("--oci-layout", parsed.oci_layout),
        "output": parsed.output,
        "cache_to": parsed.export_cache,
        "cache_from": parsed.import_cache,
        "secrets": parsed.secret,
        "ssh": parse_agents(parsed.ssh),
        "allow": parsed.allow,
        "no_cache": parsed.no_cache,
        "source_policy": parsed.source_policy_file,
        "proxy_network": parsed.proxy_network,
    }


def pairs(flag: str, texts: Sequence[str]) -> Mapping[str, str]:
    """Read `KEY=VALUE` texts. Raises: OptionError."""
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            raise OptionError(f"{flag} takes KEY=VALUE, not {text!r}")
    return dict(text.split("=", 1) for text in texts)


def _definition(parsed: argparse.Namespace) -> Graph:
    """Read the graph on standard input. Raises: ContextError, OptionError."""
    from llbfront.cli.offline_arguments import load_graph
    from llbfront.client.buildflags.secrets import parse_secret
    from llbfront.files.reading import read_standard_input, refuse_same_input
    from llbfront.inspection.formats import is_graph

    if is_answered():
        raise OptionError("there is nothing to solve", hint="name a --frontend, or pipe a definition to standard input")
    secrets = [parse_secret(text, environ=os.environ) for text in parsed.secret]
    refuse_same_input(
        [("-", "the definition"), *((offered.path, f"the secret {offered.id}") for offered in secrets if offered.path is not None)]
    )
    data = read_standard_input()
    if not data:
        raise OptionError("standard input is empty", hint="name a --frontend, or pipe a definition to standard input")
    if not is_graph(data):
        raise ContextError("standard input is not a definition", hint="llbfront llb --format pb writes one")
    return load_graph(data, "standard input")


class _ResultFiles:
    """The places of `--metadata-file` and `--ref-file`, and what writes `--trace`."""

    def __init__(
        self, metadata_file: Destination | None, ref_file: Destination | None, on_event: Callable[[StatusEvent], object] | None
    ) -> None:
        self._metadata_file = metadata_file
        self._ref_file = ref_file
        self.on_event = on_event

    def write(self, result: BuildResult) -> None:
        """Write what the flags ask for. Raises: ExportError."""
        if self._ref_file is not None:
            self._ref_file.write(result.ref.encode())
        if self._metadata_file is not None:
            document = json.dumps(result.metadata, indent=2, sort_keys=True) + "\n"
            self._metadata_file.write(document.encode(errors="surrogateescape"))


@contextlib.contextmanager
def _result_files(parsed: argparse.Namespace, what: FrontendSolve) -> Iterator[_ResultFiles]:
    """Check the result files, and remove files that an earlier solve left. Raises: ExportError, OptionError."""
    from llbfront.client.buildflags.exporters import destinations
    from llbfront.client.inputs import input_files
    from llbfront.files.writing import Destination, refuse_same_output

    flags = {"--metadata-file": parsed.metadata_file, "--ref-file": parsed.ref_file, "--trace": parsed.trace}
    named = [(path, flag) for flag, path in flags.items() if path]
    refuse_same_output([*destinations(what.exports), *named])
    input_files.refuse_overwriting(attrs.evolve(what.request, build_contexts=what.directories), named)
    sent = attrs.evolve(what.request, context=b"", build_contexts=what.directories)
    for path, flag in named:
        if flag != "--trace":
            input_files.refuse_other_content(sent, path, flag)
    with contextlib.ExitStack() as stack:
        metadata_file, ref_file = (
            stack.enter_context(Destination(path)) if path else None for path in (parsed.metadata_file, parsed.ref_file)
        )
        for place in filter(None, (metadata_file, ref_file)):
            place.remove_stale()
        yield _ResultFiles(metadata_file, ref_file, stack.enter_context(_trace(parsed.trace)) if parsed.trace else None)


@contextlib.contextmanager
def _trace(path: str) -> Iterator[Callable[[StatusEvent], object]]:
    """Return a function that writes status events to a file, also if the solve fails."""
    from llbfront.files.writing import open_output
    from llbfront.progress.rawjson import RawJSONDisplay

    with open_output(path) as output:
        display = RawJSONDisplay(lambda text: output.write(text.encode(errors="surrogateescape")))
        try:
            yield display.update
        finally:
            output.commit()
