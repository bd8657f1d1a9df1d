"""The attributes of outputs, caches and attestations that engines support. Misspelt ones are refused before the build.

An engine ignores an attribute that it does not know. Here a name that is nearly that of a known attribute is an error; others go to the
engine, which may be newer than these tables.

Source: exporter/containerimage/exptypes/keys.go, exporter/local/fs.go, exporter/oci/export.go, util/compression/attrs.go,
cache/remotecache, client/solve.go, solver/llbsolver/provenance.go and frontend/attestations of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping

from llbfront.errors import OptionError
from llbfront.gostd.strconv import parse_bool
from llbfront.suggestions import nearest

_COMPRESSION = frozenset(("compression", "force-compression", "compression-level"))
# "danging" is BuildKit's own spelling.
_COMMIT = _COMPRESSION | {
    "name", "oci-mediatypes", "oci-artifact", "attestation-inline", "prefer-nondist-layers", "rewrite-timestamp", "source-date-epoch",
}  # fmt: skip
_IMAGE = _COMMIT | {
    "push", "push-by-digest", "registry.insecure", "unpack", "store", "dangling-name-prefix", "danging-name-empty-only", "name-canonical",
    "unsafe-internal-store-allow-incomplete",
}  # fmt: skip
_ARCHIVE = _COMMIT | {"dest", "tar", "context"}
_FILES = frozenset(("dest", "attestation-prefix", "platform-split", "mode", "src", "source-date-epoch"))
OUTPUTS: Mapping[str, frozenset[str]] = {
    "image": _IMAGE,
    "registry": _IMAGE,
    "oci": _ARCHIVE,
    "docker": _ARCHIVE,
    "local": _FILES,
    "tar": _FILES,
    "cacheonly": frozenset(),
}
_CACHE = _COMPRESSION | {"mode", "ignore-error"}
_MANIFEST = frozenset(("image-manifest", "oci-mediatypes"))
_OBJECT_STORE = frozenset(("prefix", "manifests_prefix", "blobs_prefix", "name", "secret_access_key"))
CACHES: Mapping[str, frozenset[str]] = {
    "registry": _CACHE | _MANIFEST | {"ref", "registry.insecure"},
    "local": _CACHE | _MANIFEST | {"src", "dest", "digest", "tag", "reset"},
    "inline": _CACHE,
    "gha": _CACHE | {"scope", "timeout", "token", "url", "url_v2", "repository", "ghtoken", "version"},
    "s3": _CACHE
    | _OBJECT_STORE
    | {
        "bucket", "region", "touch_refresh", "endpoint_url", "access_key_id", "session_token", "use_path_style", "upload_parallelism",
        "disable_accept_encoding", "retry_mode", "retry_max_attempts",
    },
    "azblob": _CACHE | _OBJECT_STORE | {"account_name", "account_url", "container"},
}  # fmt: skip
ATTESTATIONS: Mapping[str, frozenset[str]] = {
    "sbom": frozenset(("generator",)),
    "provenance": frozenset(
        ("mode", "reproducible", "inline-only", "version", "filename", "builder-id", "capture-usage", "complete-materials")
    ),
}
_BOOLEANS = frozenset(
    (
        "push", "push-by-digest", "registry.insecure", "unpack", "store", "danging-name-empty-only", "name-canonical",
        "unsafe-internal-store-allow-incomplete", "oci-mediatypes", "oci-artifact", "attestation-inline", "prefer-nondist-layers",
        "rewrite-timestamp", "force-compression", "tar", "platform-split", "image-manifest", "ignore-error", "reset", "use_path_style",
        "disable_accept_encoding", "reproducible", "inline-only", "capture-usage", "complete-materials",
    )
)  # fmt: skip
_SHORT = 4


def check(attributes: Mapping[str, str], known: frozenset[str], *, shown: str) -> None:
    """Refuse misspelt attributes, and values of known ones that have to be true or false and are neither.

    Args:
        attributes: what was asked for, without the type.
        known: the attributes of the type.
        shown: what they belong to, such as `output 'type=tar,dset=a'`.

    Raises:
        OptionError: naming the attribute.
    """
    for name, value in attributes.items():
        if name in known:
            if name in _BOOLEANS and value and parse_bool(value) is None:
                raise OptionError(f"invalid {shown}: {name} must be true or false, not {value!r}")
        elif near := _nearest(name, sorted(known)):
            raise OptionError(f"invalid {shown}: unknown attribute {name}", hint=f"did you mean {near}?")


def _nearest(name: str, known: list[str]) -> str | None:
    """Return the known attribute with the same letters, or else one within one edit, or two for more than four letters."""
    exchanged = (candidate for candidate in known if sorted(candidate) == sorted(name))
    return next(exchanged, None) or nearest(name, known, limit=2 if len(name) <= _SHORT else 3)


def is_true(attributes: Mapping[str, str], name: str) -> bool:
    """Return whether an attribute is there and true; without a value it is true, as for engines."""
    return name in attributes and (not attributes[name] or parse_bool(attributes[name]) is True)
