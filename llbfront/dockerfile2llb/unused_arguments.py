"""Find build arguments that no ARG of a Dockerfile takes, but whose name is like that of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from llbfront.dockerfile.instructions import Arg
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.source import Source, Span
from llbfront.suggestions import SUGGESTION, near_name

# What a frontend reads without an ARG.
_KNOWN_PREFIXES = ("BUILDKIT_", "TARGET", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT")
_KNOWN = frozenset(("SOURCE_DATE_EPOCH", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"))


@attrs.frozen
class UnusedArgument:
    """A build argument that no ARG takes. `near` is the name of the ARG that is probably meant, which is at `span`."""

    name: str
    near: str
    span: Span

    @property
    def text(self) -> str:
        """What to tell the user."""
        return f"No ARG takes the build argument {self.name} ({SUGGESTION}{self.near}?)"


def misspelt_arguments(source: Source, names: Iterable[str]) -> Iterator[UnusedArgument]:
    """Yield the build arguments with a name that no ARG has, but that one is near to, in their order.

    Args:
        source: a Dockerfile.
        names: the names of the build arguments.

    Raises:
        DockerfileError: the file has no instructions of a Dockerfile.
    """
    unknown = [name for name in names if not name.startswith(_KNOWN_PREFIXES) and name.upper() not in _KNOWN]
    if not unknown:
        return
    arguments, stages = parse_stages(parse(source))
    every = (*arguments, *(each for stage in stages for each in stage.instructions if isinstance(each, Arg)))
    declared = {
        definition.key: source.place((instruction.range,)) for instruction in every for definition in instruction.definitions
    }
    for name in unknown:
        near = None if name in declared else near_name(name, declared)
        if near is not None:
            yield UnusedArgument(name, near, declared[near])
