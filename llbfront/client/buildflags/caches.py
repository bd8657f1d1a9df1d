"""Caches of steps outside the engine: `--cache-from` and `--cache-to`, and local directories that hold caches.

A CacheOptionsEntry is one cache. PreparedCaches are the caches of a solve: the message to the engine, the OCI layouts that the session
serves, and their indexes, which are written when the solve has ended.

Source: util/buildflags/cache.go and util/buildflags/auth.go of docker/buildx, parseCacheOptions in client/solve.go of BuildKit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from llbfront import arguments
from llbfront.client.buildflags import attributes, csv
from llbfront.client.exports.exporter_response import LATEST, expect_blob, read_descriptor
from llbfront.errors import ContextError, OptionError
from llbfront.files.paths import real_path
from llbfront.gostd.strconv import parse_bool
from llbfront.oci.index import digest_of
from llbfront.pb import control_pb2 as control
from llbfront.session.oci_layout import Layout
from llbfront.suggestions import suggestion

TYPES = ("registry", "local", "inline", "gha", "s3", "azblob")
MANIFEST = "cache.manifest"
WITHOUT_IMAGE = frozenset({"cacheonly", "local", "tar"})  # outputs that make no image
PLACES = {"cache-from": "src", "cache-to": "dest"}
MODES = ("min", "max")
# Attributes of caches, and the variables that they are taken from, the first that is set.
_GITHUB = {"token": ("ACTIONS_RUNTIME_TOKEN",), "url": ("ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL")}
_GITHUB_V2 = {**_GITHUB, "url_v2": ("ACTIONS_RESULTS_URL",)}
_AWS = {
    "access_key_id": ("AWS_ACCESS_KEY_ID",),
    "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "session_token": ("AWS_SESSION_TOKEN",),
}


@attrs.frozen
class CacheOptionsEntry:
    """A cache that steps are taken from or written to."""

    type: str
    attrs: Mapping[str, str] = attrs.field(factory=dict, repr=False)


def parse_caches(texts: Iterable[str], *, option: str, environ: Mapping[str, str]) -> tuple[CacheOptionsEntry, ...]:
    """Parse references, or `type=TYPE,KEY=VALUE…`. Raises: OptionError."""
    caches: list[CacheOptionsEntry] = []
    for text in texts:
        if "=" in text:
            caches.append(
                cache_of_attributes(csv.pairs(text, option=option), option=option, environ=environ, shown=csv.shown(text))
            )
        else:
            caches += [CacheOptionsEntry("registry", {"ref": ref}) for ref in csv.fields(text)]
    return tuple(caches)


def cache_of_attributes(values: Mapping[str, str], *, option: str, environ: Mapping[str, str], shown: str) -> CacheOptionsEntry:
    """Return the cache of `type` and the attributes of the type. Raises: OptionError, which names `option` and `shown`."""
    options = dict(values)
    kind = options.pop("type", "")
    if kind not in TYPES:
        fault = f"unknown type {kind}" if kind else "type is required"
        raise OptionError(f"invalid {option} {shown}: {fault}", hint=suggestion(kind, TYPES) or f"use one of {', '.join(TYPES)}")
    attributes.check(options, attributes.CACHES[kind], shown=f"{option} {shown}")
    if options.get("mode", "min") not in MODES:
        raise OptionError(f"invalid {option} {shown}: unknown mode {options['mode']}", hint="use min or max")
    if kind == "registry" and not options.get("ref"):
        raise OptionError(f"invalid {option} {shown}: it names no image", hint="add ref=NAME")
    if kind == "local":
        _check_local(options, option, shown)
    return CacheOptionsEntry(kind, {**_from_environment(kind, options, environ), **options})


def convert_caches(value: Any, name: str, *, option: str, environ: Mapping[str, str]) -> tuple[CacheOptionsEntry, ...]:
    """Return the caches of an argument, each once as in buildx: strings as the flag takes them, mappings of the same keys, or CacheOptionsEntry values."""

    def convert(item: Any, item_name: str) -> tuple[CacheOptionsEntry, ...]:
        if isinstance(item, CacheOptionsEntry):
            return (item,)
        if isinstance(item, Mapping):
            values = {key.strip().lower(): text for key, text in arguments.attributes(item, item_name).items()}
            return (cache_of_attributes(values, option=option, environ=environ, shown=csv.shown(csv.written(values))),)
        if isinstance(item, str):
            return parse_caches((arguments.text(item),), option=option, environ=environ)
        raise arguments.refuse(item_name, "a string or a mapping of the same keys", item)

    groups = arguments.items(value, name, "strings or mappings", convert, single=(str, Mapping, CacheOptionsEntry))
    caches = [cache for group in groups for cache in group]
    return tuple([cache for number, cache in enumerate(caches) if cache not in caches[:number]])


def _from_environment(kind: str, attrs: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a cache that the environment holds: of GitHub's runners, or of AWS."""
    sources: Mapping[str, tuple[str, ...]] = {}
    if kind == "gha":
        is_v2 = attrs.get("version") == "2" or ("version" not in attrs and parse_bool(environ.get("ACTIONS_CACHE_SERVICE_V2", "")))
        sources = _GITHUB_V2 if is_v2 else _GITHUB
    elif kind == "s3" and not {"access_key_id", "secret_access_key"} <= attrs.keys():
        sources = _AWS
    values = {key: next((environ[name] for name in names if environ.get(name)), "") for key, names in sources.items()}
    return {key: value for key, value in values.items() if value}


def _check_local(attrs: dict[str, str], option: str, shown: str) -> None:
    place = PLACES[option]
    if not attrs.get(place):
        raise OptionError(f"invalid {option} {shown}: it names no directory", hint=f"add {place}=DIR")
    attrs[place] = real_path(attrs[place])
    if place == "src" and os.path.lexists(attrs[place]) and not os.path.isdir(attrs[place]):
        raise OptionError(f"invalid {option} {shown}: {attrs[place]} is not a directory")
    if parse_bool(attrs.get("reset", "false")) is None:
        raise OptionError(f"invalid {option} {shown}: reset must be true or false")


@attrs.frozen(eq=False)
class PreparedCaches:
    """The caches of one solve.

    Attributes:
        imports: the caches that the engine can read.
        exports: the caches that it writes.
        stores: the directories among both as OCI layouts, by the names under which the session serves them.
        skipped: why each other import cannot be read.
    """

    imports: tuple[CacheOptionsEntry, ...]
    exports: tuple[CacheOptionsEntry, ...]
    stores: Mapping[str, Layout]
    skipped: tuple[str, ...]

    @property
    def options(self) -> Mapping[str, str]:
        """The imports as options of the frontend."""
        entries = [{"Type": cache.type, "Attrs": dict(cache.attrs)} for cache in self.imports]
        return {"cache-imports": json.dumps(entries)} if entries else {}

    @property
    def cache_options(self) -> control.CacheOptions:
        """Imports and exports as a member of the message to the engine."""
        return control.CacheOptions(Imports=map(_entry, self.imports), Exports=map(_entry, self.exports))

    def unwritten(self, response: Mapping[str, str], output_types: Iterable[str]) -> tuple[str, ...]:
        """Say which caches were not written: directories if no step can be cached, inline caches without an image."""
        reasons = []
        if MANIFEST not in response:
            reasons += [f"the engine wrote nothing to {cache.attrs['dest']}" for cache in self.exports if cache.type == "local"]
        if any(cache.type == "inline" for cache in self.exports) and WITHOUT_IMAGE.issuperset(output_types):
            reasons.append("an inline cache is stored in the image, and the outputs make none")
        return tuple(reasons)

    def commit(self, response: Mapping[str, str]) -> None:
        """Enter written caches into the indexes of their directories. Raises: ExportError."""
        if MANIFEST not in response:
            return
        descriptor = read_descriptor(MANIFEST, response[MANIFEST])
        for cache in self.exports:
            if cache.type == "local":
                layout = self.stores[_store_name(cache.attrs["dest"])]
                try:
                    expect_blob(layout, descriptor)
                    layout.put(descriptor, tags=(cache.attrs.get("tag", LATEST),))
                finally:
                    layout.release()
                if parse_bool(cache.attrs.get("reset", "false")):
                    layout.prune()


def prepare(imports: Iterable[CacheOptionsEntry], exports: Iterable[CacheOptionsEntry]) -> PreparedCaches:
    """Look up the manifests of imports that are directories; an import without one is skipped."""
    exports = tuple(exports)
    stores = {
        _store_name(cache.attrs["dest"]): Layout(cache.attrs["dest"], is_writable=True, locked=True)
        for cache in exports
        if cache.type == "local"
    }
    usable, skipped = [], []
    for cache in imports:
        if cache.type != "local":
            usable.append(cache)
            continue
        layout = stores.get(_store_name(cache.attrs["src"])) or Layout(cache.attrs["src"])
        try:
            digest = cache.attrs.get("digest") or _digest(layout, cache.attrs.get("tag", LATEST))
            if layout.find(digest) is None:
                raise ContextError(f"there is no {digest} in {layout.path}")
        except (ContextError, ValueError, OSError) as error:
            skipped.append(str(error))
            continue
        stores[_store_name(layout.path)] = layout
        usable.append(attrs.evolve(cache, attrs={**cache.attrs, "digest": digest}))
    return PreparedCaches(tuple(usable), exports, stores, tuple(skipped))


def _digest(layout: Layout, tag: str) -> str:
    if not os.path.isdir(layout.path):
        raise ContextError(f"there is no directory {layout.path}")
    descriptor = layout.find_manifest(tag)
    if descriptor is None:
        raise ContextError(f"nothing in {layout.path} is tagged {tag}")
    return digest_of(descriptor)


def _store_name(path: str) -> str:
    """Return the name under which the session serves a directory."""
    return f"local:{path}"


def _entry(cache: CacheOptionsEntry) -> control.CacheOptionsEntry:
    return control.CacheOptionsEntry(Type=cache.type, Attrs=cache.attrs)
