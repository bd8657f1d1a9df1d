"""Facts about a Dockerfile apart from its graph: stages, the arguments and secrets that they use, findings of the checks.

Source: frontend/subrequests/outline and targets of BuildKit for what is worth telling.
"""

from __future__ import annotations

import attrs

from llbfront.short_repr import ShortRepr

__all__ = ["Argument", "Facts", "Finding", "Image", "Mounted", "Stage", "StageUse"]


@attrs.frozen
class Argument:
    """A build argument that a stage uses.

    Attributes:
        name: its name.
        value: the value that it has in the stage.
        description: the comment above ARG that describes it.
        line: the line of the ARG.
    """

    name: str
    value: str
    description: str
    line: int


@attrs.frozen
class Mounted:
    """A secret or an SSH agent that a RUN mounts.

    Attributes:
        id: the name under which the client offers it.
        is_required: whether the step fails without it.
        line: the line of the first RUN that mounts it.
    """

    id: str
    is_required: bool
    line: int


@attrs.frozen
class StageUse:
    """A place where a stage is used.

    Attributes:
        stage: the stage that uses it.
        instruction: `FROM`, `COPY` or `RUN`.
        line: the line of the instruction.
    """

    stage: str
    instruction: str
    line: int


@attrs.frozen(repr=False)
class Stage(ShortRepr):
    """A stage as written. What it uses (`args`, `secrets`, `ssh`) is known only for stages that are needed.

    Attributes:
        name: its name, `stage-N` without one.
        image: the image or stage that its FROM names, variables expanded.
        base: the stage that `image` is, None if it is an image.
        platform: the platform that its FROM names.
        description: the comment above FROM that describes it.
        line: the line of its FROM.
        is_needed: whether the target needs it.
        is_target: whether it is the target.
        steps: its instructions as text.
        args: the build arguments that it uses.
        secrets: the secrets that it mounts.
        ssh: the SSH agents that it mounts.
        used_by: where other stages use it, also stages that are not needed.
        context: the named context that replaces it.
    """

    name: str
    image: str
    base: str | None
    platform: str | None
    description: str
    line: int
    is_needed: bool
    is_target: bool
    steps: tuple[str, ...]
    args: tuple[Argument, ...] = ()
    secrets: tuple[Mounted, ...] = ()
    ssh: tuple[Mounted, ...] = ()
    used_by: tuple[StageUse, ...] = ()
    context: str | None = None


@attrs.frozen
class Image:
    """An image that the build pulls, at one of the places that name it.

    Attributes:
        name: the image as written, variables expanded; that of `context`, if one is used.
        instruction: `FROM`, `COPY` or `RUN`.
        line: the line of the instruction.
        platform: the platform of the image.
        context: the named context that supplies the image.
    """

    name: str
    instruction: str
    line: int
    platform: str | None
    context: str | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether the name holds a digest."""
        return "@" in self.name


@attrs.frozen
class Finding:
    """A warning of the build checks.

    Attributes:
        rule: the name of the rule.
        message: what was found.
        line: the line, 0 for none in particular.
        url: the page of the rule.
    """

    rule: str
    message: str
    line: int
    url: str


@attrs.frozen(repr=False)
class Facts(ShortRepr):
    r"""Facts about a Dockerfile that are not in its graph: `Graph.facts` after `llbfront.convert`.

    Attributes:
        stages: the stages, in the order of the file.
        findings: warnings of the build checks.
        made_up: the images whose config is not known.
        images: the images that the build pulls, by line.

    Example:
        >>> import llbfront
        >>> facts = llbfront.convert("FROM golang AS build\nFROM alpine\nCOPY --from=build /a /\n").facts
        >>> [(stage.name, [use.instruction for use in stage.used_by]) for stage in facts.stages]
        [('build', ['COPY']), ('stage-1', [])]
    """

    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]
    made_up: tuple[str, ...]
    images: tuple[Image, ...] = ()


NO_FACTS = Facts((), (), ())


def __dir__() -> list[str]:
    return sorted(__all__)
