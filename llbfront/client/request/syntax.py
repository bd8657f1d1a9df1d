"""Which frontend builds a Dockerfile: that of llbfront, or the image that a `# syntax=` line, BUILDKIT_SYNTAX or `--syntax` names.

Source: build/opt.go of docker/buildx for BUILDKIT_SYNTAX and the name dockerfile.v0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from llbfront.setting_names import setting

if TYPE_CHECKING:
    from llbfront.errors import LlbfrontError

ARGUMENT = "BUILDKIT_SYNTAX"
BUILTIN = "builtin"
DOCKERFILE_FRONTEND = "dockerfile.v0"
_BUILTIN_NAMES = ("", BUILTIN, DOCKERFILE_FRONTEND)
_FAILED_ARGUMENT = f"failed with build-arg:{ARGUMENT} "


def frontend_options(build_args: Mapping[str, str], syntax: str | None = None) -> dict[str, str]:
    """Return the options of the frontend for build arguments, with the frontend chosen that `syntax` or BUILDKIT_SYNTAX names.

    Neither leaves the choice to the Dockerfile. An empty name, `builtin` and `dockerfile.v0` mean the frontend of llbfront, whatever the
    Dockerfile says.
    """
    chosen = build_args.get(ARGUMENT) if syntax is None else syntax
    options = {f"build-arg:{name}": value for name, value in build_args.items() if name != ARGUMENT}
    if chosen is None:
        return options
    if chosen.strip() in _BUILTIN_NAMES:
        return {**options, "cmdline": DOCKERFILE_FRONTEND}  # says that the choice has been made
    return {**options, f"build-arg:{ARGUMENT}": chosen}


def add_hint(error: LlbfrontError, options: Mapping[str, str]) -> None:
    """Add how to build without the other frontend to an error about that frontend. `options` are the options of the build."""
    if "cmdline" in options:
        return
    if error.message.startswith(_FAILED_ARGUMENT) or _is_about_directive(error):
        error.add_hint(f"{setting('syntax', 'builtin')} builds with the frontend of llbfront instead")


def _is_about_directive(error: LlbfrontError) -> bool:
    """Return whether the first place of an error is the line that names the frontend."""
    from llbfront.dockerfile.lines import detect_syntax  # loads the parser, which a build needs only after it has begun

    span = error.span
    directive = detect_syntax(span.source.data) if span else None
    return span is not None and directive is not None and tuple(span.ranges) == (directive.range,)
