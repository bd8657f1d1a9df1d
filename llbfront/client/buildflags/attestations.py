"""Parse `--attest`, `--sbom` and `--provenance`, and the arguments of the library.

An attestation is its type and its attributes as one string, as BuildRequest.attestations holds them.

Source: util/buildflags/attests.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llbfront import arguments
from llbfront.client.buildflags import attributes, csv
from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_bool
from llbfront.suggestions import suggestion

ATTESTATIONS = ("sbom", "provenance")


def parse_attestation(text: str) -> tuple[str, str | None]:
    """Parse `type=sbom|provenance[,disabled=true],KEY=VALUE…`; returns what `attestation_of_attributes` returns."""
    return attestation_of_attributes(_pairs(text, "attest"), shown=csv.shown(text))


def attestation_of_attributes(attrs: Mapping[str, str], *, shown: str, option: str = "attest") -> tuple[str, str | None]:
    """Return the type of an attestation and its attributes as the frontend reads them, None if it is disabled.

    `shown` and `option` name it in errors.
    """
    shown = f"{option} {shown}"
    values = dict(attrs)
    kind, disabled = values.pop("type", ""), values.pop("disabled", "false")
    if kind not in ATTESTATIONS:
        raise OptionError(
            f"invalid {shown}: unknown type {kind}" if kind else f"invalid {shown}: type is required",
            hint=suggestion(kind, ATTESTATIONS) or f"use {' or '.join(ATTESTATIONS)}",
        )
    if (is_off := parse_bool(disabled)) is None:
        raise OptionError(f"invalid {shown}: disabled must be true or false")
    attributes.check(values, attributes.ATTESTATIONS[kind] | {"disabled"}, shown=shown)
    if kind == "provenance" and values.get("mode", "max") not in {"min", "max"}:
        raise OptionError(f"invalid {shown}: unknown mode {values['mode']}", hint="use min or max")
    return kind, None if is_off else csv.joined(f"{key}={value}" for key, value in values.items())


def parse_shorthand(kind: str, text: str) -> tuple[str, str | None]:
    """Parse the value of `--sbom` or `--provenance`: true, false, or attributes.

    Returns what `attestation_of_attributes` returns.
    """
    is_on = parse_bool(text.lower())
    if is_on is not None:
        return kind, "" if is_on else None
    try:
        values = _pairs(text, kind)
    except OptionError as error:
        example = "generator=IMAGE" if kind == "sbom" else "mode=max"
        raise error.evolve(hint=f"use true, false or attributes such as {example}") from error
    return attestation_of_attributes({**values, "type": kind}, shown=csv.shown(text), option=kind)


def _pairs(text: str, option: str) -> dict[str, str]:
    """Return the attributes of a string. Only the keys that llbfront reads itself are lower-cased, as in buildx."""
    return {
        lower if (lower := key.strip().lower()) in {"type", "disabled"} else key: value
        for key, value in csv.split_pairs(text, option=option)
    }


def convert_attestations(value: Any, name: str) -> dict[str, str]:
    """Return attributes by type: of strings as `--attest` takes them, mappings of the same keys, or attributes by type."""
    if isinstance(value, Mapping) and "type" not in value:
        return arguments.assignments(value, name)
    by_type: dict[str, str] = {}
    for kind, attributes_text in arguments.items(value, name, "strings or mappings", _convert, single=(str, Mapping)):
        by_type.pop(kind, None)
        if attributes_text is not None:
            by_type[kind] = attributes_text
    return by_type


def convert_shorthand(kind: str, value: Any, name: str) -> tuple[str, str | None]:
    """Return the type and attributes of an argument `sbom` or `provenance` that is a string or a mapping."""
    if isinstance(value, Mapping):
        return _convert({"type": kind, **value}, name)
    if isinstance(value, str):
        return parse_shorthand(kind, arguments.text(value))
    raise arguments.refuse(name, "True, False, or attributes as a string or a mapping", value)


def _convert(value: Any, name: str) -> tuple[str, str | None]:
    if isinstance(value, str):
        return parse_attestation(arguments.text(value))
    if isinstance(value, Mapping):
        attrs = arguments.attributes(value, name)
        return attestation_of_attributes(attrs, shown=csv.shown(csv.written(attrs)))
    raise arguments.refuse(name, "a string or a mapping of the same keys", value)
