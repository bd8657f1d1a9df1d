# Made from auth.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\nauth.proto\x12\x10moby.filesync.v1"(\n\x12CredentialsRequest\x12\x12\n\x04Host\x18\x01 \x01(\tR\x04Host"I\n\x13CredentialsResponse\x12\x1a\n\x08U'
    b'sername\x18\x01 \x01(\tR\x08Username\x12\x16\n\x06Secret\x18\x02 \x01(\tR\x06Secret"\x8b\x01\n\x11FetchTokenRequest\x12\x1a\n\x08ClientID\x18\x01 \x01(\tR\x08ClientID\x12\x12\n'
    b'\x04Host\x18\x02 \x01(\tR\x04Host\x12\x14\n\x05Realm\x18\x03 \x01(\tR\x05Realm\x12\x18\n\x07Service\x18\x04 \x01(\tR\x07Service\x12\x16\n\x06Scopes\x18\x05 \x03(\tR\x06Scopes"d\n\x12FetchTo'
    b'kenResponse\x12\x14\n\x05Token\x18\x01 \x01(\tR\x05Token\x12\x1c\n\tExpiresIn\x18\x02 \x01(\x03R\tExpiresIn\x12\x1a\n\x08IssuedAt\x18\x03 \x01(\x03R\x08IssuedAt"B\n\x18GetTo'
    b'kenAuthorityRequest\x12\x12\n\x04Host\x18\x01 \x01(\tR\x04Host\x12\x12\n\x04Salt\x18\x02 \x01(\x0cR\x04Salt"9\n\x19GetTokenAuthorityResponse\x12\x1c\n\tPublicKe'
    b'y\x18\x01 \x01(\x0cR\tPublicKey"_\n\x1bVerifyTokenAuthorityRequest\x12\x12\n\x04Host\x18\x01 \x01(\tR\x04Host\x12\x18\n\x07Payload\x18\x02 \x01(\x0cR\x07Payload\x12\x12\n\x04S'
    b'alt\x18\x03 \x01(\x0cR\x04Salt"6\n\x1cVerifyTokenAuthorityResponse\x12\x16\n\x06Signed\x18\x01 \x01(\x0cR\x06Signed2\xa0\x03\n\x04Auth\x12Z\n\x0bCredentials\x12$.mo'
    b'by.filesync.v1.CredentialsRequest\x1a%.moby.filesync.v1.CredentialsResponse\x12W\n\nFetchToken\x12#.moby.filesy'
    b'nc.v1.FetchTokenRequest\x1a$.moby.filesync.v1.FetchTokenResponse\x12l\n\x11GetTokenAuthority\x12*.moby.filesync.v'
    b'1.GetTokenAuthorityRequest\x1a+.moby.filesync.v1.GetTokenAuthorityResponse\x12u\n\x14VerifyTokenAuthority\x12-.mo'
    b'by.filesync.v1.VerifyTokenAuthorityRequest\x1a..moby.filesync.v1.VerifyTokenAuthorityResponseb\x06proto3',
)
