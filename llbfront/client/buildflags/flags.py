"""Read the flags that most builds do without: SSH agents, attestations, annotations, hosts, limits, entitlements.

For each there is a function for the text of the flag, and one that checks typed values; both return a field of a BuildRequest.

Source: util/buildflags, build/utils.go and commands/build.go of docker/buildx; exporter/containerimage/exptypes of BuildKit.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llbfront.arguments import path_fault
from llbfront.client.buildflags import attributes, csv
from llbfront.errors import OptionError
from llbfront.frontend.options import read_ulimit
from llbfront.gostd.strconv import parse_bool
from llbfront.gostd.units import ram_in_bytes
from llbfront.oci import platform as platforms
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.client.buildflags.caches import Cache
    from llbfront.llb.exec_settings import Ulimit
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


def read_agents(
    texts: Iterable[str], environ: Mapping[str, str], ask_passphrase: AskPassphrase | None = None
) -> dict[str, SshAgent | KeyAgent]:
    """Read `default`, `ID=SOCKET[,raw=true]` or `ID=KEY[,KEY…]`; the last of an id counts."""
    from llbfront.session.ssh import DEFAULT

    by_id = {}
    for text in texts:
        if fault := path_fault(text):
            raise OptionError(f"invalid ssh {text!r}: {fault}")
        name, _, paths = text.partition("=")
        by_id[name or DEFAULT] = read_agent(paths.split(","), environ, ask_passphrase, shown=repr(text))
    return by_id


def read_agent(
    items: Iterable[str], environ: Mapping[str, str], ask_passphrase: AskPassphrase | None = None, *, shown: str
) -> SshAgent | KeyAgent:
    """Return the agent for paths of sockets or keys, and `raw=true` among them; `shown` names it in errors."""
    items = tuple(items)
    raw = [item for item in items if item.startswith("raw=")]
    paths = [os.path.abspath(item) for item in items if item and not item.startswith("raw=")]
    is_raw = parse_bool(raw[-1].removeprefix("raw=")) if raw else False
    if is_raw is None:
        raise OptionError(f"invalid ssh {shown}: raw is true or false")
    from llbfront.session.ssh import agent

    return agent(paths, is_raw=is_raw, environ=environ, ask_passphrase=ask_passphrase)


def parse_attestation(text: str) -> tuple[str, str | None]:
    """Read `type=sbom|provenance[,disabled=true],KEY=VALUE…`; see `attestation`."""
    return attestation(dict(_pair(field, text, "attest") for field in csv.fields(text)), shown=repr(text))


def attestation(attrs: Mapping[str, str], *, shown: str, option: str = "attest") -> tuple[str, str | None]:
    """Return the type of an attestation and its attributes as the frontend reads them, None if it is disabled.

    `shown` and `option` name it in errors.
    """
    shown = f"{option} {shown}"
    values = dict(attrs)
    kind, disabled = values.pop("type", ""), values.pop("disabled", "false")
    if kind not in ATTESTATIONS:
        raise OptionError(
            f"invalid {shown}: unknown type {kind}" if kind else f"invalid {shown}: type is required",
            hint=suggestion(kind, ATTESTATIONS) or f"one of {', '.join(ATTESTATIONS)}",
        )
    if (is_off := parse_bool(disabled)) is None:
        raise OptionError(f"invalid {shown}: disabled is true or false")
    attributes.check(values, attributes.ATTESTATIONS[kind] | {"disabled"}, shown=shown)
    if kind == "provenance" and values.get("mode", "max") not in {"min", "max"}:
        raise OptionError(f"invalid {shown}: unknown mode {values['mode']}", hint="min or max")
    return kind, None if is_off else csv.joined(f"{key}={value}" for key, value in values.items())


def attestation_shorthand(kind: str, text: str) -> tuple[str, str | None]:
    """Read the text of `--sbom` or `--provenance`: true, false, or attributes."""
    is_on = parse_bool(text.lower())
    if is_on is not None:
        return kind, "" if is_on else None
    try:
        values = dict(_pair(field, text, kind) for field in csv.fields(text))
    except OptionError as error:
        example = "generator=IMAGE" if kind == "sbom" else "mode=max"
        raise error.evolve(hint=f"true, false, or attributes such as {example}") from error
    return attestation({**values, "type": kind}, shown=repr(text), option=kind)


def read_annotations(texts: Iterable[str]) -> dict[str, str]:
    """Read annotations, `[TYPE[PLATFORM],…:]KEY=VALUE`, by key; each is checked."""
    annotations = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise OptionError(f"invalid annotation {text!r}: it is not KEY=VALUE")
        annotations[name] = value
        annotation_attributes({name: value})
    return annotations


def annotation_attributes(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return annotations as attributes of exporters. Raises: OptionError for a key that is not `[TYPE[PLATFORM],…:]KEY`."""
    attrs = {}
    for name, value in annotations.items():
        text = f"{name}={value}"
        targets, colon, key = name.partition(":")
        if not (key if colon else targets):
            raise OptionError(f"invalid annotation {text!r}: it is not KEY=VALUE")
        for target in targets.split(",") if colon else ("",):
            attrs[f"annotation{_annotated(target, text)}.{key if colon else targets}"] = value
    return attrs


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
        yield host_entry(host, address, shown=repr(text))


def host_entry(host: str, address: str, *, shown: str) -> tuple[str, str]:
    """Return a host and its address, which may be in brackets. Raises: OptionError for what is no address."""
    bare = _bare(address)
    if not host or "=" in host or "," in host:
        raise OptionError(f"invalid host {shown}: it is not HOST=ADDRESS")
    if bare != HOST_GATEWAY and not _is_address(bare):
        raise OptionError(f"invalid host {shown}: {bare!r} is no IP address", hint=f"or {HOST_GATEWAY}")
    return host, bare


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
    return ulimit_options(map(read_ulimit, texts))


def ulimit_options(limits: Iterable[Ulimit]) -> tuple[str, ...]:
    """Return limits as the frontend reads them; the last of a type counts."""
    return tuple({limit.name: f"{limit.name}={limit.soft}:{limit.hard}" for limit in limits}.values())


def read_size(text: str, *, option: str = "size") -> int:
    """Read bytes such as `64m`, `1.5g`, `67108864`."""
    size_bytes = ram_in_bytes(text.strip())
    if size_bytes is None:
        raise OptionError(f"invalid {option} {text!r}", hint="bytes, or with a unit such as 64m, 1g")
    if size_bytes < 0:
        raise OptionError(f"invalid {option} {text!r}: it is too large")
    return size_bytes


def read_resources(texts: Iterable[str]) -> dict[str, str]:
    """Read `KEY=VALUE` limits of steps, such as `memory=2g` or `cpuset-cpus=0-3`; see `resource_options`."""

    def entry(text: str) -> tuple[str, str]:
        key, _, value = (part.strip() for part in text.partition("="))
        return key, _resource(key, value, shown=repr(text))

    return _resource_options(map(entry, texts))


def resource_options(limits: Mapping[str, str]) -> dict[str, str]:
    """Return limits of steps, by the keys of `--resource`, as options of the frontend."""
    return _resource_options((key, _resource(key, value, shown=repr(f"{key}={value}"))) for key, value in limits.items())


def _resource_options(limits: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return checked limits by the names of the frontend's options; the last of a key counts, no limit of 0 is one."""
    return {RESOURCES[key]: value for key, value in dict(limits).items() if value and (value != "0" or key in _CPUSETS)}


def _resource(key: str, value: str, *, shown: str) -> str:
    if key not in RESOURCES:
        raise OptionError(
            f"invalid resource {shown}", hint=suggestion(key, RESOURCES) or f"one of {', '.join(RESOURCES)}, with a value"
        )
    if key in _CPUSETS:
        if not re.fullmatch(r"[0-9,-]*", value):
            raise OptionError(f"invalid resource {shown}: {value!r} is not a list of CPUs or nodes", hint="such as 0-3 or 0,2")
        return value
    number = int(value) if re.fullmatch(r"-?\d{1,18}", value, re.ASCII) else None
    if key in _SIZES and not (key == "memory-swap" and number == -1):
        number = read_size(value, option=f"resource {key}")
    if number is None:
        raise OptionError(f"invalid resource {shown}: {value!r} is not a whole number")
    return str(number)


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
    from llbfront.client.buildflags import caches

    return caches.read(texts, option=option, environ=environ)
