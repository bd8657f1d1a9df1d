"""Parse the options of a frontend to one checked value.

Source: Config, init in frontend/dockerui/config.go, attr.go, and frontend/attestations/parse.go of BuildKit.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs

from llbfront.dockerfile2llb.convert_options import ConvertOptions
from llbfront.errors import InvalidValue, OptionError
from llbfront.foreign_json import parse_json
from llbfront.gostd.csv import split_fields
from llbfront.gostd.strconv import parse_bool, parse_int, parse_uint, quote
from llbfront.gostd.strings import to_lower
from llbfront.lint import check
from llbfront.llb.exec_settings import HostIP, NetMode, Ulimit
from llbfront.llb.op import LinuxResources
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.suggestions import guess

if TYPE_CHECKING:
    from llbfront.lint.check import CheckOptions
    from llbfront.oci.platform import Platform

    ChoiceT = TypeVar("ChoiceT")
    T = TypeVar("T")


BUILD_ARG = "build-arg:"
SBOM_GENERATOR = "docker/buildkit-syft-scanner:stable-1"
_NETWORKS = {"": NetMode.SANDBOX, "sandbox": NetMode.SANDBOX, "none": NetMode.NONE, "host": NetMode.HOST}
_RESOLVE_MODES = {"": "default", "default": "default", "pull": "pull", "local": "local"}
_LIMITS = frozenset(
    ("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime",
     "sigpending", "stack")
)  # fmt: skip
_MAX_CPU = 8192
_RESTATED = {"multi-platform": "BUILDKIT_MULTI_PLATFORM", "hostname": "BUILDKIT_SANDBOX_HOSTNAME"}


@attrs.frozen(eq=False)
class Sbom:
    """The scanner that makes the SBOM, and its parameters."""

    generator: str
    parameters: tuple[tuple[str, str], ...]


@attrs.frozen(eq=False)
class CacheImport:
    """A cache that steps may be taken from."""

    type: str
    attrs: Mapping[str, str]


@attrs.frozen(eq=False)
class Options:
    """The options of a build. `texts` are the options as received, with the options that build arguments set.

    `convert_options` has no target platform yet, `checks` are None if not given.
    """

    texts: Mapping[str, str]
    convert_options: ConvertOptions
    platforms: tuple[Platform, ...]
    cache_imports: tuple[CacheImport, ...]
    sbom: Sbom | None
    checks: CheckOptions | None
    sessions: Mapping[str, str]

    def session(self, local: str, default: str) -> str:
        """Return the session that owns a local directory."""
        return self.sessions.get(local, default)


def read_options(texts: Mapping[str, str], workers: Sequence[Platform]) -> Options:
    """Read option strings; `workers` are the platforms of the engine's first worker, best first. Raises: OptionError."""
    _refuse_removed(texts)
    build = workers[0] if workers else platforms.default().normalized()
    requested = tuple(_platform(text) for text in texts["platform"].split(",")) if texts.get("platform") else ()
    resolve_mode = _choice(texts.get("image-resolve-mode", ""), _RESOLVE_MODES, "invalid image-resolve-mode: {}")
    hosts = _hosts(texts.get("add-hosts", ""))
    shm = _number(texts.get("shm-size") or "0", "failed to parse shm size")
    ulimits = tuple(map(read_ulimit, _fields(texts.get("ulimit", ""), "failed to parse ulimit")))
    resources = _resources(texts)
    network = _choice(texts.get("force-network-mode", ""), _NETWORKS, "invalid netmode {}")
    multi = _multi_platform(texts, len(requested))
    build_args = _prefixed(texts, BUILD_ARG)
    convert_options = ConvertOptions(
        build_args=build_args,
        labels=_prefixed(texts, "label:"),
        target=texts.get("target", ""),
        build_platforms=(build,),
        multi_platform=multi,
        no_cache=tuple(texts["no-cache"].split(",") if texts["no-cache"] else ()) if "no-cache" in texts else None,
        resolve_mode=resolve_mode,
        cache_namespace=build_args.get("BUILDKIT_CACHE_MOUNT_NS", ""),
        cgroup_parent=texts.get("cgroup-parent", ""),
        hostname=build_args.get("BUILDKIT_SANDBOX_HOSTNAME") or texts.get("hostname", ""),
        network=network,
        extra_hosts=hosts,
        ulimits=ulimits,
        shm_size_bytes=shm,
        linux_resources=resources,
        git_advice=_advice(build_args.get("BUILDKIT_GIT_ADVICE", "")),
        contexts=_prefixed(texts, "context:"),
        shared_keys=_prefixed(texts, "sharedkey:localdir:"),
    )
    restated = {key: build_args[name] for key, name in _RESTATED.items() if build_args.get(name)}
    return Options(
        {**texts, **restated},
        convert_options,
        requested,
        _cache_imports(texts),
        _sbom(texts),
        _checks(build_args),
        _prefixed(texts, "local-sessionid:"),
    )


def _fields(text: str, what: str) -> tuple[str, ...]:
    try:
        return split_fields(text) if text else ()
    except InvalidValue as error:
        raise OptionError(f"{what}: {error.message}") from error


def _prefixed(texts: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {key[len(prefix) :]: value for key, value in texts.items() if key.startswith(prefix)}


def _refuse_removed(texts: Mapping[str, str]) -> None:
    if texts.get("override-copy-image"):
        raise OptionError('support for "override-copy-image" was removed in BuildKit 0.11')
    if parse_bool(texts.get("build-arg:BUILDKIT_DISABLE_FILEOP", "")):
        raise OptionError('support for "BUILDKIT_DISABLE_FILEOP" build-arg was removed in BuildKit 0.11')


def _platform(text: str) -> Platform:
    try:
        return platforms.parse(text).normalized()
    except InvalidValue as error:
        raise OptionError(f"failed to parse target platform {text}: {error.message}", hint=error.hint) from error


def _choice(text: str, known: Mapping[str, ChoiceT], message: str) -> ChoiceT:
    if text not in known:
        raise OptionError(message.format(text), hint=guess(text, known) or f"one of {', '.join(filter(None, known))}")
    return known[text]


def _number(text: str, what: str) -> int:
    value = parse_int(text)
    if value is None:
        raise OptionError(f"{what}: parsing {quote(text)}: invalid syntax", hint="use a whole number without a unit")
    return value


def _hosts(text: str) -> tuple[HostIP, ...]:
    hosts = []
    for field in _fields(text, "failed to parse additional hosts"):
        host, equals, address = to_lower(field).partition("=")
        if not equals:
            raise OptionError(
                f"failed to parse additional hosts: invalid key-value pair {to_lower(field)}", hint="use name=address"
            )
        hosts.append(HostIP(host, _address(address)))
    return tuple(hosts)


def _address(text: str) -> str:
    """Read an IP address and write it in its shortest form; one of IPv4 inside IPv6 is written as IPv4."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        if family == socket.AF_INET6 and packed[:12] == bytes(10) + b"\xff\xff":
            packed = packed[12:]
        return ".".join(map(str, packed)) if len(packed) == 4 else _ipv6(packed)
    hint = "only docker's own builder knows host-gateway" if text == "host-gateway" else None
    raise OptionError(f"failed to parse additional hosts: failed to parse IP {text}", hint=hint)


def _ipv6(packed: bytes) -> str:
    groups = [int.from_bytes(packed[at : at + 2]) for at in range(0, 16, 2)]
    runs = [(next((end for end in range(start, 8) if groups[end]), 8) - start, -start) for start in range(8)]
    length, start = max(runs)
    if length < 2:
        return ":".join(f"{group:x}" for group in groups)
    head, tail = groups[:-start], groups[-start + length :]
    return ":".join(f"{group:x}" for group in head) + "::" + ":".join(f"{group:x}" for group in tail)


def read_ulimit(text: str) -> Ulimit:
    """Read `TYPE=SOFT[:HARD]`. Raises: OptionError."""
    name, equals, limits = text.partition("=")
    if not equals:
        raise OptionError(f"failed to parse ulimit: invalid ulimit argument: {text}", hint="use name=soft:hard")
    return ulimit(name, limits.split(":"))


def ulimit(name: str, limits: Sequence[str]) -> Ulimit:
    """Return a limit from its soft and hard value, or from one value for both. Raises: OptionError."""
    if name not in _LIMITS:
        hint = guess(name, sorted(_LIMITS)) or f"one of {', '.join(sorted(_LIMITS))}"
        raise OptionError(f"failed to parse ulimit: invalid ulimit type: {name}", hint=hint)
    numbers = [_number(part, "failed to parse ulimit") for part in limits]
    if len(numbers) > 2:
        raise OptionError(f"failed to parse ulimit: too many limit value arguments - {':'.join(limits)}", hint="use soft:hard")
    soft, hard = numbers[0], numbers[-1]
    if hard != -1 and (soft == -1 or soft > hard):
        raise OptionError(f"failed to parse ulimit: ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}")
    return Ulimit(name, soft, hard)


def _resources(texts: Mapping[str, str]) -> LinuxResources | None:
    resources: dict[str, int | str] = {}
    for key, (field, read) in _RESOURCES.items():
        text = texts.get(key)
        if text:
            value = read(text)
            if value is None:
                raise OptionError(f"failed to parse resource limits: invalid {key} value: {text}", hint=_FORMS[read])
            resources[field] = value
    return LinuxResources(**resources) if resources else None  # type: ignore[arg-type]  # the readers give what the fields hold


def _positive(text: str) -> int | None:
    value = parse_int(text)
    return value if value is not None and value > 0 else None


def _positive_or_unlimited(text: str) -> int | None:
    value = parse_int(text)
    return value if value is not None and (value > 0 or value == -1) else None


def _unsigned(text: str) -> int | None:
    return parse_uint(text) or None


def _cpus(text: str) -> str | None:
    for part in text.split(","):
        low, dash, high = (half.strip() for half in part.strip().partition("-"))
        if not low and not dash:
            continue
        ends = [parse_int(low), parse_int(high) if dash else parse_int(low)]
        if None in ends or not 0 <= ends[0] <= ends[1] <= _MAX_CPU:  # type: ignore[operator]  # None is ruled out
            return None
    return text


_RESOURCES: dict[str, tuple[str, Callable[[str], int | str | None]]] = {
    "memory": ("memory_bytes", _positive),
    "memswap": ("memory_swap_bytes", _positive_or_unlimited),
    "cpushares": ("cpu_shares", _unsigned),
    "cpuperiod": ("cpu_period", _unsigned),
    "cpuquota": ("cpu_quota", _positive),
    "cpusetcpus": ("cpuset_cpus", _cpus),
    "cpusetmems": ("cpuset_mems", _cpus),
}


_FORMS: dict[Callable[[str], int | str | None], str] = {
    _positive: "use a whole number above 0 without a unit",
    _positive_or_unlimited: "use a whole number above 0 without a unit, or -1 for no limit",
    _unsigned: "use a whole number above 0",
    _cpus: f"use numbers and ranges up to {_MAX_CPU}, such as 0-3,6",
}


def _multi_platform(texts: Mapping[str, str], count: int) -> bool:
    text = texts.get("build-arg:BUILDKIT_MULTI_PLATFORM") or texts.get("multi-platform")
    if not text:
        return count > 1
    value = parse_bool(text)
    if value is None:
        raise OptionError(f"invalid boolean value for multi-platform: {text}", hint="use true or false")
    if not value and count > 1:
        raise OptionError(
            "conflicting config: returning multiple target platforms is not allowed",
            hint=f"multi-platform=false, but {count} platforms are asked for",
        )
    return value


def _advice(text: str) -> bool:
    value = parse_bool(text) if text else False
    if value is None:
        raise OptionError(
            f"failed to parse build-arg:BUILDKIT_GIT_ADVICE: parsing {quote(text)}: invalid syntax", hint="use true or false"
        )
    return value


def _checks(build_args: Mapping[str, str]) -> CheckOptions | None:
    text = build_args.get("BUILDKIT_DOCKERFILE_CHECK")
    try:
        return None if text is None else check.read_options(text)
    except OptionError as error:
        raise OptionError(f"failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: {error.message}", hint=error.hint) from error


def _cache_imports(texts: Mapping[str, str]) -> tuple[CacheImport, ...]:
    imports = []
    if text := texts.get("cache-imports"):
        try:
            imports = [_cache_import(entry) for entry in _typed(parse_json(text), list)]
        except (ValueError, TypeError, RecursionError) as error:
            hint = 'a JSON list of {"Type": …, "Attrs": {…}}'
            raise OptionError(f"failed to unmarshal cache-imports ({quote(text)}): {error}", hint=hint) from error
    if text := texts.get("cache-from"):
        imports.extend(CacheImport("registry", {"ref": ref}) for ref in text.split(","))
    return tuple(imports)


def _cache_import(entry: object) -> CacheImport:
    """Read an entry as Go's decoder does: names in any case, null is absence. Raises: TypeError."""
    members = {to_lower(name): value for name, value in _typed(entry, dict).items()}
    attributes = {name: _typed(value, str) for name, value in _typed(members.get("attrs"), dict).items()}
    return CacheImport(_typed(members.get("type"), str), attributes)


def _typed(value: object, kind: type[T]) -> T:
    """Return a value if it has a type, or the empty value of the type for null. Raises: TypeError."""
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _sbom(texts: Mapping[str, str]) -> Sbom | None:
    requests = {
        to_lower(key): value
        for key, value in {**_prefixed(texts, "attest:"), **_prefixed(texts, "build-arg:BUILDKIT_ATTEST_")}.items()
    }
    scanner = None
    for kind, text in requests.items():
        attributes = dict(field.partition("=")[::2] for field in _fields(text, f"failed to parse {kind}"))
        if kind not in {"sbom", "provenance"}:
            raise OptionError(f"unknown attestation type {quote(kind)}", hint="use sbom or provenance")
        if kind == "sbom":
            scanner = {"generator": SBOM_GENERATOR, **attributes}
    if scanner is None:
        return None
    generator = scanner.pop("generator")
    try:
        ref = reference.parse(generator).with_default_tag()
    except InvalidValue as error:
        raise OptionError(f"failed to parse sbom scanner {generator}: {error.message}") from error
    return Sbom(str(ref), tuple(scanner.items()))
