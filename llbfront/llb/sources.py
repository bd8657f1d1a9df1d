"""Files from outside: images, directories of the client, git, http, OCI layouts and blobs → State.

Source: client/llb/source.go of BuildKit.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from llbfront.llb.meta import NO_META

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llbfront.llb.meta import OpMeta
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform


class ResolveMode(enum.StrEnum):
    """Where the engine looks for an image first."""

    DEFAULT = "default"
    PULL = "pull"
    LOCAL = "local"


def source(
    identifier: str,
    attrs: Mapping[str, str] | None = None,
    *,
    caps: Sequence[str] = (),
    platform: Platform | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a source of any scheme as it is; `caps` are what the engine needs for it.

    Raises: GraphError for an empty identifier.
    """
    raise NotImplementedError


def image(
    ref: str,
    *,
    platform: Platform | None = None,
    resolve_mode: ResolveMode = ResolveMode.DEFAULT,
    record_type: str = "",
    layer_limit: int | None = None,
    checksum: str = "",
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of an image. The name is completed, `latest` added when it has neither tag nor digest.

    Raises: InvalidReference.
    """
    raise NotImplementedError


def local(
    name: str,
    *,
    session: str = "",
    unique: str = "",
    include_patterns: Sequence[str] = (),
    exclude_patterns: Sequence[str] = (),
    follow_paths: Sequence[str] = (),
    shared_key_hint: str = "",
    differ: str = "",
    differ_required: bool = False,
    metadata_only: bool = False,
    metadata_only_except: Sequence[str] = (),
    platform: Platform | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a directory of the client. `session` says whose; without it the op gets an id at marshalling (`unique`)."""
    raise NotImplementedError


def git(
    url: str,
    *,
    ref: str = "",
    subdir: str = "",
    keep_git_dir: bool = False,
    auth_token_secret: str | None = None,
    auth_header_secret: str | None = None,
    known_ssh_hosts: Sequence[str] = (),
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
    platform: Platform | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a git repository at `ref`. Secrets None are the default names; a text requires the engine to support it.

    `url` may be any form that git takes; without a scheme it is https. `ref` and `subdir` are used as they are.

    Parity: BuildKit scans the host keys of ssh remotes while it builds the graph; here they are what `known_ssh_hosts` says.
    """
    raise NotImplementedError


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
    platform: Platform | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return a file system with one file, downloaded."""
    raise NotImplementedError


def oci_layout(
    ref: str,
    *,
    session: str = "",
    store: str = "",
    layer_limit: int | None = None,
    platform: Platform | None = None,
    meta: OpMeta = NO_META,
) -> State:
    """Return the files of an image in an OCI layout of the client; `ref` is used as it is."""
    raise NotImplementedError


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
    meta: OpMeta = NO_META,
) -> State:
    """Return a file system with one blob of a registry, or of an OCI layout of the client; `ref` ends in @digest.

    Raises: InvalidReference.
    """
    raise NotImplementedError
