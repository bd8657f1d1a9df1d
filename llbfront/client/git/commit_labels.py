"""Labels with the commit of a local build context.

Source: build/git.go and util/gitutil of docker/buildx.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import attrs

from llbfront.client.request.environment import GIT_LABELS, is_set
from llbfront.errors import OptionError
from llbfront.files.paths import real_path

if TYPE_CHECKING:
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.client.request.build_request import BuildRequest

CHECK_DIRTY = "BUILDX_GIT_CHECK_DIRTY"
REVISION_LABEL, SOURCE_LABEL = "org.opencontainers.image.revision", "org.opencontainers.image.source"
ENTRYPOINT_LABEL = "com.docker.image.source.entrypoint"
_MASK = "xxxxx"
_TIMEOUT_S = 30.0


def with_labels(request: BuildRequest, inputs: Inputs, environ: Mapping[str, str]) -> BuildRequest:
    """Return the request with the labels of the commit of a local context added. Labels of the request take precedence. Raises: OptionError."""
    context = inputs.directories.get("context")
    if context is None:
        return request
    dockerfile = os.path.join(inputs.directories.get("dockerfile", ""), inputs.dockerfile)
    return attrs.evolve(request, labels={**labels(context, dockerfile, environ), **request.labels})


def labels(context: str, dockerfile: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the labels for a context in a git repository, if BUILDX_GIT_LABELS asks for them.

    Args:
        context: the directory of the context.
        dockerfile: the path of the Dockerfile.
        environ: the environment, with BUILDX_GIT_LABELS and BUILDX_GIT_CHECK_DIRTY.

    Raises:
        OptionError: a variable has a bad value, or there is no git.
    """
    if environ.get(GIT_LABELS) != "full" and not is_set(environ, GIT_LABELS):
        return {}
    try:
        root = _git(context, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise OptionError(f"{GIT_LABELS} needs git, which is not installed") from None
    if not root:
        return {}
    revision = _revision(context, is_checked=is_set(environ, CHECK_DIRTY))
    values = {REVISION_LABEL: revision, SOURCE_LABEL: remote_of(context), ENTRYPOINT_LABEL: _relative(root, dockerfile)}
    return {name: value for name, value in values.items() if value}


def _revision(directory: str, *, is_checked: bool) -> str:
    revision = _git(directory, "show", "--format=%H", "HEAD", "--quiet", "--")
    is_dirty = bool(revision) and is_checked and bool(_git(directory, "status", "--porcelain", "--ignored"))
    return f"{revision}-dirty" if is_dirty else revision


def remote_of(directory: str) -> str:
    """Return the URL of the branch's remote, else of `origin` or `upstream`, without credentials."""
    branch = _git(directory, "symbolic-ref", "-q", "HEAD")
    names = (_git(directory, "for-each-ref", "--format=%(upstream:remotename)", branch) if branch else "", "origin", "upstream")
    urls = (_git(directory, "remote", "get-url", name) for name in names if name)
    return next((_without_credentials(url) for url in urls if url), "")


def _without_credentials(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    credentials, at, host = parts.netloc.rpartition("@")
    if not at:
        return url
    masked = f"{_MASK}:{_MASK}" if ":" in credentials else _MASK
    return urlunsplit(parts._replace(netloc=f"{masked}@{host}"))


def _relative(root: str, path: str) -> str:
    """Return the path of a file or directory in the repository, empty if it is outside."""
    relative = os.path.relpath(real_path(path), real_path(root))
    return "" if relative.startswith("..") else relative


def _git(directory: str, *arguments: str) -> str:
    """Run git and return the first line of its output, empty when it fails. Raises: FileNotFoundError without git."""
    command = ["git", "-C", directory, "-c", "log.showSignature=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return ""
    output = done.stdout.decode(errors="replace") if done.returncode == 0 else ""
    return output.partition("\n")[0].replace("'", "")
