# Made from secrets.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "GetSecretRequest": """\
1 ID one string
2 annotations map string string
""",
    "GetSecretResponse": """\
1 data one bytes
""",
}

services = {
    "Secrets": """\
GetSecret secrets.GetSecretRequest secrets.GetSecretResponse
""",
}

__getattr__ = load(globals(), "moby.buildkit.secrets.v1", messages, enums, services)
