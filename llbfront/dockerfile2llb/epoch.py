"""Determine SOURCE_DATE_EPOCH: a time, or the source whose time must be looked up.

Source: frontend/dockerfile/dockerfile2llb/epoch.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.instructions import Add, Arg
from llbfront.dockerfile.word_expansion import expand
from llbfront.dockerfile2llb import git_ref
from llbfront.dockerfile2llb.places import span_of
from llbfront.dockerfile2llb.plan import SCRATCH
from llbfront.dockerfile2llb.remote_sources import git_state, http_filename
from llbfront.errors import OptionError, StageError
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strconv import parse_int
from llbfront.gostd.time import format_rfc3339
from llbfront.llb import sources
from llbfront.oci import digest

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Stage
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile2llb.convert_options import ContextRef, ConvertOptions
    from llbfront.dockerfile2llb.scope import Scope
    from llbfront.llb.state import State

_NS = 10**9
_INT64 = 1 << 64


@attrs.frozen
class Epoch:
    """A point in time. `created` is it as image configs write it, in the zone that its source had."""

    time_ns: int
    created: str

    @classmethod
    def at(cls, seconds: int) -> Epoch:
        """Return the time so many seconds after 1970."""
        return cls(seconds * _NS, format_rfc3339(seconds * _NS))

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970."""
        return self.time_ns // _NS

    @property
    def timestamp_ns(self) -> int:
        """Nanoseconds as file actions carry them. Parity: what no 64-bit integer can hold wraps around."""
        return (self.time_ns + _INT64 // 2) % _INT64 - _INT64 // 2


@attrs.frozen(eq=False)
class UnresolvedEpoch:
    """A source whose time is the epoch: the main context (neither is set), a named context, or what a stage adds."""

    log_name: str
    context: ContextRef | None = None
    state: State | None = None


def epoch_of(
    text: str, dockerfile: Dockerfile, stages: Sequence[Stage], options: ConvertOptions, scope: Scope
) -> Epoch | UnresolvedEpoch | None:
    """Read a value of SOURCE_DATE_EPOCH. Raises: StageError or OptionError for a value that names nothing usable."""
    if not text:
        return None
    seconds = parse_int(text)
    if seconds is not None:
        return Epoch.at(seconds)
    if text == "context":
        return UnresolvedEpoch("[internal] resolve main build context metadata")
    context = options.any_context(text, None)
    if context:
        return UnresolvedEpoch(f"[internal] resolve SOURCE_DATE_EPOCH named context {text}", context=context)
    for stage in stages:
        if (stage.name or "").lower() == text.lower():
            with located(span_of(dockerfile.source, stage.base.range)):
                state = _stage_source(stage, options, scope, dockerfile.escape)
            return UnresolvedEpoch(f"[internal] resolve SOURCE_DATE_EPOCH source stage {stage.name}", state=state)
    hint = "use seconds since 1970, context, or the name of a stage or a named context"
    raise OptionError(f"invalid SOURCE_DATE_EPOCH: {text}", hint=hint)


def _stage_source(stage: Stage, options: ConvertOptions, scope: Scope, escape: str) -> State:
    env = {key: value for key, value in scope.env.items() if key != "SOURCE_DATE_EPOCH"}
    if expand(stage.base.image, env, escape=escape).text != SCRATCH:
        raise StageError("SOURCE_DATE_EPOCH stage must use FROM scratch")
    state: State | None = None
    for instruction in stage.instructions:
        if isinstance(instruction, Arg):
            _declare(instruction, env, scope.build_args, escape)
        elif not isinstance(instruction, Add):
            keyword = instruction.keyword
            raise StageError(f"SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported {keyword} instruction")
        elif state is not None:
            raise StageError("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD")
        else:
            state = _added(instruction, env, options, escape)
    if state is None:
        raise StageError("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD")
    return state


def _declare(instruction: Arg, env: dict[str, str], build_args: Mapping[str, str], escape: str) -> None:
    for definition in instruction.definitions:
        if definition.key in build_args:
            env[definition.key] = build_args[definition.key]
        elif definition.value is not None:
            env[definition.key] = expand(definition.value, env, escape=escape).text


def _added(add: Add, env: Mapping[str, str], options: ConvertOptions, escape: str) -> State:
    if add.contents or len(add.sources) != 1:
        raise StageError("SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source")
    source = expand(add.sources[0], env, escape=escape).text
    checksum = expand(add.checksum, env, escape=escape).text if add.checksum else None
    if git_ref.is_http(source):
        return sources.http(source, filename=http_filename(source), checksum="" if checksum is None else digest.parse(checksum))
    try:
        git = git_ref.parse(source)
    except git_ref.NotGit:
        git = None
    if git is None or git.looks_local:
        raise StageError("SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD")
    keep = bool(add.keep_git_dir) or bool(git.keep_git_dir)
    git = attrs.evolve(git, checksum=git.checksum if checksum is None else checksum, fetch_by_commit=False, keep_git_dir=keep)
    return git_state(git, advice=options.git_advice)
