"""Convert the arguments of a build to fields of BuildRequest. Each converter accepts every unambiguous form of a value.

Strings are read like the command's flags; mappings have the same keys. Converted values are returned unchanged, so that a
BuildRequest can be created from the fields of another one. Less common flags are converted in their modules in `buildflags`.

Source: commands/build.go and util/buildflags of docker/buildx.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from llbfront import arguments
from llbfront.client.buildflags import exporters
from llbfront.client.buildflags.exporters import Export
from llbfront.client.buildflags.secrets import SecretSource, convert_secret
from llbfront.errors import ArgumentError, ContextError, OptionError
from llbfront.oci.platform import Platform

if TYPE_CHECKING:
    from typing import TypeAlias

    from llbfront.client.buildflags.caches import CacheOptionsEntry
    from llbfront.inspection.graph import Graph
    from llbfront.llb.definition import Definition
    from llbfront.llb.state import State
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import KeyAgent

    ContextLike: TypeAlias = "StrPath | Graph | Definition | State"
    """A named context."""

StrPath = str | os.PathLike[str]
Attributes = Mapping[str, Any]
"""The `key=value` pairs of a flag, as a mapping."""
Assignments = Mapping[str, str | int | os.PathLike[str]] | Iterable[str]
"""`NAME=VALUE` pairs, as a mapping or as strings."""
OutputLike = StrPath | Attributes | Export
"""An output: a destination, its attributes, or an Export."""
SecretLike = str | Attributes | SecretSource
"""A secret: the text of `--secret`, its attributes, or a SecretSource."""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (tuple, list)) and not value)


def context(value: str | os.PathLike[str] | bytes | BinaryIO, name: str = "context") -> str | bytes | BinaryIO:
    """Read a build context: a path, a URL, `-`, or a tar as bytes or a binary file."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, io.TextIOBase):
        raise ArgumentError(f"{name} is a file in text mode", hint="open it in binary mode")
    if hasattr(value, "read") and not isinstance(value, os.PathLike):
        if getattr(value, "closed", False) is True:
            raise ContextError(f"cannot read the build context from the file in {name}: it is closed")
        return value
    if isinstance(value, (str, os.PathLike)):
        return arguments.local_path(value, name)
    raise arguments.refuse(name, "a path, a URL, or a tar as bytes or a binary file", value)


def dockerfile(value: str | os.PathLike[str] | bytes | BinaryIO | TextIO | None, name: str = "file") -> str | bytes | None:
    """Read a Dockerfile: a path, `-`, its text (whatever has a line break), bytes, or a file, which is read at once."""
    if hasattr(value, "read") and not isinstance(value, os.PathLike):
        value = _content(value, name)
    if isinstance(value, str) and "\n" in value:
        return value.encode(errors="surrogateescape")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if value is None or isinstance(value, (str, os.PathLike)):
        return arguments.optional_local_path(value, name)
    raise arguments.refuse(name, "a path, or a Dockerfile as text, bytes or a file", value)


def _content(file: Any, name: str) -> Any:
    """Read a file of the caller. Raises: ContextError."""
    try:
        return file.read()
    except (OSError, ValueError) as error:
        raise ContextError(f"cannot read the Dockerfile from the file in {name}: {_reason(error)}") from None


def _reason(error: OSError | ValueError) -> str:
    """Return why a file of the caller cannot be read; the io module says it in the error, not in a number."""
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error)


def platforms(value: Iterable[str | Platform] | Platform | None, name: str = "platforms") -> tuple[str, ...]:
    """Read platforms; one string may hold several with commas."""
    if isinstance(value, Platform):
        return (str(value),)
    texts = arguments.items(value, name, "a string or a list of strings", _platform)
    return arguments.listed(texts, name)


def _platform(value: str | Platform, name: str) -> str:
    return str(value) if isinstance(value, Platform) else arguments.text(value, name)


def platform(value: str | Platform | None, name: str = "platform") -> str | None:
    """Read one platform."""
    return None if value is None else _platform(value, name)


def build_args(value: Assignments | None, name: str = "build_args") -> dict[str, str]:
    """Read build arguments: a mapping, or strings `NAME=VALUE`, of which a bare NAME takes its value from the environment."""
    return _assignments(value, name, environ=os.environ)


def labels(value: Assignments | None, name: str = "labels") -> dict[str, str]:
    """Read labels and the like: a mapping, or strings `NAME=VALUE`."""
    return _assignments(value, name, environ=None)


def _assignments(value: Any, name: str, environ: Mapping[str, str] | None) -> dict[str, str]:
    if value is None or isinstance(value, Mapping):
        return arguments.assignments(value, name)
    takes = 'a mapping such as {"NAME": "value"} or strings NAME=VALUE'
    return parse_assignments(arguments.items(value, name, takes, arguments.text), option=name, environ=environ)


def parse_assignments(texts: Iterable[str], *, option: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Read `NAME=VALUE` arguments, the last of a repeated name winning.

    With `environ`, a bare NAME takes its value from there and is dropped if it has none.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name:
            raise OptionError(f"invalid {option} {text!r}: it has no name")
        if equals:
            values[name] = value
        elif environ is None:
            raise OptionError(f"invalid {option} {text!r}: it is not NAME=VALUE")
        elif arguments.path_fault(name) is None and name in environ:  # other names are not names of variables
            values[name] = environ[name]
    return values


def outputs(value: OutputLike | Iterable[OutputLike] | None, name: str = "output") -> tuple[Export, ...]:
    """Read outputs: a directory, `-`, `type=…,dest=…` as text or as a mapping, an Export, or several of them."""
    takes = "a directory, a string type=…,dest=…, a mapping of the same keys, or an Export"
    if arguments.is_file(value):
        raise arguments.refuse(name, takes, value, hint='name the file: {"type": "tar", "dest": PATH}')
    return arguments.items(value, name, takes, _output, single=(str, os.PathLike, Mapping, Export))


def _output(value: Any, name: str) -> Export:
    if isinstance(value, Export):
        return exporters.checked(value)
    if isinstance(value, str):
        return exporters.parse_export(value)
    if isinstance(value, os.PathLike):
        return Export("local", {}, arguments.local_path(value, name))
    if isinstance(value, Mapping):
        return exporters.export_of_attributes(arguments.attributes(value, name), shown=f"in {name}")
    raise arguments.refuse(name, "a directory, a string type=…,dest=…, a mapping of the same keys, or an Export", value)


def secrets(value: SecretLike | Iterable[SecretLike] | None, name: str = "secrets") -> tuple[SecretSource, ...]:
    """Read secrets: strings as `--secret` takes them, mappings of the same keys and `value`, or SecretSource values."""
    takes = "strings, mappings and SecretSource values"
    return arguments.items(value, name, takes, convert_secret, single=(str, Mapping, SecretSource))


def build_contexts(value: Mapping[str, ContextLike] | Iterable[str] | None, name: str = "build_contexts") -> dict[str, Any]:
    """Read named contexts: a mapping of names to paths, URLs, graphs and states, or strings `NAME=VALUE`."""
    if not isinstance(value, Mapping):
        value = _assignments(value, name, environ=None)
    return {arguments.text(key, f"a name in {name}"): named_context(item, f"{name}[{key!r}]") for key, item in value.items()}


def named_context(value: ContextLike, name: str) -> ContextLike:
    """Read one named context."""
    if isinstance(value, (str, os.PathLike)):
        return arguments.local_path(value, name)
    from llbfront.client.solve.graphs import is_graph

    if is_graph(value):
        return value
    raise arguments.refuse(name, "a path, a URL, an image such as docker-image://alpine, a Graph or a State", value)


def ssh(value: Mapping[str, Any] | Iterable[str] | None, name: str = "ssh") -> Mapping[str, SshAgent | KeyAgent]:
    """Read SSH agents: strings as `--ssh` takes them, or a mapping of ids to sockets or keys, None for the usual agent."""
    if not value and not isinstance(value, (bytes, int)):
        return {}
    from llbfront.client.buildflags import ssh

    return ssh.convert_agents(value, name, os.environ)


def _caches(value: Any, name: str, option: str) -> tuple[CacheOptionsEntry, ...]:
    if _is_empty(value):
        return ()
    from llbfront.client.buildflags import caches

    return caches.convert_caches(value, name, option=option, environ=os.environ)


def cache_from(
    value: str | Attributes | Iterable[str | Attributes | CacheOptionsEntry] | None, name: str = "cache_from"
) -> tuple[CacheOptionsEntry, ...]:
    """Read caches to take steps from: strings as `--cache-from` takes them, or mappings of the same keys."""
    return _caches(value, name, "cache-from")


def cache_to(
    value: str | Attributes | Iterable[str | Attributes | CacheOptionsEntry] | None, name: str = "cache_to"
) -> tuple[CacheOptionsEntry, ...]:
    """Read caches to write: strings as `--cache-to` takes them, or mappings of the same keys."""
    return _caches(value, name, "cache-to")


def attestations(value: Iterable[Any] | Mapping[str, str] | None, name: str = "attest") -> dict[str, str]:
    """Read attestations: strings as `--attest` takes them, mappings of the same keys, or what was read before: attributes by type."""
    if _is_empty(value):
        return {}
    from llbfront.client.buildflags import attestations

    return attestations.convert_attestations(value, name)


def sbom(value: bool | str | Mapping[str, Any] | None, name: str = "sbom") -> dict[str, str | None]:
    """Read what `--sbom` takes: True, False, or attributes as text or mapping."""
    return _shorthand("sbom", value, name)


def provenance(value: bool | str | Mapping[str, Any] | None, name: str = "provenance") -> dict[str, str | None]:
    """Read what `--provenance` takes: True, False, or attributes as text or mapping."""
    return _shorthand("provenance", value, name)


def _shorthand(kind: str, value: bool | str | Mapping[str, Any] | None, name: str) -> dict[str, str | None]:
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {kind: "" if value else None}
    from llbfront.client.buildflags import attestations

    return dict([attestations.convert_shorthand(kind, value, name)])


def annotation_values(value: Assignments | None, name: str = "annotations") -> dict[str, str]:
    """Read annotations by key, `[TYPE[PLATFORM],…:]KEY`."""
    values = labels(value, name)
    if values:
        from llbfront.client.buildflags import image_annotations

        image_annotations.annotation_attributes(values)
    return values


def annotation_texts(value: Iterable[str], name: str = "annotations") -> dict[str, str]:
    """Read annotations as `--annotation` takes them."""
    if not value:
        return {}
    from llbfront.client.buildflags import image_annotations

    return image_annotations.parse_annotations(arguments.texts(value, name))


def hosts(value: Mapping[str, Any] | Iterable[Any] | None, name: str = "add_hosts") -> tuple[tuple[str, str], ...]:
    """Read hosts: a mapping of names to one or several addresses, or strings `HOST=ADDRESS`."""
    if _is_empty(value):
        return ()
    from llbfront.client.buildflags import hosts

    return hosts.convert_hosts(value, name)


def ulimits(value: Mapping[str, Any] | Iterable[str] | None, name: str = "ulimits") -> tuple[str, ...]:
    """Read limits: a mapping of types to a limit or to (soft, hard), or strings `TYPE=SOFT[:HARD]`."""
    if _is_empty(value):
        return ()
    from llbfront.client.buildflags import limits

    return limits.convert_ulimits(value, name)


def shm_size(value: str | int | None, name: str = "shm_size") -> int:
    """Read a size: bytes, or a string such as `64m`."""
    if not value or type(value) is int:
        return arguments.integer(value or 0, name)
    from llbfront.client.buildflags import limits

    return limits.parse_size(arguments.scalar(value, name), option="shm-size")


def allow(value: Iterable[str] | None, name: str = "allow") -> tuple[str, ...]:
    """Read entitlements."""
    if _is_empty(value):
        return ()
    from llbfront.client.buildflags import entitlements

    return entitlements.parse_entitlements(arguments.texts(value, name))


def network(value: str | None, name: str = "network") -> str:
    """Read the network of steps; None is the default."""
    return "default" if value is None else arguments.text(value, name)


def cgroup_parent(value: str | None, name: str = "cgroup_parent") -> str:
    """Read the cgroup of steps; None is the engine's own."""
    return arguments.optional_text(value, name) or ""


def resources(value: Mapping[str, Any] | Iterable[str] | None, name: str = "resources") -> dict[str, str]:
    """Read limits of a step's cgroup: a mapping of names, or of the frontend's options, to limits, or strings `NAME=VALUE`."""
    values = labels(value, name)
    if not values:
        return {}
    from llbfront.client.buildflags import limits

    keys = {option: key for key, option in limits.RESOURCES.items()}
    return limits.resource_options({keys.get(key, key): text for key, text in values.items()})


def resource_texts(value: Iterable[str], name: str = "resources") -> dict[str, str]:
    """Read limits as `--resource` takes them."""
    if not value:
        return {}
    from llbfront.client.buildflags import limits

    return limits.parse_resources(arguments.texts(value, name))


def build_arg_texts(value: Iterable[str], name: str = "build argument") -> dict[str, str]:
    """Read build arguments as `--build-arg` takes them."""
    return parse_assignments(value, option=name, environ=os.environ)


def label_texts(value: Iterable[str], name: str = "label") -> dict[str, str]:
    """Read labels as `--label` takes them: a bare NAME is empty, as for docker."""
    return parse_assignments([text if "=" in text else f"{text}=" for text in value], option=name)


def build_context_texts(value: Iterable[str], name: str = "build context") -> dict[str, str]:
    """Read named contexts as `--build-context` takes them."""
    return parse_assignments(value, option=name)
