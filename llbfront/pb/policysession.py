# Made from policysession.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "CheckPolicyRequest": """\
1 Platform one ops.Platform
2 Source one gateway.ResolveSourceMetaResponse
3 caps map string bool
""",
    "CheckPolicyResponse": """\
1 decision result policysession.DecisionResponse
2 request result gateway.ResolveSourceMetaRequest
""",
    "DecisionResponse": """\
1 action one enum policy.PolicyAction
2 denyMessages many policysession.DenyMessage
3 update one ops.SourceOp
""",
    "DenyMessage": """\
1 message one string
""",
}

services = {
    "PolicyVerifier": """\
CheckPolicy policysession.CheckPolicyRequest policysession.CheckPolicyResponse
""",
}

__getattr__ = load(globals(), "moby.buildkit.v1.sourcepolicy.policysession", messages, enums, services)
