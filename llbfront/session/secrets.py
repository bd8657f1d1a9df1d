"""Serve secrets: files, variables and values that were offered by id. They are read only when a step asks.

Contents are never kept, printed or logged. An id that was not offered is NOT_FOUND.

Source: session/secrets/secretsprovider of BuildKit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import ContextError, RpcError
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import is_special, open_existing, reason, refuse_kind
from llbfront.files.reading import read_file, read_start
from llbfront.pb import secrets_pb2 as secrets
from llbfront.rpc.codes import Code
from llbfront.rpc.services.secrets import SecretsMethods
from llbfront.rpc.unary import unary_handler

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall, Services

LIMIT_BYTES = 500 * 1024


@attrs.frozen
class FileSecret:
    """A secret that is the content of a file."""

    path: str

    def read(self) -> bytes:
        return read_start(self.path, LIMIT_BYTES + 1)


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
"""Where the value of a secret comes from."""


def from_file(name: str, path: str) -> Secret:
    """Return the secret that a file holds. What can be read only once, such as a pipe, is read now.

    Raises:
        ContextError: the file cannot be read, or is larger than an engine takes.
    """
    if is_special(path):
        return ValueSecret(read_file(path, f"the secret {name} from", limit_bytes=LIMIT_BYTES))
    check_file(name, path)
    return FileSecret(path)


def check_file(name: str, path: str) -> None:
    """Refuse a file that cannot be read, or is larger than an engine takes. Nothing is read. Raises: ContextError."""
    try:
        refuse_kind(path)
        if is_special(path):
            return  # opening a pipe and closing it again would end its writer
        fd = open_existing(path, os.O_RDONLY)
        size_bytes = os.fstat(fd).st_size
        os.close(fd)
    except (OSError, ValueError) as error:
        raise ContextError(f"cannot read the secret {name} from {path}: {reason(error)}", hint=near_path_hint(path)) from None
    if size_bytes > LIMIT_BYTES:
        raise ContextError(f"the secret {name} has {size_bytes} bytes; engines take at most {LIMIT_BYTES}")


def from_variable(name: str, variable: str) -> Secret:
    """Return the secret that an environment variable holds. Raises: ContextError if it is not set."""
    if os.fsencode(variable) not in os.environb:
        raise ContextError(f"cannot read the secret {name}: the variable {variable} is not set")
    return VariableSecret(variable)


def services(offered: Mapping[str, Secret]) -> Services:
    """Serve these secrets by id. A secret that cannot be read, or is larger than 500 KiB, fails the step that uses it."""

    def get(request: secrets.GetSecretRequest, _: ServerCall) -> secrets.GetSecretResponse:
        if request.ID not in offered:
            raise RpcError(f"secret {request.ID}: not found", code=Code.NOT_FOUND)
        # NOT_FOUND would let a step that does not require the secret run without it.
        try:
            data = offered[request.ID].read()
        except KeyError:
            raise RpcError(f"cannot read the secret {request.ID}: its variable is not set", code=Code.UNKNOWN) from None
        except (OSError, ValueError) as error:
            raise RpcError(f"cannot read the secret {request.ID}: {reason(error)}", code=Code.UNKNOWN) from None
        if len(data) > LIMIT_BYTES:
            raise RpcError(f"secret {request.ID}: larger than {LIMIT_BYTES} bytes", code=Code.INVALID_ARGUMENT)
        return secrets.GetSecretResponse(data=data)

    method = SecretsMethods.GetSecret
    return {method.path: unary_handler(method, get, in_thread=True)}
