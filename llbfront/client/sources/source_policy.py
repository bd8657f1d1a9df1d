"""Read a source policy: rules by which the engine allows, denies or replaces the sources of a build.

Source: ReadSourcePolicy in build/build.go of docker/buildx; sourcepolicy/pb of BuildKit for the JSON form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llbfront.errors import ContextError
from llbfront.files.reading import read_file
from llbfront.foreign_json import parse_json
from llbfront.pb import policy_pb2 as policy

_ACTIONS = {"ALLOW": policy.ALLOW, "DENY": policy.DENY, "CONVERT": policy.CONVERT}
_MATCH_TYPES = {"WILDCARD": policy.WILDCARD, "EXACT": policy.EXACT, "REGEX": policy.REGEX}
_CONDITIONS = {"EQUAL": policy.EQUAL, "NOTEQUAL": policy.NOTEQUAL, "MATCHES": policy.MATCHES}


def read(path: str) -> policy.Policy:
    """Read a policy from a file, as JSON or as a protobuf message. Raises: ContextError."""
    return parse(read_file(path, "the source policy"), path)


def parse(data: bytes, path: str) -> policy.Policy:
    """Read the content of a policy file. Raises: ContextError."""
    try:
        return _policy(parse_json(data)) if data.lstrip()[:1] == b"{" else policy.Policy.FromString(data)
    except Exception as error:  # noqa: BLE001  protobuf's own error class depends on its implementation
        raise ContextError(f"cannot read the source policy {path}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return f"unknown name {error}" if isinstance(error, KeyError) else str(error).partition("\n")[0] or "it is not a policy"


def _policy(document: Mapping[str, Any]) -> policy.Policy:
    return policy.Policy(version=document.get("version", 0), rules=[_rule(rule) for rule in document.get("rules") or ()])


def _rule(rule: Mapping[str, Any]) -> policy.Rule:
    selector, updates = rule.get("selector"), rule.get("updates")
    return policy.Rule(
        action=_member(rule.get("action", 0), _ACTIONS),
        selector=None if selector is None else _selector(selector),
        updates=None
        if updates is None
        else policy.Update(identifier=updates.get("identifier", ""), attrs=updates.get("attrs") or {}),
    )


def _selector(selector: Mapping[str, Any]) -> policy.Selector:
    return policy.Selector(
        identifier=selector.get("identifier", ""),
        match_type=_member(selector.get("match_type", 0), _MATCH_TYPES),
        constraints=[
            policy.AttrConstraint(
                key=constraint.get("key", ""),
                value=constraint.get("value", ""),
                condition=_member(constraint.get("condition", 0), _CONDITIONS),
            )
            for constraint in selector.get("constraints") or ()
        ],
    )


def _member(value: str | int, names: Mapping[str, int]) -> Any:
    """Return the number of an enum member, which is written as its name or its number. Raises: KeyError."""
    if isinstance(value, int) and value in names.values():
        return value
    return names[str(value)]
