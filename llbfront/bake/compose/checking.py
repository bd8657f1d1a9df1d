"""Check the build sections of a Compose model: the known keys, and what each takes.

Source: schema/compose-spec.json and loader/validate.go of compose-spec/compose-go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llbfront.bake.compose.short_forms import check_service
from llbfront.bake.yaml_document import Mapping as Document
from llbfront.errors import BakeError
from llbfront.gostd.strconv import parse_int
from llbfront.source import Span
from llbfront.suggestions import suggestion


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | str)


def _is_number_or_text(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_assignments(value: Any) -> bool:
    if isinstance(value, dict):
        return all(item is None or isinstance(item, str | int | float | bool) for item in value.values())
    return _is_texts(value)


def _is_distinct_assignments(value: Any) -> bool:
    return _is_assignments(value) and (isinstance(value, dict) or _is_distinct_texts(value))


def _is_distinct_texts(value: Any) -> bool:
    return _is_texts(value) and len(set(value)) == len(value)


def _is_hosts(value: Any) -> bool:
    return _is_distinct_texts(value) or (
        isinstance(value, dict) and all(isinstance(item, str) or _is_texts(item) for item in value.values())
    )


def _is_ulimits(value: Any) -> bool:
    return isinstance(value, dict) and all(
        (isinstance(item, int) and not isinstance(item, bool)) or (isinstance(item, dict) and {"soft", "hard"} <= set(item))
        for item in value.values()
    )


def _is_secrets(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | dict) for item in value)


def _is_text_or_texts(value: Any) -> bool:
    return _is_text(value) or _is_texts(value)


def _is_text_or_distinct_texts(value: Any) -> bool:
    return _is_text(value) or _is_distinct_texts(value)


def _has(value: Any, **members: Callable[[Any], bool]) -> bool:
    """Return whether a value is a mapping whose members have the right types."""
    return isinstance(value, dict) and all(test(value[name]) for name, test in members.items() if value.get(name) is not None)


def _is_include(value: Any) -> bool:
    return isinstance(value, list) and all(
        _is_text(item) or _has(item, path=_is_text_or_texts, project_directory=_is_text, env_file=_is_text_or_texts)
        for item in value
    )


def _is_extends(value: Any) -> bool:
    return _is_text(value) or (_has(value, service=_is_text, file=_is_text) and bool(value.get("service")))


def _is_env_file(value: Any) -> bool:
    return _is_text(value) or (
        isinstance(value, list) and all(_is_text(item) or (_has(item, path=_is_text) and bool(item.get("path"))) for item in value)
    )


# What is read before the model is complete: keys of a document and of its services.
INCLUDE = (_is_include, "a list of paths, or of mappings with a path")
REFERENCES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "extends": (_is_extends, "the name of a service, or a mapping with the name and a file"),
    "env_file": (_is_env_file, "a path, or a list of paths"),
    "environment": (_is_assignments, "a mapping, or a list of NAME=VALUE"),
}


BUILD: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("context", "dockerfile", "dockerfile_inline", "network", "target", "isolation"), (_is_text, "a string")),
    **dict.fromkeys(("entitlements", "cache_from", "cache_to", "tags", "platforms"), (_is_texts, "a list of strings")),
    **dict.fromkeys(("args", "labels", "additional_contexts"), (_is_assignments, "a mapping, or a list of NAME=VALUE")),
    "ssh": (_is_distinct_assignments, "a mapping, or a list of different ID=PATH"),
    **dict.fromkeys(("no_cache", "pull", "privileged", "provenance", "sbom"), (_is_flag, "true or false")),
    "no_cache_filter": (_is_text_or_distinct_texts, "a string or a list of different strings"),
    "shm_size": (_is_number_or_text, "a size"),
    "extra_hosts": (_is_hosts, "a mapping of hosts to addresses, or a list of different HOST=ADDRESS"),
    "secrets": (_is_secrets, "a list of secrets"),
    "ulimits": (_is_ulimits, "a mapping of limits"),
}


# Fields of services that are whole numbers, also where a variable gives them: keys, "*" for any key or element.
INTEGERS = (
    ("ulimits", "*"), ("ulimits", "*", "soft"), ("ulimits", "*", "hard"), ("ports", "*", "target"), ("healthcheck", "retries"), ("scale",),
    ("deploy", "replicas"), ("cpu_count",), ("cpu_period",), ("cpu_quota",), ("cpu_shares",), ("oom_score_adj",), ("pids_limit",),
)  # fmt: skip


def _at(value: Any, path: tuple[str, ...]) -> list[Any]:
    """Return the values at a path inside a value."""
    if not path:
        return [value]
    if path[0] == "*":
        parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        return [nested for part in parts for nested in _at(part, path[1:])]
    return _at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def _check_integers(name: str, service: Mapping[str, Any]) -> None:
    for path in INTEGERS:
        for value in _at(service, path):
            if isinstance(value, str) and parse_int(value) is None:
                raise BakeError(f'services.{name}.{".".join(path)}: "{value}" is not a whole number')


def check_services(services: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
    """Refuse services that Compose refuses. Raises: BakeError."""
    for name, service in services.items():
        if service is not None and not isinstance(service, dict):
            raise BakeError(f"services.{name} must be a mapping")
        _check_integers(name, service or {})
        check_service(name, service or {})
        build = (service or {}).get("build")
        if build is None and "build" in (service or {}):
            raise BakeError(f"services.{name}.build must be a string or a mapping", span=_where(service, "build"))
        if build is not None:
            _check_build(name, build, services, secrets)
        elif not (service or {}).get("image"):
            raise BakeError(f'service "{name}" has neither an image nor a build context specified')


def _where(mapping: Any, key: str) -> Span | None:
    return mapping.span_of(key) if isinstance(mapping, Document) else None


def check_references(document: Mapping[str, Any]) -> None:
    """Refuse a document whose includes, or whose services' references to other files, are of the wrong kind. Raises: BakeError."""
    _check_key("", document, "include", *INCLUDE)
    services = document.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        for key, (test, expected) in REFERENCES.items() if isinstance(service, dict) else ():
            _check_key(f"services.{name}.", service, key, test, expected)


def _check_key(place: str, holder: Mapping[str, Any], key: str, test: Callable[[Any], bool], expected: str) -> None:
    if holder.get(key) is not None and not test(holder[key]):
        raise BakeError(f"{place}{key} must be {expected}", span=_where(holder, key))


def check_shape(name: str, build: Any) -> None:
    """Check the keys of a build section and what they take. Raises: BakeError at the key."""
    if not isinstance(build, dict):
        raise BakeError(f"services.{name}.build must be a string or a mapping")
    for key, value in build.items():
        span = _where(build, key)
        if key.startswith("x-"):
            continue
        if key not in BUILD:
            raise BakeError(
                f"services.{name}.build: additional properties '{key}' not allowed", hint=suggestion(key, BUILD), span=span
            )
        test, expected = BUILD[key]
        if not test(value) and not (value is None and key == "args"):
            raise BakeError(f"services.{name}.build.{key} must be {expected}", span=span)


def _check_build(name: str, build: Any, services: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
    check_shape(name, build)
    if build.get("dockerfile") and build.get("dockerfile_inline"):
        raise BakeError(f'service "{name}" declares mutually exclusive dockerfile and dockerfile_inline')
    for context, value in (build.get("additional_contexts") or {}).items():
        service = value.removeprefix("service:") if isinstance(value, str) and value.startswith("service:") else None
        if service is not None and service not in services:
            raise BakeError(f'service "{name}" declares unknown service "{service}" as additional contexts {context}')
        if service is not None and not (services[service] or {}).get("build"):
            raise BakeError(f'service "{name}" declares non-buildable service "{service}" as additional contexts {context}')
    for secret in build.get("secrets") or []:
        source = secret if isinstance(secret, str) else secret.get("source")
        if source not in secrets:
            raise BakeError(f'service "{name}" refers to undefined build secret {source}')
