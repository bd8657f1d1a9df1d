"""Expansion: the steps of one stage in, the same steps with their variables replaced out, and with them the stage's facts.

Nothing is emitted here, and nothing depends on files: the environment of a stage is known from its base's image config and
its own instructions. An error is kept beside the steps that come before it, so that what those have to tell is told first.

Source: dispatch, dispatchEnv and dispatchArg in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.dockerfile.expansion import HEREDOC_BODY, NAMES, VALUES, expand, expand_words
from llbfront.dockerfile.heredocs import parse_heredoc
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
from llbfront.dockerfile2llb.facts import ArgUse, Finding, SecretUse, StageFacts, blame
from llbfront.dockerfile2llb.name_suggestions import NameSuggestions
from llbfront.dockerfile2llb.paths import DEFAULT_PATH, to_slash
from llbfront.errors import ExpansionError, LlbfrontError
from llbfront.gostd.path import join
from llbfront.gostd.strings import WHITESPACE, to_upper
from llbfront.llb.settings import Env as Environment

if TYPE_CHECKING:
    from llbfront.dockerfile.expansion import Mode
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.dockerfile.tree import Dockerfile
    from llbfront.dockerfile2llb.argument_history import ArgumentHistory, ImageEnv
    from llbfront.dockerfile2llb.limits import Budget
    from llbfront.dockerfile2llb.plan import Step
    from llbfront.dockerfile2llb.scope import Scope

UNEXPORTED = frozenset(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))
_SENSITIVE = r"(?i)(?:_|\A)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|\Z)"
_HARMLESS = r"(?i)(?:_|\A)(?:public|file|version)(?:_|\Z)"


@attrs.frozen(eq=False)
class Expanded:
    """A step ready to be emitted. `name`, `env` and `declared` are given where a step has a layer: its text on
    displays, and what holds before it (of the arguments: `|2 A=1 B=2 `, in parts that steps share). `mounts` are those of a RUN.
    """

    instruction: Instruction
    sources: tuple[int, ...]
    is_trigger: bool
    name: str
    env: Environment
    declared: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    findings: tuple[Finding, ...] = ()


@attrs.frozen(eq=False)
class ExpandedStage:
    """A stage after expansion: steps up to `error` with the `findings` of the failed one, environments, facts, paths it reads."""

    steps: tuple[Expanded, ...]
    error: LlbfrontError | None
    findings: tuple[Finding, ...]
    start: Environment
    env: Environment
    image_env: ImageEnv
    args: tuple[ArgDefinition, ...]
    declared: ArgumentHistory
    facts: StageFacts
    context_paths: frozenset[str]
    read_paths: Mapping[int, frozenset[str]]
    has_run: bool


def expand_stage(
    dockerfile: Dockerfile,
    scope: Scope,
    steps: Iterable[Step],
    *,
    env: Environment,
    image_env: ImageEnv,
    args: Sequence[ArgDefinition],
    declared: ArgumentHistory,
    facts: StageFacts,
    budget: Budget,
    os: str,
) -> ExpandedStage:
    """Expand the steps of a stage. `env` is what its files came with, `image_env` what its image config sets on top."""
    stage = _Expansion(dockerfile, scope, env, image_env, args, declared, facts, budget, os=os)
    start = stage.environment()
    error = None
    for step in steps:
        try:
            stage.take(step)
        except LlbfrontError as caught:
            blame(caught, dockerfile.source, step.instruction, is_trigger=step.is_trigger)
            error = caught
            break
    return ExpandedStage(
        tuple(stage.steps),
        error,
        tuple(stage.findings) if error else (),
        start,
        stage.environment(),
        stage.image_env,
        tuple(stage.args),
        stage.declared,
        facts,
        frozenset(stage.context_paths),
        {number: frozenset(paths) for number, paths in stage.read_paths.items()},
        stage.has_run,
    )


class _Expansion:
    """The environment of a stage while its instructions go by. `env` is shared with steps as soon as one has seen it."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        scope: Scope,
        env: Environment,
        image_env: ImageEnv,
        args: Sequence[ArgDefinition],
        declared: ArgumentHistory,
        facts: StageFacts,
        budget: Budget,
        *,
        os: str,
    ) -> None:
        self.os = os
        self.escape = dockerfile.escape
        self.budget = budget
        self.scope = scope
        self.facts = facts
        self.steps: list[Expanded] = []
        self.findings: list[Finding] = []
        self.context_paths: set[str] = set()
        self.read_paths: dict[int, set[str]] = {}
        self.has_run = False
        self.args = list(args)
        self.env = env.as_dict()
        self._env = env
        self._assigned: dict[str, str] = {}
        self.declared = declared.copy()
        self.image_env = image_env.copy()
        if os != "windows" and "PATH" not in self.image_env:
            self.image_env.set("PATH", DEFAULT_PATH)
        if not self.image_env.ends(self.env):
            self._assigned = self.image_env.as_dict()
            self.env = {**{name: value for name, value in self.env.items() if name not in self._assigned}, **self._assigned}
            for name in self.declared.among(self._assigned):
                self.declared.set(name, self._assigned[name])

    def environment(self) -> Environment:
        """The environment as it is now, one value as long as nothing is assigned."""
        if self._assigned:
            self._env = self._env.update(self._assigned)
            self._assigned = {}
        return self._env

    def set_env(self, name: str, value: str) -> None:
        for values in (self.env, self._assigned):
            values.pop(name, None)
            values[name] = value
        if name in self.declared:
            self.declared.set(name, value)

    def take(self, step: Step) -> None:
        """Expand one step, then let it change the environment for those after it."""
        self.findings = []
        instruction, kind = step.instruction, type(step.instruction)
        expander = _EXPANDERS.get(kind)
        is_named = kind in _NAMED
        env = self.environment() if is_named else _NOTHING
        declared = self.declared.texts() if isinstance(instruction, Run) else ()
        mounts: tuple[Mount, ...] = ()
        if isinstance(instruction, Run):
            mounts = tuple(parse_mount(mount, lambda word: self.word(word, instruction)) for mount in instruction.mounts)
        elif expander:
            instruction = expander(self, instruction)
        name = self.name(instruction, mounts) if is_named else ""
        self.steps.append(Expanded(instruction, step.sources, step.is_trigger, name, env, declared, mounts, tuple(self.findings)))
        self.note(instruction, step, mounts)

    def word(self, word: str, instruction: Instruction) -> str:
        """Expand one word, noting variables that are not set."""
        if word.isascii() and "$" not in word and self.escape not in word and '"' not in word and "'" not in word:
            return word
        return self.expanded(word, instruction, self.escape, VALUES)

    def body(self, body: str, instruction: Instruction) -> str:
        """Expand a heredoc. Parity: its escape character is the backslash whatever the directive says, and quotes are data."""
        return self.expanded(body, instruction, "\\", HEREDOC_BODY)

    def expanded(self, text: str, instruction: Instruction, escape: str, mode: Mode) -> str:
        try:
            found = expand(text, self.env, escape=escape, mode=mode)
        except ExpansionError as error:
            self.note_unmatched(error.unmatched, instruction)
            raise
        if found.unmatched:
            self.note_unmatched(found.unmatched, instruction)
        self.budget.expand(found.cost, found.steps)
        return found.text

    @cached_property
    def names(self) -> NameSuggestions:
        """An index of the variables, for suggestions."""
        return NameSuggestions()

    def note_unmatched(self, names: Iterable[str], instruction: Instruction) -> None:
        for name in sorted(names):
            if name not in self.declared and name not in UNEXPORTED:
                near = self.names.nearest(name, self.env) or ""
                self.findings.append(Finding("UndefinedVar", (name, near), instruction.range, instruction.comments))

    def find(self, rule: str, instruction: Instruction, *arguments: str) -> None:
        self.findings.append(Finding(rule, arguments, instruction.range, instruction.comments))

    def name(self, instruction: Instruction, mounts: tuple[Mount, ...]) -> str:
        """The text of a step on displays: variables replaced where possible, the keyword in upper case."""
        text, env = instruction.text, self.env
        if isinstance(instruction, Run):
            if instruction.heredocs and parse_heredoc(instruction.args[0]):
                text += f" ({summary(instruction.heredocs[0].content)})"
            masked = {mount.env: "****" for mount in mounts if mount.type is MountType.SECRET and mount.env is not None}
            if masked:
                env = {**env, **masked}
            text = self.processed(text, env, NAMES)
        else:
            text = self.processed(text, env, VALUES)
        keyword, blank, rest = text.partition(" ")
        return to_upper(keyword) + blank + rest

    def processed(self, text: str, env: Mapping[str, str], mode: Mode) -> str:
        if "$" not in text and self.escape not in text and '"' not in text and "'" not in text and text.isascii():
            return text
        try:
            found = expand(text, env, escape=self.escape, mode=mode)
        except LlbfrontError:
            return text
        self.budget.expand(found.cost, found.steps)
        return found.text

    # what each instruction expands

    def pairs(self, instruction: Env | Label) -> Env | Label:
        made = tuple(
            KeyValue(self.word(pair.key, instruction), self.word(pair.value, instruction), pair.is_legacy)
            for pair in instruction.pairs
        )
        instruction = attrs.evolve(instruction, pairs=made)
        is_env = isinstance(instruction, Env)
        for pair in made:
            if pair.is_legacy:
                self.find("LegacyKeyValueFormat", instruction, instruction.keyword)
            if is_env:
                if _is_secret(pair.key):
                    self.find("SecretsUsedInArgOrEnv", instruction, "ENV", pair.key)
                self.set_env(pair.key, pair.value)
                self.image_env.set(pair.key, pair.value)
        return instruction

    def arg(self, instruction: Arg) -> Arg:
        """Declare arguments. Unlike in ENV, a default sees the arguments declared before it in the same instruction."""
        made = []
        for definition in instruction.definitions:
            if _is_secret(definition.key):
                self.find("SecretsUsedInArgOrEnv", instruction, "ARG", definition.key)
            value, is_global = definition.value, False
            if definition.key in self.scope.build_args:
                value = self.scope.build_args[definition.key]
            elif value is not None:
                value = self.word(value, instruction)
            elif definition.key in self.scope.env:
                value, is_global = self.scope.env[definition.key], True
            made.append(attrs.evolve(definition, value=value))
            self.declare(made[-1], instruction, is_global=is_global)
        return attrs.evolve(instruction, definitions=tuple(made))

    def declare(self, definition: ArgDefinition, instruction: Arg, *, is_global: bool) -> None:
        key, value = definition.key, definition.value
        if value is not None and key not in UNEXPORTED:
            self.set_env(key, value)
        if not is_global:
            self.facts.args[key] = ArgUse(key, value or "", definition.description, instruction.range)
        self.facts.own_used.add(key)
        self.declared.set(key, self.env.get(key, value or ""))
        if key in UNEXPORTED:
            self.args.append(definition)

    def transfer(self, instruction: Add | Copy) -> Add | Copy:
        changes: dict[str, Any] = {
            "chown": self.word(instruction.chown, instruction),
            "chmod": self.word(instruction.chmod, instruction),
        }
        if isinstance(instruction, Add):
            changes["checksum"] = self.word(instruction.checksum, instruction)
        changes["sources"] = tuple(self.word(source, instruction) for source in instruction.sources)
        changes["destination"] = self.word(instruction.destination, instruction)
        if instruction.contents:
            changes["contents"] = tuple(
                attrs.evolve(heredoc, content=self.body(heredoc.body, instruction), chomp=False)
                if heredoc.expand
                else attrs.evolve(heredoc, content=heredoc.body, chomp=False)
                for heredoc in instruction.contents
            )
        return attrs.evolve(instruction, **changes)

    def workdir(self, instruction: Workdir) -> Workdir:
        return attrs.evolve(instruction, path=self.word(instruction.path, instruction))

    def user(self, instruction: User) -> User:
        return attrs.evolve(instruction, user=self.word(instruction.user, instruction))

    def volume(self, instruction: Volume) -> Volume:
        return attrs.evolve(instruction, paths=tuple(self.word(path, instruction) for path in instruction.paths))

    def stopsignal(self, instruction: Stopsignal) -> Stopsignal:
        return attrs.evolve(instruction, signal=self.word(instruction.signal, instruction))

    def expose(self, instruction: Expose) -> Expose:
        """Parity: unlike elsewhere a word may become several, and unset variables go unreported."""
        made: list[str] = []
        for word in instruction.ports:
            made += (words := expand_words(word, self.env, escape=self.escape))
            self.budget.expand(sum(map(len, words)) + len(words) * _WORD)
        return attrs.evolve(instruction, ports=tuple(made))

    # what each instruction uses

    def note(self, instruction: Instruction, step: Step, mounts: tuple[Mount, ...]) -> None:
        if isinstance(instruction, Run):
            self.has_run = True
            self.note_mounts(instruction, step, mounts)
        elif isinstance(instruction, Add):
            urls = ("http://", "https://")
            self.context_paths.update(rooted(source) for source in instruction.sources if not source.startswith(urls))
        elif isinstance(instruction, Copy):
            paths = self.read_paths.setdefault(step.sources[0], set()) if step.sources else self.context_paths
            paths.update(rooted(source) for source in instruction.sources)

    def note_mounts(self, instruction: Run, step: Step, mounts: tuple[Mount, ...]) -> None:
        for mount, number in zip(mounts, step.sources, strict=True):
            if mount.type is MountType.SECRET:
                key = mount.source or mount.id or last_part(to_slash(mount.target, self.os))
                self.facts.secrets.setdefault(key, SecretUse(key, mount.required, instruction.range))
            elif mount.type is MountType.SSH:
                key = mount.id or "default"
                self.facts.ssh.setdefault(key, SecretUse(key, mount.required, instruction.range))
            elif mount.origin or mount.type is MountType.CACHE:
                self.read_paths.setdefault(number, set()).add(rooted(mount.source))
            else:
                self.context_paths.add(rooted(mount.source))


def summary(document: str) -> str:
    """The first line of a heredoc, with dots if there are more."""
    first, *more = document.strip(WHITESPACE).replace("\r\n", "\n").split("\n")
    return first + "..." if more else first


def last_part(path: str) -> str:
    """The last element of a path, `/` for the root."""
    return path.rstrip("/").rpartition("/")[2] or path[:1]


def rooted(path: str) -> str:
    """A path of a context as the root of the context sees it."""
    return join("/", path)


def _is_secret(key: str) -> bool:
    return bool(re.search(_SENSITIVE, key)) and not re.search(_HARMLESS, key)


_EXPANDERS: dict[type[Instruction], Callable[..., Instruction]] = {
    Env: _Expansion.pairs,
    Label: _Expansion.pairs,
    Arg: _Expansion.arg,
    Add: _Expansion.transfer,
    Copy: _Expansion.transfer,
    Workdir: _Expansion.workdir,
    User: _Expansion.user,
    Volume: _Expansion.volume,
    Stopsignal: _Expansion.stopsignal,
    Expose: _Expansion.expose,
}
_NAMED = frozenset((Run, Add, Copy, Workdir))
_NOTHING = Environment()
_WORD = 256  # what a word costs, in letters: each is read as a port
