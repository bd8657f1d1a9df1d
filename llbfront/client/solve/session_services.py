"""Set up the services of a session for one build: files to read, secrets, SSH agents, credentials, and destinations of results.

Each service loads when a build needs it. Errors that occur in the client are kept, since they say more than what the engine makes of them.

Source: client/solve.go of BuildKit.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llbfront.client.exports.exporter_response import DESCRIPTOR, IMAGE_NAME, LATEST, expect_blob, read_descriptor
from llbfront.errors import ExecFailed, ExportError
from llbfront.files.paths import STANDARD_STREAM, absolute_path, is_special, open_existing, real_path, reason
from llbfront.files.writing import Output, open_output
from llbfront.session import auth
from llbfront.session.credentials import CredentialStore
from llbfront.session.filesync import FileSync, LocalDir

if TYPE_CHECKING:
    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.buildflags.secrets import SecretSource
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.errors import LlbfrontError, SolveError
    from llbfront.files.reading import Readable
    from llbfront.llb.definition import Definition
    from llbfront.rpc.calls import Services
    from llbfront.session.content import Content
    from llbfront.session.credentials import Notice
    from llbfront.session.export import Export as ExportService
    from llbfront.session.export import Target
    from llbfront.session.filesync import Observer
    from llbfront.session.oci_layout import Layout
    from llbfront.session.secrets import Secret

EXPORT_STORE = "export"
SSH = ("ssh://", "git@")


class SessionServices:
    """All that the engine may ask of us for one build. Ended by `close`, whatever became of the build."""

    def __init__(
        self,
        request: BuildRequest,
        offered: Inputs,
        exports: tuple[Export, ...],
        loads: Mapping[int, Target] | None = None,
        stores: Mapping[str, Layout] | None = None,
        notify: Callable[[Notice], None] | None = None,
        environ: Mapping[str, str] | None = None,
        observe: Observer | None = None,
        shared: Mapping[str, FileSync] | None = None,
    ) -> None:
        """Create the services.

        loads: the targets of outputs that go into a docker engine, by number. stores: layouts of caches, by id.
        notify: called from other threads with what the user should know about credentials. environ: where credentials, proxies and the
        usual SSH agent are looked up, by default the environment of the process. observe: passes on the entries of directories that are sent.
        shared: what serves directories in sessions that several builds share, by the names of directories.
        """
        targets = {number: target for number, export in enumerate(exports) if (target := _target(export))} | dict(loads or {})
        self.credentials = CredentialStore(environ, notify=notify)
        self._auth = auth.AuthService(self.credentials, environ=environ)
        self._inputs = offered
        self._files = FileSync({name: LocalDir(path) for name, path in offered.directories.items()}, observe=observe)
        self._shared = shared or {}
        self._exports = _export(targets)
        self._store = next((export for export in exports if export.is_store), None)
        self._content = _content(self._store, offered, stores or {})
        self.services: Services = {
            **self._files.services(),
            **(self._exports.services() if self._exports else {}),
            **(self._content.services() if self._content else {}),
            **(_upload(*offered.upload) if offered.upload else {}),
            **self._auth.services(),
            **(_secrets(request.secrets) if request.secrets else {}),
            **(_ssh(request, environ) if request.ssh or _is_over_ssh(request.context) else {}),
        }

    @property
    def sockets(self) -> tuple[str, ...]:
        """The sockets of directories that the engine got as empty files."""
        served = {**self._files.sockets, **{name: files.sockets.get(name, ()) for name, files in self._shared.items()}}
        return tuple(path if name == "context" else f"{name}: {path}" for name, paths in served.items() for path in paths)

    def explain(self, error: SolveError, graphs: Sequence[Definition]) -> LlbfrontError:
        """Return the error of this side that made a solve fail, since it says more than what the engine makes of it."""
        if self._exports and self._exports.errors:
            return self._exports.errors[0]
        failed = [
            *self._files.errors,
            *(failure for name, files in self._shared.items() for failure in files.errors if failure[0] == name),
        ]
        if failed and not isinstance(error, ExecFailed):
            from llbfront.client.solve_errors.transfer_error import transfer_failure

            return transfer_failure(error, *failed[0], graphs, self._inputs)
        return error

    def commit(self, response: Mapping[str, str]) -> None:
        """Check that all outputs arrived, and name in its index the image that was written as blobs. Raises: ExportError."""
        if self._exports is not None:
            self._exports.check()
        if self._store is None or self._content is None:
            return
        if DESCRIPTOR not in response:
            raise ExportError(f"the engine did not send the output {self._store.dest}")
        names = tuple(name for name in response.get(IMAGE_NAME, "").split(",") if name)
        layout, descriptor = self._content.stores[EXPORT_STORE], read_descriptor(DESCRIPTOR, response[DESCRIPTOR])
        expect_blob(layout, descriptor)
        layout.put(descriptor, names=names, tags=() if names else (LATEST,))

    def close(self) -> None:
        self._auth.close()
        if self._exports is not None:
            self._exports.close()
        if self._content is not None:
            self._content.release()


def _content(store: Export | None, offered: Inputs, caches: Mapping[str, Layout]) -> Content | None:
    """Return the OCI layouts that the engine may read, and those that it may write."""
    if store is None and not offered.layouts and not caches:
        return None
    from llbfront.session.content import Content
    from llbfront.session.oci_layout import Layout

    stores = {**caches, **{f"oci:{name}": Layout(path) for name, path in offered.layouts.items()}}
    if store is not None:
        stores[EXPORT_STORE] = Layout(real_path(store.dest or ""), is_writable=True)
    return Content(stores)


def _upload(path: str, stream: Readable) -> Services:
    from llbfront.session.upload import Upload

    return Upload({path.strip("/"): stream}).services()


def _export(targets: Mapping[int, Target]) -> ExportService | None:
    if not targets:
        return None
    from llbfront.session.export import Export as ExportService

    return ExportService(targets)


def _target(export: Export) -> Target | None:
    if not (export.is_directory or export.is_file):
        return None
    from llbfront.session.export import DirectoryTarget, FileTarget, OutputTarget

    if export.is_directory:
        return DirectoryTarget(real_path(export.dest or ""), mirror=export.attrs.get("mode") == "delete")
    if export.dest == STANDARD_STREAM:
        return _standard_output()
    path = export.dest or ""
    return OutputTarget(open_output(path)) if is_special(path) else FileTarget(absolute_path(path))


def _standard_output() -> Target:
    """Return standard output, past what guards it against readers that go away. Raises: ExportError."""
    from llbfront.session.export import OutputTarget, StreamTarget

    try:
        sys.stdout.flush()
        return OutputTarget(Output("standard output", open_existing(f"/dev/fd/{sys.stdout.fileno()}", os.O_WRONLY)))
    except (AttributeError, OSError, ValueError) as error:
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None or not isinstance(error, io.UnsupportedOperation):
            raise ExportError(f"cannot write to standard output: {_reason(error)}") from None
        return StreamTarget(buffer)


def _reason(error: AttributeError | OSError | ValueError) -> str:
    if isinstance(error, io.UnsupportedOperation):
        return "it takes text only"
    return reason(error) if isinstance(error, OSError) else "it is closed"


def _secrets(sources: Iterable[SecretSource]) -> Services:
    from llbfront.session.secrets import services

    return services({source.id: _secret(source) for source in sources})


def _secret(source: SecretSource) -> Secret:
    from llbfront.session.secrets import ValueSecret, from_file, from_variable

    if source.value is not None:
        return ValueSecret(source.value)
    return from_variable(source.id, source.env or "") if source.path is None else from_file(source.id, source.path)


def _is_over_ssh(context: object) -> bool:
    return isinstance(context, str) and context.startswith(SSH)


def _ssh(request: BuildRequest, environ: Mapping[str, str] | None) -> Services:
    """Return the agents of a request. For a context over SSH, the default agent is added. Raises: InvalidValue."""
    from llbfront.session.ssh import DEFAULT, Ssh, agent

    return Ssh(request.ssh or {DEFAULT: agent(environ=environ)}).services()
