"""Receive results from the engine over the FileSend service: a directory or a file for each exporter.

A directory receives a tree, each file whole or absent. A file is written to the same directory under a temporary name and renamed when the engine has said that it
is complete, so that a failed build leaves what was there before.

Source: session/filesync/filesync.go and diffcopy.go of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO

import attrs

from llbfront import interrupts
from llbfront.errors import ExportError, LlbfrontError
from llbfront.files.paths import make_directories
from llbfront.files.writing import Output, open_output, unwritable
from llbfront.fsutil.diffcopy import Receiver
from llbfront.fsutil.disk_writer import DiskWriter
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.session.bytes_message import decode_bytes

if TYPE_CHECKING:
    from llbfront.rpc.calls import Metadata, ServerCall, Services
    from llbfront.rpc.event_loop import Watch

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
    """One file (a tar) goes into an open stream of the caller as it comes."""

    stream: BinaryIO


@attrs.frozen
class OutputTarget:
    """One file (a tar) goes into an output that is open already, such as a pipe or standard output."""

    output: Output


@attrs.frozen
class CallbackTarget:
    """One file goes to whom `receive` makes; it is given the call, and whom to tell of a failure instead of ending the call."""

    receive: Callable[[ServerCall, Callable[[LlbfrontError], None]], Handler]


Target = DirectoryTarget | FileTarget | StreamTarget | OutputTarget | CallbackTarget
"""Where an exported result is written."""


class Export:
    """Serves the targets of one build, by the number of the exporter in its request.

    errors: what went wrong on our side, in order. It is clearer than what the engine makes of it.
    """

    def __init__(self, targets: Mapping[int, Target]) -> None:
        self.targets = dict(targets)
        self.errors: list[ExportError] = []
        self._received: set[int] = set()

    def check(self) -> None:
        """Raise ExportError if something could not be written, or was not sent, although the engine reports success."""
        if self.errors:
            raise self.errors[0]
        for number, target in self.targets.items():
            if number not in self._received:
                raise ExportError(f"the engine did not send {_described(target)}")

    def received(self, call: ServerCall) -> None:
        """Note that the target of a call is complete."""
        self._received.add(_number(dict(call.metadata).get(_EXPORTER, "")))

    def close(self) -> None:
        """Close outputs that nothing was written to, so that their readers see an end."""
        for target in self.targets.values():
            if isinstance(target, OutputTarget):
                target.output.abandon()

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
                case OutputTarget(output):
                    return _StreamHandler(self, call, output)
                case CallbackTarget(receive):
                    self.received(call)  # its failure is reported separately
                    return receive(call, lambda error: self.failed(call, error))
                case None:
                    raise ExportError(f"exporter {number} not found")
        except ExportError as error:
            self.failed(call, error)
            return Handler()

    def _serve_file(self, call: ServerCall, target: FileTarget) -> Handler:
        path = target.name(_response(call.metadata)) if target.name is not None else target.path
        if path is None:
            self.received(call)
            call.finish(ALREADY_EXISTS, "target already exists")
            return Handler()
        return _StreamHandler(self, call, _file(path))

    def failed(self, call: ServerCall, error: LlbfrontError) -> None:
        """End the call with `error` and keep it for the client."""
        self.errors.append(error if isinstance(error, ExportError) else ExportError(str(error)))
        call.finish(Code.UNKNOWN, str(error))


def _described(target: Target) -> str:
    match target:
        case DirectoryTarget(path) | FileTarget(path):
            return f"the output {path}"
        case OutputTarget(output):
            return f"the output {output.path}"
        case _:
            return "an output"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _response(metadata: Metadata) -> dict[str, str]:
    """Return the exporter's response, several values of a key joined by commas."""
    joined: dict[str, str] = {}
    for key, value in metadata:
        if key.startswith(_RESPONSE):
            name = key.removeprefix(_RESPONSE)
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _tree(target: DirectoryTarget, metadata: Mapping[str, str]) -> DiskWriter:
    if target.mirror and metadata.get(_ALL_PLATFORMS) != "1":
        raise ExportError("this engine cannot replace a directory", hint="mode=delete needs BuildKit 0.31 or newer")
    return DiskWriter(target.path, mirror=target.mirror)


class _TreeHandler(Handler):
    """Receives a tree. The engine's side of the call ends it."""

    def __init__(self, export: Export, call: ServerCall, tree: DiskWriter) -> None:
        self.export, self.call = export, call
        self.receiver: Receiver | None = Receiver(tree)

    def on_message(self, data: bytes) -> None:
        if self.receiver is None:
            return
        try:
            for answer in self.receiver.receive(data):
                self.call.send(answer)
            if self.receiver.is_complete:  # the engine ends the call in its own time
                self.export.received(self.call)
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


def _file(path: str) -> Output:
    try:
        make_directories(os.path.dirname(path) or ".")
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error
    return open_output(path)


class _Stream:
    """A stream of the caller that takes the file as it comes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def write_ready(self, data: memoryview) -> int:
        try:
            with interrupts.immediate():  # it may wait for its reader
                self.stream.write(data)
        except (OSError, ValueError) as error:
            raise unwritable("the output stream", error) from error
        return len(data)

    def commit(self) -> None:
        try:
            self.stream.flush()
        except (OSError, ValueError) as error:
            raise unwritable("the output stream", error) from error

    def abandon(self) -> None:
        """Do nothing: it cannot be undone."""


class _StreamHandler(Handler):
    """Receives one file in BytesMessages. While the reader of a pipe does not read, the engine is held back, and all else goes on."""

    def __init__(self, export: Export, call: ServerCall, output: Output | _Stream) -> None:
        self.export, self.call = export, call
        self.output: Output | _Stream | None = output
        self.unwritten = memoryview(b"")
        self.watch: Watch | None = None

    def on_message(self, data: bytes) -> None:
        self.unwritten = memoryview(decode_bytes(data))
        self._trying(self._write)

    def on_half_close(self) -> None:
        if self._trying(lambda output: output.commit()):
            self.output = None
            self.export.received(self.call)
            self.call.finish()

    def on_cancel(self) -> None:
        self._ignore_reader()
        if self.output is not None:
            self.output.abandon()
            self.output = None

    def _write(self, output: Output | _Stream) -> None:
        while self.unwritten:
            size = output.write_ready(self.unwritten)
            self.unwritten = self.unwritten[size:]
            if not size and isinstance(output, Output):
                self._wait_for_reader(output)
                return
        if self.watch:
            self._ignore_reader()
            self.call.resume()

    def _wait_for_reader(self, output: Output) -> None:
        if self.watch is None:
            self.call.pause()
            self.watch = self.call.loop.watch(output.fileno())
            self.watch.update(on_readable=None, on_writable=self._on_reader)

    def _on_reader(self) -> None:
        self._trying(self._write)

    def _ignore_reader(self) -> None:
        if self.watch:
            self.watch.cancel()
            self.watch = None

    def _trying(self, action: Callable[[Output | _Stream], None]) -> bool:
        if self.output is None:
            return False
        try:
            action(self.output)
        except LlbfrontError as error:
            self.on_cancel()
            self.export.failed(self.call, error)
            return False
        return True
