"""Exporters: parse `--output`, and combine it with tags, `--push` and `--load` into what the engine exports.

An `Export` is a type, attributes for the engine, and a local destination if the type has one.

Source: util/buildflags/export.go and build/opt.go of docker/buildx, client/solve.go of BuildKit.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from llbfront import arguments
from llbfront.client.buildflags import attributes, csv
from llbfront.client.buildflags.attributes import is_true
from llbfront.errors import ExportError, InvalidReference, OptionError
from llbfront.files.paths import STANDARD_STREAM, is_special, real_path, reason
from llbfront.files.writing import check_output, new_file_fault, refuse_same_output
from llbfront.gostd.strconv import parse_bool
from llbfront.oci import reference
from llbfront.setting_names import setting
from llbfront.short_repr import ShortRepr
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.client.buildflags.caches import CacheOptionsEntry

DIRECTORY = {"local"}
FILE = {"tar", "oci", "docker"}
ON_THE_ENGINE = {"image", "registry", "cacheonly"}
IMAGES = {"image", "oci", "docker"}
TYPES = (*sorted(DIRECTORY), *sorted(FILE), *sorted(ON_THE_ENGINE))
LOAD = "docker load"
FROM_RESULT = "*"  # the name that the result itself brings
CONFIG = "containerimage.config"


def _attributes(value: Mapping[str, Any] | None, name: str = "attrs") -> dict[str, str]:
    if value is not None and not isinstance(value, Mapping):
        raise arguments.refuse(name, 'a mapping such as {"compression": "zstd"}', value)
    return arguments.attributes(value or {}, name)


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class Export(ShortRepr):
    """One exporter.

    Args:
        type: `local`, `tar`, `oci`, `docker`, `image`, `registry` or `cacheonly`.
        attrs: attributes of the exporter, such as `{"compression": "zstd"}`.
        dest: a path on this machine, `-` for standard output, or None where the engine keeps the result.
    """

    type: str
    attrs: Mapping[str, str] = field(default=None, converter=_attributes)
    dest: str | None = field(default=None, converter=arguments.optional_local_path)

    @property
    def is_loaded(self) -> bool:
        """Whether it goes into a docker engine of this side."""
        return self.dest == LOAD

    @property
    def is_directory(self) -> bool:
        """Whether files are written into a directory."""
        return self.type in DIRECTORY

    @property
    def is_store(self) -> bool:
        """Whether blobs and an index.json are written into a directory instead of one tar file."""
        return self.type in {"oci", "docker"} and parse_bool(self.attrs.get("tar", "true")) is False

    @property
    def is_file(self) -> bool:
        """Whether one file is written."""
        return self.type in FILE and not self.is_store and not self.is_loaded


def parse_export(text: str) -> Export:
    """Parse one `-o` argument: a directory, `-` for a tar on standard output, or `type=…,dest=…,key=value`.

    Raises:
        OptionError: the text has no type, or a type that does not exist.
    """
    if "=" not in text and "," not in text and text:
        return Export("tar", {}, STANDARD_STREAM) if text == STANDARD_STREAM else Export("local", {}, text)
    return export_of_attributes(csv.pairs(text, option="output"), shown=csv.shown(text))


def export_of_attributes(texts: Mapping[str, str], *, shown: str) -> Export:
    """Return the Export of `type`, `dest` and the attributes of the type; `shown` names it in errors.

    Raises:
        OptionError: the type is absent or unknown, or its destination is missing or not taken.
    """
    others = {key: value for key, value in texts.items() if key not in {"type", "dest"}}
    if "type" not in texts:
        raise OptionError(f"invalid output {shown}: type is required", hint="for example type=local,dest=out")
    return checked(Export(texts["type"], others, texts.get("dest") or None), shown=shown)


def checked(export: Export, *, shown: str = "") -> Export:
    """Refuse an unknown type, and a destination that is missing or that the type does not take."""
    if export.type not in TYPES:
        hint = suggestion(export.type, TYPES) or f"one of {', '.join(TYPES)}"
        raise OptionError(f"invalid output {shown or export.type}: unknown type {export.type}", hint=hint)
    attributes.check(export.attrs, attributes.OUTPUTS[export.type], shown=f"output {shown or f'type={export.type}'}")
    if export.dest is None and (export.is_directory or export.is_store):
        raise OptionError(f"output type={export.type} needs a directory", hint="add dest=DIR")
    if export.dest == STANDARD_STREAM and (export.is_directory or export.is_store):
        raise OptionError(f"output type={export.type} needs a directory, not standard output", hint="use type=tar")
    if export.dest is not None and export.type in ON_THE_ENGINE:
        raise OptionError(f"output type={export.type} takes no dest: the engine keeps the result")
    if is_true(export.attrs, "push") and export.type not in {"image", "registry"}:
        raise OptionError(f"output type={export.type} cannot be pushed", hint="use type=image,push=true, or add --push")
    return export


def plan(
    outputs: Sequence[Export],
    *,
    tags: Sequence[str],
    push: bool,
    load: bool,
    default: tuple[Export, ...] = (),
    annotations: Mapping[str, str] | None = None,
) -> tuple[Export, ...]:
    """Join outputs with the shorthands `--push` and `--load`, and name the images by `tags`; `default` is made if nothing is asked for.

    `annotations` are attributes of all outputs that are images. A `docker` output without destination is loaded into the docker engine.
    Tags win over the names of outputs, as in docker buildx.

    Raises:
        OptionError: an image would be pushed without a name, two outputs have one destination, or a name is not valid.
    """
    if not (outputs or push or load):
        outputs = default
    exports = [_shorthand(export) for export in outputs if export.type != "cacheonly"]
    if push and not any(export.type == "image" for export in exports):
        exports.append(Export("image"))
    if load and not any(export.is_loaded for export in exports):
        exports.append(Export("docker", {}, LOAD))
    exports = [_pushed(export) if push else export for export in exports]
    named = tuple(_annotated(_named(export, tags), annotations or {}) for export in exports)
    for export in named:
        _check_names(export)
    _refuse_same_destination(named)
    if sum(export.is_store for export in named) > 1:
        raise OptionError("only one output can write to a directory of blobs (tar=false)")
    return named


def _shorthand(export: Export) -> Export:
    if export.type == "registry":
        return _pushed(Export("image", export.attrs))
    if export.dest is None and export.type == "docker":
        return attrs.evolve(export, dest=LOAD)
    if export.dest is None and export.is_file:
        return attrs.evolve(export, dest=STANDARD_STREAM)
    return export


def _pushed(export: Export) -> Export:
    """Push an image, which the engine need not unpack for that."""
    if export.type != "image":
        return export
    return attrs.evolve(export, attrs={"unpack": "false", **export.attrs, "push": "true"})


def _named(export: Export, tags: Sequence[str]) -> Export:
    if not tags or export.type not in IMAGES:
        return export
    return attrs.evolve(export, attrs={**export.attrs, "name": ",".join(tags)})


def _check_names(export: Export) -> None:
    """Refuse an image that is pushed without a name, or whose names are not valid."""
    names = export.attrs.get("name", "")
    if is_true(export.attrs, "push") and not (names or export.attrs.get("dangling-name-prefix")):
        raise OptionError("there is no name to push the image as", hint=f"name it with {setting('tags', 'NAME')}")
    for name in names.split(",") if names not in {"", FROM_RESULT} and export.type in IMAGES else ():
        check_name(name)


def parse_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Read `-t` arguments. Raises: InvalidReference."""
    names = tuple(texts)
    for name in names:
        check_name(name)
    return names


def check_name(name: str) -> None:
    """Refuse a name that no image can have. Raises: InvalidReference."""
    try:
        parsed = reference.parse(name)
    except InvalidReference as error:
        hint = "give every name on its own" if "," in name else None
        raise InvalidReference(f"invalid image name {name!r}: {error.message}", hint=hint) from None
    if parsed.domain != parsed.domain.lower() and not {".", ":"} & set(parsed.domain):
        hint = f"to name a registry, write {parsed.domain}:443"
        raise InvalidReference(f"invalid image name {name!r}: names of repositories are lowercase", hint=hint)


def destinations(exports: Iterable[Export]) -> Iterator[tuple[str, str]]:
    """Yield the paths, or `-`, that outputs are written to locally, with what is written there."""
    for export in exports:
        if export.dest is not None and not export.is_loaded:
            yield export.dest, f"the {export.type} output"


def _refuse_same_destination(exports: Iterable[Export]) -> None:
    """Refuse two outputs of which one would replace the other."""
    exports = tuple(exports)
    refuse_same_output(destinations(exports))
    loaded = [export.attrs.get("context", "") for export in exports if export.is_loaded]
    if len(set(loaded)) < len(loaded):
        raise OptionError("two outputs load the image into the same docker engine", hint="remove one")


def _annotated(export: Export, annotations: Mapping[str, str]) -> Export:
    if not annotations or export.type not in IMAGES:
        return export
    return attrs.evolve(export, attrs={**export.attrs, **annotations})


def with_config(exports: Iterable[Export], config: bytes | None) -> tuple[Export, ...]:
    """Set the image config of the result on images that have none."""
    if config is None:
        return tuple(exports)
    attributes = {CONFIG: config.decode()}
    return tuple(
        attrs.evolve(export, attrs={**attributes, **export.attrs}) if export.type in IMAGES else export for export in exports
    )


def check_destinations(exports: Iterable[Export]) -> None:
    """Refuse, before anything is built, a destination that could not be written at the end.

    Raises:
        ExportError: the destination exists as another kind, cannot be written, or is the terminal.
    """
    for export in exports:
        if export.dest in {None, LOAD}:
            continue
        if export.dest == STANDARD_STREAM:
            if sys.stdout is not None and sys.stdout.isatty():
                raise ExportError(
                    f"refusing to write the {export.type} output to the terminal", hint="redirect standard output, or add dest=FILE"
                )
            continue
        _check_path(export, export.dest or "")


def check_cache_destinations(caches: Iterable[CacheOptionsEntry]) -> None:
    """Refuse, before anything is built, a directory of a cache that could not be written at the end. Raises: ExportError."""
    for cache in caches:
        if cache.type == "local":
            _check_directory(cache.attrs["dest"])


def refuse_archives(exports: Iterable[Export], *, is_attested: bool, has_platforms: bool) -> None:
    """Refuse docker archives of what they cannot hold: attestations, and the images of several platforms. Raises: OptionError."""
    if not any(export.type == "docker" and not export.is_loaded for export in exports):
        return
    if is_attested:
        raise OptionError("a docker archive cannot hold attestations", hint="use type=oci")
    if has_platforms:
        raise OptionError("a docker archive cannot hold the images of several platforms", hint="use type=oci")


def _check_path(export: Export, path: str) -> None:
    if not export.is_file:
        _check_directory(path)
    elif not is_special(path):
        check_output(path)


def _check_directory(path: str) -> None:
    """Refuse a path that is not a directory and cannot become one. Raises: ExportError."""
    try:
        real = real_path(path)
        if not stat.S_ISDIR(os.stat(real).st_mode):
            kind = "not a directory" if is_special(real) else "a file, not a directory"
            raise ExportError(f"cannot export to {path}: it is {kind}")
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise ExportError(f"cannot export to {path}: {reason(error)}") from None
    parent = real if os.path.isdir(real) else os.path.dirname(real)
    while not os.path.exists(parent):
        parent = os.path.dirname(parent)
    if not os.path.isdir(parent):
        raise ExportError(f"cannot export to {path}: {parent} is not a directory")
    if fault := new_file_fault(parent):
        raise ExportError(f"cannot export to {path}: {fault}")
