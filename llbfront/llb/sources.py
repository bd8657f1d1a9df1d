"""Sources of files: images, local directories, git, HTTP, OCI layouts and blobs.

Source: client/llb/source.go of BuildKit.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llbfront import arguments
from llbfront.errors import GraphError, InvalidReference, InvalidValue
from llbfront.gostd.json import marshal_text
from llbfront.gostd.path import clean
from llbfront.llb import giturl, state_arguments
from llbfront.llb.op import NO_META, Output
from llbfront.llb.ops import SourceOp
from llbfront.llb.state import State
from llbfront.oci import reference

if TYPE_CHECKING:
    from llbfront.llb.op import OpMeta
    from llbfront.oci.platform import Platform

GIT_AUTH_TOKEN, GIT_AUTH_HEADER = "GIT_AUTH_TOKEN", "GIT_AUTH_HEADER"


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


class _Attrs:
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
    attributes = _Attrs("source.image")
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
    attributes = _Attrs("source.local")
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
def git(
    url: str,
    *,
    ref: str = "",
    subdir: str = "",
    keep_git_dir: bool = False,
    auth_token_secret: str | None = None,
    auth_header_secret: str | None = None,
    known_ssh_hosts: Iterable[str] = (),
    ssh_socket: str = "",
    checksum: str = "",
    skip_submodules: bool = False,
    mtime: str = "",
    fetch_by_commit: bool = False,
    advice: bool = False,
    bundle: str = "",
    bundle_session: str = "",
    bundle_store: str = "",
    checkout_bundle: bool = False,
    platform: Platform | str | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of a git repository.

    Args:
        url: the repository, in any form that git takes; without a scheme https is used.
        ref: a branch, a tag or a commit, by default that of the remote HEAD.
        subdir: the directory to take.
        keep_git_dir: keep `.git`.
        auth_token_secret: the id of a secret with a token, by default `GIT_AUTH_TOKEN`.
        auth_header_secret: the id of a secret with an Authorization header, by default `GIT_AUTH_HEADER`.
        known_ssh_hosts: lines of a known_hosts file.
        ssh_socket: the id of the SSH agent.
        checksum: the commit that `ref` must be.
        skip_submodules: leave submodules out.
        mtime: modification time of the files: `checkout` or `commit`.
        fetch_by_commit: fetch the commit of `checksum`.
        advice: let git print advice.
        bundle: read the repository from a bundle in this image.
        bundle_session: the session that offers the OCI layout of `bundle`.
        bundle_store: the name of the OCI layout of `bundle`.
        checkout_bundle: return a bundle in place of the files.
        platform: the platform of the State.
        meta: metadata of the op, such as its name.

    Parity: BuildKit scans the host keys of ssh remotes while it builds the graph; here they are what `known_ssh_hosts` says.

    Example:
        >>> from llbfront import llb
        >>> llb.git("https://github.com/moby/buildkit.git", ref="v0.12.0").output.op.identifier
        'git://github.com/moby/buildkit.git#v0.12.0'
    """
    keys = arguments.texts(known_ssh_hosts, "known_ssh_hosts")
    identifier, remote, scheme = _git_identifier(url, ref, subdir)
    attributes = _Attrs("source.git")
    attributes.add_flag("git.keepgitdir", value=keep_git_dir, cap="source.git.keepgitdir")
    attributes.add("git.fullurl", remote, "source.git.fullurl")
    # Parity: the default names of secrets are always sent and need no capability; once a name is chosen, any that is sent does.
    chosen = auth_token_secret is not None or auth_header_secret is not None
    auth_cap = "source.git.httpauth" if chosen else None
    attributes.add("git.authtokensecret", GIT_AUTH_TOKEN if auth_token_secret is None else auth_token_secret, auth_cap)
    attributes.add("git.authheadersecret", GIT_AUTH_HEADER if auth_header_secret is None else auth_header_secret, auth_cap)
    if scheme == "ssh":
        attributes.add(
            "git.knownsshhosts",
            "".join(key.removesuffix("\n") + "\n" for key in keys),
        )
        attributes.add("git.mountsshsock", ssh_socket or "default", "source.git.mountsshsock")
        attributes.caps.add("source.git.knownsshhosts")
    attributes.add("git.checksum", checksum, "source.git.checksum")
    attributes.add_flag("git.skipsubmodules", value=skip_submodules, cap="source.git.skipsubmodules")
    attributes.add("git.mtime", mtime, "source.git.mtime")
    attributes.add_flag("git.advice", value=advice)
    attributes.add_flag("git.fetchbycommit", value=fetch_by_commit, cap="source.git.fetchbycommit")
    attributes.add("git.bundle", bundle, "source.git.bundle")
    attributes.add("oci.session", bundle_session)
    attributes.add("oci.store", bundle_store)
    attributes.add_flag("git.checkoutbundle", value=checkout_bundle, cap="source.git.checkoutbundle")
    return attributes.source(f"git://{identifier}", platform=platform, meta=meta)


def _git_identifier(url: str, ref: str, subdir: str) -> tuple[str, str, str]:
    """Return the identifier without its scheme, the remote, and the scheme; one for all ways to reach a repository.

    Parity: an address that cannot be parsed is its own identifier, and fails later on the engine.
    """
    try:
        try:
            address = giturl.parse(url)
        except giturl.UnknownScheme:
            url = f"https://{url}"
            address = giturl.parse(url)
    except InvalidValue:
        return url, url, ""
    place = f"#{ref}" + (f":{subdir}" if subdir else "") if ref or subdir else ""
    return address.host + clean("/" + address.path) + place, address.remote, address.scheme


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
    attributes = _Attrs("source.http")
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
    attributes = _Attrs("source.ocilayout")
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
    attributes = _Attrs("source.imageblob")
    attributes.add_file(filename, perm, uid, gid)
    if oci_layout:
        attributes.add("oci.session", session)
        attributes.add("oci.store", store)
    return attributes.source(f"{'oci-layout' if oci_layout else 'docker-image'}+blob://{name}", platform=platform, meta=meta)
