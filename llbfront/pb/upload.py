# Made from upload.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\x0cupload.proto\x12\x0emoby.upload.v1""\n\x0cBytesMessage\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data2P\n\x06Upload\x12F\n\x04Pull\x12\x1c.moby.upload.v'
    b'1.BytesMessage\x1a\x1c.moby.upload.v1.BytesMessage(\x010\x01b\x06proto3',
)
