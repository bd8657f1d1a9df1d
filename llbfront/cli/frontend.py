"""`llbfront frontend`: build an image for `# syntax=` lines from a custom frontend, a function in a Python file.

llbfront/kit/Dockerfile is the recipe.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import attrs

import llbfront
from llbfront.cli import build, headings
from llbfront.client.buildflags import exporters
from llbfront.client.buildflags.secrets import parse_secret
from llbfront.client.request.build_request import BuildRequest
from llbfront.errors import ExecFailed, FrontendError, OptionError

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.client.buildflags.exporters import Export

EPILOG = """\
examples:
  llbfront frontend image my_frontend.py -t registry.example/my-frontend --push
  llbfront frontend image my_frontend.py --with PyYAML==6.0.3 -o type=oci,dest=my-frontend.tar
A file whose first line is `# syntax=registry.example/my-frontend` is then built by it, with docker build, buildctl, llbfront build.
To run the function here, without an image: llbfront build --frontend my_frontend.py
The same files make the same image. $PIP_CONFIG_FILE and $PIP_CERT set another package index and its certificate
authority, as for pip.
"""
COMPLAINT = "frontend: "
PIP = {"PIP_CERT": "ca", "PIP_CONFIG_FILE": "pip"}


def add_arguments(command: Parser) -> None:
    verbs = command.add_subparsers(metavar="VERB", required=True, prog=command.prog)
    summary = "make an image of a frontend"
    verb = verbs.add_parser(
        "image",
        help=summary,
        description=f"{summary.capitalize()}.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    verb.usage = "%(prog)s [FLAG ...] FILE"
    verb.set_defaults(run=run)
    verb.add_argument("file", metavar="FILE", help="the Python file with the function `frontend`; it may import modules next to it")
    add = verb.under(headings.INPUT).add_argument
    add(
        "--with",
        action="append",
        default=[],
        dest="packages",
        metavar="PACKAGE",
        help="a package that it imports, as pip takes it; a wheel for the platform is needed",
    )
    add = verb.under(headings.OUTPUT).add_argument
    add("-t", "--tag", action="append", default=[], metavar="NAME", help="name of the image, may be repeated")
    add("--push", action="store_true", help="push the image to its registry")
    add("--load", action="store_true", help="load the image into the docker engine")
    add("-o", "--output", action="append", default=[], metavar="OUT", help="type=oci,dest=FILE and the like, as for llbfront build")
    add = verb.under(headings.STEPS).add_argument
    add("--platform", action="append", default=[], metavar="OS/ARCH", help="platform to run on, a list for several")
    add = verb.under(headings.CACHE).add_argument
    add("--no-cache", action="store_true", help="do not use the cache")
    build.add_running(verb)


def run(parsed: argparse.Namespace) -> int:
    from llbfront.kit.loading import check

    check(parsed.file)
    try:
        return build.run_request(parsed, request_of(parsed))
    except ExecFailed as error:
        complaints = [line.removeprefix(COMPLAINT) for line in error.log_tail if line.startswith(COMPLAINT)]
        if complaints:
            raise FrontendError(
                f"{parsed.file} cannot be made an image: {complaints[-1]}", hint="--with PACKAGE adds packages"
            ) from None
        raise


def request_of(parsed: argparse.Namespace) -> BuildRequest:
    """Return the request of the image build. The context is the package llbfront; the directory of the author is a named context."""
    from llbfront import kit

    folder, name = os.path.split(os.path.abspath(parsed.file))
    module = name.removesuffix(".py")
    if not module.isidentifier():
        raise OptionError(f"{parsed.file} cannot be imported by that name", hint="the name of a module has letters, digits and _")
    here = os.path.dirname(os.path.abspath(llbfront.__file__))
    tags = exporters.parse_names(parsed.tag)
    outputs = tuple(exporters.parse_export(text) for text in parsed.output)
    pip_files = {key: os.environ[name] for name, key in PIP.items() if os.environ.get(name) and os.path.isfile(os.environ[name])}
    return BuildRequest(
        context=os.path.dirname(here),
        file=os.path.join(os.path.dirname(os.path.abspath(kit.__file__)), "Dockerfile"),
        platforms=tuple(part for text in parsed.platform for part in text.split(",") if part),
        build_args={
            "FRONTEND": module,
            "PACKAGES": " ".join(parsed.packages),
            "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or "0",
        },
        outputs=tuple(map(reproducible, exporters.plan(outputs, tags=tags, push=parsed.push, load=parsed.load))),
        no_cache=parsed.no_cache,
        secrets=tuple(parse_secret(f"id={key},src={path}", environ={}) for key, path in pip_files.items()),
        build_contexts={"frontend": folder},
    )


def reproducible(export: Export) -> Export:
    return (
        attrs.evolve(export, attrs={"rewrite-timestamp": "true", **export.attrs})
        if export.type in {"image", "oci", "docker"}
        else export
    )
