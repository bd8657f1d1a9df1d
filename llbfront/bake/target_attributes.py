"""The entries of a target that are more than a string: caches, outputs, secrets, SSH agents, attestations, policies and resources.

Each is read from a string as the command line spells it or from a mapping, and prints as JSON.

Source: util/buildflags of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self, TypeVar

import attrs

from llbfront.errors import BakeError, InvalidValue
from llbfront.gostd.csv import split_fields
from llbfront.gostd.strconv import parse_bool, parse_int


def fields_of(text: str) -> list[tuple[str, str]]:
    """Split `key=value,…`. Raises: BakeError."""
    pairs = []
    for part in split(text):
        key, equals, value = part.partition("=")
        if not equals:
            raise BakeError(f"invalid value {part}", hint="use key=value")
        pairs.append((key, value))
    return pairs


def split(text: str) -> tuple[str, ...]:
    """Split a line of comma-separated fields. Raises: BakeError."""
    try:
        return split_fields(text)
    except InvalidValue as error:
        raise BakeError(f"{text}: {error.message}") from None


def _sorted(members: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(members.items()))


def _boolean(text: str, shown: str) -> bool:
    value = parse_bool(text)
    if value is None:
        raise BakeError(f"invalid value {shown}", hint="use true or false")
    return value


@attrs.define
class Cache:
    """A cache to import or export.

    Attributes:
        type: `registry`, `local`, `gha`, …
        attrs: the attributes of the type.
    """

    type: str
    attrs: dict[str, str] = attrs.Factory(dict)

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read a cache, or several names of images in one line."""
        if "=" not in text:
            return [cls("registry", {"ref": name}) for name in split(text)]
        return [cls.from_mapping({key.lower(): value for key, value in fields_of(text)}, shown=text)]

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str], *, shown: str = "") -> Self:
        """Read an entry of a definition."""
        if not texts.get("type"):
            raise BakeError(f"type required for {shown or dict(texts)}")
        return cls(texts["type"], {key: value for key, value in texts.items() if key != "type"})

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return _sorted({**self.attrs, "type": self.type})


@attrs.define
class Output:
    """An output.

    Attributes:
        type: `local`, `tar`, `oci`, `docker`, `image` or `registry`.
        dest: where it is written locally.
        attrs: the attributes of the type.
    """

    type: str
    dest: str = ""
    attrs: dict[str, str] = attrs.Factory(dict)

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read the entries of a string, as the command line takes it."""
        parts = split(text)
        if parts == (text,) and not text.startswith("type="):
            return [cls("tar", "-") if text == "-" else cls("local", text)]
        return [cls.from_mapping({key.strip().lower(): value for key, value in fields_of(text)})]

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str]) -> Self:
        """Read an entry of a definition."""
        if not texts.get("type"):
            raise BakeError("type is required for output")
        others = {key: value for key, value in texts.items() if key not in {"type", "dest"}}
        return cls(texts["type"], texts.get("dest", ""), others)

    @property
    def is_directory(self) -> bool:
        """Whether it is a local directory."""
        return self.type == "local" or (self.type in {"oci", "docker"} and parse_bool(self.attrs.get("tar", "")) is False)

    @property
    def is_written_here(self) -> bool:
        """Whether it is a local directory or file, and not standard output."""
        return self.type in {"local", "tar", "oci", "docker"} and self.dest not in {"", "-"}

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return _sorted({**self.attrs, "type": self.type, **({"dest": self.dest} if self.dest else {})})


@attrs.define
class Secret:
    """A secret.

    Attributes:
        id: the name by which steps mount it.
        src: the file that holds it.
        env: the environment variable that holds it.
    """

    id: str = ""
    src: str = ""
    env: str = ""
    _keys: ClassVar = {"id": "id", "source": "src", "src": "src", "env": "env"}

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read the entries of a string, as the command line takes it."""
        values, type_ = {}, ""
        for key, value in fields_of(text):
            name = key.lower()
            if name == "type":
                if value not in {"file", "env"}:
                    raise BakeError(f"unsupported secret type {value}")
                type_ = value
            elif name in cls._keys:
                values[cls._keys[name]] = value
            else:
                raise BakeError(f"unexpected key '{name}' in '{key}={value}'")
        if type_ == "env" and not values.get("env"):
            values["env"] = values.pop("src", "")
        return [cls(**values)]

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str]) -> Self:
        """Read an entry of a definition."""
        return cls(texts.get("id") or "", texts.get("src") or "", texts.get("env") or "")

    def path(self, environ: Mapping[str, str]) -> str:
        """Return the file of the secret; empty if it is read from a variable. Without a source, the variable with its name takes precedence over the file."""
        return self.src or ("" if self.env or self.id in environ else self.id)

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return {key: value for key, value in attrs.asdict(self).items() if value}


@attrs.define
class Ssh:
    """An SSH agent, or private keys.

    Attributes:
        id: the name by which steps mount it.
        paths: sockets or keys.
    """

    id: str = ""
    paths: list[str] = attrs.Factory(list)

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read the entries of a string, as the command line takes it."""
        id_, equals, paths = text.partition("=")
        return [cls(id_, paths.split(",") if equals else [])]

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Read an entry of a definition."""
        return cls(values.get("id") or "", list(values.get("paths") or []))

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return {key: value for key, value in attrs.asdict(self).items() if value}


@attrs.define
class Attestation:
    """An attestation.

    Attributes:
        type: `sbom` or `provenance`.
        disabled: whether it is turned off.
        attrs: the attributes of the type.
    """

    type: str = ""
    disabled: bool = False
    attrs: dict[str, str] = attrs.Factory(dict)

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read the entries of a string, as the command line takes it."""
        names = {"type", "disabled"}
        pairs = [(key.strip().lower() if key.strip().lower() in names else key, value) for key, value in fields_of(text)]
        attestation = cls.from_mapping(dict(pairs))
        if not attestation.type:
            raise BakeError("attestation type not specified")
        return [attestation]

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str]) -> Self:
        """Read an entry of a definition."""
        others = {key: value for key, value in texts.items() if key not in {"type", "disabled"}}
        disabled = _boolean(texts["disabled"], f"disabled={texts['disabled']}") if "disabled" in texts else False
        return cls(texts.get("type", ""), disabled, others)

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        return _sorted({**self.attrs, "type": self.type, **({"disabled": True} if self.disabled else {})})


def canonical_attestation(type_: str, text: str) -> str:
    """Spell `--sbom VALUE` and the like as an attestation."""
    value = parse_bool(text)
    return f"type={type_},{text}" if value is None else f"type={type_},disabled={'false' if value else 'true'}"


LOG_LEVELS = {"panic": 0, "fatal": 1, "error": 2, "warn": 3, "warning": 3, "info": 4, "debug": 5, "trace": 6}


@attrs.define
class Policy:
    """How source policies are evaluated.

    Attributes:
        files: the files of policies.
        reset: whether earlier policies are dropped.
        disabled: whether policies are turned off.
        strict: whether a failed evaluation fails the build.
        log_level: what the evaluation logs.
    """

    files: list[str] = attrs.Factory(list)
    reset: bool = False
    disabled: bool = False
    strict: bool | None = None
    log_level: str | None = None

    @classmethod
    def from_text(cls, text: str) -> list[Self]:
        """Read the entries of a string, as the command line takes it."""
        return [cls._from_pairs(fields_of(text))]

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str]) -> Self:
        """Read an entry of a definition."""
        return cls._from_pairs([(key, value) for key, value in texts.items() if value])

    @classmethod
    def _from_pairs(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        policy = cls()
        for key, value in pairs:
            name = key.strip().lower()
            if name == "filename" and value:
                policy.files.append(value)
            elif name in {"reset", "disabled", "strict"}:
                setattr(policy, name, _boolean(value, f"{key}={value}"))
            elif name == "log-level" and value.lower() in LOG_LEVELS:
                policy.log_level = {"warning": "warn"}.get(value.lower(), value.lower())
            else:
                raise BakeError(f"invalid value {key}={value}")
        return policy

    def to_json(self) -> dict[str, Any]:
        """Return the members that `--print` shows."""
        files = [{"Filename": name, "Data": None} for name in self.files] or None
        level = None if self.log_level is None else "warning" if self.log_level == "warn" else self.log_level
        return {"Files": files, "Reset": self.reset, "Disabled": self.disabled, "Strict": self.strict, "LogLevel": level}


INTEGER_RESOURCES = ("cpu-shares", "cpu-period", "cpu-quota")
RESOURCES = ("memory", "memory-swap", *INTEGER_RESOURCES, "cpuset-cpus", "cpuset-mems")


def resource(name: str, value: str) -> str | int:
    """Read a limit. Raises: BakeError for an unknown name, or a string that is not a number where one is needed."""
    if name not in RESOURCES:
        raise BakeError(f"unknown resources key {name}", hint=f"one of {', '.join(RESOURCES)}")
    if name not in INTEGER_RESOURCES:
        return value
    number = parse_int(value)
    if number is None:
        raise BakeError(f"invalid value {value} for int64 key resources.{name}")
    return number


Entry = Cache | Output | Secret | Ssh | Attestation | Policy
"""An entry of a list of a target that is written in CSV or as an object."""
AnyEntry = TypeVar("AnyEntry", Cache, Output, Secret, Ssh, Attestation, Policy)


def read_texts(kind: type[AnyEntry], texts: Iterable[str]) -> list[AnyEntry]:
    """Read entries from strings; empty ones are skipped."""
    return [entry for text in texts if text for entry in kind.from_text(text)]


def without_duplicates(entries: Iterable[Any]) -> list[Any]:
    """Drop entries that equal a later one, in the order that buildx gives the rest."""
    kept = list(entries)
    for index in range(len(kept) - 2, -1, -1):
        later = next((other for other in range(index + 1, len(kept)) if kept[other] == kept[index]), None)
        if later is not None:
            kept[later] = kept[-1]
            kept.pop()
    return kept


def last_of_each(key: Callable[[Any], str]) -> Callable[[Iterable[Any]], list[Any]]:
    """Make a function that keeps the last entry of each key, at the place of the first."""

    def kept(entries: Iterable[Any]) -> list[Any]:
        return list({key(entry): entry for entry in entries}.values())

    return kept
