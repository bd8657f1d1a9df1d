"""`llbfront build`: build on an engine, with the flags of docker buildx build.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llbfront.cli import engine_flags, foreign_flags, headings
from llbfront.cli.dockerfile_options import add_dockerfile_options
from llbfront.cli.output import say, show
from llbfront.cli.platform_warnings import warn_of_platforms
from llbfront.cli.result_files import result_files
from llbfront.client.buildflags import exporters
from llbfront.client.prepared_build import prepare
from llbfront.client.request import environment
from llbfront.client.request.build_request import NETWORKS, BuildRequest
from llbfront.engine import discover
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM
from llbfront.progress import display as progress

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.buildflags.exporters import Export
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import KeyAgent

PROGRESS = ("auto", "plain", "tty", "rawjson", "quiet", "none")
EPILOG = """\
examples:
  llbfront build -t registry.example/app --push .
  llbfront build --target test --output out .
  llbfront build --frontend my_frontend.py -f image.yaml --output out .
  llbfront build --secret id=token,env=TOKEN --platform linux/amd64,linux/arm64 .
  llbfront build --cache-from type=local,src=cache --cache-to type=local,dest=cache,mode=max .
"""


# With an empty value, as in `--file "$UNSET"`, these count for nothing, as for docker.
EMPTY_IS_UNSET = frozenset(
    ("--add-host", "--addr", "--allow", "--annotation", "--build-context", "--builder", "--cache-from", "--cache-to", "--call", "--file",
     "--frontend", "--iidfile", "--metadata-file", "--network", "--output", "--progress", "--secret", "--source-policy-file", "--ssh")
)  # fmt: skip
EMPTY_IS_REFUSED = frozenset(("--attest", "--platform", "--shm-size"))


def add_arguments(command: Parser) -> None:
    command.epilog, command.usage = EPILOG, "%(prog)s [FLAG ...] [PATH]"
    command.empty_is_unset, command.empty_is_refused = EMPTY_IS_UNSET, EMPTY_IS_REFUSED
    command.set_defaults(run=run)
    add_source_options(command)
    add = command.under(headings.INPUT).add_argument
    add("--frontend", metavar="FILE", help="build with the function `frontend` of this Python file instead of as a Dockerfile")
    add(
        "--policy",
        "--source-policy-file",
        dest="source_policy_file",
        metavar="FILE",
        help="rules that allow, deny or replace sources, as JSON; llbfront lock writes such a file",
    )
    _add_output(command)
    _add_cache(command)
    _add_steps(command)
    questions = command.under(headings.QUESTIONS)
    questions.add_argument("--call", default="build", metavar="METHOD", help="check, outline or targets[,format=json]")
    questions.add_argument("--check", action="store_const", const="check", dest="call", help="the same as --call check")
    add_running(command)
    foreign_flags.add_arguments(command)


def _add_output(command: Parser) -> None:
    """Add what the result is and where it goes."""
    add = command.under(headings.OUTPUT).add_argument
    add("-t", "--tag", action="append", default=[], metavar="NAME", help="name of the image, may be repeated")
    add(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="OUT",
        help="a directory, - for a tar, or type=local|tar|oci|docker,dest=PATH, or type=image|registry|cacheonly,…",
    )
    add("--push", action="store_true", help="push the image to its registry")
    add("--load", action="store_true", help="load the image into the docker engine")
    add("--label", action="append", default=[], metavar="NAME=VALUE", help="label of the image")
    add(
        "--annotation",
        action="append",
        default=[],
        metavar="ANNOTATION",
        help="[TYPE[PLATFORM]:]KEY=VALUE, on the image's manifest",
    )
    add_attestations(command)
    add("--provenance", default="", metavar="ATTRS", help="short for --attest type=provenance: true, or mode=min|max")


def _add_cache(command: Parser) -> None:
    """Add what may come from a cache and what is written to one."""
    add = command.under(headings.CACHE).add_argument
    add("--no-cache", action="store_true", help="do not use the cache: run every step again")
    add("--no-cache-filter", action="append", default=[], metavar="STAGE", help="do not use the cache for these stages")
    add("--pull", action="store_true", help="ask the registry for base images even if the engine has them")
    add(
        "--cache-from",
        action="append",
        default=[],
        metavar="CACHE",
        help="take steps from a cache: NAME of an image, or type=local,src=DIR and others",
    )
    add(
        "--cache-to",
        action="append",
        default=[],
        metavar="CACHE",
        help="write steps to a cache: type=registry,ref=NAME[,mode=max], type=local,dest=DIR, …",
    )


def _add_steps(command: Parser) -> None:
    """Add how steps run, except the platform."""
    add = command.under(headings.STEPS).add_argument
    add("--network", default="default", choices=NETWORKS, help="network of RUN steps that name none")
    add("--add-host", action="append", default=[], metavar="HOST=ADDRESS", help="a line in /etc/hosts of RUN steps")
    add(
        "--allow",
        action="append",
        default=[],
        metavar="ENTITLEMENT",
        help="let steps use network.host, security.insecure or device",
    )
    add(
        "--ulimit",
        action="append",
        default=[],
        metavar="TYPE=SOFT[:HARD]",
        help="limit of RUN steps, such as nofile=1024",
    )
    add("--shm-size", default="", metavar="BYTES", help="size of /dev/shm in RUN steps, such as 64m")
    add("--cgroup-parent", default="", metavar="CGROUP", help="the parent cgroup of RUN steps")
    add(
        "--resource",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="limit of RUN steps: memory, memory-swap, cpu-shares, cpuset-cpus, …",
    )


def add_source_options(command: Parser) -> None:
    """Add what decides about the sources of a build: the context, the Dockerfile, and the options that name images and credentials."""
    command.add_argument(
        "context", nargs="?", default=".", metavar="PATH", help="build context: a directory, a git or http URL, or - (default: .)"
    )
    add_dockerfile_options(command, headings.ARGUMENTS)
    add = command.under(headings.INPUT).add_argument
    add("--syntax", metavar="IMAGE", help="build with the frontend in this image, or `builtin`, whatever the # syntax= line says")
    add = command.under(headings.ARGUMENTS).add_argument
    add("--secret", action="append", default=[], metavar="SPEC", help="id=NAME[,src=FILE|env=VAR], for RUN --mount=type=secret")
    add(
        "--ssh",
        action="append",
        default=[],
        metavar="SPEC",
        help="default or ID[=SOCKET|KEY[,KEY]], an agent or private keys for RUN --mount=type=ssh",
    )
    add = command.under(headings.STEPS).add_argument
    add("--platform", action="append", default=[], metavar="OS/ARCH", help="platform to build for, a list for several")


def add_attestations(command: Parser) -> None:
    """Add the attestations whose scanners are images."""
    add = command.under(headings.OUTPUT).add_argument
    add("--attest", action="append", default=[], metavar="SPEC", help="attach a statement to the image: type=sbom|provenance,…")
    add("--sbom", default="", metavar="ATTRS", help="short for --attest type=sbom: true, or generator=IMAGE")


def add_running(command: Parser) -> None:
    """Add what `run_request` reads: the engine, the display, files about the result."""
    add = command.under(headings.OUTPUT).add_argument
    add("--metadata-file", metavar="FILE", help="write digests and other facts of the result as JSON")
    add("--iidfile", metavar="FILE", help="write the id of the image")
    add = command.under(headings.PROGRESS).add_argument
    add("--progress", default="auto", choices=PROGRESS, help="how progress is shown (default: auto)")
    add("-q", "--quiet", action="store_true", help="print the id of the image and nothing else")
    add("--no-record", action="store_true", help="keep no record of the build for llbfront why")
    engine_flags.add_arguments(command, can_start=True)


def request_of(parsed: argparse.Namespace) -> BuildRequest:
    """Read the parsed flags into a request; every bad value is refused here, before an engine is asked."""
    from llbfront.client.request.settings import SETTINGS, request_of_flags  # loading it takes longer than `llbfront build --help`

    names = {
        setting.flag: "context" if setting.flag == "PATH" else setting.flag.replace("-", "_")
        for setting in SETTINGS
        if setting.field
    }
    values = {flag: getattr(parsed, name) for flag, name in names.items()}
    values |= {"ssh": parse_agents(parsed.ssh), "source-policy-file": _policy_file(parsed.source_policy_file)}
    return request_of_flags(values)


def parse_agents(texts: Sequence[str]) -> dict[str, SshAgent | KeyAgent]:
    """Read the values of --ssh; the passphrase of a key is asked for on the terminal. Raises: OptionError, InvalidValue."""
    if not texts:
        return {}
    from llbfront.cli import passphrase
    from llbfront.client.buildflags import ssh

    return ssh.parse_agents(texts, os.environ, passphrase.terminal_prompt())


def _policy_file(path: str | None) -> str | None:
    """Return the file of a source policy. Raises: OptionError for the policies in Rego that docker buildx takes."""
    if path and not os.path.lexists(path) and ("=" in path or path.endswith(".rego")):
        raise OptionError(
            f"the policy {path} is not supported", hint="policies in Rego are not evaluated; name a source policy of BuildKit"
        )
    return path


def exports_of(parsed: argparse.Namespace) -> tuple[Export, ...]:
    """Read the flags about outputs. Raises: OptionError, InvalidReference for tags that cannot be, though nothing may be exported."""
    tags = exporters.parse_names(parsed.tag)
    outputs = [exporters.parse_export(text) for text in parsed.output]
    return exporters.plan(outputs, tags=tags, push=parsed.push, load=parsed.load)


def run(parsed: argparse.Namespace) -> int:
    if parsed.ignored:
        say(f"llbfront: warning: {foreign_flags.warning(parsed.ignored)}")
    if os.environ.get(environment.BUILDER) and not (parsed.addr or os.environ.get("BUILDKIT_HOST")):
        say(f"llbfront: warning: {environment.BUILDER} has no effect; name an engine with --addr or BUILDKIT_HOST")
    if parsed.call != "build":
        from llbfront.cli.call import run as call

        with result_files(parsed, exports_of(parsed), BuildRequest(context=parsed.context, file=parsed.file)):
            return call(parsed)
    request, frontend = request_of(parsed), None
    if parsed.frontend:
        from llbfront.kit.loading import runner

        frontend = runner(parsed.frontend)
    return run_request(parsed, request, frontend)


def run_request(parsed: argparse.Namespace, request: BuildRequest, frontend: Callable[[Bridge], Returned] | None = None) -> int:
    """Build a request on the engine, and with the display, that the flags name."""
    mode = display_mode(parsed)
    progress.check_mode(mode, sys.stderr, os.environ)
    discover.check_address(parsed.addr)
    exports = exports_of(parsed)
    warn_of_platforms(request.platforms)
    with (
        result_files(parsed, exports, request) as files,
        prepare(request) as prepared,
        engine_flags.connected(parsed) as engine,
    ):
        with progress.showing(mode, sys.stderr, os.environ, description=engine.address) as display:
            result = engine.run(prepared, display=display, frontend=frontend, record=not parsed.no_record)
        files.write(result, engine.channel)
    for path in result.sockets:
        say(f"llbfront: warning: {path} is a socket and arrived as an empty file")
    for reason in result.skipped_caches:
        say(f"llbfront: warning: a cache was skipped: {reason}")
    if mode == "quiet" and result.image_id and not any(export.dest == STANDARD_STREAM for export in exports):
        show(result.image_id)
    if not (request.outputs or request.push or request.load or engine.is_docker):
        kept = "the result stays in the engine's cache; use --push, --load or -o to take it out"
        say(f"llbfront: warning: there is no image id to print: {kept}" if mode == "quiet" else f"llbfront: {kept}")
    return 0


def display_mode(parsed: argparse.Namespace) -> str:
    """Return how progress is shown. Raises: OptionError if --quiet contradicts --progress."""
    if parsed.quiet and parsed.progress not in {"auto", "quiet", "none"}:
        raise OptionError(f"--quiet and --progress={parsed.progress} cannot be used together")
    return "quiet" if parsed.quiet else parsed.progress
