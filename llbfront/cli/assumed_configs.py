"""When a command warns that it assumed the config of an image: only if its answer may differ with the real one.

What a command answers may depend on three parts of a config:

- the triggers (`ONBUILD`), which are steps of their own. Official images have none, unless their tag says `onbuild`;
- the variables (`ENV`), where the Dockerfile uses one that it does not set itself;
- everything else (`WORKDIR`, `USER`, `SHELL`, `PATH`, labels, the digest), which only a whole graph shows.
"""

from __future__ import annotations

import enum
import re

from llbfront.dockerfile.parser import parse
from llbfront.errors import LlbfrontError
from llbfront.source import Source


class Dependence(enum.Enum):
    """How much of an image config the answer of a command depends on."""

    NOTHING = enum.auto()
    STEPS = enum.auto()
    EVERYTHING = enum.auto()


DEPENDENCE = {
    "targets": Dependence.NOTHING,  # lists what the Dockerfile says
    "diff": Dependence.NOTHING,  # assumes the same on both sides
    "affected": Dependence.STEPS,
    "check": Dependence.STEPS,
    "inputs": Dependence.STEPS,
    "outline": Dependence.STEPS,
    "stages": Dependence.STEPS,
    "graph": Dependence.EVERYTHING,  # steps with their environment, directory and user
    "llb": Dependence.EVERYTHING,
}
_OFFICIAL = "docker.io/library/"
_TRIGGERS = "onbuild"
_EXPANDED = frozenset(("ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))
_VARIABLE = re.compile(r"(?<!\\)\$\{?([A-Za-z_]\w*)")
# An assumed config has a PATH, and no path of a file depends on it. The frontend sets the others.
_KNOWN = re.compile(r"PATH|(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)|(?i:(?:https?|ftp|no|all)_proxy)")


def can_matter(dependence: Dependence, ref: str, dockerfile: bytes) -> bool:
    """Return whether the real config of an image could change an answer.

    Args:
        dependence: what the answer depends on.
        ref: the full name of the image.
        dockerfile: the Dockerfile that the answer is about.
    """
    if dependence is not Dependence.STEPS:
        return dependence is Dependence.EVERYTHING
    return not ref.startswith(_OFFICIAL) or _TRIGGERS in ref or _uses_foreign_variables(dockerfile)


def _uses_foreign_variables(dockerfile: bytes) -> bool:
    """Return whether a Dockerfile uses variables that it does not set, or is not one that can be read here."""
    try:
        statements = parse(Source("Dockerfile", dockerfile)).statements
    except LlbfrontError:
        return True
    own: set[str] = set()
    used: set[str] = set()
    for statement in statements:
        keyword = statement.keyword.upper()
        if keyword == "ARG":
            own.update(word.partition("=")[0] for word in statement.args)
        elif keyword == "ENV":
            own.update(statement.args[::3])
        if keyword in _EXPANDED:
            used.update(_VARIABLE.findall(statement.original))
    return any(not _KNOWN.fullmatch(name) for name in used - own)
