"""Check the fields of Compose services that builds do not need but Compose reads: ports, volumes, devices and the like.

Source: transform and format/volume.go of compose-spec/compose-go, nat of docker/go-connections.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from llbfront.bake.yaml_document import Mapping as Document
from llbfront.errors import BakeError
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strconv import parse_int

PROTOCOLS = ("tcp", "udp", "sctp")
LARGEST_PORT = 65535


def check_port(value: Any) -> None:
    """Check an entry of `ports`. Raises: BakeError."""
    if isinstance(value, dict):
        return
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BakeError("a port must be a number, a string or a mapping")
    *address, host, container = ("", "", *str(value).split(":"))[-max(2, str(value).count(":") + 1) :]
    container, _, protocol = container.partition("/")
    if not container:
        raise BakeError(f"no port specified: {value}")
    if (protocol or "tcp").lower() not in PROTOCOLS:
        raise BakeError(f"invalid proto: {protocol}")
    _check_address(":".join(address))
    ports = _port_range(container, "containerPort")
    published = _port_range(host, "hostPort") if host else 0
    if host and ports and published != ports:
        raise BakeError(f"invalid ranges specified for container and host Ports: {container} and {host}")


def _check_address(text: str) -> None:
    try:
        if text:
            ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise BakeError(f"invalid IP address: {text}") from None


def _port_range(text: str, what: str) -> int:
    """Return the number of ports of a range beyond the first. Raises: BakeError."""
    start, has_end, end = text.partition("-")
    numbers = [-1 if (number := parse_int(part)) is None else number for part in ((start, end) if has_end else (start,))]
    if any(not 0 <= number <= LARGEST_PORT for number in numbers) or numbers != sorted(numbers):
        raise BakeError(f"invalid {what}: {text}")
    return numbers[-1] - numbers[0]


def check_volume(value: Any) -> None:
    """Check an entry of `volumes`. Raises: BakeError."""
    if isinstance(value, dict):
        return
    if not isinstance(value, str):
        raise BakeError("a volume must be a string or a mapping")
    if not value:
        raise BakeError("invalid empty volume spec")
    if len(value.encode()) <= 2:
        return
    sections = _sections(value)
    if not all(sections):
        raise BakeError(f"invalid spec: {value}: empty section between colons")
    if len(sections) > 3:
        raise BakeError(f"invalid spec: {value}: too many colons")


def _sections(text: str) -> list[str]:
    """Split a volume at its colons, but not after the letter of a drive or inside of `${…}`."""
    closed, brace, rest = text.rpartition("}")
    hidden = re.sub(r"\$\{[^}]*\}", lambda match: match[0].replace(":", " "), closed + brace) + rest
    hidden = re.sub(r"(^|:)([^\W\d_]):", r"\1\2 ", hidden)
    return hidden.split(":")


def check_device(value: Any) -> None:
    """Check an entry of `devices`. Raises: BakeError."""
    if isinstance(value, str):
        if value.count(":") > 2:
            raise BakeError(f"confusing device mapping, please use long syntax: {value}")
    elif not isinstance(value, dict):
        raise BakeError("a device must be a string or a mapping")
    elif not value.get("target"):
        raise BakeError("a device needs a target")


def check_mount(value: Any) -> None:
    """Check an entry of `secrets` or `configs`. Raises: BakeError."""
    if not isinstance(value, str | dict):
        raise BakeError("it must be a string or a mapping")


def check_env_file(value: Any) -> None:
    """Check an entry of `env_file`. Raises: BakeError."""
    if not isinstance(value.get("path") if isinstance(value, dict) else value, str):
        raise BakeError("an env_file must be a string, or a mapping with a path")
    if isinstance(value, dict) and value.get("format") not in {None, "", ".env"}:
        raise BakeError(f'unsupported env_file format "{value["format"]}"')


ENTRIES: Mapping[str, Callable[[Any], None]] = {
    "ports": check_port,
    "volumes": check_volume,
    "devices": check_device,
    "secrets": check_mount,
    "configs": check_mount,
}


def check_service(name: str, service: Mapping[str, Any]) -> None:
    """Check a service as Compose reads it. Raises: BakeError at the line of the field."""
    for key, check in ENTRIES.items():
        if key not in service:
            continue
        with _at(service, key):
            if key == "ports" and not isinstance(service[key], list):
                raise BakeError(f"services.{name}.ports must be a list")
            for entry in service[key] if isinstance(service[key], list) else ():
                _check_entry(f"services.{name}.{key}", check, entry)
    if "env_file" in service:
        with _at(service, "env_file"):
            for entry in service["env_file"]:
                _check_entry(f"services.{name}.env_file", check_env_file, entry)
    if "gpus" in service and not isinstance(service["gpus"], str | list):
        with _at(service, "gpus"):
            raise BakeError(f"services.{name}.gpus must be a string or a list")
    _check_dependencies(name, service)


def check_resources(model: Mapping[str, Any]) -> None:
    """Check that volumes, networks, secrets and configs are mappings of names to mappings. Raises: BakeError at the line of the resource."""
    for kind in ("volumes", "networks", "secrets", "configs"):
        resources = model.get(kind)
        if resources is None:
            continue
        if not isinstance(resources, dict):
            raise BakeError(f"{kind} must be a mapping")
        for name, resource in resources.items():
            if resource is not None and not isinstance(resource, dict):
                with _at(resources, name):
                    raise BakeError(f"{kind}.{name} must be a mapping")


def _check_entry(path: str, check: Callable[[Any], None], entry: Any) -> None:
    try:
        check(entry)
    except BakeError as error:
        raise BakeError(f"{path}: {error.message}") from None


def _check_dependencies(name: str, service: Mapping[str, Any]) -> None:
    dependencies = service.get("depends_on")
    if dependencies is None and "depends_on" not in service:
        return
    is_valid = isinstance(dependencies, list) or (
        isinstance(dependencies, dict) and all(isinstance(entry, dict) for entry in dependencies.values())
    )
    if not is_valid:
        with _at(service, "depends_on"):
            raise BakeError(f"services.{name}.depends_on must be a list of services, or a mapping of services to mappings")


def _at(service: Mapping[str, Any], key: str) -> located:
    return located(service.span_of(key) if isinstance(service, Document) else None)
