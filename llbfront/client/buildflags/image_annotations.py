"""Read `--annotation`.

The functions for strings and those for typed values return fields of a BuildRequest.

Source: util/buildflags/export.go of docker/buildx; exporter/containerimage/exptypes of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from llbfront.errors import OptionError
from llbfront.oci import platform as platforms
from llbfront.suggestions import suggestion

_ON_MANIFESTS = ("manifest", "manifest-descriptor")
_ANNOTATED = (*_ON_MANIFESTS, "index", "index-descriptor")
_TARGET = re.compile(r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?")


def parse_annotations(texts: Iterable[str]) -> dict[str, str]:
    """Read annotations, `[TYPE[PLATFORM],…:]KEY=VALUE`, by key; each is checked."""
    annotations = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise OptionError(f"invalid annotation {text!r}: it is not KEY=VALUE")
        annotations[name] = value
        annotation_attributes({name: value})
    return annotations


def annotation_attributes(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return annotations as attributes of exporters. Raises: OptionError for a key that is not `[TYPE[PLATFORM],…:]KEY`."""
    attrs = {}
    for name, value in annotations.items():
        text = f"{name}={value}"
        targets, colon, key = name.partition(":")
        if not (key if colon else targets):
            raise OptionError(f"invalid annotation {text!r}: it is not KEY=VALUE")
        for target in targets.split(",") if colon else ("",):
            attrs[f"annotation{_annotated(target, text)}.{key if colon else targets}"] = value
    return attrs


def _annotated(target: str, text: str) -> str:
    if not target:
        return ""
    match = _TARGET.fullmatch(target)
    if match is None or match[1] not in _ANNOTATED:
        kind = match[1] if match else target
        raise OptionError(
            f"invalid annotation {text!r}: unknown type {kind}",
            hint=suggestion(kind, _ANNOTATED) or f"one of {', '.join(_ANNOTATED)}",
        )
    is_of_platform = match[2] and match[1] in _ON_MANIFESTS
    return f"-{match[1]}[{platforms.parse(match[2])}]" if is_of_platform else f"-{match[1]}"
