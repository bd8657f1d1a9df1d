# Made from google/rpc/status.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Status": """\
1 code one int32
2 message one string
3 details many google_protobuf_any.Any
""",
}

services = {}

__getattr__ = load(globals(), "google.rpc", messages, enums, services)
