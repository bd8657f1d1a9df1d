# Made from control.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import control as _control
from llbfront.pb import google_protobuf_timestamp as _google_protobuf_timestamp
from llbfront.pb import google_rpc_status as _google_rpc_status
from llbfront.pb import ops as _ops
from llbfront.pb import policy as _policy
from llbfront.pb import worker as _worker

enums: Mapping[str, Mapping[str, int]]

STARTED: int
COMPLETE: int
DELETED: int

class PruneRequest(Message):
    filter: Sequence[str]
    all: bool
    keepDuration: int
    reservedSpace: int
    maxUsedSpace: int
    minFreeSpace: int
    def __init__(self, *, filter: Iterable[str] | None = ..., all: bool | None = ..., keepDuration: int | None = ..., reservedSpace: int | None = ..., maxUsedSpace: int | None = ..., minFreeSpace: int | None = ...) -> None: ...

class DiskUsageRequest(Message):
    filter: Sequence[str]
    ageLimit: int
    def __init__(self, *, filter: Iterable[str] | None = ..., ageLimit: int | None = ...) -> None: ...

class DiskUsageResponse(Message):
    record: Sequence[_control.UsageRecord]
    def __init__(self, *, record: Iterable[_control.UsageRecord] | None = ...) -> None: ...

class UsageRecord(Message):
    ID: str
    Mutable: bool
    InUse: bool
    Size: int
    Parent: str
    CreatedAt: int | None
    LastUsedAt: int | None
    UsageCount: int
    Description: str
    RecordType: str
    Shared: bool
    Parents: Sequence[str]
    def __init__(self, *, ID: str | None = ..., Mutable: bool | None = ..., InUse: bool | None = ..., Size: int | None = ..., Parent: str | None = ..., CreatedAt: int | None = ..., LastUsedAt: int | None = ..., UsageCount: int | None = ..., Description: str | None = ..., RecordType: str | None = ..., Shared: bool | None = ..., Parents: Iterable[str] | None = ...) -> None: ...

class SolveRequest(Message):
    Ref: str
    Definition: bytes
    ExporterDeprecated: str
    ExporterAttrsDeprecated: Mapping[str, str]
    Session: str
    Frontend: str
    FrontendAttrs: Mapping[str, str]
    Cache: _control.CacheOptions
    Entitlements: Sequence[str]
    FrontendInputs: Mapping[str, bytes]
    Internal: bool
    SourcePolicy: _policy.Policy
    Exporters: Sequence[_control.Exporter]
    EnableSessionExporter: bool
    SourcePolicySession: str
    CompatibilityVersion: int
    ProxyNetwork: bool
    def __init__(self, *, Ref: str | None = ..., Definition: bytes | None = ..., ExporterDeprecated: str | None = ..., ExporterAttrsDeprecated: Mapping[str, str] | None = ..., Session: str | None = ..., Frontend: str | None = ..., FrontendAttrs: Mapping[str, str] | None = ..., Cache: _control.CacheOptions | None = ..., Entitlements: Iterable[str] | None = ..., FrontendInputs: Mapping[str, bytes] | None = ..., Internal: bool | None = ..., SourcePolicy: _policy.Policy | None = ..., Exporters: Iterable[_control.Exporter] | None = ..., EnableSessionExporter: bool | None = ..., SourcePolicySession: str | None = ..., CompatibilityVersion: int | None = ..., ProxyNetwork: bool | None = ...) -> None: ...

class CacheOptions(Message):
    ExportRefDeprecated: str
    ImportRefsDeprecated: Sequence[str]
    ExportAttrsDeprecated: Mapping[str, str]
    Exports: Sequence[_control.CacheOptionsEntry]
    Imports: Sequence[_control.CacheOptionsEntry]
    def __init__(self, *, ExportRefDeprecated: str | None = ..., ImportRefsDeprecated: Iterable[str] | None = ..., ExportAttrsDeprecated: Mapping[str, str] | None = ..., Exports: Iterable[_control.CacheOptionsEntry] | None = ..., Imports: Iterable[_control.CacheOptionsEntry] | None = ...) -> None: ...

class CacheOptionsEntry(Message):
    Type: str
    Attrs: Mapping[str, str]
    def __init__(self, *, Type: str | None = ..., Attrs: Mapping[str, str] | None = ...) -> None: ...

class SolveResponse(Message):
    ExporterResponse: Mapping[str, str]
    def __init__(self, *, ExporterResponse: Mapping[str, str] | None = ...) -> None: ...

class StatusRequest(Message):
    Ref: str
    def __init__(self, *, Ref: str | None = ...) -> None: ...

class StatusResponse(Message):
    vertexes: Sequence[_control.Vertex]
    statuses: Sequence[_control.VertexStatus]
    logs: Sequence[_control.VertexLog]
    warnings: Sequence[_control.VertexWarning]
    def __init__(self, *, vertexes: Iterable[_control.Vertex] | None = ..., statuses: Iterable[_control.VertexStatus] | None = ..., logs: Iterable[_control.VertexLog] | None = ..., warnings: Iterable[_control.VertexWarning] | None = ...) -> None: ...

class Vertex(Message):
    digest: str
    inputs: Sequence[str]
    name: str
    cached: bool
    started: int | None
    completed: int | None
    error: str
    progressGroup: _ops.ProgressGroup
    def __init__(self, *, digest: str | None = ..., inputs: Iterable[str] | None = ..., name: str | None = ..., cached: bool | None = ..., started: int | None = ..., completed: int | None = ..., error: str | None = ..., progressGroup: _ops.ProgressGroup | None = ...) -> None: ...

class VertexStatus(Message):
    ID: str
    vertex: str
    name: str
    current: int
    total: int
    timestamp: int | None
    started: int | None
    completed: int | None
    def __init__(self, *, ID: str | None = ..., vertex: str | None = ..., name: str | None = ..., current: int | None = ..., total: int | None = ..., timestamp: int | None = ..., started: int | None = ..., completed: int | None = ...) -> None: ...

class VertexLog(Message):
    vertex: str
    timestamp: int | None
    stream: int
    msg: bytes
    def __init__(self, *, vertex: str | None = ..., timestamp: int | None = ..., stream: int | None = ..., msg: bytes | None = ...) -> None: ...

class VertexWarning(Message):
    vertex: str
    level: int
    short: bytes
    detail: Sequence[bytes]
    url: str
    info: _ops.SourceInfo
    ranges: Sequence[_ops.Range]
    def __init__(self, *, vertex: str | None = ..., level: int | None = ..., short: bytes | None = ..., detail: Iterable[bytes] | None = ..., url: str | None = ..., info: _ops.SourceInfo | None = ..., ranges: Iterable[_ops.Range] | None = ...) -> None: ...

class BytesMessage(Message):
    data: bytes
    def __init__(self, *, data: bytes | None = ...) -> None: ...

class ListWorkersRequest(Message):
    filter: Sequence[str]
    def __init__(self, *, filter: Iterable[str] | None = ...) -> None: ...

class ListWorkersResponse(Message):
    record: Sequence[_worker.WorkerRecord]
    def __init__(self, *, record: Iterable[_worker.WorkerRecord] | None = ...) -> None: ...

class InfoRequest(Message):
    def __init__(self) -> None: ...

class InfoResponse(Message):
    buildkitVersion: _worker.BuildkitVersion
    def __init__(self, *, buildkitVersion: _worker.BuildkitVersion | None = ...) -> None: ...

class BuildHistoryRequest(Message):
    ActiveOnly: bool
    Ref: str
    EarlyExit: bool
    Filter: Sequence[str]
    Limit: int
    def __init__(self, *, ActiveOnly: bool | None = ..., Ref: str | None = ..., EarlyExit: bool | None = ..., Filter: Iterable[str] | None = ..., Limit: int | None = ...) -> None: ...

class BuildHistoryEvent(Message):
    type: int
    record: _control.BuildHistoryRecord
    def __init__(self, *, type: int | None = ..., record: _control.BuildHistoryRecord | None = ...) -> None: ...

class BuildHistoryRecord(Message):
    Ref: str
    Frontend: str
    FrontendAttrs: Mapping[str, str]
    Exporters: Sequence[_control.Exporter]
    error: _google_rpc_status.Status
    CreatedAt: int | None
    CompletedAt: int | None
    logs: _control.Descriptor
    ExporterResponse: Mapping[str, str]
    Result: _control.BuildResultInfo
    Results: Mapping[str, _control.BuildResultInfo]
    Generation: int
    trace: _control.Descriptor
    pinned: bool
    numCachedSteps: int
    numTotalSteps: int
    numCompletedSteps: int
    externalError: _control.Descriptor
    numWarnings: int
    def __init__(self, *, Ref: str | None = ..., Frontend: str | None = ..., FrontendAttrs: Mapping[str, str] | None = ..., Exporters: Iterable[_control.Exporter] | None = ..., error: _google_rpc_status.Status | None = ..., CreatedAt: int | None = ..., CompletedAt: int | None = ..., logs: _control.Descriptor | None = ..., ExporterResponse: Mapping[str, str] | None = ..., Result: _control.BuildResultInfo | None = ..., Results: Mapping[str, _control.BuildResultInfo] | None = ..., Generation: int | None = ..., trace: _control.Descriptor | None = ..., pinned: bool | None = ..., numCachedSteps: int | None = ..., numTotalSteps: int | None = ..., numCompletedSteps: int | None = ..., externalError: _control.Descriptor | None = ..., numWarnings: int | None = ...) -> None: ...

class UpdateBuildHistoryRequest(Message):
    Ref: str
    Pinned: bool
    Delete: bool
    Finalize: bool
    def __init__(self, *, Ref: str | None = ..., Pinned: bool | None = ..., Delete: bool | None = ..., Finalize: bool | None = ...) -> None: ...

class UpdateBuildHistoryResponse(Message):
    def __init__(self) -> None: ...

class Descriptor(Message):
    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str]
    def __init__(self, *, media_type: str | None = ..., digest: str | None = ..., size: int | None = ..., annotations: Mapping[str, str] | None = ...) -> None: ...

class BuildResultInfo(Message):
    ResultDeprecated: _control.Descriptor
    Attestations: Sequence[_control.Descriptor]
    Results: Mapping[int, _control.Descriptor]
    def __init__(self, *, ResultDeprecated: _control.Descriptor | None = ..., Attestations: Iterable[_control.Descriptor] | None = ..., Results: Mapping[int, _control.Descriptor] | None = ...) -> None: ...

class Exporter(Message):
    Type: str
    Attrs: Mapping[str, str]
    def __init__(self, *, Type: str | None = ..., Attrs: Mapping[str, str] | None = ...) -> None: ...

class _Control(Service):
    DiskUsage: Method[_control.DiskUsageRequest, _control.DiskUsageResponse]
    Prune: Method[_control.PruneRequest, _control.UsageRecord]
    Solve: Method[_control.SolveRequest, _control.SolveResponse]
    Status: Method[_control.StatusRequest, _control.StatusResponse]
    Session: Method[_control.BytesMessage, _control.BytesMessage]
    ListWorkers: Method[_control.ListWorkersRequest, _control.ListWorkersResponse]
    Info: Method[_control.InfoRequest, _control.InfoResponse]
    ListenBuildHistory: Method[_control.BuildHistoryRequest, _control.BuildHistoryEvent]
    UpdateBuildHistory: Method[_control.UpdateBuildHistoryRequest, _control.UpdateBuildHistoryResponse]

Control: _Control
