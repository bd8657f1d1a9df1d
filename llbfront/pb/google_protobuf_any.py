# Made from google/protobuf/any.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Any": """\
1 type_url one string
2 value one bytes
""",
}

services = {}

__getattr__ = load(globals(), "google.protobuf", messages, enums, services)
