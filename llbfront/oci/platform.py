"""Platforms: `os[(version+feature…)]/architecture[/variant]` → Platform, its normal form, and which platforms another can run.

Source: containerd/platforms v1.0.0-rc.5 (platforms.go, database.go, compare.go).
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Platform:
    """An operating system and a CPU. `str()` gives the full text, with the OS version and features."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    def normalized(self) -> Platform:
        """Return the platform with aliases resolved and default variants dropped (arm: made v7), features sorted."""
        raise NotImplementedError

    @property
    def short(self) -> str:
        """`os/architecture[/variant]` without OS version and features."""
        raise NotImplementedError


def parse(text: str) -> Platform:
    """Parse a platform; parts that are left out come from this machine. The result is not normalised.

    Raises: InvalidPlatform.
    """
    raise NotImplementedError


def default() -> Platform:
    """Return the platform of this machine, not normalised (arm64 has its v8)."""
    raise NotImplementedError


class Matcher:
    """What a machine of one platform can run, best first."""

    def matches(self, platform: Platform) -> bool:
        raise NotImplementedError

    def prefers(self, one: Platform, other: Platform) -> bool:
        """Say whether `one` is a better match than `other` (Less of the reference)."""
        raise NotImplementedError


def only(platform: Platform) -> Matcher:
    """Match what `platform` can run: itself, lesser variants, and 386 on amd64 or arm on arm64."""
    raise NotImplementedError


def only_strict(platform: Platform) -> Matcher:
    """Match `platform` itself in any spelling."""
    raise NotImplementedError
