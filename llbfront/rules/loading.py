"""Load custom rules from files that the command line names and from installed packages.

Source: the entry points specification of PyPA.
"""

from __future__ import annotations

import traceback
import types
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata

from llbfront.errors import LlbfrontError, RuleError
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import reason
from llbfront.files.reading import read_bytes
from llbfront.lint.rules import RULES
from llbfront.rules.definition import Rule, shown

GROUP = "llbfront.rules"
_BUILT_IN = {name.lower() for name in RULES}


def load_rules(files: Sequence[str]) -> Mapping[str, Rule]:
    """Load the rules of installed packages and of files."""
    rules: dict[str, Rule] = {}
    for rule in (*_installed(), *(rule for path in files for rule in _in_file(path))):
        key = rule.name.lower()
        if key in _BUILT_IN:
            raise RuleError(f"{rule.origin}: {rule.name} is the name of a built-in rule")
        if rules.setdefault(key, rule) is not rule:
            raise RuleError(f"two rules are called {rule.name}: {rules[key].origin} and {rule.origin}")
    return {rule.name: rule for rule in rules.values()}


def _installed() -> Iterator[Rule]:
    for entry in sorted(metadata.entry_points(group=GROUP)):
        try:
            value = entry.load()
        except (Exception, SystemExit) as error:
            raise RuleError(f"cannot load the rule {entry.name} = {entry.value}: {cause(error)}") from error
        if isinstance(value, types.ModuleType):
            yield from _in_module(value)
        elif isinstance(value, Rule):
            yield value
        else:
            raise RuleError(
                f"cannot load the rule {entry.name} = {entry.value}: it is neither a rule nor a module", hint="see llbfront.rules"
            )


def _in_file(path: str) -> Iterator[Rule]:
    """Run a file as a module, without writing a compiled file."""
    module = types.ModuleType("llbfront_rules_of_a_file")
    module.__file__ = path
    try:
        data = read_bytes(path)
    except (OSError, ValueError) as error:
        raise RuleError(f"cannot read the rules {path}: {reason(error)}", hint=near_path_hint(path)) from None
    try:
        exec(compile(data, path, "exec"), module.__dict__)  # noqa: S102  what the user has asked for
    except (Exception, SystemExit) as error:
        raise RuleError(f"cannot load {path}: {cause(error, path)}") from error
    rules = tuple(_in_module(module))
    if not rules:
        raise RuleError(f"there are no rules in {path}", hint="see llbfront.rules")
    yield from rules


def _in_module(module: types.ModuleType) -> Iterator[Rule]:
    return (value for value in vars(module).values() if isinstance(value, Rule))


def cause(error: BaseException, file: str = "") -> str:
    """Return what an exception is and where in `file` it came from, or where at all: `ValueError: text (rules.py:12)`."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} ({shown(error.filename or '')}:{error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if frame.filename == file), frames[-1])
    text = " ".join(str(error).split())
    kind = "" if isinstance(error, LlbfrontError) else f"{type(error).__name__}: " if text else type(error).__name__
    return f"{kind}{text} ({shown(frame.filename)}:{frame.lineno})"
