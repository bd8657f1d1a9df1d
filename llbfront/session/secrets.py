"""Hand out secrets: files and variables that were offered by id → bytes, read only when a step asks.

Enters: requests for ids. Leaves: contents, or NOT_FOUND. A content is never kept, printed or logged.

Source: session/secrets/secretsprovider of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import RpcError
from llbfront.pb import secrets
from llbfront.transport.channel import answering

if TYPE_CHECKING:
    from llbfront.transport.channel import ServerCall, Services

LIMIT_BYTES = 500 * 1024
NOT_FOUND, INVALID_ARGUMENT = 5, 3


@attrs.frozen
class FileSecret:
    """A secret that is the content of a file."""

    path: str

    def read(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read(LIMIT_BYTES + 1)


@attrs.frozen
class VariableSecret:
    """A secret that is the value of an environment variable."""

    name: str

    def read(self) -> bytes:
        return os.environb[os.fsencode(self.name)]


@attrs.frozen
class ValueSecret:
    """A secret that the caller holds in memory."""

    value: bytes = attrs.field(repr=False)

    def read(self) -> bytes:
        return self.value


Secret = FileSecret | VariableSecret | ValueSecret


def services(offered: Mapping[str, Secret]) -> Services:
    """Serve these secrets by id. A secret that cannot be read, or is larger than 500 KiB, fails the step that wants it."""

    def get(request: secrets.GetSecretRequest, _: ServerCall) -> secrets.GetSecretResponse:
        if request.ID not in offered:
            raise RpcError(f"secret {request.ID}: not found", code=NOT_FOUND)
        try:
            data = offered[request.ID].read()
        except (OSError, KeyError):
            raise RpcError(f"secret {request.ID}: cannot be read", code=NOT_FOUND) from None
        if len(data) > LIMIT_BYTES:
            raise RpcError(f"secret {request.ID}: larger than {LIMIT_BYTES} bytes", code=INVALID_ARGUMENT)
        return secrets.GetSecretResponse(data=data)

    method = secrets.Secrets.GetSecret
    return {method.path: answering(method, get)}
