"""Lock files: source policies of BuildKit whose rules pin the sources of a build.

A rule that pins replaces an image by the same image with its digest, a git source by its commit, and adds the checksum to a web address. All
other rules of a file are kept.

Source: docs/build-repro.md and sourcepolicy of BuildKit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from llbfront.client.sources import source_policy
from llbfront.client.sources.source_pins import GIT, HTTP, IMAGE, IMAGE_SCHEME, Pin, commit_of, with_commit
from llbfront.errors import ContextError
from llbfront.files.reading import read_file
from llbfront.foreign_json import parse_object

__all__ = ["Lock", "SourceState"]

SCHEMA = "llbfront.lock/1"
CURRENT, CHANGED, MISSING, UNUSED, WRITTEN = "current", "changed", "missing", "unused", "in the Dockerfile"
_CHECKSUM = "http.checksum"
_DRIFT = frozenset((CHANGED, MISSING, UNUSED))


@attrs.frozen
class SourceState:
    """The state of a source in a lock.

    Attributes:
        identifier: the source as engines name it.
        state: `current`, `changed` (it is something else now), `missing` (the lock has no rule for it), `unused` (the build does not read it) or
            `in the Dockerfile` (pinned there, so that no rule is needed).
        locked: what the lock pins it to, None if it does not.
        value: what it is now, None for an unused one.
        lines: the lines that name it.
    """

    identifier: str
    state: str
    locked: str | None = None
    value: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def is_drift(self) -> bool:
        """Whether the lock has to be rewritten because of the source."""
        return self.state in _DRIFT


@attrs.frozen
class Lock:
    """A source policy. `document` is the JSON object of the file."""

    document: Mapping[str, Any] = attrs.field(factory=dict)

    @classmethod
    def load(cls, path: str) -> Lock:
        """Read a file. Raises: ContextError."""
        data = read_file(path, "the source policy")
        source_policy.parse(data, path)
        if data.lstrip()[:1] != b"{":
            raise ContextError(f"cannot update the source policy {path}: it is not JSON")
        members = parse_object(data).members
        if other := sorted(members.keys() - {"version", "rules"}):
            raise ContextError(f"cannot update the source policy {path}: it is not a source policy, which has no member {other[0]}")
        return cls(members)

    @property
    def pins(self) -> dict[str, str]:
        """Return the values that sources are pinned to, by identifier."""
        return dict(pin for rule in self._rules if (pin := _pinned(rule)))

    @property
    def _rules(self) -> Sequence[Mapping[str, Any]]:
        return self.document.get("rules") or ()

    def states(self, pins: Iterable[Pin]) -> tuple[SourceState, ...]:
        """Compare with what the sources are now; in the order of identifiers, unused ones last."""
        locked = self.pins
        states = [_state(pin, locked.pop(pin.identifier, None)) for pin in pins]
        return (*states, *(SourceState(name, UNUSED, value) for name, value in sorted(locked.items())))

    def update(self, pins: Iterable[Pin]) -> Lock:
        """Return the lock with rules for these sources and no others. Rules that pin nothing stay in front."""
        rules = [rule for rule in self._rules if _pinned(rule) is None]
        return Lock({**self.document, "rules": rules + [_rule(pin) for pin in pins if not pin.is_written]})

    def write(self) -> bytes:
        """Return the text of the file; always the same for the same rules."""
        return f"{json.dumps(self.document, indent=2, ensure_ascii=False)}\n".encode()


def _state(pin: Pin, locked: str | None) -> SourceState:
    state = CHANGED if locked != pin.value else CURRENT
    if locked is None:
        state = WRITTEN if pin.is_written else MISSING
    return SourceState(pin.identifier, state, locked, pin.value, pin.lines)


def _rule(pin: Pin) -> dict[str, Any]:
    selector = {"identifier": pin.identifier, "match_type": "EXACT"}
    return {"action": "CONVERT", "selector": selector, "updates": _UPDATES[pin.kind](pin)}


_UPDATES: dict[str, Callable[[Pin], dict[str, Any]]] = {
    IMAGE: lambda pin: {"identifier": f"{pin.identifier}@{pin.value}"},
    GIT: lambda pin: {"identifier": with_commit(pin.identifier, pin.value)},
    HTTP: lambda pin: {"attrs": {_CHECKSUM: pin.value}},
}


def _pinned(rule: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the identifier and the pin of a rule that pins a source, None for any other."""
    selector, updates = rule.get("selector") or {}, rule.get("updates") or {}
    identifier, target = selector.get("identifier", ""), updates.get("identifier", "")
    if rule.get("action") not in {"CONVERT", 2} or selector.get("constraints") or not identifier:
        return None
    attributes = updates.get("attrs") or {}
    if target in {"", identifier} and list(attributes) == [_CHECKSUM]:
        return identifier, attributes[_CHECKSUM]
    if attributes:
        return None
    if identifier.startswith(f"{IMAGE_SCHEME}://") and target.startswith(f"{identifier}@"):
        return identifier, target.removeprefix(f"{identifier}@")
    commit = commit_of(target)
    return (identifier, commit) if commit and with_commit(identifier, commit) == target else None


def to_json(path: str, states: Iterable[SourceState]) -> str:
    """Return a JSON document of the form `llbfront.lock/1`."""
    listed = list(states)
    members = {
        "schema": SCHEMA,
        "file": path,
        "is_current": not any(state.is_drift for state in listed),
        "sources": [attrs.asdict(state) for state in listed],
    }
    return json.dumps(members, indent=2)


def to_text(states: Iterable[SourceState]) -> str:
    """Return a line for each source."""
    return "\n".join(_line(state) for state in states)


def _line(state: SourceState) -> str:
    pin = f"{state.locked} → {state.value}" if state.state == CHANGED else state.value or state.locked
    return "  ".join([f"{state.state}:", state.identifier, f"{pin}", *([", ".join(state.lines)] if state.lines else [])])


def __dir__() -> list[str]:
    return sorted(__all__)
