"""`llbfront check`: the build checks without a build, as text, JSON or SARIF; exit code 4 when there are findings.

Source: docker build --check.
"""

from __future__ import annotations

import base64
import json
import os
import re
from typing import TYPE_CHECKING, Any

import llbfront
from llbfront.cli import asking
from llbfront.dockerfile.directives import find_directive
from llbfront.errors import DockerfileError, OptionError, suggestion
from llbfront.lint import sarif
from llbfront.lint.check import read_options
from llbfront.lint.rules import RULES
from llbfront.text import LineRange, Source, Span

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from llbfront.scripting import Question

FINDINGS = 4
EPILOG = """\
A `# check=skip=RULE;error=true` line in the Dockerfile counts, too; a RULE may be given in any letter case.
The rules: {rules}

exit codes: 0 nothing found, 1 the Dockerfile cannot be built from, 4 findings
"""
OPTION = "build-arg:BUILDKIT_DOCKERFILE_CHECK"


def add_arguments(command: argparse.ArgumentParser) -> None:
    asking.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.epilog = EPILOG.format(rules=", ".join(RULES))
    command.set_defaults(run=run)
    add = command.add_argument
    add("--disable", action="append", default=[], metavar="RULE,…", help="leave these rules out")
    add("--only", action="append", default=[], metavar="RULE,…", help="check nothing but these rules, experimental ones among them")
    add("--error", action="append", default=[], metavar="RULE,…", help="let only these rules, or `all`, decide the exit code")
    add("--format", choices=("text", "json", "sarif"), default="text", help="how to print the findings (default: text)")
    add("--json", action="store_const", const="json", dest="format", help="the same as --format json")


def run(parsed: argparse.Namespace) -> int:
    disabled, only, errors = (rules(getattr(parsed, option), option=option) for option in ("disable", "only", "error"))
    with asking.asked(parsed, asking.text_of(parsed)) as question:
        answer = _with_rules(question, disabled, only).ask("frontend.lint")
    found = json.loads(answer["result.json"])
    if parsed.format == "text":
        print(_summary(len(found["warnings"] or ())) + answer["result.txt"], end="")
    elif parsed.format == "json":
        print(answer["result.json"])
    else:
        print(sarif.write(found, uri=_uri(parsed), version=llbfront.__version__, errors=errors), end="")
    if "buildError" in found:
        raise _error(found)
    counts = [warning for warning in found["warnings"] or () if not errors or warning["ruleName"] in errors]
    return FINDINGS if counts else 0


def rules(texts: Sequence[str], *, option: str) -> frozenset[str]:
    """Read names of rules in any letter case, `all` for every rule. Raises OptionError for a name that is none."""
    found: set[str] = set()
    spelled = {name.lower(): name for name in RULES}
    for word in filter(None, (word.strip() for text in texts for word in text.split(","))):
        if word.lower() == "all":
            found.update(RULES)
        elif word.lower() in spelled:
            found.add(spelled[word.lower()])
        else:
            raise OptionError(
                f"--{option}: unknown rule {word}", hint=suggestion(word, RULES) or "llbfront check --help names the rules"
            )
    return frozenset(found)


def _with_rules(question: Question, disabled: frozenset[str], only: frozenset[str]) -> Question:
    """Add to what the Dockerfile says of checks what the command line says; a wrong directive is left for the check to refuse.

    Whether findings are errors is for the exit code to say, here.
    """
    text = question.options.get(OPTION)
    if text is None:
        directive = find_directive("check", question.dockerfile())
        text = directive.value if directive else ""
    try:
        options = read_options(text)
    except OptionError:
        return question
    skip = disabled | (frozenset(RULES) - only if only else frozenset(RULES) if options.skip_all else options.skip)
    experimental = only | (frozenset(RULES) if options.experimental_all else options.experimental)
    lists = {"skip": sorted(skip), "experimental": sorted(experimental - skip)}
    return question.with_option(OPTION, ";".join(f"{key}={','.join(names)}" for key, names in lists.items() if names))


def _summary(count: int) -> str:
    if not count:
        return "Check complete, no warnings found.\n"
    return f"Check complete, {count} warning{'s have' if count > 1 else ' has'} been found!\n"


def _uri(parsed: argparse.Namespace) -> str:
    """The file that was checked, as SARIF names it: relative to where the command runs."""
    if parsed.file not in {None, asking.STDIN}:
        return str(parsed.file)
    if parsed.path == asking.STDIN or parsed.file:
        return "Dockerfile"
    inside = os.path.join(parsed.path, "Dockerfile") if os.path.isdir(parsed.path) else parsed.path
    return os.path.normpath(inside)


def _error(found: Mapping[str, Any]) -> DockerfileError:
    error, (source,) = found["buildError"], found["sources"]
    text = Source(source.get("filename", ""), base64.b64decode(source.get("data", "")))
    ranges = (error.get("location") or {}).get("ranges") or ()
    parts = tuple(LineRange(part["start"].get("line", 0), part["end"].get("line", 0)) for part in ranges)
    message = re.sub(r"\Adockerfile parse error on line [0-9]+: ", "", error["message"])
    return DockerfileError(message, span=Span(text, parts) if parts else None)
