"""Targets and groups of bake definitions, and the table of the fields of a target.

Source: bake/bake.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from llbfront.bake.target_attributes import Attestation, Cache, Output, Policy, Secret, Ssh, last_of_each, without_duplicates

BUILD = "build"  # the method of `call` that asks nothing
# How a field is read and combined: what kind of value it is, and whether a later value replaces an earlier one or is added to it.
TEXT, FLAG, TEXTS, MAPPING, LIMITS = "text", "flag", "texts", "mapping", "limits"


@attrs.frozen
class Field:
    """A field of a target: its name in files, the attribute of `Target`, its kind or the class of its entries, and how values combine."""

    name: str
    attribute: str
    kind: str | type[Any]
    adds: bool = False
    normalize: Callable[[Any], Any] | None = None
    allows_null: bool = True


def unique(texts: Iterable[str]) -> list[str]:
    """Drop empty strings and repetitions."""
    return list(dict.fromkeys(text for text in texts if text))


def _id(entry: Secret | Ssh) -> str:
    return entry.id


FIELDS = (
    Field("description", "description", TEXT),
    Field("inherits", "inherits", TEXTS, adds=True),
    Field("annotations", "annotations", TEXTS, adds=True, normalize=unique),
    Field("attest", "attest", Attestation, adds=True, normalize=last_of_each(lambda entry: entry.type)),
    Field("context", "context", TEXT),
    Field("contexts", "contexts", MAPPING, adds=True, allows_null=False),
    Field("dockerfile", "dockerfile", TEXT),
    Field("dockerfile-inline", "dockerfile_inline", TEXT),
    Field("args", "args", MAPPING, adds=True),
    Field("labels", "labels", MAPPING, adds=True),
    Field("tags", "tags", TEXTS, normalize=unique),
    Field("cache-from", "cache_from", Cache, adds=True, normalize=without_duplicates),
    Field("cache-to", "cache_to", Cache, normalize=without_duplicates),
    Field("target", "target", TEXT),
    Field("secret", "secrets", Secret, adds=True, normalize=last_of_each(_id)),
    Field("ssh", "ssh", Ssh, adds=True, normalize=last_of_each(_id)),
    Field("platforms", "platforms", TEXTS, normalize=unique),
    Field("output", "outputs", Output, normalize=without_duplicates),
    Field("pull", "pull", FLAG),
    Field("no-cache", "no_cache", FLAG),
    Field("network", "network", TEXT),
    Field("no-cache-filter", "no_cache_filter", TEXTS, adds=True, normalize=unique),
    Field("shm-size", "shm_size", TEXT),
    Field("ulimits", "ulimits", TEXTS, adds=True, normalize=unique),
    Field("resources", "resources", LIMITS, adds=True),
    Field("call", "call", TEXT),
    Field("entitlements", "entitlements", TEXTS, adds=True, normalize=unique),
    Field("extra-hosts", "extra_hosts", MAPPING, adds=True),
    Field("policy", "policy", Policy, adds=True),
)
BY_NAME = {field.name: field for field in FIELDS}
_ESCAPED = {"annotations", "dockerfile-inline", "labels", "args", "extra-hosts"}


@attrs.define
class Target:
    """One build of a bake definition. Change its fields as needed before the plan is built. None means that a field is not given.

    Attributes:
        name: its name.
        description: the description, for lists of targets.
        inherits: the targets that it takes fields from.
        annotations: annotations of the image.
        attest: attestations.
        context: the build context.
        contexts: other contexts by name.
        dockerfile: the path of the Dockerfile.
        dockerfile_inline: the text of the Dockerfile.
        args: build arguments.
        labels: labels of the image.
        tags: names of the image.
        cache_from: caches to take steps from.
        cache_to: caches to write.
        target: the stage to build.
        secrets: secrets.
        ssh: SSH agents and keys.
        platforms: the platforms to build for.
        outputs: where the result goes.
        pull: ask the registry for base images.
        no_cache: run every step again.
        network: network of RUN steps that name none.
        no_cache_filter: stages whose steps to run again.
        shm_size: size of /dev/shm in RUN steps.
        ulimits: limits of RUN steps.
        resources: limits of RUN steps, such as memory.
        call: the question to answer instead of a build: check, outline or targets.
        entitlements: entitlements.
        extra_hosts: lines of /etc/hosts of RUN steps.
        policy: source policies.
        is_linked: whether it is built only because another target uses its result.
    """

    name: str
    description: str | None = None
    inherits: list[str] | None = None
    annotations: list[str] | None = None
    attest: list[Attestation] | None = None
    context: str | None = None
    contexts: dict[str, str] | None = None
    dockerfile: str | None = None
    dockerfile_inline: str | None = None
    args: dict[str, str | None] | None = None
    labels: dict[str, str | None] | None = None
    tags: list[str] | None = None
    cache_from: list[Cache] | None = None
    cache_to: list[Cache] | None = None
    target: str | None = None
    secrets: list[Secret] | None = None
    ssh: list[Ssh] | None = None
    platforms: list[str] | None = None
    outputs: list[Output] | None = None
    pull: bool | None = None
    no_cache: bool | None = None
    network: str | None = None
    no_cache_filter: list[str] | None = None
    shm_size: str | None = None
    ulimits: list[str] | None = None
    resources: dict[str, str | int] | None = None
    call: str | None = None
    entitlements: list[str] | None = None
    extra_hosts: dict[str, str | None] | None = None
    policy: list[Policy] | None = None
    is_linked: bool = False  # built only because another target uses its result

    @property
    def is_asked(self) -> bool:
        """Whether it answers a question instead of being built."""
        return self.call not in {None, "", BUILD}

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows: those that are given and not empty."""
        members = {}
        for field in FIELDS:
            value = getattr(self, field.attribute)
            is_empty = not value and isinstance(value, list | dict) and field.kind != LIMITS
            if value is None or is_empty or (field.name == "description" and not value):
                continue
            members[field.name] = _json_value(value, escapes=field.name in _ESCAPED)
        return members


@attrs.define
class Group:
    """Targets and groups that are built together.

    Attributes:
        name: its name.
        targets: the names of the targets and groups.
        description: the description, for lists of targets.
        is_implied: whether it was created for the services of Compose files.
    """

    name: str
    targets: list[str]
    description: str | None = None
    is_implied: bool = False  # created for the services of Compose files, not by a block

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return {
            **({"description": self.description} if self.description else {}),
            "targets": None if self.is_implied and not self.targets else self.targets,
        }


def _json_value(value: Any, *, escapes: bool) -> Any:
    if isinstance(value, list):
        return [_json_value(item, escapes=escapes) for item in value]
    if isinstance(value, dict):
        return {key: _json_value(item, escapes=escapes) for key, item in value.items()}
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{") if escapes else value
    return value.to_json() if hasattr(value, "to_json") else value


def merge(earlier: Target, later: Target) -> None:
    """Override the fields of a target with the fields of another."""
    for field in FIELDS:
        value = getattr(later, field.attribute)
        if value is None or (field.name == "description" and not value):
            continue
        setattr(earlier, field.attribute, _combined(field, getattr(earlier, field.attribute), value))


def _combined(field: Field, earlier: Any, later: Any) -> Any:
    if not field.adds:
        return list(later) if isinstance(later, list) else later
    if field.kind in {MAPPING, LIMITS}:
        merged = {**(earlier or {}), **{key: value for key, value in later.items() if value is not None}}
        return merged if merged or field.kind == LIMITS else None
    combined = [*(earlier or []), *later]
    return field.normalize(combined) if field.normalize and isinstance(field.kind, type) else combined


def normalize(target: Target) -> None:
    """Drop repetitions and empty values."""
    for field in FIELDS:
        value = getattr(target, field.attribute)
        if field.normalize and value:
            setattr(target, field.attribute, field.normalize(value))
    if target.network == "host":
        target.entitlements = unique([*(target.entitlements or []), "network.host"])
    target.contexts = {name: value for name, value in (target.contexts or {}).items() if value} or None
