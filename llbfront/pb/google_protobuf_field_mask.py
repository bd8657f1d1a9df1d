# Made from google/protobuf/field_mask.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "FieldMask": """\
1 paths many string
""",
}

services = {}

__getattr__ = load(globals(), "google.protobuf", messages, enums, services)
