# Made from upload.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "BytesMessage": """\
1 data one bytes
""",
}

services = {
    "Upload": """\
Pull *upload.BytesMessage *upload.BytesMessage
""",
}

__getattr__ = load(globals(), "moby.upload.v1", messages, enums, services)
