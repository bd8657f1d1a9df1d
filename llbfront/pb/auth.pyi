# Made from auth.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import auth as _auth

enums: Mapping[str, Mapping[str, int]]

class CredentialsRequest(Message):
    Host: str
    def __init__(self, *, Host: str | None = ...) -> None: ...

class CredentialsResponse(Message):
    Username: str
    Secret: str
    def __init__(self, *, Username: str | None = ..., Secret: str | None = ...) -> None: ...

class FetchTokenRequest(Message):
    ClientID: str
    Host: str
    Realm: str
    Service: str
    Scopes: Sequence[str]
    def __init__(self, *, ClientID: str | None = ..., Host: str | None = ..., Realm: str | None = ..., Service: str | None = ..., Scopes: Iterable[str] | None = ...) -> None: ...

class FetchTokenResponse(Message):
    Token: str
    ExpiresIn: int
    IssuedAt: int
    def __init__(self, *, Token: str | None = ..., ExpiresIn: int | None = ..., IssuedAt: int | None = ...) -> None: ...

class GetTokenAuthorityRequest(Message):
    Host: str
    Salt: bytes
    def __init__(self, *, Host: str | None = ..., Salt: bytes | None = ...) -> None: ...

class GetTokenAuthorityResponse(Message):
    PublicKey: bytes
    def __init__(self, *, PublicKey: bytes | None = ...) -> None: ...

class VerifyTokenAuthorityRequest(Message):
    Host: str
    Payload: bytes
    Salt: bytes
    def __init__(self, *, Host: str | None = ..., Payload: bytes | None = ..., Salt: bytes | None = ...) -> None: ...

class VerifyTokenAuthorityResponse(Message):
    Signed: bytes
    def __init__(self, *, Signed: bytes | None = ...) -> None: ...

class _Auth(Service):
    Credentials: Method[_auth.CredentialsRequest, _auth.CredentialsResponse]
    FetchToken: Method[_auth.FetchTokenRequest, _auth.FetchTokenResponse]
    GetTokenAuthority: Method[_auth.GetTokenAuthorityRequest, _auth.GetTokenAuthorityResponse]
    VerifyTokenAuthority: Method[_auth.VerifyTokenAuthorityRequest, _auth.VerifyTokenAuthorityResponse]

Auth: _Auth
