"""What the session serves during one build: the files that it may read, and the places where its results go.

Enters: a request, its inputs and its exports. Leaves: Services for the tunnel, and our own account of what could not be written.

Source: client/solve.go of BuildKit.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from llbfront.client.exporters import STDOUT
from llbfront.session import auth, secrets
from llbfront.session.credentials import CredentialStore
from llbfront.session.export import DirectoryTarget, FileTarget, StreamTarget
from llbfront.session.export import Export as ExportService
from llbfront.session.filesync import FileSync, LocalDir
from llbfront.session.secrets import FileSecret, VariableSecret

if TYPE_CHECKING:
    from llbfront.client.exporters import Export
    from llbfront.client.inputs import Inputs
    from llbfront.client.request import BuildRequest, SecretSource
    from llbfront.errors import ExportError
    from llbfront.session.export import Target
    from llbfront.session.secrets import Secret
    from llbfront.transport.channel import Services


class Offer:
    """All that the engine may ask of us for one build."""

    def __init__(self, request: BuildRequest, offered: Inputs, exports: tuple[Export, ...]) -> None:
        targets = {number: target for number, export in enumerate(exports) if (target := _target(export))}
        self._exports = ExportService(targets)
        self.services: Services = {
            **FileSync({name: LocalDir(path) for name, path in offered.directories.items()}).services(),
            **(self._exports.services() if targets else {}),
            **auth.services(CredentialStore()),
            **(secrets.services({one.id: _secret(one) for one in request.secrets}) if request.secrets else {}),
        }

    @property
    def failure(self) -> ExportError | None:
        """The first output that could not be written; it says more than what the engine makes of it."""
        return next(iter(self._exports.errors), None)


def _target(export: Export) -> Target | None:
    if export.is_directory:
        return DirectoryTarget(os.path.abspath(export.dest or ""), mirror=export.attrs.get("mode") == "delete")
    if export.is_file:
        return StreamTarget(sys.stdout.buffer) if export.dest == STDOUT else FileTarget(os.path.abspath(export.dest or ""))
    return None


def _secret(source: SecretSource) -> Secret:
    return FileSecret(source.path) if source.path is not None else VariableSecret(source.env or "")
