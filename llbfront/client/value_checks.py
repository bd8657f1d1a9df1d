"""The rule for texts in a build request: which characters a name, a setting and a value may hold.

Names and settings become part of frontend options, command lines and messages, so they hold no control characters. Values of build
arguments, labels and annotations may have several lines, but no NUL, which no environment and no engine takes.

Source: none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.printable import has_control_characters

if TYPE_CHECKING:
    from llbfront.client.caches import Cache
    from llbfront.client.exporters import Export
    from llbfront.client.request import BuildRequest

_PATHS = frozenset(("src", "dest"))  # file names may hold any character but NUL, which is refused where they are read


def check_values(request: BuildRequest) -> None:
    """Refuse characters that a text of a request cannot hold. Raises: OptionError."""
    for what, text in _single_lines(request):
        if has_control_characters(text):
            raise OptionError(f"the {what} {text!r} holds a control character")
    values = {"build argument": request.build_args, "label": request.labels, "annotation": request.annotations}
    for what, named in values.items():
        for name, value in named.items():
            if "\0" in value:
                raise OptionError(f"the {what} {name} holds a NUL character")


def _single_lines(request: BuildRequest) -> Iterator[tuple[str, str]]:
    """Yield what has to be on one line, with what it is."""
    single = {
        "target": request.target or "",
        "network": request.network,
        "syntax": request.syntax or "",
        "cgroup parent": request.cgroup_parent,
    }
    yield from single.items()
    several: dict[str, Iterable[str]] = {
        "platform": request.platforms,
        "tag": request.tags,
        "stage without cache": request.no_cache_filter,
        "name of a build argument": request.build_args,
        "name of a label": request.labels,
        "name of an annotation": request.annotations,
        "name of a build context": request.build_contexts,
        "id of a secret": [secret.id for secret in request.secrets],
        "id of an SSH agent": request.ssh,
        "host": [text for pair in request.hosts for text in pair],
        "limit": (*request.ulimits, *request.resources.values()),
        "entitlement": request.allow,
        "attestation": request.attestations.values(),
    }
    for what, texts in several.items():
        yield from ((what, text) for text in texts)
    yield from _attributes("cache", (*request.cache_from, *request.cache_to))
    yield from _attributes("output", request.outputs)


def _attributes(what: str, values: Iterable[Cache | Export]) -> Iterator[tuple[str, str]]:
    for value in values:
        for key, text in value.attrs.items():
            yield f"attribute of the {what}", key
            if key not in _PATHS:
                yield f"attribute {key} of the {what}", text
