# Made from caps.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\ncaps.proto\x12\x18moby.buildkit.v1.apicaps"\xda\x01\n\x06APICap\x12\x0e\n\x02ID\x18\x01 \x01(\tR\x02ID\x12\x18\n\x07Enabled\x18\x02 \x01(\x08R\x07Enabled\x12\x1e\n\nDepre'
    b'cated\x18\x03 \x01(\x08R\nDeprecated\x12&\n\x0eDisabledReason\x18\x04 \x01(\tR\x0eDisabledReason\x12,\n\x11DisabledReasonMsg\x18\x05 \x01(\tR\x11Disabled'
    b'ReasonMsg\x120\n\x13DisabledAlternative\x18\x06 \x01(\tR\x13DisabledAlternativeb\x06proto3',
)
