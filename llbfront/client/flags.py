"""What the flags say that most builds do without: SSH agents, caches, attestations, annotations, hosts, limits, entitlements.

The texts are those of docker buildx build, by the names of the flags; the results are checked fields of a BuildRequest.

Source: util/buildflags, build/utils.go and commands/build.go of docker/buildx; exporter/containerimage/exptypes of BuildKit.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from llbfront.arguments import path_fault
from llbfront.client import attributes, csv
from llbfront.errors import OptionError
from llbfront.frontend.options import read_ulimit
from llbfront.gostd.strconv import parse_bool
from llbfront.gostd.units import ram_in_bytes
from llbfront.oci import platform as platforms
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.client.caches import Cache
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import AskPassphrase, KeyAgent

ATTESTATIONS = ("sbom", "provenance")
HOST_GATEWAY = "host-gateway"
ENTITLEMENTS = ("network.host", "security.insecure", "device")
# Limits of steps, and the options of the frontend that they become. A cpuset may be "0", and no limit of 0 is one.
RESOURCES = {
    "memory": "memory", "memory-swap": "memswap", "cpu-shares": "cpushares", "cpu-period": "cpuperiod", "cpu-quota": "cpuquota",
    "cpuset-cpus": "cpusetcpus", "cpuset-mems": "cpusetmems",
}  # fmt: skip
_SIZES = ("memory", "memory-swap")
_CPUSETS = ("cpuset-cpus", "cpuset-mems")
LOCAL_DELETE = "buildx.local.delete"  # asks buildx not to ask; we never do
_ON_MANIFESTS = ("manifest", "manifest-descriptor")
_ANNOTATED = (*_ON_MANIFESTS, "index", "index-descriptor")
_TARGET = re.compile(r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?")


def fields(given: Mapping[str, Any], *, environ: Mapping[str, str]) -> dict[str, Any]:
    """Read flags by name, such as `{"cache_from": […]}`. Raises OptionError, InvalidValue, ContextError."""
    found = {name: read(given[name], environ) for name, read in _READERS.items() if given.get(name)}
    shorthands = [long_form(kind, str(given[kind])) for kind in ATTESTATIONS if given.get(kind)]
    if attests := [*given.get("attest", ()), *shorthands]:
        found["attestations"] = read_attestations(attests)
    return found


def read_agents(
    texts: Iterable[str], environ: Mapping[str, str], ask_passphrase: AskPassphrase | None = None
) -> dict[str, SshAgent | KeyAgent]:
    """Read `default`, `ID=SOCKET[,raw=true]` or `ID=KEY[,KEY…]`; the last of an id counts."""
    from llbfront.session import ssh as agents

    found = {}
    for text in texts:
        if fault := path_fault(text):
            raise OptionError(f"invalid ssh {text!r}: {fault}")
        name, _, rest = text.partition("=")
        raw = [item for item in rest.split(",") if item.startswith("raw=")]
        paths = [os.path.abspath(item) for item in rest.split(",") if item and not item.startswith("raw=")]
        is_raw = parse_bool(raw[-1].removeprefix("raw=")) if raw else False
        if is_raw is None:
            raise OptionError(f"invalid ssh {text!r}: raw is true or false")
        found[name or agents.DEFAULT] = agents.agent(paths, is_raw=is_raw, environ=environ, ask_passphrase=ask_passphrase)
    return found


def read_attestations(texts: Iterable[str]) -> dict[str, str]:
    """Read `type=sbom|provenance[,disabled=true],KEY=VALUE…`; the last of a type counts. Values are what the frontend reads."""
    found: dict[str, str] = {}
    for text in texts:
        values = dict(_pair(field, text, "attest") for field in csv.fields(text))
        kind, disabled = values.pop("type", ""), values.pop("disabled", "false")
        if kind not in ATTESTATIONS:
            raise OptionError(
                f"invalid attest {text!r}: unknown type {kind}" if kind else f"invalid attest {text!r}: type is required",
                hint=suggestion(kind, ATTESTATIONS) or f"one of {', '.join(ATTESTATIONS)}",
            )
        if (is_off := parse_bool(disabled)) is None:
            raise OptionError(f"invalid attest {text!r}: disabled is true or false")
        attributes.check(values, attributes.ATTESTATIONS[kind] | {"disabled"}, shown=f"attest {text!r}")
        if kind == "provenance" and values.get("mode", "max") not in {"min", "max"}:
            raise OptionError(f"invalid attest {text!r}: unknown mode {values['mode']}", hint="min or max")
        found.pop(kind, None)
        if not is_off:
            found[kind] = csv.joined(f"{key}={value}" for key, value in values.items())
    return found


def long_form(kind: str, text: str) -> str:
    """What `--sbom` and `--provenance` are short for."""
    flag = parse_bool(text.lower())
    return f"type={kind},{text}" if flag is None else f"type={kind},disabled={str(not flag).lower()}"


def read_annotations(texts: Iterable[str]) -> dict[str, str]:
    """Read `[TYPE[PLATFORM],…:]KEY=VALUE`; the keys that leave are attributes of exporters."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        targets, colon, key = name.partition(":")
        if not equals or not (key if colon else targets):
            raise OptionError(f"invalid annotation {text!r}: it is not KEY=VALUE")
        for target in targets.split(",") if colon else ("",):
            found[f"annotation{_annotated(target, text)}.{key if colon else targets}"] = value
    return found


def read_assignments(texts: Iterable[str]) -> dict[str, str]:
    """Read annotations by key, each checked."""
    texts = tuple(texts)
    read_annotations(texts)
    return {name: value for name, _, value in (text.partition("=") for text in texts)}


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


def read_hosts(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Read `HOST=ADDRESS` or `HOST:ADDRESS`; an address may be in brackets, or `host-gateway`.

    After a comma follows another address of the host, or another host.
    """
    return tuple(pair for text in texts for pair in _hosts(text))


def _hosts(text: str) -> Iterable[tuple[str, str]]:
    host = ""
    for item in text.split(","):
        address = _bare(item)
        if not (host and (address == HOST_GATEWAY or _is_address(address))):
            host, separator, address = item.partition("=" if "=" in item else ":")
            if not (host and separator and address):
                raise OptionError(f"invalid host {text!r}: it is not HOST=ADDRESS")
            address = _bare(address)
        if address != HOST_GATEWAY and not _is_address(address):
            raise OptionError(f"invalid host {text!r}: {address!r} is no IP address", hint=f"or {HOST_GATEWAY}")
        yield host, address


def _bare(address: str) -> str:
    return address[1:-1] if len(address) > 2 and address[0] == "[" and address[-1] == "]" else address


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        return True
    return False


def read_ulimits(texts: Iterable[str]) -> tuple[str, ...]:
    """Read `TYPE=SOFT[:HARD]`; the last of a type counts."""
    found = {limit.name: f"{limit.name}={limit.soft}:{limit.hard}" for limit in map(read_ulimit, texts)}
    return tuple(found.values())


def read_size(text: str, *, option: str = "size") -> int:
    """Read bytes such as `64m`, `1.5g`, `67108864`."""
    size_bytes = ram_in_bytes(text.strip())
    if size_bytes is None:
        raise OptionError(f"invalid {option} {text!r}", hint="bytes, or with a unit such as 64m, 1g")
    if size_bytes < 0:
        raise OptionError(f"invalid {option} {text!r}: it is too large")
    return size_bytes


def read_resources(texts: Iterable[str]) -> dict[str, str]:
    """Read `KEY=VALUE` limits of steps, such as `memory=2g` or `cpuset-cpus=0-3`, into options of the frontend; the last of a key counts."""
    options: dict[str, str] = {}
    for text in texts:
        key, _, value = (part.strip() for part in text.partition("="))
        if key not in RESOURCES:
            raise OptionError(
                f"invalid resource {text!r}", hint=suggestion(key, RESOURCES) or f"one of {', '.join(RESOURCES)}, with a value"
            )
        number = int(value) if re.fullmatch(r"-?\d{1,18}", value, re.ASCII) else None
        if key in _SIZES and not (key == "memory-swap" and number == -1):
            number = read_size(value, option=f"resource {key}")
        if number is None and key not in _CPUSETS:
            raise OptionError(f"invalid resource {text!r}: {value!r} is not a whole number")
        options[RESOURCES[key]] = value if key in _CPUSETS else str(number)
    cpusets = [RESOURCES[key] for key in _CPUSETS]
    return {name: value for name, value in options.items() if value and (value != "0" or name in cpusets)}


def read_entitlements(texts: Iterable[str]) -> tuple[str, ...]:
    """Read `network.host`, `security.insecure`, `device[=NAME]`."""
    for text in texts:
        name, equals, _ = text.partition("=")
        if name not in {*ENTITLEMENTS, LOCAL_DELETE} or (equals and name != "device"):
            known = (*ENTITLEMENTS, LOCAL_DELETE)
            raise OptionError(f"unknown entitlement {text}", hint=suggestion(name, known) or f"one of {', '.join(known)}")
    return tuple(dict.fromkeys(text for text in texts if text != LOCAL_DELETE))


def _pair(field: str, text: str, option: str) -> tuple[str, str]:
    key, equals, value = field.partition("=")
    if not equals:
        raise OptionError(f"invalid {option} {csv.shown(text)}: {field!r} is not key=value")
    return (key.strip().lower() if key.strip().lower() in {"type", "disabled"} else key), value


def read_caches(texts: Iterable[str], option: str, environ: Mapping[str, str]) -> tuple[Cache, ...]:
    """Read the values of --cache-from or --cache-to."""
    from llbfront.client import caches

    return caches.read(texts, option=option, environ=environ)


_READERS: dict[str, Callable[[Any, Mapping[str, str]], Any]] = {
    "ssh": read_agents,
    "cache_from": lambda texts, environ: read_caches(texts, "cache-from", environ),
    "cache_to": lambda texts, environ: read_caches(texts, "cache-to", environ),
    "annotations": lambda texts, _: read_assignments(texts),
    "hosts": lambda texts, _: read_hosts(texts),
    "ulimits": lambda texts, _: read_ulimits(texts),
    "shm_size_bytes": lambda text, _: read_size(str(text), option="shm-size"),
    "cgroup_parent": lambda text, _: str(text),
    "allow": lambda texts, _: read_entitlements(texts),
    "resources": lambda texts, _: read_resources(texts),
}
