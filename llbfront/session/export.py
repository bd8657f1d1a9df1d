"""Where the engine may put results: directories and files by exporter number → the FileSend service.

A directory receives a tree, each file whole or absent. A file is written beside its place and renamed when the engine has said that it
is complete, so that a failed build leaves what was there before.

Source: session/filesync/filesync.go and diffcopy.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO

import attrs

from llbfront.errors import ExportError, LlbfrontError
from llbfront.fs.diffcopy import Receiver
from llbfront.fs.tree import Tree, temporary_name
from llbfront.session.filesync import UNKNOWN
from llbfront.session.messages import decode_bytes
from llbfront.transport.channel import Handler

if TYPE_CHECKING:
    from llbfront.transport.channel import Metadata, ServerCall, Services

DIFF_COPY = "/moby.filesync.v1.FileSend/DiffCopy"
ALREADY_EXISTS = 6

_EXPORTER = "buildkit-attachable-exporter-id"
_ALL_PLATFORMS = "buildkit-exporter-multi-platform"
_RESPONSE = "exporter-md-"


@attrs.frozen
class DirectoryTarget:
    """A tree goes into `path`, which is made if needed.

    mirror: remove what is not part of the result. Otherwise the result is merged into what is there.
    """

    path: str
    mirror: bool = False


@attrs.frozen
class FileTarget:
    """One file (a tar) goes to `path`, or to the path that `name` answers for the exporter's response.

    name: may answer None, which tells the engine that the file is there already.
    """

    path: str = ""
    name: Callable[[Mapping[str, str]], str | None] | None = None


@attrs.frozen
class StreamTarget:
    """One file (a tar) goes into an open stream, such as standard output, as it comes."""

    stream: BinaryIO


@attrs.frozen
class ElsewhereTarget:
    """One file goes to whom `receive` makes; it is given the call, and whom to tell of a failure instead of ending the call."""

    receive: Callable[[ServerCall, Callable[[LlbfrontError], None]], Handler]


Target = DirectoryTarget | FileTarget | StreamTarget | ElsewhereTarget


class Export:
    """Serves the targets of one build, by the number of the exporter in its request.

    errors: what went wrong on our side, in order. It is clearer than what the engine makes of it.
    """

    def __init__(self, targets: Mapping[int, Target]) -> None:
        self.targets = dict(targets)
        self.errors: list[ExportError] = []

    def services(self) -> Services:
        return {DIFF_COPY: self._serve}

    def _serve(self, call: ServerCall) -> Handler:
        metadata = dict(call.metadata)
        number = _number(metadata.get(_EXPORTER, ""))
        try:
            match self.targets.get(number):
                case DirectoryTarget() as target:
                    return _TreeHandler(self, call, _tree(target, metadata))
                case FileTarget() as target:
                    return self._serve_file(call, target)
                case StreamTarget(stream):
                    return _StreamHandler(self, call, _Stream(stream))
                case ElsewhereTarget(receive):
                    return receive(call, lambda error: self.failed(call, error))
                case None:
                    raise ExportError(f"exporter {number} not found")
        except ExportError as error:
            self.failed(call, error)
            return Handler()

    def _serve_file(self, call: ServerCall, target: FileTarget) -> Handler:
        path = target.name(_response(call.metadata)) if target.name is not None else target.path
        if path is None:
            call.finish(ALREADY_EXISTS, "target already exists")
            return Handler()
        return _StreamHandler(self, call, _output(path))

    def failed(self, call: ServerCall, error: LlbfrontError) -> None:
        """End the call with `error` and keep it for the client."""
        self.errors.append(error if isinstance(error, ExportError) else ExportError(str(error)))
        call.finish(UNKNOWN, str(error))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _response(metadata: Metadata) -> dict[str, str]:
    """Return the exporter's response, several values of a key joined by commas."""
    joined: dict[str, str] = {}
    for key, value in metadata:
        if key.startswith(_RESPONSE):
            name = key.removeprefix(_RESPONSE)
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _tree(target: DirectoryTarget, metadata: Mapping[str, str]) -> Tree:
    if target.mirror and metadata.get(_ALL_PLATFORMS) != "1":
        raise ExportError("this engine cannot replace a directory", hint="mode=delete needs BuildKit 0.31 or newer")
    return Tree(target.path, mirror=target.mirror)


class _TreeHandler(Handler):
    """Receives a tree. The engine's side of the call ends it."""

    def __init__(self, export: Export, call: ServerCall, tree: Tree) -> None:
        self.export, self.call = export, call
        self.receiver: Receiver | None = Receiver(tree)

    def on_message(self, data: bytes) -> None:
        if self.receiver is None:
            return
        try:
            for answer in self.receiver.receive(data):
                self.call.send(answer)
        except LlbfrontError as error:
            self._fail(error)

    def on_half_close(self) -> None:
        if self.receiver is None:
            return
        if self.receiver.done:
            self.receiver = None
            self.call.finish()
        else:
            self._fail(ExportError("the engine ended the export before it was complete"))

    def on_cancel(self) -> None:
        if self.receiver is not None:
            self.receiver.abort()
            self.receiver = None

    def _fail(self, error: LlbfrontError) -> None:
        self.on_cancel()
        self.export.failed(self.call, error)


def _output(path: str) -> _NewFile | _Stream:
    """Open what a file target names: a new file, or something that is no file (a device, a pipe) as it is."""
    real = os.path.realpath(path)
    try:
        if os.path.isdir(real):
            raise ExportError(f"{path} is a directory, but the result is one file")
        if os.path.exists(real) and not os.path.isfile(real):
            return _Stream(open(real, "wb", buffering=0), is_ours=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    return _NewFile(real)


class _NewFile:
    """A file that appears under its name only when it is complete."""

    def __init__(self, path: str) -> None:
        self.path = path
        directory = os.path.dirname(path)
        self.made = os.path.join(directory, os.path.basename(path)[:200] + temporary_name().decode())
        try:
            if directory:
                os.makedirs(directory, exist_ok=True)
            self.fd = os.open(self.made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise _unwritable(path, error) from error

    def write(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self.fd, view) :]
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def commit(self) -> None:
        try:
            fd, self.fd = self.fd, -1
            os.close(fd)
            os.replace(self.made, self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def abandon(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
        if os.path.lexists(self.made):
            os.unlink(self.made)


class _Stream:
    """An open stream that takes the file as it comes."""

    def __init__(self, stream: BinaryIO, *, is_ours: bool = False) -> None:
        self.stream, self.is_ours = stream, is_ours

    def write(self, data: bytes) -> None:
        try:
            self.stream.write(data)
        except OSError as error:
            raise _unwritable("the output stream", error) from error

    def commit(self) -> None:
        try:
            self.stream.close() if self.is_ours else self.stream.flush()
        except OSError as error:
            raise _unwritable("the output stream", error) from error

    def abandon(self) -> None:
        """Let go; nothing can be taken back."""
        if self.is_ours:
            self.stream.close()


class _StreamHandler(Handler):
    """Receives one file in BytesMessages."""

    def __init__(self, export: Export, call: ServerCall, output: _NewFile | _Stream) -> None:
        self.export, self.call = export, call
        self.output: _NewFile | _Stream | None = output

    def on_message(self, data: bytes) -> None:
        if self.output is not None:
            self._trying(lambda output: output.write(decode_bytes(data)))

    def on_half_close(self) -> None:
        if self._trying(lambda output: output.commit()):
            self.output = None
            self.call.finish()

    def on_cancel(self) -> None:
        if self.output is not None:
            self.output.abandon()
            self.output = None

    def _trying(self, action: Callable[[_NewFile | _Stream], None]) -> bool:
        if self.output is None:
            return False
        try:
            action(self.output)
        except LlbfrontError as error:
            self.on_cancel()
            self.export.failed(self.call, error)
            return False
        return True


def _unwritable(path: str, error: OSError) -> ExportError:
    return ExportError(f"{path} cannot be written: {error.strerror}")
