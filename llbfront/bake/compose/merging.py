"""Merge the models of several Compose files.

Source: override/merge.go of compose-spec/compose-go.
"""

from __future__ import annotations

from typing import Any

from llbfront.bake.yaml_document import copied, set_item, text_of
from llbfront.errors import BakeError

_KEY_VALUES = {
    ("build", "args"),
    ("build", "additional_contexts"),
    ("build", "labels"),
    ("environment",),
    ("labels",),
    ("annotations",),
}
_SEQUENCES = {("build", "extra_hosts"), ("env_file",), ("extra_hosts",), ("dns",), ("tmpfs",), ("label_file",)}
_REPLACED = {("command",), ("entrypoint",), ("depends_on",), ("networks",), ("models",), ("healthcheck", "test")}


def merge(earlier: Any, later: Any, path: tuple[str, ...]) -> Any:
    """Merge a value over another. Raises: BakeError if their kinds do not fit."""
    place = path[2:] if len(path) > 2 and path[0] == "services" else None
    if place == ("build",):
        earlier, later = _build(earlier), _build(later)
    if place in _KEY_VALUES:
        return _by_key([*entries(earlier), *entries(later)])
    if place in _SEQUENCES:
        return _appended(entries(earlier), entries(later))
    if later is None:
        return earlier
    if place in _REPLACED:
        return later
    if isinstance(earlier, dict):
        if not isinstance(later, dict):
            raise BakeError(f"cannot override {'.'.join(path)}")
        return _merged_mappings(earlier, later, path)
    if isinstance(earlier, list):
        if not isinstance(later, list):
            raise BakeError(f"cannot override {'.'.join(path)}")
        return _appended(earlier, later)
    return later


def _build(value: Any) -> dict[str, Any]:
    return {"context": value} if isinstance(value, str) else value if isinstance(value, dict) else {}


def _merged_mappings(earlier: dict[str, Any], later: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    merged = copied(earlier)
    for key, value in later.items():
        set_item(merged, key, merge(earlier[key], value, (*path, key)) if key in earlier else value, later)
    return merged


def entries(value: Any) -> list[Any]:
    """Write a mapping as a list of `KEY=VALUE`; a key without value stands alone."""
    if isinstance(value, dict):
        written: list[Any] = []
        for key, item in value.items():
            written += (
                [f"{key}={text_of(part)}" for part in item]
                if isinstance(item, list)
                else [key if item is None else f"{key}={text_of(item)}"]
            )
        return sorted(written)
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _by_key(values: list[Any]) -> list[Any]:
    return list({str(value).partition("=")[0]: value for value in values}.values())


def _appended(earlier: list[Any], later: list[Any]) -> list[Any]:
    return [*earlier, *(value for value in later if value not in earlier)]
