"""A plan whose stages have bases, and the images and contexts that had to be resolved for it.

Source: resolveStages and resolveBaseImage in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb.image_paths import DEFAULT_PATH
from llbfront.dockerfile2llb.plan import LAYERED, SCRATCH
from llbfront.errors import InvalidValue, LlbfrontError
from llbfront.oci import image as images
from llbfront.oci.image import Image, ImageConfig
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.convert_options import ContextRef
    from llbfront.dockerfile2llb.plan import Plan, StagePlan, Step
    from llbfront.llb.state import State

_UNKNOWN_PLATFORM = Platform("", "")


@attrs.frozen
class UnresolvedImage:
    """An image whose config must be looked up. `log_name` is the name of the step on displays."""

    ref: str
    platform: Platform
    resolve_mode: str
    log_name: str


@attrs.frozen
class UnresolvedContext:
    """A named context that must be loaded."""

    context: ContextRef
    resolve_mode: str


Unresolved = UnresolvedImage | UnresolvedContext


_read = functools.lru_cache(maxsize=64)(images.read)  # builds that run together have the same base images


@attrs.frozen(eq=False)
class ResolvedImage:
    """An image: its reference, its digest (empty if it has none) and its config file."""

    ref: str
    digest: str
    config: bytes

    @functools.cached_property
    def image(self) -> Image:
        """The config, read. Raises: InvalidValue."""
        try:
            return _read(self.config)
        except InvalidValue as error:
            raise InvalidValue(f"failed to parse image config of {self.ref}: {error.message}") from error


@attrs.frozen(eq=False)
class LocalSource:
    """A directory of the client that will be read as far as the stages need it."""

    name: str
    session: str
    shared_key_hint: str
    excludes: tuple[str, ...]
    vertex: str


@attrs.frozen(eq=False)
class ResolvedContext:
    """A loaded named context: its files, and the image config that came with them."""

    files: State | LocalSource
    image: Image | None = None


Resolved = dict["Unresolved", "ResolvedImage | ResolvedContext | LlbfrontError"]


class Kind(enum.Enum):
    """How a stage begins."""

    SCRATCH = "FROM scratch"
    EMPTY = "an image without layers"
    IMAGE = "an image"
    CONTEXT = "a named context in place of the image"
    REPLACED = "a named context in place of the whole stage"


@attrs.frozen(eq=False)
class Base:
    """The base of a stage that does not continue another stage. `original` is the config as resolved, with its time of creation."""

    kind: Kind
    ref: str
    platform: Platform | None
    image: Image
    original: Image | None = None
    files: State | LocalSource | None = None


@attrs.frozen(eq=False)
class ResolvedPlan:
    """A plan with bases and triggers, complete if `unresolved` is empty. `skipped` counts the passes before a stage was needed."""

    plan: Plan
    stages: tuple[StagePlan, ...]
    steps: Mapping[int, tuple[Step, ...]]
    bases: Mapping[int, Base]
    reachable: frozenset[int]
    skipped: Mapping[int, int]
    triggers: Mapping[int, int]
    unresolved: tuple[Unresolved, ...] = ()

    @functools.cached_property
    def roots(self) -> Mapping[int, int]:
        """For each stage, the first stage of its chain of bases."""
        roots: dict[int, int] = {}
        for number, stage in enumerate(self.stages):
            roots[number] = number if stage.base is None else roots[stage.base]
        return roots

    def platform(self, number: int) -> Platform:
        """Return the platform of a stage.

        Parity: if a context without an image config replaces a stage, the first stage that is converted on it has no platform, not even
        the requested one, which the stages above it get.
        """
        root, options = self.roots[number], self.plan.options
        is_first = root == number or (root == self.stages[number].base and not options.all_stages)
        return self.bases[root].platform or (_UNKNOWN_PLATFORM if is_first else options.platform)

    def total(self, number: int) -> int:
        """Return the number of numbered steps of a stage; 0 if a context replaces the stage."""
        stage = self.stages[number]
        count = self.triggers.get(number, 0)
        if stage.stage is None or stage.context:
            return count
        count += stage.image != SCRATCH and stage.base is None
        return count + sum(isinstance(instruction, LAYERED) for instruction in stage.stage.instructions)


def empty_image(platform: Platform) -> Image:
    """Return the initial config of an image without a base."""
    env = None if platform.os == "windows" else (f"PATH={DEFAULT_PATH}",)
    return Image(
        architecture=platform.architecture,
        os=platform.os,
        os_version=platform.os_version,
        os_features=platform.os_features or None,
        variant=platform.variant,
        rootfs_type="layers",
        config=ImageConfig(working_dir="/", env=env),
    )
