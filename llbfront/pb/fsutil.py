# Made from fsutil.proto by `make proto`.
from llbfront.pb import load

enums = {
    "Packet.PacketType": {"PACKET_STAT": 0, "PACKET_REQ": 1, "PACKET_DATA": 2, "PACKET_FIN": 3, "PACKET_ERR": 4},
}

messages = {
    "Stat": """\
1 path one string
2 mode one uint32
3 uid one uint32
4 gid one uint32
5 size one int64
6 modTime one int64
7 linkname one string
8 devmajor one int64
9 devminor one int64
10 xattrs map string bytes
""",
    "Packet": """\
1 type one enum fsutil.Packet.PacketType
2 stat one fsutil.Stat
3 ID one uint32
4 data one bytes
""",
}

services = {}

__getattr__ = load(globals(), "fsutil.types", messages, enums, services)
