"""Resolve the targets that are asked for: patterns, groups, inheritance, overrides and links.

Source: bake/bake.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from llbfront.bake.definition import Definition
from llbfront.bake.overrides import Overrides, apply_overrides
from llbfront.bake.permissions import implied_permissions
from llbfront.bake.target import Group, Target, merge, normalize
from llbfront.bake.target_attributes import Output
from llbfront.errors import BakeError, InvalidValue
from llbfront.gostd.filepath import match
from llbfront.suggestions import suggestion

LINK = "target:"


def sanitized(name: str) -> str:
    """Return the name of the target of a Compose service, in which dots are not allowed."""
    return name.replace(".", "_")


def expand_pattern(definition: Definition, pattern: str) -> list[str]:
    """Return the targets whose names match a pattern of `--set`. Raises: BakeError."""
    if pattern in definition.targets:
        return [pattern]
    names = [name for name in definition.targets if _matches(pattern, name)]
    if not names:
        raise BakeError(
            f"could not find any target matching '{pattern}'",
            hint=suggestion(pattern, definition.targets, match_case=True) or _listed(definition.targets),
        )
    return names


def _matches(pattern: str, name: str) -> bool:
    try:
        return match(pattern, name)
    except InvalidValue:
        raise BakeError(f"{pattern} is not a pattern", hint="a pattern may contain *, ? and [a-z]") from None


@attrs.define
class Resolution:
    """Resolves the targets of a definition; `overrides` are applied to each. `permissions` are those that overrides imply."""

    definition: Definition
    overrides: Overrides = attrs.Factory(dict)
    permissions: set[str] = attrs.Factory(set)
    _linked: set[str] = attrs.field(init=False, factory=set)

    def resolve(self, names: Iterable[str]) -> tuple[dict[str, Target], dict[str, Group]]:
        """Return the targets of names and patterns with what they link to, and the groups. Raises: BakeError."""
        try:
            return self._resolve(names)
        except RecursionError:
            raise BakeError("the targets are nested too deep") from None

    def _resolve(self, names: Iterable[str]) -> tuple[dict[str, Target], dict[str, Group]]:
        requested = list(dict.fromkeys(name for text in names for name in self._matching(sanitized(text))))
        targets: dict[str, Target] = {}
        groups: dict[str, Group] = {}
        for name in requested:
            target_names, group_names = self._expanded(name, {})
            targets |= {target: self.target(target) for target in target_names}
            groups |= {
                group: attrs.evolve(self.definition.groups[group], targets=list(self.definition.groups[group].targets))
                for group in group_names
            }
        for name in requested:
            if not (name == "default" and "default" in groups):
                groups.setdefault("default", Group("default", [])).targets.append(name)
        groups["default"].targets = sorted(set(groups["default"].targets))
        for name in list(targets):
            self._link(name, targets, ())
        return targets, groups

    def _matching(self, pattern: str) -> list[str]:
        if not set(pattern) & set("*?[]"):
            return [pattern]
        names = [name for name in (*self.definition.groups, *self.definition.targets) if _matches(pattern, name)]
        if not names:
            raise BakeError(f'could not find any target matching "{pattern}"')
        return names

    def _expanded(self, name: str, known: dict[str, tuple[list[str], list[str]]]) -> tuple[list[str], list[str]]:
        """Return the targets and the groups that a name expands to. A group that contains itself counts as a target there."""
        group = self.definition.groups.get(name)
        if group is None:
            return [name], []
        if name in known:
            return known[name]
        known[name] = [], []
        targets: list[str] = []
        groups = [name]
        for member in group.targets:
            inner_targets, inner_groups = self._expanded(member, known)
            targets += inner_targets or [member]
            groups += inner_groups
        known[name] = list(dict.fromkeys(targets)), list(dict.fromkeys(groups))
        return known[name]

    def target(self, name: str) -> Target:
        """Return a target with inherited fields and overrides. Raises: BakeError."""
        target = self._inherited(name, {})
        assert target is not None
        target.context = self.definition.default_contexts.get(name, ".") if target.context is None else target.context
        target.dockerfile = target.dockerfile or "Dockerfile"
        return target

    def _inherited(self, name: str, visited: dict[str, Target | None]) -> Target | None:
        if name in visited:
            return visited[name]
        visited[name] = None
        own = self.definition.targets.get(name)
        if own is None:
            raise BakeError(f"failed to find target {name}", hint=self._hint(name))
        target = Target(name)
        for parent_name in own.inherits or []:
            parent = self._inherited(parent_name, visited)
            if parent is not None:
                merge(target, parent)
        merge(target, own)
        target.inherits = None
        overrides = self.overrides.get(name, {})
        apply_overrides(target, overrides)
        self.permissions |= implied_permissions(target, overrides)
        normalize(target)
        visited[name] = target
        return target

    def _hint(self, name: str) -> str | None:
        if name in self.definition.groups:
            return f"{name} is a group"
        known = (*self.definition.targets, *self.definition.groups)
        return suggestion(name, known, match_case=True) or _listed(known)

    def _link(self, name: str, targets: dict[str, Target], visited: tuple[str, ...]) -> None:
        """Add the targets whose results a target uses as contexts."""
        target = targets[name]
        for value in (target.contexts or {}).values():
            if not value.startswith(LINK):
                continue
            linked = value.removeprefix(LINK)
            if linked == name:
                raise BakeError(f"target {linked} cannot link to itself")
            if linked in visited:
                raise BakeError(f"infinite loop from {name} to {linked}")
            if linked not in targets:
                targets[linked] = attrs.evolve(self.target(linked), outputs=[Output("cacheonly")], is_linked=True)
            if linked not in self._linked:
                self._link(linked, targets, (*visited, name))
            _inherit_entitlements(target, targets[linked])
            _check_platforms(name, target, targets[linked])
        self._linked.add(name)


def _inherit_entitlements(target: Target, linked: Target) -> None:
    missing = [entitlement for entitlement in linked.entitlements or [] if entitlement not in (target.entitlements or [])]
    if missing:
        target.entitlements = [*(target.entitlements or []), *missing]


def _check_platforms(name: str, target: Target, linked: Target) -> None:
    own, others = target.platforms or [], linked.platforms or []
    if len(own) > 1 and len(others) > 1 and not set(own) <= set(others):
        raise BakeError(
            f"target {linked.name} can't be used by {name} because its platforms {' '.join(own)} are not a subset of {' '.join(others)}"
        )


def _listed(names: Iterable[str]) -> str | None:
    listed = ", ".join(list(names)[:10])
    return f"targets are {listed}" if listed else None
