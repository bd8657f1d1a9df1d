# Made from google/protobuf/empty.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Empty": "",
}

services = {}

__getattr__ = load(globals(), "google.protobuf", messages, enums, services)
