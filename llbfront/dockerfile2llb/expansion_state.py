"""The state of a stage while its instructions are expanded: the environment, the findings and the facts so far.

Source: dispatchEnv and dispatchArg in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.heredocs import parse_heredoc
from llbfront.dockerfile.instructions import (
    ArgDefinition,
    Run,
)
from llbfront.dockerfile.mounts import Mount, MountType
from llbfront.dockerfile.word_expansion import HEREDOC_BODY, NAMES, VALUES, expand
from llbfront.dockerfile2llb.facts import Finding, StageFacts
from llbfront.dockerfile2llb.image_paths import DEFAULT_PATH
from llbfront.dockerfile2llb.name_suggestions import NameSuggestions
from llbfront.errors import ExpansionError, LlbfrontError
from llbfront.gostd.strings import WHITESPACE, to_upper

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile.word_expansion import Mode
    from llbfront.dockerfile2llb.limits import Budget
    from llbfront.dockerfile2llb.scope import Scope
    from llbfront.dockerfile2llb.variables import HistoryArguments, ImageEnv
    from llbfront.llb.exec_settings import Env as Environment

UNEXPORTED = frozenset(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))


@attrs.frozen(eq=False)
class ExpandedStep:
    """An expanded step, ready to be emitted.

    Attributes:
        instruction: the instruction with its variables expanded.
        sources: the numbers of the stages that it reads.
        is_trigger: whether it is an ONBUILD trigger of the base.
        name: the text on displays; empty for steps without a layer.
        env: the environment before the step, if it has a layer.
        declared: the arguments before a RUN as history shows them, such as `|2 A=1 B=2 `, in parts that steps share.
        mounts: the mounts of a RUN.
        findings: the findings of the step.
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
class StageVariables:
    """The variables of a stage before its first instruction or after its last one.

    Attributes:
        env: the environment of commands.
        image_env: the variables in the image config.
        declared: the arguments that history lines show.
        args: the arguments that are not exported to commands.
    """

    env: Environment
    image_env: ImageEnv
    declared: HistoryArguments
    args: tuple[ArgDefinition, ...] = ()


class StageExpansion:
    """The state of a stage during expansion. Each instruction reads it and updates it for those that follow.

    Args:
        dockerfile: the file of the stage.
        scope: the global arguments and the build arguments.
        variables: the variables that the stage starts with.
        facts: the facts that expansion adds to.
        budget: the limits on the size of the results.
        os: the operating system of the stage.
    """

    def __init__(
        self, dockerfile: Dockerfile, scope: Scope, variables: StageVariables, facts: StageFacts, budget: Budget, *, os: str
    ) -> None:
        self.os = os
        self.source = dockerfile.source
        self.escape = dockerfile.escape
        self.budget = budget
        self.scope = scope
        self.facts = facts
        self.steps: list[ExpandedStep] = []
        self.findings: list[Finding] = []
        self.context_paths: set[str] = set()
        self.read_paths: dict[int, set[str]] = {}
        self.has_run = False
        self.args = list(variables.args)
        self.env = variables.env.as_dict()
        self._env = variables.env
        self._assigned: dict[str, str] = {}
        self.declared = variables.declared.copy()
        self.image_env = variables.image_env.copy()
        if os != "windows" and "PATH" not in self.image_env:
            self.image_env.set("PATH", DEFAULT_PATH)
        if not self.image_env.is_suffix_of(self.env):
            self._assigned = self.image_env.as_dict()
            self.env = {**{name: value for name, value in self.env.items() if name not in self._assigned}, **self._assigned}
            for name in self.declared.among(self._assigned):
                self.declared.set(name, self._assigned[name])

    def environment(self) -> Environment:
        """Return the current environment. Until a variable is assigned, each call returns the same object."""
        if self._assigned:
            self._env = self._env.update(self._assigned)
            self._assigned = {}
        return self._env

    def variables(self) -> StageVariables:
        """Return the current variables."""
        return StageVariables(self.environment(), self.image_env, self.declared, tuple(self.args))

    def set_env(self, name: str, value: str) -> None:
        for values in (self.env, self._assigned):
            values.pop(name, None)
            values[name] = value
        if name in self.declared:
            self.declared.set(name, value)

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
            result = expand(text, self.env, escape=escape, mode=mode)
        except ExpansionError as error:
            self.note_unmatched(error.unmatched, instruction)
            raise
        if result.unmatched:
            self.note_unmatched(result.unmatched, instruction)
        self.budget.count_expansion(result.cost, result.steps)
        return result.text

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
        """Return the text of a step on displays: variables replaced where possible, the keyword in upper case."""
        text, env = instruction.text, self.env
        if isinstance(instruction, Run):
            if instruction.heredocs and parse_heredoc(instruction.args[0]):
                text += f" ({summarize_heredoc(instruction.heredocs[0].content)})"
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
            result = expand(text, env, escape=self.escape, mode=mode)
        except LlbfrontError:
            return text
        self.budget.count_expansion(result.cost, result.steps)
        return result.text


def summarize_heredoc(document: str) -> str:
    """Return the first line of a heredoc, followed by dots if there are more."""
    first, *more = document.strip(WHITESPACE).replace("\r\n", "\n").split("\n")
    return first + "..." if more else first
