# Made from google/protobuf/field_mask.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n google/protobuf/field_mask.proto\x12\x0fgoogle.protobuf"!\n\tFieldMask\x12\x14\n\x05paths\x18\x01 \x03(\tR\x05pathsB\x85\x01\n\x13com.googl'
    b'e.protobufB\x0eFieldMaskProtoP\x01Z2google.golang.org/protobuf/types/known/fieldmaskpb\xf8\x01\x01\xa2\x02\x03GPB\xaa\x02\x1eGoogle.P'
    b'rotobuf.WellKnownTypesb\x06proto3',
)
