"""The Auth service.

Source: session/auth/auth.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import auth_pb2
from llbfront.rpc.method import Method


class AuthMethods:
    """Registry credentials that the engine asks the session for."""

    Credentials = Method("/moby.filesync.v1.Auth/Credentials", auth_pb2.CredentialsRequest, auth_pb2.CredentialsResponse)
    FetchToken = Method("/moby.filesync.v1.Auth/FetchToken", auth_pb2.FetchTokenRequest, auth_pb2.FetchTokenResponse)
    GetTokenAuthority = Method(
        "/moby.filesync.v1.Auth/GetTokenAuthority", auth_pb2.GetTokenAuthorityRequest, auth_pb2.GetTokenAuthorityResponse
    )
    VerifyTokenAuthority = Method(
        "/moby.filesync.v1.Auth/VerifyTokenAuthority", auth_pb2.VerifyTokenAuthorityRequest, auth_pb2.VerifyTokenAuthorityResponse
    )
