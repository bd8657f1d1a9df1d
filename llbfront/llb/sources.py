"""Sources of files: images, local directories, HTTP, OCI layouts and blobs. `git_source` has git repositories.

Source: client/llb/source.go of BuildKit.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llbfront import arguments
from llbfront.errors import GraphError, InvalidReference
from llbfront.gostd.json import marshal_text
from llbfront.llb import state_arguments
from llbfront.llb.op import NO_META, Output
from llbfront.llb.ops import SourceOp
from llbfront.llb.state import State
from llbfront.oci import reference

if TYPE_CHECKING:
    from llbfront.llb.op import OpMeta
    from llbfront.oci.platform import Platform


class ResolveMode(enum.StrEnum):
    """Where the engine looks for an image.

    Attributes:
        DEFAULT: the engine decides.
        PULL: ask the registry, even if the engine has the image.
        LOCAL: prefer the image that the engine has.
    """

    DEFAULT = "default"
    PULL = "pull"
    LOCAL = "local"


@arguments.typed
def source(
    identifier: str,
    attrs: Mapping[str, str] | None = None,
    *,
    caps: Iterable[str] = (),
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a source of any scheme, as it is written.

    Args:
        identifier: such as `docker-image://docker.io/library/alpine:latest`.
        attrs: attributes of the source.
        caps: capabilities that the engine needs for it.
        platform: the platform of an image.
        meta: metadata of the op, such as its name.

    Raises:
        GraphError: the identifier is empty.
    """
    if not identifier:
        raise GraphError("a source needs an identifier")
    own_platform = state_arguments.platform(platform)
    op = SourceOp(identifier, arguments.assignments(attrs, "attrs"), frozenset(arguments.texts(caps, "caps")), own_platform, meta)
    state = State(Output(op))
    return state if own_platform is None else state.with_platform(own_platform)


class SourceAttributes:
    """Attributes that are set, each with the capability that it needs."""

    def __init__(self, *caps: str) -> None:
        self.values: dict[str, str] = {}
        self.caps = {*caps}

    def add(self, name: str, value: str, cap: str | None = None) -> None:
        """Set an attribute, unless `value` is empty."""
        if value:
            self.values[name] = value
            if cap:
                self.caps.add(cap)

    def add_flag(self, name: str, *, value: bool, cap: str | None = None) -> None:
        self.add(name, "true" if value else "", cap)

    def add_list(self, name: str, values: Iterable[str], cap: str | None = None) -> None:
        texts = arguments.texts(values, name)
        self.add(name, marshal_text(texts) if texts else "", cap)

    def add_file(self, filename: str, perm: int, uid: int, gid: int, *, caps: tuple[str | None, str | None] = (None, None)) -> None:
        """Set name, mode and owner of a single file; `caps` are the capabilities for mode and owner."""
        self.add("http.filename", filename)
        self.add("http.perm", f"0{perm & 0o777:o}" if perm & 0o777 else "", caps[0])
        self.add("http.uid", str(uid) if uid else "", caps[1])
        self.add("http.gid", str(gid) if gid else "", caps[1])

    def source(self, identifier: str, *, platform: Platform | str | None, meta: OpMeta) -> State:
        return source(identifier, self.values, caps=self.caps, platform=platform, meta=meta)


@arguments.typed
def image(
    ref: str,
    *,
    platform: Platform | str | None = None,
    resolve_mode: ResolveMode | str = ResolveMode.DEFAULT,
    record_type: str = "",
    layer_limit: int | None = None,
    checksum: str = "",
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of an image.

    Args:
        ref: the name; `docker.io`, `library` and `latest` are added where they are missing.
        platform: the platform, by default that of the build.
        resolve_mode: where the engine looks for it: `default`, `pull` or `local`.
        record_type: how the engine's cache record is classified, such as `internal`.
        layer_limit: how many layers to take.
        checksum: the digest that the image must have.
        meta: metadata of the op, such as its name.

    Raises:
        InvalidReference: the name is invalid.

    Example:
        >>> from llbfront import llb
        >>> llb.image("alpine").output.op.identifier
        'docker-image://docker.io/library/alpine:latest'
    """
    attributes = SourceAttributes("source.image")
    mode = arguments.member(resolve_mode, ResolveMode, "resolve_mode")
    if mode is not ResolveMode.DEFAULT:
        pull = mode is ResolveMode.PULL
        attributes.add("image.resolvemode", mode.value, "source.image.resolvemode" if pull else None)
    attributes.add("image.recordtype", record_type)
    attributes.add("image.layerlimit", "" if layer_limit is None else str(layer_limit), "source.image.layerlimit")
    attributes.add("image.checksum", checksum, "source.image.checksum")
    return attributes.source(f"docker-image://{reference.parse(ref).with_default_tag()}", platform=platform, meta=meta)


@arguments.typed
def local(
    name: str,
    *,
    session: str = "",
    unique: str = "",
    include_patterns: Iterable[str] = (),
    exclude_patterns: Iterable[str] = (),
    follow_paths: Iterable[str] = (),
    shared_key_hint: str = "",
    differ: str = "",
    differ_required: bool = False,
    metadata_only: bool = False,
    metadata_only_except: Iterable[str] = (),
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a directory of the client.

    Args:
        name: the name under which the client offers it, such as a key of `locals` of `Engine.solve`.
        session: the session that offers it, by default that of the solve.
        unique: an id in place of the one that is made at marshalling. It keeps different directories of one name apart.
        include_patterns: send only what matches one of these patterns.
        exclude_patterns: leave out what matches one of these patterns.
        follow_paths: send only these paths, and what they link to.
        shared_key_hint: lets the engine reuse what it received under the same hint.
        differ: how files are compared: `metadata`, or `none` to send all.
        differ_required: fail on an engine that does not know `differ`.
        metadata_only: send no contents.
        metadata_only_except: patterns of files whose contents are sent.
        platform: the platform of the State.
        meta: metadata of the op, such as its name.

    Example:
        >>> from llbfront import llb
        >>> llb.local("context", include_patterns=("go.mod", "**/*.go"))
        State(output=Output(SourceOp, 0), settings=...)
    """
    attributes = SourceAttributes("source.local")
    attributes.add("local.session", session, "source.local.sessionid")
    if unique and not session:
        attributes.add("local.unique", unique, "source.local.unique")
    attributes.add_list("local.includepattern", include_patterns, "source.local.includepatterns")
    attributes.add_list("local.followpaths", follow_paths, "source.local.followpaths")
    attributes.add_list("local.excludepatterns", exclude_patterns, "source.local.excludepatterns")
    attributes.add("local.sharedkeyhint", shared_key_hint, "source.local.sharedkeyhint")
    attributes.add("local.differ", differ, "source.local.differ" if differ_required else None)
    exceptions = arguments.texts(metadata_only_except, "metadata_only_except")
    if metadata_only:
        attributes.add_flag("local.metadatatransfer", value=True, cap="source.local.metadatatransfer")
        attributes.add_list("local.metadatatransferexclude", exceptions)
    return attributes.source(f"local://{name}", platform=platform, meta=meta)


@arguments.typed
def http(
    url: str,
    *,
    checksum: str = "",
    filename: str = "",
    perm: int = 0,
    uid: int = 0,
    gid: int = 0,
    auth_header_secret: str = "",
    accept: str = "",
    user_agent: str = "",
    public_key: str = "",
    signature: str = "",
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a file system with one file that the engine downloads.

    Args:
        url: an http or https URL.
        checksum: the digest that the file must have.
        filename: its name, by default the one that the server or the URL gives.
        perm: its mode, 0 for the default.
        uid: its owner, by number.
        gid: its group, by number.
        auth_header_secret: the id of a secret with an Authorization header.
        accept: the Accept header.
        user_agent: the User-Agent header.
        public_key: a PGP public key that the signature is checked with.
        signature: the PGP signature.
        platform: the platform of the State.
        meta: metadata of the op, such as its name.
    """
    attributes = SourceAttributes("source.http")
    attributes.add("http.checksum", checksum, "source.http.checksum")
    # Parity: the engine knows the capability of owners by this spelling.
    attributes.add_file(filename, perm, uid, gid, caps=("source.http.perm", "soruce.http.uidgid"))
    attributes.add("http.authheadersecret", auth_header_secret, "source.http.auth")
    attributes.add("http.header.accept", accept, "source.http.header")
    attributes.add("http.header.user-agent", user_agent, "source.http.header")
    attributes.add("http.sig.pubkey", public_key, "source.http.signatureverify")
    attributes.add("http.sig.signature", signature, "source.http.signatureverify")
    return attributes.source(url, platform=platform, meta=meta)


@arguments.typed
def oci_layout(
    ref: str,
    *,
    session: str = "",
    store: str = "",
    layer_limit: int | None = None,
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of an image in an OCI layout of the client.

    Args:
        ref: the name, used as it is; it ends in `@` and a digest.
        session: the session that offers the layout, by default that of the solve.
        store: the name under which the client offers the layout.
        layer_limit: how many layers to take.
        platform: the platform of the image.
        meta: metadata of the op, such as its name.
    """
    attributes = SourceAttributes("source.ocilayout")
    attributes.add("oci.session", session)
    attributes.add("oci.store", store)
    attributes.add("oci.layerlimit", "" if layer_limit is None else str(layer_limit))
    return attributes.source(f"oci-layout://{ref}", platform=platform, meta=meta)


@arguments.typed
def blob(
    ref: str,
    *,
    oci_layout: bool = False,
    filename: str = "",
    perm: int = 0,
    uid: int = 0,
    gid: int = 0,
    session: str = "",
    store: str = "",
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a file system with one blob, of a registry or of an OCI layout of the client.

    Args:
        ref: a name that ends in `@` and a digest.
        oci_layout: the blob is in an OCI layout.
        filename: the name of the file.
        perm: its mode, 0 for the default.
        uid: its owner, by number.
        gid: its group, by number.
        session: the session that offers the layout.
        store: the name under which the client offers the layout.
        platform: the platform of the State.
        meta: metadata of the op, such as its name.

    Raises:
        InvalidReference: the name is invalid, or has no digest.
    """
    name = reference.parse(ref)
    if name.tag or not name.digest:
        raise InvalidReference(f"blob {ref!r} needs a digest and no tag")
    attributes = SourceAttributes("source.imageblob")
    attributes.add_file(filename, perm, uid, gid)
    if oci_layout:
        attributes.add("oci.session", session)
        attributes.add("oci.store", store)
    return attributes.source(f"{'oci-layout' if oci_layout else 'docker-image'}+blob://{name}", platform=platform, meta=meta)
