"""Name the steps of a stage for displays: `[linux/arm64 build 2/7] RUN make`.

Source: prefixCommand, formatTargetPlatform and platformFromEnv in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import InvalidPlatform
from llbfront.oci import platform as platforms
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Env

_PARTS = {"TARGETOS": "os", "TARGETARCH": "architecture", "TARGETVARIANT": "variant"}


class StepNames:
    """The step names of one stage. Stages that something replaces have no steps and no prefix."""

    def __init__(self, label: str, total: int, *, shows_platform: bool, taken: int = 0) -> None:
        self.label = label
        self.total = total
        self.shows_platform = shows_platform
        self.taken = taken

    def take(self, text: str, platform: Platform | None, env: Env | None = None, *, is_trigger: bool = False) -> str:
        """Name the next step."""
        if not self.total:
            return text
        self.taken += 1
        return self.again(text, platform, env, is_trigger=is_trigger)

    def again(self, text: str, platform: Platform | None, env: Env | None = None, *, is_trigger: bool = False) -> str:
        """Name another vertex of the step that was named last."""
        if not self.total:
            return text
        where = f"{platform}{_cross(platform, env)} " if self.shows_platform and platform else ""
        stage = f"{self.label} " if self.label else ""
        trigger = "ONBUILD " if is_trigger else ""
        return f"[{where}{stage}{self.taken:{len(str(self.total))}}/{self.total}] {trigger}{text}"


def _cross(platform: Platform, env: Env | None) -> str:
    """Return the other platform that a step builds for, according to its TARGET variables."""
    target = _target(env) if env is not None else None
    if target is None:
        return ""
    target = Platform(
        target.os or platform.os,
        target.architecture or platform.architecture,
        target.variant,
        target.os_version,
        target.os_features,
    ).normalized()
    if target.os != platform.os:
        return f"->{target}"
    if target.architecture == platform.architecture:
        return ""
    return f"->{target.architecture}/{target.variant}" if target.variant else f"->{target.architecture}"


def _target(env: Env) -> Platform | None:
    parts: dict[str, str] = {}
    for name, value in env:
        if name == "TARGETPLATFORM":
            try:
                return platforms.parse(value)
            except InvalidPlatform:
                continue
        if name in _PARTS:
            parts[_PARTS[name]] = value
    if not parts:
        return None
    return Platform(parts.get("os", ""), parts.get("architecture", ""), parts.get("variant", ""))
