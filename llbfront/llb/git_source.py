"""Sources that are git repositories.

Source: client/llb/source.go (Git) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llbfront import arguments
from llbfront.errors import InvalidValue
from llbfront.gostd.path import clean
from llbfront.llb import giturl
from llbfront.llb.op import NO_META
from llbfront.llb.sources import SourceAttributes

if TYPE_CHECKING:
    from llbfront.llb.op import OpMeta
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform

GIT_AUTH_TOKEN, GIT_AUTH_HEADER = "GIT_AUTH_TOKEN", "GIT_AUTH_HEADER"


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
    attributes = SourceAttributes("source.git")
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
