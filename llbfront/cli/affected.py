"""`llbfront affected`: the stages that a change of files rebuilds; text or JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llbfront.cli import offline_arguments
from llbfront.cli.definition_options import add_definition_options
from llbfront.cli.output import show, show_json
from llbfront.client.git import changed_files
from llbfront.client.sources.remote_files import is_remote
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH
from llbfront.files.reading import read_file
from llbfront.inspection import affected
from llbfront.scripting import causes_by_stage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from llbfront.cli.main import Parser

EPILOG = """\
examples:
  llbfront affected --git origin/main...HEAD .
  llbfront affected --git HEAD --json . | jq -r '.targets[]'
  git diff main | llbfront affected --diff - .
  llbfront affected --git origin/main...HEAD --bake docker-bake.hcl --json | jq -r '.targets[]'
The files must be as they are after the change. Targets are stages: all of them, or the one of --target. With --bake they are targets of bake: the
default targets of `llbfront bake`, or the targets that match --target, which may be a pattern such as '*'.
"""


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory or a Dockerfile (default: .)")
    command.epilog = EPILOG
    command.usage = "%(prog)s (--git RANGE | --diff FILE | --files FILE) [FLAG ...] [PATH]"
    command.set_defaults(run=run)
    changes = command.add_mutually_exclusive_group(required=True)
    changes.add_argument("--git", metavar="RANGE", help="a range such as main...HEAD, or a revision to compare the work tree with")
    changes.add_argument("--diff", metavar="FILE", help="a unified diff, - for standard input")
    changes.add_argument("--files", metavar="FILE", help="a list of paths, - for standard input")
    bake = command.add_argument_group("targets of bake in place of stages")
    add = bake.add_argument
    add(
        "--bake",
        action="append",
        default=[],
        metavar="FILE",
        help="a bake file, a Compose file or a codefresh.yml; --target is then a target, a group or a pattern",
    )
    add_definition_options(bake)
    command.add_argument("--json", action="store_true", help="print JSON, in the form llbfront.affected/1")


def run(parsed: argparse.Namespace) -> int:
    if parsed.bake:
        return _of_bake(parsed)
    if flag := next((flag for flag, name in _OF_BAKE.items() if getattr(parsed, name)), None):
        raise OptionError(f"{flag} needs --bake")
    if STANDARD_STREAM in {parsed.path, parsed.file}:
        raise OptionError("the Dockerfile must be a file", hint="its changes are looked for")
    changed = _changed(parsed)
    before: Callable[[str, str], bytes | None] | None = None
    with offline_arguments.open_query(parsed, None, command="affected") as query:
        if parsed.git is not None:
            before = changed_files.reader_before(parsed.git, query.directories, _directory(parsed.path))
        stages = causes_by_stage(query, changed, before=before)
    if parsed.json:
        show_json(affected.to_json([os.path.relpath(path) for path in changed], stages))
    else:
        show(affected.to_text(stages))
    return 0


_OF_BAKE = {"--set": "overrides", "--var": "variables", "--var-file": "variable_files"}
_OF_STAGES = {
    "--file": ("file", "*.dockerfile=…"), "--build-arg": ("build_arg", "*.args.NAME=…"), "--platform": ("platform", "*.platform=…"),
    "--build-context": ("build_context", "*.contexts.NAME=…"), "--images": ("images", None), "--strict": ("strict", None),
    "--write-images": ("write_images", None), "--addr": ("addr", None),
}  # fmt: skip


def _of_bake(parsed: argparse.Namespace) -> int:
    """Print the affected targets of a definition."""
    from llbfront.bake import affected_targets

    for flag, (name, override) in _OF_STAGES.items():
        if getattr(parsed, name):
            raise OptionError(f"{flag} and --bake cannot be used together", hint=override and f"--set '{override}'")
    if parsed.path != ".":
        raise OptionError(
            f"PATH {parsed.path} and --bake cannot be used together",
            hint="paths of a definition are relative to the current directory",
        )
    if remote := next((name for name in parsed.bake if is_remote(name) and not os.path.exists(name)), None):
        raise OptionError(
            f"--bake {remote} is a remote definition, which cannot be compared with changed files",
            hint="clone the repository, and name the file in the clone",
        )
    changed = _changed(parsed)
    targets = affected_targets(
        changed,
        parsed.target or (),
        files=parsed.bake,
        variables=dict(_assignment(text) for text in parsed.variables),
        variable_files=parsed.variable_files,
        overrides=parsed.overrides,
        since=parsed.git,
    )
    if parsed.json:
        show_json(affected.to_json([os.path.relpath(path) for path in changed], targets, are_bake_targets=True))
    else:
        show(affected.to_text(targets))
    return 0


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise OptionError(f"--var {text} is not NAME=VALUE")
    return name, value


def _changed(parsed: argparse.Namespace) -> tuple[str, ...]:
    if parsed.git is not None:
        return changed_files.of_range(parsed.git, _directory(parsed.path))
    name = parsed.files if parsed.diff is None else parsed.diff
    data = read_file(STDIN_PATH if name == STANDARD_STREAM else name, "the changes")
    if parsed.diff is not None:
        return changed_files.of_diff(os.fsdecode(data), _directory(parsed.path))
    return changed_files.of_list(data, ".")


def _directory(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path) or "."
