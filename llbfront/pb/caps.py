# Made from caps.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "APICap": """\
1 ID one string
2 Enabled one bool
3 Deprecated one bool
4 DisabledReason one string
5 DisabledReasonMsg one string
6 DisabledAlternative one string
""",
}

services = {}

__getattr__ = load(globals(), "moby.buildkit.v1.apicaps", messages, enums, services)
