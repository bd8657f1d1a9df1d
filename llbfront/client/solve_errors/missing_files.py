"""Say why a build context does not have a file that a COPY, ADD or mount reads: it is absent, or a rule of the ignore file leaves it out."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from llbfront.client.solve_errors.engine_messages import CONTEXT, LOCAL, FailedVertex, read_path, where_missing
from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.client.solve_errors.transfer_error import read_ignore_file
from llbfront.errors import LlbfrontError
from llbfront.files.near_paths import near_path
from llbfront.inspection.ignored import IgnoreRules
from llbfront.suggestions import SUGGESTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llbfront.client.inputs.contexts import Inputs
    from llbfront.errors import SolveError
    from llbfront.llb.definition import Definition
    from llbfront.pb import ops_pb2 as ops
    from llbfront.source import Span

_MISSING = re.compile(r'("(?:[^"\\]|\\.)*+") does not exist\Z', re.DOTALL)
_PARENT = re.compile(r"(?<![\w.])\.\./")


def explained(error: SolveError, graphs: Sequence[Definition], inputs: Inputs) -> SolveError:
    """Return the error about a missing file with a hint that says why the local directory does not have it.

    Args:
        error: of a build; errors of other kinds are returned as they are.
        graphs: what was solved; nothing for a build by another frontend, whose errors are returned as they are.
        inputs: the directories, which have the ignore files.
    """
    solved = SolvedGraphs(graphs)
    match = _MISSING.match(error.message)
    op = solved.op(error.vertex) if match else None
    if match is None or op is None:
        return error
    vertex = FailedVertex(solved, op=op)
    read = read_path(match[1], vertex)
    source = solved.op(read[1]) if read else None
    if read is None or source is None or not source.source.identifier.startswith(LOCAL):
        return error
    vague = where_missing(match[1], vertex)
    name = source.source.identifier.removeprefix(LOCAL)
    if name not in inputs.directories or not error.hint or vague not in error.hint:
        return error
    reason = _reason(read[0].strip("/"), name, inputs, source, error.span)
    return error.evolve(hint=error.hint.replace(vague, reason)) if reason else error


def _reason(path: str, name: str, inputs: Inputs, source: ops.Op, span: Span | None) -> str | None:
    """Return why a directory does not have a path, None if that is not known."""
    try:
        rules = _rules(name, inputs, source)
        decision = rules.decide(path) if rules else None
    except LlbfrontError:
        return None
    context = "the build context" if LOCAL + name == CONTEXT else f"the context {name}"
    full = os.path.join(inputs.directories[name], path)
    if os.path.lexists(full):
        if decision is None or not decision.is_ignored or decision.rule is None:
            return f"it is a symlink to a path that {context} does not have" if os.path.islink(full) else None
        return f"{decision.rule.file}:{decision.rule.line} leaves it out of {context}: {decision.rule.text}"
    said = f"{context} does not have it: there is no {_shown(full)}"
    return f"{said}; {hint}" if (hint := _hint(path, name, inputs, rules, span)) else said


def _rules(name: str, inputs: Inputs, source: ops.Op) -> IgnoreRules | None:
    """Return the rules with which a directory was sent, None if they are not those of its ignore file. Raises: LlbfrontError."""
    found = read_ignore_file(name, inputs)
    rules = IgnoreRules.parse(*found) if found else IgnoreRules((), ())
    patterns = json.loads(source.source.attrs.get("local.excludepatterns", "[]"))
    return rules if patterns == list(rules.patterns) else None


def _hint(path: str, name: str, inputs: Inputs, rules: IgnoreRules | None, span: Span | None) -> str | None:
    """Return what may be meant by a path that a directory does not have."""
    root = inputs.directories[name]
    if span is not None and any(_PARENT.search(line) for line in _lines(span)):
        return "paths do not leave the context with .."
    beside = inputs.directories.get("dockerfile")
    if LOCAL + name == CONTEXT and beside is not None and os.path.lexists(os.path.join(beside, path)):
        return "it is beside the Dockerfile, but paths are relative to the context"
    near = near_path(path, root, is_meant=lambda found: _is_sent(found, root, rules))
    return None if near is None else f"{SUGGESTION}{near}?"


def _lines(span: Span) -> list[str]:
    lines = span.source.data.decode(errors="replace").split("\n")
    return [line for part in span.ranges for line in lines[part.start - 1 : part.end]]


def _is_sent(path: str, root: str, rules: IgnoreRules | None) -> bool:
    return os.path.lexists(path) and not (rules and rules.decide(os.path.relpath(path, root)).is_ignored)


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
