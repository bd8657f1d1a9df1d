# Made from policysession.proto by `make proto`.
from llbfront.pb import load
from llbfront.pb import gateway  # noqa: F401
from llbfront.pb import ops  # noqa: F401
from llbfront.pb import policy  # noqa: F401

__getattr__ = load(
    globals(),
    b'\n\x13policysession.proto\x12+moby.buildkit.v1.sourcepolicy.policysession\x1a\rgateway.proto\x1a\tops.proto\x1a\x0cpolicy'
    b'.proto"\xa4\x02\n\x12CheckPolicyRequest\x12(\n\x08Platform\x18\x01 \x01(\x0b2\x0c.pb.PlatformR\x08Platform\x12L\n\x06Source\x18\x02 \x01(\x0b24.moby.build'
    b'kit.v1.frontend.ResolveSourceMetaResponseR\x06Source\x12]\n\x04caps\x18\x03 \x03(\x0b2I.moby.buildkit.v1.sourcepolicy.poli'
    b'cysession.CheckPolicyRequest.CapsEntryR\x04caps\x1a7\n\tCapsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\x08R\x05value:\x028'
    b'\x01"\xcd\x01\n\x13CheckPolicyResponse\x12[\n\x08decision\x18\x01 \x01(\x0b2=.moby.buildkit.v1.sourcepolicy.policysession.DecisionRe'
    b'sponseH\x00R\x08decision\x12O\n\x07request\x18\x02 \x01(\x0b23.moby.buildkit.v1.frontend.ResolveSourceMetaRequestH\x00R\x07requestB'
    b'\x08\n\x06result"\xdb\x01\n\x10DecisionResponse\x12C\n\x06action\x18\x01 \x01(\x0e2+.moby.buildkit.v1.sourcepolicy.PolicyActionR\x06action\x12'
    b'\\\n\x0cdenyMessages\x18\x02 \x03(\x0b28.moby.buildkit.v1.sourcepolicy.policysession.DenyMessageR\x0cdenyMessages\x12$\n\x06upd'
    b'ate\x18\x03 \x01(\x0b2\x0c.pb.SourceOpR\x06update"\'\n\x0bDenyMessage\x12\x18\n\x07message\x18\x01 \x01(\tR\x07message2\xa3\x01\n\x0ePolicyVerifier\x12\x90\x01\n\x0bChec'
    b'kPolicy\x12?.moby.buildkit.v1.sourcepolicy.policysession.CheckPolicyRequest\x1a@.moby.buildkit.v1.sourcepo'
    b'licy.policysession.CheckPolicyResponseb\x06proto3',
)
