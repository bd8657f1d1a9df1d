# Made from google/protobuf/timestamp.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Timestamp": """\
1 seconds one int64
2 nanos one int32
""",
}

services = {}

__getattr__ = load(globals(), "google.protobuf", messages, enums, services)
