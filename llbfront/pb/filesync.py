# Made from filesync.proto by `make proto`.
from llbfront.pb import load
from llbfront.pb import fsutil  # noqa: F401

__getattr__ = load(
    globals(),
    b'\n\x0efilesync.proto\x12\x10moby.filesync.v1\x1a\x0cfsutil.proto""\n\x0cBytesMessage\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data2\x83\x01\n\x08FileSync\x12:\n'
    b'\x08DiffCopy\x12\x14.fsutil.types.Packet\x1a\x14.fsutil.types.Packet(\x010\x01\x12;\n\tTarStream\x12\x14.fsutil.types.Packet\x1a\x14.fsuti'
    b'l.types.Packet(\x010\x012Z\n\x08FileSend\x12N\n\x08DiffCopy\x12\x1e.moby.filesync.v1.BytesMessage\x1a\x1e.moby.filesync.v1.BytesM'
    b'essage(\x010\x01b\x06proto3',
)
