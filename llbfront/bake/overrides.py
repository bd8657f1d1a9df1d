"""Overrides of the command line: `--set PATTERN.key=value`.

Source: bake/bake.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from llbfront.bake import target_attributes
from llbfront.bake.target import Target
from llbfront.bake.target_attributes import Attestation, Cache, Output, Policy, Secret, Ssh, last_of_each, without_duplicates
from llbfront.errors import BakeError
from llbfront.gostd.strconv import parse_bool
from llbfront.suggestions import suggestion

_ALIASES = {
    "annotations": "annotation", "args": "arg", "entitlements": "entitlement", "extra-hosts": "extra-host", "labels": "label",
    "platforms": "platform", "resources": "resource", "tags": "tag", "ulimits": "ulimit", "secrets": "secret",
}  # fmt: skip
_LISTS: dict[str, str] = {
    "annotation": "annotations", "tag": "tags", "platform": "platforms", "ulimit": "ulimits", "no-cache-filter": "no_cache_filter",
    "entitlement": "entitlements",
}  # fmt: skip
_ENTRIES: dict[str, tuple[str, type[Any]]] = {
    "output": ("outputs", Output), "cache-to": ("cache_to", Cache), "cache-from": ("cache_from", Cache), "ssh": ("ssh", Ssh),
    "attest": ("attest", Attestation), "policy": ("policy", Policy), "secret": ("secrets", Secret),
}  # fmt: skip
_MAPPINGS = {"arg": "args", "label": "labels", "contexts": "contexts", "extra-host": "extra_hosts"}
_TEXTS = {
    "context": "context",
    "dockerfile": "dockerfile",
    "target": "target",
    "call": "call",
    "shm-size": "shm_size",
    "network": "network",
}
_FLAGS = {"no-cache": "no_cache", "pull": "pull"}
_SHORTHANDS = ("push", "load")
KEYS = (*_LISTS, *_ENTRIES, *_MAPPINGS, *_TEXTS, *_FLAGS, *_SHORTHANDS, "resource")
_NAMED = (*_MAPPINGS, "resource")
_ADDS_UNLESS_CLEARED = ("annotation", "entitlement", "attest")


@attrs.define
class Override:
    """The value of an override for a key of a target: a string, or strings that replace or extend a list."""

    value: str = ""
    values: list[str] = attrs.Factory(list)
    appends: bool = False
    clears: bool = False


Overrides = dict[str, dict[tuple[str, str], Override]]


def parse_overrides(texts: Iterable[str], expand: Callable[[str], list[str]], environ: Callable[[str], str | None]) -> Overrides:
    """Read `--set` arguments into overrides by target; `expand` finds the targets of a pattern. Raises: BakeError."""
    overrides: Overrides = {}
    for text in texts:
        pattern, key, name, value, appends = _parsed(text)
        if value is None:
            value = environ(name)
            if value is None:
                expand(pattern)
                continue
        for target in expand(pattern):
            override = overrides.setdefault(target, {}).setdefault((key, name), Override())
            _record(override, key, name, value, appends=appends)
    return overrides


def _parsed(text: str) -> tuple[str, str, str, str | None, bool]:
    left, equals, value = text.partition("=")
    appends = left.endswith("+")
    parts = left.removesuffix("+").split(".", 2)
    if len(parts) < 2:
        raise BakeError(f"invalid override key {left.removesuffix('+')}, expected target.name")
    key = _ALIASES.get(parts[1], parts[1])
    name = parts[2] if len(parts) > 2 else ""
    if not equals and key != "arg":
        raise BakeError(f"invalid override {text}, expected target.name=value")
    _check_key(left, key, parts, appends=appends)
    return parts[0], key, name, value if equals else None, appends


def _check_key(left: str, key: str, parts: list[str], *, appends: bool) -> None:
    if key not in KEYS:
        raise BakeError(f"invalid override {left}: unknown key: {parts[1]}", hint=suggestion(parts[1], (*KEYS, *_ALIASES)))
    if key in _NAMED and len(parts) != 3:
        raise BakeError(f"invalid key {left}, {key} requires name", hint=f"TARGET.{key}.NAME=VALUE")
    if key not in {*_NAMED, "secret"} and len(parts) != 2:
        raise BakeError(f"invalid key {left}, {key} does not support subkeys")
    if appends and (key == "resource" or (key == "secret" and len(parts) == 3)):
        raise BakeError(f"invalid key {left}, {key} does not support append")


def _record(override: Override, key: str, name: str, value: str, *, appends: bool) -> None:
    if key not in {*_LISTS, *_ENTRIES} or name:
        override.value = value
        return
    if not appends and not value:
        override.clears = True
        override.values = []
    else:
        override.values.append(value)
    override.appends = appends and not override.clears


def apply_overrides(target: Target, overrides: Mapping[tuple[str, str], Override]) -> None:
    """Change a target as `--set` asks. Raises: BakeError."""
    for (key, name), override in sorted(overrides.items(), key=_order):
        if key in _SHORTHANDS:
            _apply_shorthand(target, key, override.value)
        elif key == "secret" and name:
            _replace_secret(target, name, override.value)
        elif key in _ENTRIES:
            _apply_entries(target, key, override)
        elif key in _LISTS:
            attribute = _LISTS[key]
            adds = override.appends or (key in _ADDS_UNLESS_CLEARED and not override.clears)
            setattr(target, attribute, [*((getattr(target, attribute) or []) if adds else []), *override.values])
        else:
            _apply_text(target, key, name, override.value)


def _order(item: tuple[tuple[str, str], Override]) -> tuple[bool, bool, str]:
    """Shorthands change the outputs that others set, and single secrets the list that others set."""
    (key, name), _ = item
    return key in _SHORTHANDS, key == "secret" and bool(name), key


def _apply_text(target: Target, key: str, name: str, value: str) -> None:
    if key in _TEXTS:
        setattr(target, _TEXTS[key], value)
    elif key in _FLAGS:
        setattr(target, _FLAGS[key], _flag(key, value))
    elif key == "resource":
        target.resources = {**(target.resources or {}), name: target_attributes.resource(name, value)}
    else:
        attribute = _MAPPINGS[key]
        setattr(target, attribute, {**(getattr(target, attribute) or {}), name: value})


def _flag(key: str, value: str) -> bool:
    flag = parse_bool(value)
    if flag is None:
        raise BakeError(f"invalid value {value} for boolean key {key}")
    return flag


def _apply_entries(target: Target, key: str, override: Override) -> None:
    attribute, kind = _ENTRIES[key]
    values = target_attributes.read_texts(kind, override.values)
    adds = override.appends or (key in _ADDS_UNLESS_CLEARED and not override.clears)
    combined = [*((getattr(target, attribute) or []) if adds else []), *values]
    if key == "attest":
        combined = last_of_each(lambda entry: entry.type)(combined)
    elif key in {"cache-from", "cache-to", "output"}:
        combined = without_duplicates(combined)
    setattr(target, attribute, combined)


def _replace_secret(target: Target, id_: str, value: str) -> None:
    for secret in target.secrets or []:
        if secret.id == id_:
            source = Secret.from_text(value)[0] if value else Secret()
            if source.id not in {"", id_}:
                raise BakeError(f'secret override id "{source.id}" does not match declared secret "{id_}"')
            secret.env, secret.src = source.env, source.src
            return
    raise BakeError(f'secret "{id_}" must be declared before it can be overridden')


def _apply_shorthand(target: Target, key: str, value: str) -> None:
    outputs = list(target.outputs or [])
    target.outputs = (_pushed if key == "push" else _loaded)(outputs, _flag(key, value))


def _pushed(outputs: list[Output], push: bool) -> list[Output]:
    if not push:
        kept = [output for output in outputs if output.type != "registry"]
        return [
            attrs.evolve(output, attrs={**output.attrs, "push": "false"}) if output.type == "image" else output for output in kept
        ]
    changed = [
        attrs.evolve(output, attrs={**output.attrs, "push": "true"}) if output.type == "image" else output for output in outputs
    ]
    if all(output.type == "docker" for output in outputs):
        changed.append(Output("image", attrs={"push": "true"}))
    return changed


def _loaded(outputs: list[Output], load: bool) -> list[Output]:
    if not load or any(output.type == "docker" and not output.dest for output in outputs):
        return outputs
    if any(output.type not in {"docker", "image", "registry", "oci"} for output in outputs):
        return outputs
    return [*outputs, Output("docker")]
