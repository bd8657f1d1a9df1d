"""The Secrets service.

Source: session/secrets/secrets.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import secrets_pb2
from llbfront.rpc.method import Method


class SecretsMethods:
    """Secrets that the engine asks the session for."""

    GetSecret = Method("/moby.buildkit.secrets.v1.Secrets/GetSecret", secrets_pb2.GetSecretRequest, secrets_pb2.GetSecretResponse)
