# Made from worker.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import ops as _ops
from llbfront.pb import worker as _worker

DESCRIPTOR: FileDescriptor

class WorkerRecord(Message):
    ID: str
    Labels: ScalarMap[str, str]
    platforms: RepeatedCompositeFieldContainer[_ops.Platform]
    GCPolicy: RepeatedCompositeFieldContainer[_worker.GCPolicy]
    BuildkitVersion: _worker.BuildkitVersion
    CDIDevices: RepeatedCompositeFieldContainer[_worker.CDIDevice]
    def __init__(self, *, ID: str | None = ..., Labels: Mapping[str, str] | None = ..., platforms: Iterable[_ops.Platform] | None = ..., GCPolicy: Iterable[_worker.GCPolicy] | None = ..., BuildkitVersion: _worker.BuildkitVersion | None = ..., CDIDevices: Iterable[_worker.CDIDevice] | None = ...) -> None: ...

class GCPolicy(Message):
    all: bool
    keepDuration: int
    filters: RepeatedScalarFieldContainer[str]
    reservedSpace: int
    maxUsedSpace: int
    minFreeSpace: int
    def __init__(self, *, all: bool | None = ..., keepDuration: int | None = ..., filters: Iterable[str] | None = ..., reservedSpace: int | None = ..., maxUsedSpace: int | None = ..., minFreeSpace: int | None = ...) -> None: ...

class BuildkitVersion(Message):
    package: str
    version: str
    revision: str
    dockerfileVersion: str
    def __init__(self, *, package: str | None = ..., version: str | None = ..., revision: str | None = ..., dockerfileVersion: str | None = ...) -> None: ...

class CDIDevice(Message):
    Name: str
    AutoAllow: bool
    Annotations: ScalarMap[str, str]
    OnDemand: bool
    def __init__(self, *, Name: str | None = ..., AutoAllow: bool | None = ..., Annotations: Mapping[str, str] | None = ..., OnDemand: bool | None = ...) -> None: ...
