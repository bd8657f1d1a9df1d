# Made from worker.proto by `make proto`.
from llbfront.pb import load
from llbfront.pb import ops  # noqa: F401

__getattr__ = load(
    globals(),
    b'\n\x0cworker.proto\x12\x16moby.buildkit.v1.types\x1a\tops.proto"\xa3\x03\n\x0cWorkerRecord\x12\x0e\n\x02ID\x18\x01 \x01(\tR\x02ID\x12H\n\x06Labels\x18\x02 \x03(\x0b20'
    b'.moby.buildkit.v1.types.WorkerRecord.LabelsEntryR\x06Labels\x12*\n\tplatforms\x18\x03 \x03(\x0b2\x0c.pb.PlatformR\tplatforms'
    b"\x12<\n\x08GCPolicy\x18\x04 \x03(\x0b2 .moby.buildkit.v1.types.GCPolicyR\x08GCPolicy\x12Q\n\x0fBuildkitVersion\x18\x05 \x01(\x0b2'.moby.build"
    b'kit.v1.types.BuildkitVersionR\x0fBuildkitVersion\x12A\n\nCDIDevices\x18\x06 \x03(\x0b2!.moby.buildkit.v1.types.CDIDevice'
    b'R\nCDIDevices\x1a9\n\x0bLabelsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc8\x01\n\x08GCPolicy\x12\x10\n\x03all\x18\x01 \x01(\x08R\x03a'
    b'll\x12"\n\x0ckeepDuration\x18\x02 \x01(\x03R\x0ckeepDuration\x12\x18\n\x07filters\x18\x04 \x03(\tR\x07filters\x12$\n\rreservedSpace\x18\x03 \x01(\x03R\rreservedSpa'
    b'ce\x12"\n\x0cmaxUsedSpace\x18\x05 \x01(\x03R\x0cmaxUsedSpace\x12"\n\x0cminFreeSpace\x18\x06 \x01(\x03R\x0cminFreeSpace"\x8f\x01\n\x0fBuildkitVersion\x12\x18\n\x07pa'
    b'ckage\x18\x01 \x01(\tR\x07package\x12\x18\n\x07version\x18\x02 \x01(\tR\x07version\x12\x1a\n\x08revision\x18\x03 \x01(\tR\x08revision\x12,\n\x11dockerfileVersion\x18\x04 \x01('
    b'\tR\x11dockerfileVersion"\xef\x01\n\tCDIDevice\x12\x12\n\x04Name\x18\x01 \x01(\tR\x04Name\x12\x1c\n\tAutoAllow\x18\x02 \x01(\x08R\tAutoAllow\x12T\n\x0bAnnotations\x18'
    b'\x03 \x03(\x0b22.moby.buildkit.v1.types.CDIDevice.AnnotationsEntryR\x0bAnnotations\x12\x1a\n\x08OnDemand\x18\x04 \x01(\x08R\x08OnDemand\x1a>'
    b'\n\x10AnnotationsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01b\x06proto3',
)
