# Made from filesync.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "BytesMessage": """\
1 data one bytes
""",
}

services = {
    "FileSync": """\
DiffCopy *fsutil.Packet *fsutil.Packet
TarStream *fsutil.Packet *fsutil.Packet
""",
    "FileSend": """\
DiffCopy *filesync.BytesMessage *filesync.BytesMessage
""",
}

__getattr__ = load(globals(), "moby.filesync.v1", messages, enums, services)
