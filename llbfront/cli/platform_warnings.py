"""Warn of platforms that are probably misspelt. BuildKit builds for any name, such as linux/armm64, so that they are not refused."""

from __future__ import annotations

from collections.abc import Iterable

from llbfront.cli.output import say
from llbfront.errors import InvalidPlatform
from llbfront.oci.platform import near_platform


def warn_of_platforms(platforms: Iterable[str]) -> None:
    """Print a warning for each platform that is near to a known one. What is no platform is left to the command."""
    for text in dict.fromkeys(part.strip() for each in platforms for part in each.split(",")):
        try:
            near = near_platform(text)
        except InvalidPlatform:
            continue
        if near is not None:
            say(f"llbfront: warning: {text} is not a known platform (did you mean {near}?)")
