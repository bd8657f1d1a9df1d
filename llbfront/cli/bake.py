"""`llbfront bake`: definitions of many builds → what is planned, or the builds on one connection.

Source: commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, Any

from llbfront.bake import permissions, target_attributes
from llbfront.bake.dotenv import parse_dotenv
from llbfront.bake.files import file_names, read_local
from llbfront.bake.plan import define, plan
from llbfront.bake.remote import read_remote, split_arguments
from llbfront.bake.target import BUILD
from llbfront.cli import engine_flags, headings
from llbfront.cli.build import PROGRESS
from llbfront.cli.definition_options import add_definition_options
from llbfront.cli.output import reminding, say, show, show_json
from llbfront.client.request.jobs import read_jobs
from llbfront.errors import BakeError
from llbfront.files.reading import keeping_pipes
from llbfront.gostd.json import marshal_indent
from llbfront.gostd.tabwriter import format_table
from llbfront.printable import hide_credentials
from llbfront.setting_names import spelled

if TYPE_CHECKING:
    from llbfront.bake.definition import Definition
    from llbfront.cli.call import Question
    from llbfront.cli.main import Parser
    from llbfront.client.engine import Engine
    from llbfront.client.sources.remote_files import RemoteFiles

Row = dict[str, str | bool | None]
VARIABLE_COLUMNS = {"VARIABLE": "name", "TYPE": "type", "VALUE": "value", "DESCRIPTION": "description"}
TARGET_COLUMNS = {"TARGET": "name", "DESCRIPTION": "description"}
SPELLING = {
    "build_contexts": "--set TARGET.contexts.{}",
    "file": "--set TARGET.dockerfile={}",
    "no_cache_filter": "--set TARGET.no-cache-filter={}",
    "output": "--set TARGET.output={}",
    "platforms": "--set TARGET.platform={}",
    "secrets": "--set TARGET.secrets={}",
    "ssh": "--set TARGET.ssh={}",
    "syntax": "--set TARGET.args.BUILDKIT_SYNTAX={}",
    "tags": "--set TARGET.tags={}",
}
# With an empty value, these count for nothing, as for docker buildx.
EMPTY_IS_UNSET = frozenset(
    ("--addr", "--builder", "--call", "--jobs", "--list", "--metadata-file", "--progress", "--provenance", "--sbom", "--var")
)
FIELD_VALUES = {"check": "lint"}  # the names of methods in the field `call`
# `=false` turns off what a definition turns on.
SWITCHES = {
    "--no-cache": "do not use the cache: run every step again",
    "--pull": "ask the registry for base images even if the engine has them",
}
EPILOG = """\
examples:
  llbfront bake                                     # the target or group `default` of docker-bake.hcl, compose.yaml, …
  llbfront bake --print app                         # what would be built, as JSON; needs no engine
  llbfront bake -f docker-bake.hcl --set '*.platform=linux/arm64' --var VERSION=1.2 --push
  llbfront bake https://git.example/app.git#main app  # the definition of a git repository, with contexts there
"""


def add_arguments(command: Parser) -> None:
    command.epilog, command.usage = EPILOG, "%(prog)s [FLAG ...] [TARGET ...]"
    command.empty_is_unset = EMPTY_IS_UNSET
    command.set_defaults(run=run)
    command.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="targets, groups or patterns to build, after the URL of a remote definition (default: default)",
    )
    add = command.under(headings.INPUT).add_argument
    add("-f", "--file", action="append", default=[], dest="files", metavar="FILE", help="a definition file, may be repeated")
    add_definition_options(command.under(headings.INPUT))
    add(
        "--policy",
        action="append",
        default=[],
        metavar="ATTRS",
        help="disabled=true turns off the policies of targets; others are not supported",
    )
    add(
        "--allow",
        action="append",
        default=[],
        metavar="ENTITLEMENT",
        help="let targets use network.host, security.insecure, device or ssh, or paths elsewhere: fs.read=PATH, fs.write=PATH, fs=PATH",
    )
    add = command.under(headings.OUTPUT).add_argument
    add("--push", action="store_true", help="push the images of all targets")
    add("--load", action="store_true", help="load the images of all targets into the docker engine")
    add("--sbom", default="", metavar="ATTRS", help="attach an SBOM to the images of all targets")
    add("--provenance", default="", metavar="ATTRS", help="attach provenance to the images of all targets")
    add("--metadata-file", metavar="FILE", help="write facts of the results as JSON, by target")
    add = command.under(headings.CACHE).add_argument
    for flag, text in SWITCHES.items():
        add(flag, action="store_const", const=True, help=text)
        add(f"{flag}=false", action="store_const", const=False, dest=flag[2:].replace("-", "_"), help=argparse.SUPPRESS)
    add = command.under(headings.QUESTIONS).add_argument
    add("--print", action="store_true", help="print what would be built as JSON")
    add("--list", default="", metavar="WHAT", help="list targets or variables[,format=json]")
    add("--call", default="", metavar="METHOD", help="check, outline or targets[,format=json]")
    add("--check", action="store_const", const="check", dest="call", help="the same as --call check")
    add = command.under(headings.PROGRESS).add_argument
    add(
        "-j", "--jobs", default="", metavar="JOBS", help="N targets at a time; or fail-fast, defer-output, defer-error[,parallel=N]"
    )
    add("--no-record", action="store_true", help="keep no records of the builds for llbfront why")
    add("--progress", default="auto", choices=PROGRESS, help="how progress is shown (default: auto)")
    add("-q", "--quiet", action="store_true", help="show no progress")
    engine_flags.add_arguments(command, can_start=True)


def overrides_of(parsed: argparse.Namespace) -> list[str]:
    """Return the overrides of `--set`, followed by the overrides of flags such as `--no-cache`."""
    overrides = list(parsed.overrides)
    overrides += [f"*.{name}=true" for name in ("push", "load") if getattr(parsed, name)]
    overrides += [f"*.no-cache={parsed.no_cache}".lower()] if parsed.no_cache is not None else []
    overrides += [f"*.pull={parsed.pull}".lower()] if parsed.pull is not None else []
    if question := question_of(parsed):
        overrides.append(f"*.call={FIELD_VALUES.get(question.method, question.method)}")
    for type_ in ("sbom", "provenance"):
        if value := getattr(parsed, type_):
            overrides.append(f"*.attest={target_attributes.canonical_attestation(type_, value)}")
    if not disables_policies(parsed):
        overrides += [f"*.policy+={text}" for text in parsed.policy]
    return overrides


def question_of(parsed: argparse.Namespace) -> Question | None:
    """Read `--call` and `--check`: None if they do not ask for anything. Raises: OptionError."""
    if not parsed.call or parsed.call == BUILD:
        return None
    from llbfront.cli import call

    return call.read(parsed.call)


def disables_policies(parsed: argparse.Namespace) -> bool:
    """Read the flags `--policy`: whether they turn off the policies of targets. Raises: BakeError."""
    policies = target_attributes.read_texts(target_attributes.Policy, parsed.policy)
    for policy in policies:
        for key, is_set in (("filename", policy.files), ("reset", policy.reset)):
            if is_set:
                raise BakeError(f"--policy does not accept {key}", hint="the definition names policy files")
        if policy.disabled and (policy.strict is not None or policy.log_level is not None or len(policies) > 1):
            raise BakeError("disabled policy cannot be combined with other policy flags")
    return any(policy.disabled for policy in policies)


def variables_of(parsed: argparse.Namespace) -> dict[str, str]:
    """Read `--var-file` and `--var` flags; the latter win. Raises: BakeError."""
    variables: dict[str, str] = {}
    for path in parsed.variable_files:
        variables |= parse_dotenv(path, read_local(path).data, os.environ)
    for text in filter(None, parsed.variables):
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BakeError(f'invalid variable "{text}", {"key is empty" if equals else "expected key=value"}')
        variables[name] = value
    return variables


@spelled(SPELLING)
def run(parsed: argparse.Namespace) -> int:
    if parsed.list and parsed.print:
        raise BakeError("--print and --list cannot be used together")
    permissions.check_names(parsed.allow)
    read_jobs(parsed.jobs)
    address, command_context, names = split_arguments(parsed.targets)
    if address is None:
        return _answer(parsed, names, None, None, command_context)
    with engine_flags.connected(parsed) as engine:
        with reminding(f"reads {hide_credentials(address)}"):
            remote = read_remote(engine, address, file_names(parsed.files, os.environ), os.environ)
        return _answer(parsed, names, remote, engine, command_context)


def _answer(
    parsed: argparse.Namespace, names: list[str], remote: RemoteFiles | None, engine: Engine | None, command_context: str
) -> int:
    """Print what flags ask for, or build. `remote` and `engine` are set for a remote definition."""
    where: dict[str, Any] = {
        "variables": variables_of(parsed),
        "environ": os.environ,
        "remote": remote,
        "command_context": command_context,
    }
    if parsed.list:
        return show_list(parsed.list, define(parsed.files, **where))
    planned = plan(names, files=parsed.files, overrides=overrides_of(parsed), **where)
    if disables_policies(parsed):
        for target in planned.targets.values():
            target.policy = [target_attributes.Policy(disabled=True)]
    for unknown in planned.unknown:
        say(f"llbfront: warning: {unknown}")
    for step in planned.not_run:
        say(f"llbfront: not run: {step.name}: {step.reason}")
    if parsed.print:
        show_json(marshal_indent(planned.to_json()))
        return 0
    from llbfront.cli import bake_build

    if not any(target.is_asked for target in planned.targets.values()):
        bake_build.build(parsed, planned, engine)
        return 0
    from llbfront.cli import bake_call, call

    if parsed.call:
        call.warn_of_results(parsed)
    asked = bake_call.questions(planned, question_of(parsed))
    bake_build.build(parsed, planned, engine)
    bake_build.refuse_shared_input(parsed, planned.questions())
    with keeping_pipes():
        return bake_call.answer(planned, asked, parsed.addr)


def show_list(text: str, definition: Definition) -> int:
    """Print targets or variables as a table or as JSON. Raises: BakeError for another kind of list."""
    kind, is_table = _list_kind(text)
    rows = listed_variables(definition) if kind == "variables" else listed_targets(definition)
    if is_table:
        columns = VARIABLE_COLUMNS if kind == "variables" else TARGET_COLUMNS
        body = [[_cell(row.get(name)) for name in columns.values()] for row in rows]
        show(format_table([list(columns), *body], gap=1), end="")
    else:
        show_json(
            json.dumps([{key: value for key, value in row.items() if value not in {None, "", False}} for row in rows], indent=2)
        )
    return 0


def listed_variables(definition: Definition) -> list[Row]:
    """Describe the variables, sorted by name."""
    return [{"name": v.name, "description": v.description, "type": v.type, "value": v.value} for v in definition.variables]


def _cell(value: object) -> str:
    return "<null>" if value is None else str(value)


def listed_targets(definition: Definition) -> list[Row]:
    """Describe targets and groups, sorted by name; names that start with an underscore are private."""
    rows: list[Row] = [{"name": target.name, "description": target.description or ""} for target in definition.targets.values()]
    for group in definition.groups.values():
        names = ", ".join(sorted(group.targets))
        description = f"{group.description} ({names})" if group.description and names else group.description or names
        rows.append({"name": group.name, "description": description, "group": True})
    return sorted((row for row in rows if not str(row["name"]).startswith("_")), key=lambda row: str(row["name"]))


def _list_kind(text: str) -> tuple[str, bool]:
    """Read `targets`, `variables`, or `type=…,format=table|json`: the kind, and whether a table is printed."""
    kind, shape = text, "table"
    if "=" in text:
        values = dict(target_attributes.fields_of(text if text.startswith(("type=", "format=")) else f"type={text}"))
        kind, shape = values.pop("type", ""), values.pop("format", "table")
        for key in values:
            raise BakeError(f"unexpected key '{key}' in '{text}'")
    if kind not in {"targets", "variables"}:
        raise BakeError(f'invalid list type "{kind}"', hint="use targets or variables")
    if shape not in {"table", "json"}:
        raise BakeError(f'invalid list format "{shape}"', hint="use table or json")
    return kind, shape == "table"
