"""`llbfront check`: the build checks without a build, as text, JSON or SARIF; exit code 4 when there are findings.

Source: docker build --check.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import llbfront
from llbfront.cli import offline_arguments
from llbfront.cli.exit_codes import DONE, FINDINGS
from llbfront.cli.lint_output import show_text
from llbfront.cli.output import show, show_json
from llbfront.dockerfile.lines import find_directive
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM
from llbfront.frontend.subrequests import lint
from llbfront.gostd.strings import to_valid_utf8
from llbfront.lint import rule_pages, sarif
from llbfront.lint.check import CheckOptions, read_options
from llbfront.lint.rules import RULES
from llbfront.rules.loading import load_rules
from llbfront.rules.running import extended
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    import argparse

    from llbfront.cli.main import Parser
    from llbfront.rules import Rule
    from llbfront.scripting import DockerfileQuery

EPILOG = """\
A `# check=skip=RULE;error=true` line in the Dockerfile counts, too; a RULE may be given in any letter case.
The rules: {rules}, and the rules of --rules and of installed packages (see llbfront.rules).

exit codes: 0 nothing found, 1 the Dockerfile cannot be built from, 2 a rule of --rules failed, 4 findings
"""
OPTION = "build-arg:BUILDKIT_DOCKERFILE_CHECK"


def add_arguments(command: Parser) -> None:
    offline_arguments.add_arguments(command, path_help="a directory, a Dockerfile, or - for one on standard input (default: .)")
    command.epilog = EPILOG.format(rules=", ".join(RULES))
    command.set_defaults(run=run)
    add = command.add_argument
    add("--disable", action="append", default=[], metavar="RULE,…", help="leave these rules out")
    add("--only", action="append", default=[], metavar="RULE,…", help="check nothing but these rules, experimental ones among them")
    add("--error", action="append", default=[], metavar="RULE,…", help="let only these rules, or `all`, decide the exit code")
    add("--rules", action="append", default=[], metavar="FILE", help="a Python file with your own rules")
    add("--explain", metavar="RULE", help="print the page of a rule, and check nothing")
    add("--format", choices=("text", "json", "sarif"), default="text", help="how to print the findings (default: text)")
    add("--json", action="store_const", const="json", dest="format", help="the same as --format json")


def run(parsed: argparse.Namespace) -> int:
    own = load_rules(parsed.rules)
    known = (*RULES, *own)
    if parsed.explain:
        show(_explained(parsed.explain, own), end="")
        return 0
    disabled, only, errors = (rules(getattr(parsed, option), known, option=option) for option in ("disable", "only", "error"))
    with offline_arguments.open_query(parsed, offline_arguments.text_of(parsed), command="check") as query:
        options = _options(query, known, disabled, only)
        chosen = query.with_option(OPTION, _text(options)) if options else query
        results = extended(chosen.check(), chosen, tuple(own.values()), options or CheckOptions())
    answer = lint.write(results)
    if parsed.format == "text":
        show_text(to_valid_utf8(answer["result.txt"]), len(results.warnings), is_failed=results.error is not None)
    elif parsed.format == "json":
        show_json(answer["result.json"])
    else:
        described: tuple[sarif.Described, ...] = (*RULES.values(), *own.values())
        content = json.loads(answer["result.json"])
        show_json(sarif.write(content, uri=_uri(parsed), version=llbfront.__version__, errors=errors, rules=described), end="")
    if results.error:
        raise results.error
    return FINDINGS if any(not errors or warning.rule in errors for warning in results.warnings) else DONE


def rules(texts: Sequence[str], known: Collection[str], *, option: str) -> frozenset[str]:
    """Read names of rules in any letter case, `all` for every rule. Raises: OptionError for an unknown name."""
    selected: set[str] = set()
    spelled = {name.lower(): name for name in known}
    for word in filter(None, (word.strip() for text in texts for word in text.split(","))):
        if word.lower() == "all":
            selected.update(known)
        elif word.lower() in spelled:
            selected.add(spelled[word.lower()])
        else:
            raise OptionError(
                f"--{option}: unknown rule {word}", hint=suggestion(word, known) or "llbfront check --help lists the rules"
            )
    return frozenset(selected)


def _explained(name: str, own: Mapping[str, Rule]) -> str:
    named = rules([name], (*RULES, *own), option="explain")
    if len(named) != 1:
        raise OptionError("--explain takes the name of one rule")
    (rule,) = named
    return own[rule].page if rule in own else rule_pages.write(rule)


def _options(query: DockerfileQuery, known: Collection[str], disabled: frozenset[str], only: frozenset[str]) -> CheckOptions | None:
    """Join what the Dockerfile says of checks with what the command line says; None for a directive that the check will refuse.

    Whether findings are errors is for the exit code to say, here.
    """
    text = query.options.get(OPTION)
    if text is None:
        directive = find_directive("check", query.dockerfile())
        text = directive.value if directive else ""
    try:
        options = read_options(text)
    except OptionError:
        return None
    every = frozenset(known)
    skip = disabled | (every - only if only else every if options.skip_all else options.skip)
    experimental = only | (every if options.experimental_all else options.experimental)
    return CheckOptions(skip, experimental - skip)


def _text(options: CheckOptions) -> str:
    lists = {"skip": options.skip, "experimental": options.experimental}
    return ";".join(f"{key}={','.join(sorted(names))}" for key, names in lists.items() if names)


def _uri(parsed: argparse.Namespace) -> str:
    """The file that was checked, as SARIF names it: relative to where the command runs."""
    if parsed.file not in {None, STANDARD_STREAM}:
        return str(parsed.file)
    if parsed.path == STANDARD_STREAM or parsed.file:
        return "Dockerfile"
    inside = os.path.join(parsed.path, "Dockerfile") if os.path.isdir(parsed.path) else parsed.path
    return os.path.normpath(inside)
