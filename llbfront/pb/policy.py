# Made from policy.proto by `make proto`.
from llbfront.pb import load

enums = {
    "PolicyAction": {"ALLOW": 0, "DENY": 1, "CONVERT": 2},
    "AttrMatch": {"EQUAL": 0, "NOTEQUAL": 1, "MATCHES": 2},
    "MatchType": {"WILDCARD": 0, "EXACT": 1, "REGEX": 2},
}

messages = {
    "Rule": """\
1 action one enum policy.PolicyAction
2 selector one policy.Selector
3 updates one policy.Update
""",
    "Update": """\
1 identifier one string
2 attrs map string string
""",
    "Selector": """\
1 identifier one string
2 match_type one enum policy.MatchType
3 constraints many policy.AttrConstraint
""",
    "AttrConstraint": """\
1 key one string
2 value one string
3 condition one enum policy.AttrMatch
""",
    "Policy": """\
1 version one int64
2 rules many policy.Rule
""",
}

services = {}

__getattr__ = load(globals(), "moby.buildkit.v1.sourcepolicy", messages, enums, services)
