# Made from auth.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "CredentialsRequest": """\
1 Host one string
""",
    "CredentialsResponse": """\
1 Username one string
2 Secret one string
""",
    "FetchTokenRequest": """\
1 ClientID one string
2 Host one string
3 Realm one string
4 Service one string
5 Scopes many string
""",
    "FetchTokenResponse": """\
1 Token one string
2 ExpiresIn one int64
3 IssuedAt one int64
""",
    "GetTokenAuthorityRequest": """\
1 Host one string
2 Salt one bytes
""",
    "GetTokenAuthorityResponse": """\
1 PublicKey one bytes
""",
    "VerifyTokenAuthorityRequest": """\
1 Host one string
2 Payload one bytes
3 Salt one bytes
""",
    "VerifyTokenAuthorityResponse": """\
1 Signed one bytes
""",
}

services = {
    "Auth": """\
Credentials auth.CredentialsRequest auth.CredentialsResponse
FetchToken auth.FetchTokenRequest auth.FetchTokenResponse
GetTokenAuthority auth.GetTokenAuthorityRequest auth.GetTokenAuthorityResponse
VerifyTokenAuthority auth.VerifyTokenAuthorityRequest auth.VerifyTokenAuthorityResponse
""",
}

__getattr__ = load(globals(), "moby.filesync.v1", messages, enums, services)
