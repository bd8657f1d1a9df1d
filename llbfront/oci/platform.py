"""Parse, normalize and match platforms: `os[(version+feature…)]/architecture[/variant]`.

Source: containerd/platforms v1.0.0-rc.5 (platforms.go, database.go, compare.go).
"""

from __future__ import annotations

import os
import re
import sys

import attrs

from llbfront.errors import InvalidPlatform, InvalidValue
from llbfront.gostd.path import join
from llbfront.gostd.strconv import quote
from llbfront.gostd.url import unescape
from llbfront.suggestions import guess, nearest

_OS = r"([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?"
_PART = r"[A-Za-z0-9_.-]+"
_KNOWN_OS = frozenset(
    [
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "windows",
        "zos",
    ]
)
_KNOWN_ARCHITECTURES = frozenset(
    [
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "armbe",
        "arm64",
        "arm64be",
        "ppc64",
        "ppc64le",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "ppc",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ]
)
_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_WHOLE = {"i386": ("386", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}  # aliases that decide the variant too
_VARIANTS = {
    "amd64": {"v1": ""},
    "arm64": {"8": "", "v8": "", "v8.0": "", "9": "v9", "9.0": "v9", "v9.0": "v9"},
    "arm": {"": "v7", "7": "v7", "5": "v5", "6": "v6", "8": "v8"},
}
_ESCAPED = str.maketrans({"%": "%25", "+": "%2B", "(": "%28", ")": "%29", "/": "%2F"})


@attrs.frozen
class Platform:
    """An operating system and a CPU. `str()` gives the full text, with the OS version and features."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    def normalized(self) -> Platform:
        """Return the platform with aliases resolved and default variants dropped (arm: made v7), features sorted."""
        architecture, variant = _normal_architecture(self.architecture, self.variant)
        return Platform(_normal_os(self.os), architecture, variant, self.os_version, tuple(sorted(set(self.os_features))))

    @property
    def short(self) -> str:
        """`os/architecture[/variant]` without OS version and features."""
        return _joined(self.os, self.architecture, self.variant)

    def __repr__(self) -> str:
        return f"Platform({str(self)!r})"

    def __str__(self) -> str:
        features = "".join("+" + feature.translate(_ESCAPED) for feature in sorted(set(self.os_features)) if feature)
        version = self.os_version.translate(_ESCAPED)
        extra = f"({version}{features})" if version or features else ""
        return _joined(self.os and self.os + extra, self.architecture, self.variant)


def parse(text: str) -> Platform:
    """Parse a platform; parts that are left out come from this machine. The result is not normalised.

    Raises: InvalidPlatform.
    """
    if "*" in text:
        raise InvalidPlatform(f"{quote(text)}: wildcards not yet supported: invalid argument")
    first, *rest = text.split("/", 3)
    match = re.fullmatch(_OS, first)
    if match is None:
        raise InvalidPlatform(_misfit(first, text, "OSAndVersion", _OS))
    name, version = match[1], match[2] or ""
    version = _unescaped(version, f"{quote(text)} has an invalid OS version {quote(version)}")
    decoded = _features((match[3] or "")[1:], f"{quote(text)} has invalid OS features")
    for part in rest:
        if not re.fullmatch(_PART, part):
            raise InvalidPlatform(_misfit(part, text, "platform", _PART))
    if not rest:
        return _parse_word(text, _normal_os(name), version, decoded)
    if len(rest) > 2:
        raise InvalidPlatform(f"{quote(text)}: cannot parse platform specifier: invalid argument")
    architecture, variant = _normal_architecture(*rest) if len(rest) == 2 else _without_v7(*_normal_architecture(rest[0], ""))
    if len(rest) == 2 and architecture == "arm64" and not variant:
        variant = "v8"
    return Platform(_normal_os(name), architecture, variant, version, decoded)


def near_platform(text: str) -> str | None:
    """Return the platform that was probably meant by one whose operating system or architecture is not known, None if none is near.

    BuildKit accepts any names, so that such a platform is not refused.

    Raises: InvalidPlatform.

    Example:
        >>> near_platform("linux/armm64")
        'linux/arm64'
    """
    platform = parse(text)
    if platform.os in _KNOWN_ARCHITECTURES and platform.architecture in _KNOWN_OS:
        meant = attrs.evolve(platform, os=platform.architecture, architecture=platform.os)
    else:
        meant = attrs.evolve(
            platform, os=_near(platform.os, _KNOWN_OS), architecture=_near(platform.architecture, _KNOWN_ARCHITECTURES)
        )
    return None if meant == platform else meant.short


def _near(name: str, known: frozenset[str]) -> str:
    same_letters = sorted(each for each in known if sorted(each) == sorted(name))
    return name if name in known else nearest(name, same_letters) or nearest(name, sorted(known), limit=2) or name


def _misfit(part: str, text: str, noun: str, pattern: str) -> str:
    kind = "OS component" if pattern is _OS else "component"
    rule = quote(f"^{pattern}$")
    return f"{quote(part)} is an invalid {kind} of {quote(text)}: {noun} specifier component must match {rule}: invalid argument"


def _parse_word(text: str, name: str, os_version: str, os_features: tuple[str, ...]) -> Platform:
    """Parse what may be an operating system or an architecture."""
    here = default()
    if name in _KNOWN_OS:
        variant = here.variant if here.architecture == "arm" and here.variant != "v7" else ""
        return Platform(name, here.architecture, variant, os_version, os_features)
    architecture, variant = _without_v7(*_normal_architecture(text, ""))
    if architecture in _KNOWN_ARCHITECTURES:
        return Platform(here.os, architecture, variant, os_version, os_features)
    hint = guess(text, sorted(_KNOWN_ARCHITECTURES | _KNOWN_OS)) or "for example linux/amd64"
    raise InvalidPlatform(f"{quote(text)}: unknown operating system or architecture: invalid argument", hint=hint)


def default() -> Platform:
    """Return the platform of this machine, not normalised (arm64 has its v8)."""
    machine = os.uname().machine.lower()
    architecture, variant = _MACHINES.get(machine, (machine, ""))
    return Platform(_HERE, architecture, variant)


_HERE = {"win32": "windows"}.get(sys.platform, sys.platform)
_MACHINES = {
    "x86_64": ("amd64", ""), "amd64": ("amd64", ""), "i386": ("386", ""), "i686": ("386", ""), "aarch64": ("arm64", "v8"),
    "arm64": ("arm64", "v8"), "armv5l": ("arm", "v5"), "armv6l": ("arm", "v6"), "armv7l": ("arm", "v7"), "armv8l": ("arm", "v8"),
    "loongarch64": ("loong64", ""),
}  # fmt: skip


def _normal_os(name: str) -> str:
    name = name.lower() or _HERE
    return "darwin" if name == "macos" else name


def _normal_architecture(architecture: str, variant: str) -> tuple[str, str]:
    architecture, variant = architecture.lower(), variant.lower()
    if architecture in _WHOLE:
        return _WHOLE[architecture]
    architecture = _ALIASES.get(architecture, architecture)
    return architecture, _VARIANTS.get(architecture, {}).get(variant, variant)


def _without_v7(architecture: str, variant: str) -> tuple[str, str]:
    return architecture, "" if (architecture, variant) == ("arm", "v7") else variant


def _features(text: str, problem: str) -> tuple[str, ...]:
    features = text.split("+") if text else ()
    return tuple([_unescaped(feature, f"{problem}: invalid os feature {quote(feature)}") for feature in features])


def _unescaped(option: str, problem: str) -> str:
    try:
        return unescape(option)
    except InvalidValue as error:
        raise InvalidPlatform(f"{problem}: {error.message}") from error


def _joined(*parts: str) -> str:
    return join(*parts) if parts[0] else "unknown"


class Matcher:
    """The platforms that a machine can run, the best first."""

    def __init__(self, platforms: tuple[Platform, ...]) -> None:
        self.platforms = platforms

    def matches(self, platform: Platform) -> bool:
        return any(_can_run(own, platform) for own in self.platforms)

    def prefers(self, first: Platform, second: Platform) -> bool:
        """Return whether `one` is a better match than `other`."""
        for own in self.platforms:
            runs_first, runs_second = _can_run(own, first), _can_run(own, second)
            if runs_first and runs_second:
                return len(first.os_features) > len(second.os_features)
            if runs_first or runs_second:
                return runs_first
        if first.os_features or second.os_features:
            return self.prefers(attrs.evolve(first, os_features=()), attrs.evolve(second, os_features=()))
        return False


def only(platform: Platform) -> Matcher:
    """Match what `platform` can run: itself, lesser variants, and 386 on amd64 or arm on arm64."""
    normal = platform.normalized()
    vector = _VECTORS.get(normal.architecture, _own)(normal.variant, normal.architecture)
    return Matcher(
        tuple(attrs.evolve(normal, architecture=architecture, variant=variant).normalized() for architecture, variant in vector)
    )


def only_strict(platform: Platform) -> Matcher:
    """Match `platform` itself in any spelling."""
    return Matcher((platform.normalized(),))


def _own(variant: str, architecture: str) -> list[tuple[str, str]]:
    return [(architecture, variant)]


def _down_to(variant: str, architecture: str, lowest: int) -> list[tuple[str, str]]:
    number = variant.removeprefix("v")
    lesser = range(int(number) - 1, lowest - 1, -1) if re.fullmatch(r"[0-9]{1,4}", number) else ()
    return [(architecture, variant), *((architecture, f"v{version}") for version in lesser)]


def _vector_arm64(variant: str, architecture: str) -> list[tuple[str, str]]:
    match = re.fullmatch(r"v([89])(?:\.([0-9]))?", variant or "v8")
    if match is None or (match[1] == "9" and int(match[2] or 0) > 7):
        return []
    major, minor = int(match[1]), int(match[2] or 0)
    lines = [(8, minor)] if major == 8 else [(9, minor), (8, min(minor + 5, 9))]
    own = [(architecture, f"v{line}.{step}" if step else f"v{line}") for line, top in lines for step in range(top, -1, -1)]
    return own + _down_to("v8", "arm", 5)


_VECTORS = {
    "amd64": lambda variant, architecture: [*_down_to(variant, architecture, 1), ("386", "")],
    "arm": lambda variant, architecture: _down_to(variant, architecture, 5),
    "arm64": _vector_arm64,
}


def _can_run(own: Platform, platform: Platform) -> bool:
    """Return whether a machine of the normalised platform `own` runs `platform`; features of `platform` must all be there."""
    if own.os == "windows":
        platform = attrs.evolve(platform, os_features=tuple(feature for feature in platform.os_features if feature != "win32k"))
        if not _windows_can_run(own.os_version, platform.os_version):
            return False
    normal = platform.normalized()
    same = (own.os, own.architecture, own.variant) == (normal.os, normal.architecture, normal.variant)
    return same and set(normal.os_features) <= set(own.os_features)


_WINDOWS_LTSC = (20348, 26100)


def _windows_can_run(host: str, container: str) -> bool:
    """Windows before Server 2022 runs its own build only, later ones every build since the release before theirs."""
    own = _windows_version(host)
    if own == (0, 0, 0) or not container:
        return True
    other = _windows_version(container)
    if own[:2] != other[:2]:
        return False
    if own[2] < _WINDOWS_LTSC[0]:
        return own[2] == other[2]
    reached = [build for build in _WINDOWS_LTSC if own[2] >= build]
    return reached[max(0, len(reached) - 2)] <= other[2] <= own[2]


def _windows_version(text: str) -> tuple[int, int, int]:
    parts = text.split(".")
    limits = (255, 255, 65535)
    if len(parts) < 3 or not all(
        re.fullmatch(r"0*[0-9]{1,5}", part) and int(part[-5:]) <= top for part, top in zip(parts, limits, strict=False)
    ):
        return 0, 0, 0
    return int(parts[0][-5:]), int(parts[1][-5:]), int(parts[2][-5:])
