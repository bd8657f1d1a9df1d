"""Expand the variables in the steps of a stage and collect the facts about it.

Nothing depends on files: the environment of a stage follows from the image config of its base and its own instructions. An error is kept with
the steps before it, so that findings about these come first.

Source: dispatch, dispatchEnv and dispatchArg in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.dockerfile.instructions import (
    Add,
    Arg,
    ArgDefinition,
    Copy,
    Env,
    Expose,
    KeyValue,
    Label,
    Run,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from llbfront.dockerfile.mounts import Mount, MountType, parse_mount
from llbfront.dockerfile.word_expansion import expand_words
from llbfront.dockerfile2llb.expansion_state import UNEXPORTED, ExpandedStep, StageExpansion
from llbfront.dockerfile2llb.facts import ArgUse, Finding, SecretUse, StageFacts
from llbfront.dockerfile2llb.image_paths import last_element, rooted, to_slash
from llbfront.dockerfile2llb.places import with_place
from llbfront.errors import LlbfrontError
from llbfront.llb.exec_settings import Env as Environment

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.dockerfile2llb.expansion_state import StageVariables
    from llbfront.dockerfile2llb.plan import Step

_SENSITIVE = r"(?i)(?:_|\A)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|\Z)"
_HARMLESS = r"(?i)(?:_|\A)(?:public|file|version)(?:_|\Z)"


@attrs.frozen(eq=False)
class ExpandedStage:
    """A stage after expansion.

    Attributes:
        steps: the expanded steps, up to the one that failed.
        error: the error of the step that failed, or None.
        findings: the findings of the step that failed.
        start: the environment before the first step.
        variables: the variables after the last step.
        facts: the facts about the stage.
        context_paths: the paths that steps read from the build context.
        read_paths: the paths that steps read from other stages, by number of the stage.
        has_run: whether the stage has a RUN.
    """

    steps: tuple[ExpandedStep, ...]
    error: LlbfrontError | None
    findings: tuple[Finding, ...]
    start: Environment
    variables: StageVariables
    facts: StageFacts
    context_paths: frozenset[str]
    read_paths: Mapping[int, frozenset[str]]
    has_run: bool


def expand_stage(stage: StageExpansion, steps: Iterable[Step]) -> ExpandedStage:
    """Expand the steps of a stage, up to the first error."""
    start = stage.environment()
    error = None
    for step in steps:
        try:
            _take(stage, step)
        except LlbfrontError as caught:
            error = caught
            break
    return ExpandedStage(
        tuple(stage.steps),
        error,
        tuple(stage.findings) if error else (),
        start,
        stage.variables(),
        stage.facts,
        frozenset(stage.context_paths),
        {number: frozenset(paths) for number, paths in stage.read_paths.items()},
        stage.has_run,
    )


def _take(stage: StageExpansion, step: Step) -> None:
    try:
        _take_instruction(stage, step)
    except LlbfrontError as error:
        raise with_place(error, stage.source, step.instruction, is_trigger=step.is_trigger) from error


def _take_instruction(stage: StageExpansion, step: Step) -> None:
    """Expand one step, then let it change the environment for those after it."""
    stage.findings = []
    instruction, kind = step.instruction, type(step.instruction)
    expander = _EXPANDERS.get(kind)
    is_named = kind in _NAMED
    env = stage.environment() if is_named else _NOTHING
    declared = stage.declared.texts() if isinstance(instruction, Run) else ()
    mounts: tuple[Mount, ...] = ()
    if isinstance(instruction, Run):
        mounts = tuple(parse_mount(mount, lambda word: stage.word(word, instruction)) for mount in instruction.mounts)
    elif expander:
        instruction = expander(stage, instruction)
    name = stage.name(instruction, mounts) if is_named else ""
    stage.steps.append(ExpandedStep(instruction, step.sources, step.is_trigger, name, env, declared, mounts, tuple(stage.findings)))
    _note(stage, instruction, step, mounts)


def _pairs(stage: StageExpansion, instruction: Env | Label) -> Env | Label:
    pairs = tuple(
        KeyValue(stage.word(pair.key, instruction), stage.word(pair.value, instruction), pair.is_legacy)
        for pair in instruction.pairs
    )
    instruction = attrs.evolve(instruction, pairs=pairs)
    is_env = isinstance(instruction, Env)
    for pair in pairs:
        if pair.is_legacy:
            stage.find("LegacyKeyValueFormat", instruction, instruction.keyword)
        if is_env:
            if _is_secret(pair.key):
                stage.find("SecretsUsedInArgOrEnv", instruction, "ENV", pair.key)
            stage.set_env(pair.key, pair.value)
            stage.image_env.set(pair.key, pair.value)
    return instruction


def _arg(stage: StageExpansion, instruction: Arg) -> Arg:
    """Declare arguments. Unlike in ENV, a default sees the arguments declared before it in the same instruction."""
    definitions = []
    for definition in instruction.definitions:
        if _is_secret(definition.key):
            stage.find("SecretsUsedInArgOrEnv", instruction, "ARG", definition.key)
        value, is_global = definition.value, False
        if definition.key in stage.scope.build_args:
            value = stage.scope.build_args[definition.key]
        elif value is not None:
            value = stage.word(value, instruction)
        elif definition.key in stage.scope.env:
            value, is_global = stage.scope.env[definition.key], True
        definitions.append(attrs.evolve(definition, value=value))
        _declare(stage, definitions[-1], instruction, is_global=is_global)
    return attrs.evolve(instruction, definitions=tuple(definitions))


def _declare(stage: StageExpansion, definition: ArgDefinition, instruction: Arg, *, is_global: bool) -> None:
    key, value = definition.key, definition.value
    if value is not None and key not in UNEXPORTED:
        stage.set_env(key, value)
    if not is_global:
        stage.facts.args[key] = ArgUse(key, value or "", definition.description, instruction.range)
    stage.facts.own_used.add(key)
    stage.declared.set(key, stage.env.get(key, value or ""))
    if key in UNEXPORTED:
        stage.args.append(definition)


def _transfer(stage: StageExpansion, instruction: Add | Copy) -> Add | Copy:
    changes: dict[str, Any] = {
        "chown": stage.word(instruction.chown, instruction),
        "chmod": stage.word(instruction.chmod, instruction),
    }
    if isinstance(instruction, Add):
        changes["checksum"] = stage.word(instruction.checksum, instruction)
    changes["sources"] = tuple(stage.word(source, instruction) for source in instruction.sources)
    changes["destination"] = stage.word(instruction.destination, instruction)
    if instruction.contents:
        changes["contents"] = tuple(
            attrs.evolve(heredoc, content=stage.body(heredoc.body, instruction), chomp=False)
            if heredoc.expand
            else attrs.evolve(heredoc, content=heredoc.body, chomp=False)
            for heredoc in instruction.contents
        )
    return attrs.evolve(instruction, **changes)


def _workdir(stage: StageExpansion, instruction: Workdir) -> Workdir:
    return attrs.evolve(instruction, path=stage.word(instruction.path, instruction))


def _user(stage: StageExpansion, instruction: User) -> User:
    return attrs.evolve(instruction, user=stage.word(instruction.user, instruction))


def _volume(stage: StageExpansion, instruction: Volume) -> Volume:
    return attrs.evolve(instruction, paths=tuple(stage.word(path, instruction) for path in instruction.paths))


def _stopsignal(stage: StageExpansion, instruction: Stopsignal) -> Stopsignal:
    return attrs.evolve(instruction, signal=stage.word(instruction.signal, instruction))


def _expose(stage: StageExpansion, instruction: Expose) -> Expose:
    """Parity: unlike elsewhere a word may become several, and unset variables go unreported."""
    ports: list[str] = []
    for word in instruction.ports:
        ports += (words := expand_words(word, stage.env, escape=stage.escape))
        stage.budget.count_expansion(sum(map(len, words)) + len(words) * _WORD)
    return attrs.evolve(instruction, ports=tuple(ports))


def _note(stage: StageExpansion, instruction: Instruction, step: Step, mounts: tuple[Mount, ...]) -> None:
    if isinstance(instruction, Run):
        stage.has_run = True
        _note_mounts(stage, instruction, step, mounts)
    elif isinstance(instruction, Add):
        urls = ("http://", "https://")
        stage.context_paths.update(rooted(source) for source in instruction.sources if not source.startswith(urls))
    elif isinstance(instruction, Copy):
        paths = stage.read_paths.setdefault(step.sources[0], set()) if step.sources else stage.context_paths
        paths.update(rooted(source) for source in instruction.sources)


def _note_mounts(stage: StageExpansion, instruction: Run, step: Step, mounts: tuple[Mount, ...]) -> None:
    for mount, number in zip(mounts, step.sources, strict=True):
        if mount.type is MountType.SECRET:
            key = mount.source or mount.id or last_element(to_slash(mount.target, stage.os))
            stage.facts.secrets.setdefault(key, SecretUse(key, mount.required, instruction.range))
        elif mount.type is MountType.SSH:
            key = mount.id or "default"
            stage.facts.ssh.setdefault(key, SecretUse(key, mount.required, instruction.range))
        elif mount.origin or mount.type is MountType.CACHE:
            stage.read_paths.setdefault(number, set()).add(rooted(mount.source))
        else:
            stage.context_paths.add(rooted(mount.source))


def _is_secret(key: str) -> bool:
    return bool(re.search(_SENSITIVE, key)) and not re.search(_HARMLESS, key)


_EXPANDERS: dict[type[Instruction], Callable[..., Instruction]] = {
    Env: _pairs,
    Label: _pairs,
    Arg: _arg,
    Add: _transfer,
    Copy: _transfer,
    Workdir: _workdir,
    User: _user,
    Volume: _volume,
    Stopsignal: _stopsignal,
    Expose: _expose,
}
_NAMED = frozenset((Run, Add, Copy, Workdir))
_NOTHING = Environment()
_WORD = 256  # what a word costs, in characters: each is read as a port
