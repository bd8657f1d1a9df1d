"""Read files of a git repository or an archive, or a single file on the web, through an engine, which fetches them.

Source: bake/remote.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb import git_ref
from llbfront.errors import ContextError, InvalidValue, LlbfrontError, SolveError
from llbfront.llb import giturl
from llbfront.printable import hide_credentials

if TYPE_CHECKING:
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.frontend.bridge import Bridge, Reference
    from llbfront.llb.state import State
    from llbfront.rpc.channel import Channel

__all__ = ["RemoteFiles", "git_host", "is_remote", "read_remote_files"]

MAX_BYTES = 2 << 20
SNIFFED_BYTES = 1024
DOWNLOADED = "context"
ARCHIVE, FILE, REPOSITORY = "archive", "file", "repository"


@attrs.frozen(eq=False)
class RemoteFiles:
    """Files that an engine read at an address.

    Attributes:
        address: the address.
        kind: `repository`, `archive` or `file`.
        files: the contents by path. The key of a single file is its address.
        tree: all files of a repository or an archive as a graph; None for a single file.
    """

    address: str
    kind: str
    files: Mapping[str, bytes] = attrs.field(repr=False)
    tree: State | None = attrs.field(default=None, repr=False)

    def directory(self, path: str, *, step: str = "") -> State:
        """Return a directory of the files as a graph; `step` names what takes it out. Raises: ContextError for a single file."""
        from llbfront import llb
        from llbfront.llb.op import OpMeta

        if self.tree is None:
            raise ContextError(f"{hide_credentials(self.address)} is a file and has no directories")
        if path == ".":
            return self.tree
        return llb.scratch().file(llb.Copy(self.tree, path, "/", dir_copy_contents=True), meta=OpMeta(name=step))


def is_remote(text: str) -> bool:
    """Return whether a string is the address of a git repository, even a malformed one, or of a file on the web."""
    try:
        git_ref.parse(text)
    except git_ref.NotGit:
        return text.startswith(("http://", "https://"))
    except InvalidValue:
        return True
    return True


def git_host(address: str) -> str:
    """Return the host of the address of a git repository; empty if there is none."""
    try:
        return giturl.parse(address).host
    except InvalidValue:
        return ""


def read_remote_files(
    channel: Channel,
    address: str,
    paths: Iterable[str],
    *,
    must_exist: bool,
    git_advice: bool = False,
    request: BuildRequest | None = None,
) -> RemoteFiles:
    """Read files at an address.

    Args:
        channel: the connection to the engine.
        address: a git repository, as a build context names it, or an http URL of an archive or of a file.
        paths: the files to read of a repository or an archive. A file on the web is read whole, whatever the paths.
        must_exist: whether a path that a repository or an archive lacks is an error.
        git_advice: whether an error shows the advice of git.
        request: the secrets and agents that the engine may use to fetch.

    Raises:
        ContextError: the address cannot be read, or a file does not exist.
    """
    from llbfront.client.sources.engine_images import query

    read = _reader(address, tuple(paths), must_exist=must_exist, git_advice=git_advice)
    try:
        return query(channel, read, request=request)
    except SolveError as error:
        raise ContextError(f"cannot read {hide_credentials(address)}: {_one_line(error.message)}", hint=error.hint) from None


def _one_line(text: str) -> str:
    """Return the first and the last line of an error of git. The last one has the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if len(lines) < 2 else f"{lines[0].rstrip(':')}: {lines[-1]}"


def _reader(address: str, paths: Sequence[str], *, must_exist: bool, git_advice: bool) -> Callable[[Bridge], RemoteFiles]:
    """Return a function that reads files over the bridge of a solve. Raises: ContextError for an invalid address."""
    from llbfront.frontend import contexts

    try:
        git = git_ref.parse(address)
    except git_ref.NotGit:
        if not is_remote(address):
            raise ContextError(f"{address} is not the address of a repository or of a file on the web") from None
        return lambda bridge: _download(bridge, address, paths, must_exist=must_exist)
    except LlbfrontError as error:
        raise ContextError(f"{hide_credentials(address)}: {error.message}", hint=error.hint) from None
    tree = contexts.git_context(git, address, keep=False, mtime="", advice=git_advice)
    return lambda bridge: RemoteFiles(
        address, REPOSITORY, _contents(_solved(bridge, tree), paths, address, must_exist=must_exist), tree
    )


def _solved(bridge: Bridge, state: State) -> Reference | None:
    from llbfront import llb

    (reference,) = bridge.solve([llb.marshal(state, caps=bridge.caps)], evaluate=True)
    return reference


def _contents(reference: Reference | None, paths: Sequence[str], address: str, *, must_exist: bool) -> dict[str, bytes]:
    """Read files of a result, by path."""
    from llbfront.frontend.files import read_file

    contents = {}
    for path in paths:
        if reference is not None and reference.size_of(path) is not None:
            contents[path] = read_file(reference, path)
        elif must_exist:
            raise ContextError(f"cannot read {path} of {hide_credentials(address)}: there is no such file")
    return contents


def _download(bridge: Bridge, address: str, paths: Sequence[str], *, must_exist: bool) -> RemoteFiles:
    """Read files of an archive, or the only file."""
    from llbfront import llb
    from llbfront.fsutil.archive import sniff
    from llbfront.llb.op import OpMeta

    source = llb.http(address, filename=DOWNLOADED, meta=OpMeta(name="[internal] load remote build context"))
    reference = _solved(bridge, source)
    assert reference is not None
    if sniff(reference.read_file(DOWNLOADED, limit=SNIFFED_BYTES)) is None:
        return RemoteFiles(address, FILE, {address: _whole(reference, address)})
    tree = llb.scratch().file(llb.Copy(source, f"/{DOWNLOADED}", "/", attempt_unpack=True))
    return RemoteFiles(address, ARCHIVE, _contents(_solved(bridge, tree), paths, address, must_exist=must_exist), tree)


def _whole(reference: Reference, address: str) -> bytes:
    """Read a single file, which must not be large."""
    data = reference.read_file(DOWNLOADED, limit=MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ContextError(
            f"{hide_credentials(address)} is larger than {MAX_BYTES >> 20} MiB", hint="download it and name the local file"
        )
    return data
