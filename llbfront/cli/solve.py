"""`llbfront solve`: buildctl's `build` in its own spelling, for scripts that move over.

Source: cmd/buildctl/build.go of BuildKit.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llbfront.cli import engine_flags
from llbfront.cli.foreign_flags import refuse
from llbfront.cli.output import is_answered, say
from llbfront.errors import ContextError, OptionError, SolveError
from llbfront.progress import display as progress

if TYPE_CHECKING:
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


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = EPILOG
    command.set_defaults(run=run)

    def several(*flags: str, metavar: str, text: str) -> None:
        command.add_argument(*flags, action="append", default=[], metavar=metavar, help=text)

    add = command.add_argument
    add("--frontend", default="", metavar="NAME", help="dockerfile.v0 or gateway.v0 (default: the definition on standard input)")
    several("--opt", metavar="KEY=VALUE", text="an option of the frontend, such as target=final or build-arg:NAME=VALUE")
    several("--local", metavar="NAME=DIR", text="let the build read a directory")
    several("--oci-layout", metavar="NAME=DIR", text="let the build read an OCI layout")
    several("-o", "--output", metavar="SPEC", text="where the result goes: type=image|local|tar|oci|docker,…")
    several("--export-cache", metavar="SPEC", text="write the cache: type=registry,ref=NAME or type=local,dest=DIR, …")
    several("--import-cache", metavar="SPEC", text="take steps from a cache: type=registry,ref=NAME or type=local,src=DIR, …")
    several("--secret", metavar="SPEC", text="id=NAME[,src=FILE|env=VAR]")
    several("--ssh", metavar="SPEC", text="default or ID[=SOCKET|KEY[,KEY]]")
    several("--allow", metavar="ENTITLEMENT", text="network.host, security.insecure or device")
    add("--no-cache", action="store_true", help="run every step again")
    add("--source-policy-file", metavar="FILE", help="rules that allow, deny or replace sources, as JSON")
    add("--proxy-network", action="store_true", help="run the steps in the proxy network of the engine")
    add("--progress", default="auto", metavar="MODE", help=f"{', '.join(progress.MODES)} (default: auto)")
    add("--metadata-file", metavar="FILE", help="write facts of the result as JSON")
    add("--ref-file", metavar="FILE", help="write the ref of the build, for llbfront history")
    add("--trace", metavar="FILE", help="write each status event as a line of JSON")
    engine_flags.add_arguments(command)
    refuse(command, REFUSED)


def run(parsed: argparse.Namespace) -> int:
    settings = arguments_of(parsed)
    if parsed.frontend:
        settings["frontend"] = parsed.frontend
    else:
        settings["definition"] = _definition()
    check(settings, parsed)
    with (
        _written(parsed.ref_file) as write_ref,
        _written(parsed.metadata_file) as write_metadata,
        _trace(parsed.trace) as on_event,
        engine_flags.connected(parsed) as engine,
    ):
        display = progress.display(parsed.progress, sys.stderr, os.environ, description=engine.address)
        try:
            result = engine.solve_frontend(display=display, on_event=on_event, **settings)
        except BaseException as error:
            display.finish(error)
            if isinstance(error, SolveError) and parsed.progress not in {"quiet", "none", "rawjson"}:
                error.log_tail = ()  # the display has shown it
            raise
        display.finish()
        write_ref(result.ref.encode())
        write_metadata(_json(result.metadata))
    for reason in result.skipped_caches:
        say(f"llbfront: warning: a cache was skipped: {reason}")
    return 0


def arguments_of(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of `Engine.solve_frontend` that the flags mean. Raises: OptionError."""
    from llbfront.cli.build import read_agents

    options = {**({f"build-arg:{EPOCH}": os.environ[EPOCH]} if os.environ.get(EPOCH) else {}), **pairs("--opt", parsed.opt)}
    if SUBREQUEST in options:
        raise OptionError(f"--opt {SUBREQUEST}=… is not supported", hint="llbfront build --call asks a Dockerfile")
    return {
        "options": options,
        "locals": pairs("--local", parsed.local),
        "oci_layouts": pairs("--oci-layout", parsed.oci_layout),
        "output": parsed.output,
        "cache_to": parsed.export_cache,
        "cache_from": parsed.import_cache,
        "secrets": parsed.secret,
        "ssh": read_agents(parsed.ssh),
        "allow": parsed.allow,
        "no_cache": parsed.no_cache,
        "source_policy": parsed.source_policy_file,
        "proxy_network": parsed.proxy_network,
    }


def check(settings: Mapping[str, Any], parsed: argparse.Namespace) -> None:
    """Check all that needs no engine. Raises: ContextError, ExportError, InvalidValue, OptionError."""
    from llbfront.client.solve.frontend_solve import read_solve
    from llbfront.engine import discover

    named = ("options", "locals", "oci_layouts", "definition", "proxy_network")
    others = {name: value for name, value in settings.items() if name not in {*named, "frontend"}}
    own = {name: settings[name] for name in named if name in settings}
    progress.check_mode(parsed.progress, sys.stderr, os.environ)
    read_solve(settings.get("frontend", ""), settings=others, **own)
    discover.check_address(parsed.addr)


def pairs(flag: str, texts: Sequence[str]) -> Mapping[str, str]:
    """Read `KEY=VALUE` texts. Raises: OptionError."""
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            raise OptionError(f"{flag} takes KEY=VALUE, not {text!r}")
    return dict(text.split("=", 1) for text in texts)


def _definition() -> Graph:
    """Read the graph on standard input. Raises: ContextError, OptionError."""
    from llbfront.cli.offline_arguments import load_graph
    from llbfront.files.reading import read_file
    from llbfront.inspection.formats import is_graph

    if sys.stdin is None or is_answered():
        raise OptionError("there is nothing to solve", hint="name a --frontend, or pipe a definition to standard input")
    data = read_file("/dev/stdin", "standard input")
    if not data:
        raise OptionError("standard input is empty", hint="name a --frontend, or pipe a definition to standard input")
    if not is_graph(data):
        raise ContextError("standard input is no definition", hint="llbfront llb --format pb writes one")
    return load_graph(data, "standard input")


def _json(metadata: Mapping[str, Any]) -> bytes:
    import json

    return (json.dumps(metadata, indent=2, sort_keys=True) + "\n").encode(errors="surrogateescape")


@contextlib.contextmanager
def _written(path: str | None) -> Iterator[Callable[[bytes], None]]:
    """Check that a file can be written, and give a function that writes it. Raises: ExportError."""
    from llbfront.files.writing import check_output, write_file

    if path is None:
        yield lambda _: None
        return
    check_output(path)
    yield lambda data: write_file(path, data)


@contextlib.contextmanager
def _trace(path: str | None) -> Iterator[Callable[[StatusEvent], object] | None]:
    """Give a function that writes status events to a file."""
    if path is None:
        yield None
        return
    from llbfront.files.writing import unwritable

    try:
        stream = open(path, "w", encoding="utf-8")  # noqa: SIM115  closed below
    except OSError as error:
        raise unwritable(path, error) from None
    with stream:
        display = progress.display("rawjson", stream, os.environ)
        yield display.update
        display.finish()
