# Made from google/rpc/status.proto by `make proto`.
from llbfront.pb import load
from llbfront.pb import google_protobuf_any  # noqa: F401

__getattr__ = load(
    globals(),
    b'\n\x17google/rpc/status.proto\x12\ngoogle.rpc\x1a\x19google/protobuf/any.proto"f\n\x06Status\x12\x12\n\x04code\x18\x01 \x01(\x05R\x04code\x12\x18\n\x07me'
    b'ssage\x18\x02 \x01(\tR\x07message\x12.\n\x07details\x18\x03 \x03(\x0b2\x14.google.protobuf.AnyR\x07detailsb\x06proto3',
)
