"""Facts about a Dockerfile apart from its graph: stages, the arguments and secrets that they use, findings of the checks.

Source: frontend/subrequests/outline and targets of BuildKit for what is worth telling.
"""

from __future__ import annotations

import attrs

from llbfront import representation

__all__ = ["Argument", "Facts", "Finding", "Image", "Mounted", "Stage", "StageUse"]


@attrs.frozen
class Argument:
    """A build argument that a stage uses, with the value it has there."""

    name: str
    value: str
    description: str
    line: int


@attrs.frozen
class Mounted:
    """A secret or an SSH agent that a RUN mounts, where it is first mounted."""

    id: str
    is_required: bool
    line: int


@attrs.frozen
class StageUse:
    """A place where a stage is used: the stage that uses it, the instruction (`FROM`, `COPY`, `RUN`) and its line."""

    stage: str
    instruction: str
    line: int


@attrs.frozen(field_transformer=representation.shortened)
class Stage:
    """A stage as written. `image` is what its FROM names, variables expanded; `base` the stage that this is, if it is one.

    `steps` are all its instructions as text; `is_needed` says whether the target needs it; `used_by` are the places where stages use
    it, also stages that are not needed; `context` is the named context that replaces it. What a stage uses is only known of stages that
    are needed.
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

    `name` is the image as written, variables expanded. `instruction` is `FROM`, `COPY` or `RUN`. `context` is the named context that
    supplies the image instead of the name in the file, if one does; `name` is then that of the context's image.
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
    """A warning of the build checks. `line` is 0 where it stands nowhere in particular."""

    rule: str
    message: str
    line: int
    url: str


@attrs.frozen(field_transformer=representation.shortened)
class Facts:
    """`images` are the images that the build pulls, by line; `made_up` those whose config is not known."""

    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]
    made_up: tuple[str, ...]
    images: tuple[Image, ...] = ()


NO_FACTS = Facts((), (), ())


def __dir__() -> list[str]:
    return sorted(__all__)
