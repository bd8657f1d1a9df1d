# Made from worker.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import ops as _ops
from llbfront.pb import worker as _worker

enums: Mapping[str, Mapping[str, int]]

class WorkerRecord(Message):
    ID: str
    Labels: Mapping[str, str]
    platforms: Sequence[_ops.Platform]
    GCPolicy: Sequence[_worker.GCPolicy]
    BuildkitVersion: _worker.BuildkitVersion
    CDIDevices: Sequence[_worker.CDIDevice]
    def __init__(self, *, ID: str | None = ..., Labels: Mapping[str, str] | None = ..., platforms: Iterable[_ops.Platform] | None = ..., GCPolicy: Iterable[_worker.GCPolicy] | None = ..., BuildkitVersion: _worker.BuildkitVersion | None = ..., CDIDevices: Iterable[_worker.CDIDevice] | None = ...) -> None: ...

class GCPolicy(Message):
    all: bool
    keepDuration: int
    filters: Sequence[str]
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
    Annotations: Mapping[str, str]
    OnDemand: bool
    def __init__(self, *, Name: str | None = ..., AutoAllow: bool | None = ..., Annotations: Mapping[str, str] | None = ..., OnDemand: bool | None = ...) -> None: ...
