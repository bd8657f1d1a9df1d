"""Definitions in a git repository or at an HTTP address: their contexts, and the credentials for fetching them.

Source: bake/bake.go (updateContext), bake/gitauth.go and bake/remote.go of docker/buildx.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.bake.files import DEFAULT_NAMES, LOCAL, PIPELINE, DefinitionFile, not_found
from llbfront.client.sources.remote_files import FILE, REPOSITORY, RemoteFiles, git_host, is_remote
from llbfront.errors import BakeError, ContextError, InvalidValue, LlbfrontError
from llbfront.gostd import path as gopath
from llbfront.gostd.strconv import parse_bool

if TYPE_CHECKING:
    from llbfront.client.engine import Engine
    from llbfront.llb.state import State

COMMAND_CONTEXT = LOCAL
NO_PATHS = (LOCAL, "target:", "docker-image:", "oci-layout://")
"""How contexts begin that are not paths in the remote, or relative to a definition."""
_AUTH = {"GIT_AUTH_TOKEN": "BUILDX_BAKE_GIT_AUTH_TOKEN", "GIT_AUTH_HEADER": "BUILDX_BAKE_GIT_AUTH_HEADER"}
_SSH = "BUILDX_BAKE_GIT_SSH"


def split_arguments(words: Sequence[str]) -> tuple[str | None, str, list[str]]:
    """Split the arguments of the command into the address of the definition, the command context and the targets.

    >>> split_arguments(["https://example.com/app.git", "app"])
    ('https://example.com/app.git', 'cwd://', ['app'])
    """
    addresses = [word for word in words[:2] if is_remote(word)] if words and is_remote(words[0]) else []
    first, second = (*addresses, None, None)[:2]
    return first, second or COMMAND_CONTEXT, list(words[len(addresses) :])


def read_remote(engine: Engine, address: str, files: Iterable[str], environ: Mapping[str, str]) -> RemoteFiles:
    """Read the files of a definition at an address: those that are named and not local, else those with the usual names.

    Raises:
        BakeError: the address or a file cannot be read.
    """
    names = [name for name in files if not name.startswith(LOCAL)]
    try:
        return engine.read_remote_files(
            address,
            names or (*DEFAULT_NAMES, PIPELINE),
            must_exist=bool(names),
            secrets=git_secrets(address, environ),
            ssh=git_agents(address, environ),
            git_advice=bool(parse_bool(environ.get("BUILDX_BAKE_GIT_ADVICE", ""))),
        )
    except LlbfrontError as error:
        hint = error.hint and error.hint.replace("--secret id=GIT_AUTH_TOKEN,env=NAME", _AUTH["GIT_AUTH_TOKEN"])
        if isinstance(error, (ContextError, InvalidValue)):
            raise BakeError(error.message, hint=hint and hint.replace("--ssh default=FILE", f"{_SSH}=FILE")) from None
        raise


def definition_files(remote: RemoteFiles, *, is_named: bool) -> list[DefinitionFile]:
    """Return the files of a definition, without the pipeline if there are bake files. Raises: BakeError if there are none."""
    files = [DefinitionFile(name, data) for name, data in remote.files.items()]
    if not is_named and len(files) > 1:
        files = [file for file in files if file.name != PIPELINE]
    if not files:
        raise not_found()
    return files


def git_secrets(address: str, environ: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the secrets with which an engine fetches a repository of the host of an address."""
    host = git_host(address)
    names = {name.upper(): name for name in environ}
    return [{"id": f"{id_}.{host}", "env": names[name]} for id_, name in _AUTH.items() if host and name in names]


def is_over_ssh(address: str) -> bool:
    """Return whether an address is a git repository that is fetched over SSH."""
    return address.startswith(("ssh://", "git@"))


def git_agents(address: str, environ: Mapping[str, str]) -> list[str]:
    """Return the SSH agents with which an engine fetches a repository; empty if it is not fetched over SSH."""
    if not is_over_ssh(address):
        return []
    paths = environ.get(_SSH, "")
    return [f"default={paths}" if paths else "default"]


@attrs.frozen(eq=False)
class RemoteContexts:
    """The contexts of a remote definition."""

    remote: RemoteFiles

    @property
    def _address(self) -> str:
        return self.remote.address if self.remote.kind == REPOSITORY else ""

    def is_inside(self, path: str) -> bool:
        """Return whether a context is a directory of the remote."""
        return self.remote.kind != FILE and not is_remote(path) and not path.startswith(NO_PATHS)

    def graph(self, path: str, name: str = "") -> State | None:
        """Return the files of a context as a graph; None for a context outside the remote, and for a whole repository, which has an address."""
        if not self.is_inside(path) or (path == "." and self._address):
            return None
        return self.remote.directory(path, step=f"set context {name} to {path}" if name else f"set context to {path}")

    def shown(self, path: str) -> str:
        """Return the context as `--print` shows it: the address of a directory of a repository."""
        if self.remote.kind == FILE or not self.is_inside(path):
            return local_path(path)
        return with_subdir(self._address, path)

    def secrets(self, context: str, environ: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the secrets with which an engine fetches a context of the host of the definition."""
        host = git_host(self._address)
        return git_secrets(context, environ) if host and host.lower() == git_host(context).lower() else []


def local_path(path: str) -> str:
    """Return the path of a local context; other contexts are returned unchanged."""
    if path.startswith(LOCAL):
        return gopath.clean(path.removeprefix(LOCAL))
    return path


def with_subdir(address: str, subdir: str) -> str:
    """Return the address of a directory in a repository.

    >>> with_subdir("https://example.com/app.git#main:a", "b")
    'https://example.com/app.git#main:a/b'
    """
    from llbfront.dockerfile2llb import git_ref

    subdir = gopath.clean(subdir)
    if subdir == "." or not address:
        return address
    above = git_ref.parse(address).subdir
    if above:
        subdir = gopath.clean(f"{above}/{subdir}")
    if "#" not in address and re.search(r"[?&]subdir=", address):
        return _with_query(address, subdir)
    base, _, fragment = address.partition("#")
    return f"{base}#{fragment.partition(':')[0]}:{subdir}"


def _with_query(address: str, subdir: str) -> str:
    """Replace the subdirectory that the query of an address names."""
    from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "subdir": subdir}
    return urlunsplit(parts._replace(query=urlencode(sorted(query.items()))))


def check_dockerfile(context: str, dockerfile: str, remote: RemoteFiles) -> None:
    """Refuse a local Dockerfile whose path looks like one in the remote. Raises: BakeError."""
    if remote.kind != REPOSITORY or not context.startswith(LOCAL) or dockerfile.startswith(LOCAL) or is_remote(dockerfile):
        return
    path = os.path.join(local_path(context), dockerfile)
    if os.path.lexists(path):
        raise BakeError(
            f"the Dockerfile {path} of a remote definition is a local file", hint=f"write {LOCAL}{path} to read it from here"
        )
