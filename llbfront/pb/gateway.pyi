# Made from gateway.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import caps as _caps
from llbfront.pb import fsutil as _fsutil
from llbfront.pb import gateway as _gateway
from llbfront.pb import google_protobuf_timestamp as _google_protobuf_timestamp
from llbfront.pb import google_rpc_status as _google_rpc_status
from llbfront.pb import ops as _ops
from llbfront.pb import policy as _policy
from llbfront.pb import worker as _worker

enums: Mapping[str, Mapping[str, int]]

InToto: int
Bundle: int

Self: int
Raw: int

class Result(Message):
    refDeprecated: str
    refsDeprecated: _gateway.RefMapDeprecated
    ref: _gateway.Ref
    refs: _gateway.RefMap
    metadata: Mapping[str, bytes]
    attestations: Mapping[str, _gateway.Attestations]
    def __init__(self, *, refDeprecated: str | None = ..., refsDeprecated: _gateway.RefMapDeprecated | None = ..., ref: _gateway.Ref | None = ..., refs: _gateway.RefMap | None = ..., metadata: Mapping[str, bytes] | None = ..., attestations: Mapping[str, _gateway.Attestations] | None = ...) -> None: ...

class RefMapDeprecated(Message):
    refs: Mapping[str, str]
    def __init__(self, *, refs: Mapping[str, str] | None = ...) -> None: ...

class Ref(Message):
    id: str
    def __init__(self, *, id: str | None = ..., **others: object) -> None: ...

class RefMap(Message):
    refs: Mapping[str, _gateway.Ref]
    def __init__(self, *, refs: Mapping[str, _gateway.Ref] | None = ...) -> None: ...

class Attestations(Message):
    attestation: Sequence[_gateway.Attestation]
    def __init__(self, *, attestation: Iterable[_gateway.Attestation] | None = ...) -> None: ...

class Attestation(Message):
    kind: int
    metadata: Mapping[str, bytes]
    ref: _gateway.Ref
    path: str
    inTotoPredicateType: str
    inTotoSubjects: Sequence[_gateway.InTotoSubject]
    def __init__(self, *, kind: int | None = ..., metadata: Mapping[str, bytes] | None = ..., ref: _gateway.Ref | None = ..., path: str | None = ..., inTotoPredicateType: str | None = ..., inTotoSubjects: Iterable[_gateway.InTotoSubject] | None = ...) -> None: ...

class InTotoSubject(Message):
    kind: int
    digest: Sequence[str]
    name: str
    def __init__(self, *, kind: int | None = ..., digest: Iterable[str] | None = ..., name: str | None = ...) -> None: ...

class ReturnRequest(Message):
    result: _gateway.Result
    error: _google_rpc_status.Status
    def __init__(self, *, result: _gateway.Result | None = ..., error: _google_rpc_status.Status | None = ...) -> None: ...

class ReturnResponse(Message):
    def __init__(self) -> None: ...

class InputsRequest(Message):
    def __init__(self) -> None: ...

class InputsResponse(Message):
    Definitions: Mapping[str, bytes]
    def __init__(self, *, Definitions: Mapping[str, bytes] | None = ...) -> None: ...

class ResolveImageConfigRequest(Message):
    Ref: str
    Platform: _ops.Platform
    ResolveMode: str
    LogName: str
    ResolverType: int
    SessionID: str
    StoreID: str
    SourcePolicies: Sequence[_policy.Policy]
    def __init__(self, *, Ref: str | None = ..., Platform: _ops.Platform | None = ..., ResolveMode: str | None = ..., LogName: str | None = ..., ResolverType: int | None = ..., SessionID: str | None = ..., StoreID: str | None = ..., SourcePolicies: Iterable[_policy.Policy] | None = ...) -> None: ...

class ResolveImageConfigResponse(Message):
    Digest: str
    Config: bytes
    Ref: str
    def __init__(self, *, Digest: str | None = ..., Config: bytes | None = ..., Ref: str | None = ...) -> None: ...

class ResolveSourceMetaRequest(Message):
    Source: _ops.SourceOp
    Platform: _ops.Platform
    LogName: str
    ResolveMode: str
    Git: _gateway.ResolveSourceGitRequest
    Image: _gateway.ResolveSourceImageRequest
    HTTP: _gateway.ResolveSourceHTTPRequest
    SourcePolicies: Sequence[_policy.Policy]
    def __init__(self, *, Source: _ops.SourceOp | None = ..., Platform: _ops.Platform | None = ..., LogName: str | None = ..., ResolveMode: str | None = ..., Git: _gateway.ResolveSourceGitRequest | None = ..., Image: _gateway.ResolveSourceImageRequest | None = ..., HTTP: _gateway.ResolveSourceHTTPRequest | None = ..., SourcePolicies: Iterable[_policy.Policy] | None = ...) -> None: ...

class ResolveSourceMetaResponse(Message):
    Source: _ops.SourceOp
    Image: _gateway.ResolveSourceImageResponse
    Git: _gateway.ResolveSourceGitResponse
    HTTP: _gateway.ResolveSourceHTTPResponse
    def __init__(self, *, Source: _ops.SourceOp | None = ..., Image: _gateway.ResolveSourceImageResponse | None = ..., Git: _gateway.ResolveSourceGitResponse | None = ..., HTTP: _gateway.ResolveSourceHTTPResponse | None = ...) -> None: ...

class ResolveSourceImageRequest(Message):
    NoConfig: bool
    AttestationChain: bool
    ResolveAttestations: Sequence[str]
    def __init__(self, *, NoConfig: bool | None = ..., AttestationChain: bool | None = ..., ResolveAttestations: Iterable[str] | None = ...) -> None: ...

class AttestationChain(Message):
    Root: str
    ImageManifest: str
    AttestationManifest: str
    SignatureManifests: Sequence[str]
    Blobs: Mapping[str, _gateway.Blob]
    def __init__(self, *, Root: str | None = ..., ImageManifest: str | None = ..., AttestationManifest: str | None = ..., SignatureManifests: Iterable[str] | None = ..., Blobs: Mapping[str, _gateway.Blob] | None = ...) -> None: ...

class ResolveSourceImageResponse(Message):
    Digest: str
    Config: bytes
    AttestationChain: _gateway.AttestationChain
    def __init__(self, *, Digest: str | None = ..., Config: bytes | None = ..., AttestationChain: _gateway.AttestationChain | None = ...) -> None: ...

class ResolveSourceGitRequest(Message):
    ReturnObject: bool
    def __init__(self, *, ReturnObject: bool | None = ...) -> None: ...

class ResolveSourceGitResponse(Message):
    Checksum: str
    Ref: str
    CommitChecksum: str
    CommitObject: bytes
    TagObject: bytes
    def __init__(self, *, Checksum: str | None = ..., Ref: str | None = ..., CommitChecksum: str | None = ..., CommitObject: bytes | None = ..., TagObject: bytes | None = ...) -> None: ...

class ResolveSourceHTTPResponse(Message):
    Checksum: str
    Filename: str
    LastModified: int | None
    ChecksumResponse: _gateway.ChecksumResponse
    def __init__(self, *, Checksum: str | None = ..., Filename: str | None = ..., LastModified: int | None = ..., ChecksumResponse: _gateway.ChecksumResponse | None = ...) -> None: ...

class ResolveSourceHTTPRequest(Message):
    ChecksumRequest: _gateway.ChecksumRequest
    def __init__(self, *, ChecksumRequest: _gateway.ChecksumRequest | None = ...) -> None: ...

class ChecksumRequest(Message):
    CHECKSUM_ALGO_SHA256: int
    CHECKSUM_ALGO_SHA384: int
    CHECKSUM_ALGO_SHA512: int
    Algo: int
    Suffix: bytes
    def __init__(self, *, Algo: int | None = ..., Suffix: bytes | None = ...) -> None: ...

class ChecksumResponse(Message):
    Digest: str
    Suffix: bytes
    def __init__(self, *, Digest: str | None = ..., Suffix: bytes | None = ...) -> None: ...

class SolveRequest(Message):
    Definition: bytes
    Frontend: str
    FrontendOpt: Mapping[str, str]
    allowResultReturn: bool
    allowResultArrayRef: bool
    Final: bool
    ExporterAttr: bytes
    CacheImports: Sequence[_gateway.CacheOptionsEntry]
    FrontendInputs: Mapping[str, bytes]
    Evaluate: bool
    SourcePolicies: Sequence[_policy.Policy]
    def __init__(self, *, Definition: bytes | None = ..., Frontend: str | None = ..., FrontendOpt: Mapping[str, str] | None = ..., allowResultReturn: bool | None = ..., allowResultArrayRef: bool | None = ..., Final: bool | None = ..., ExporterAttr: bytes | None = ..., CacheImports: Iterable[_gateway.CacheOptionsEntry] | None = ..., FrontendInputs: Mapping[str, bytes] | None = ..., Evaluate: bool | None = ..., SourcePolicies: Iterable[_policy.Policy] | None = ...) -> None: ...

class CacheOptionsEntry(Message):
    Type: str
    Attrs: Mapping[str, str]
    def __init__(self, *, Type: str | None = ..., Attrs: Mapping[str, str] | None = ...) -> None: ...

class SolveResponse(Message):
    ref: str
    result: _gateway.Result
    def __init__(self, *, ref: str | None = ..., result: _gateway.Result | None = ...) -> None: ...

class ReadFileRequest(Message):
    Ref: str
    FilePath: str
    Range: _gateway.FileRange
    MountIndex: int
    def __init__(self, *, Ref: str | None = ..., FilePath: str | None = ..., Range: _gateway.FileRange | None = ..., MountIndex: int | None = ...) -> None: ...

class FileRange(Message):
    Offset: int
    Length: int
    def __init__(self, *, Offset: int | None = ..., Length: int | None = ...) -> None: ...

class ReadFileResponse(Message):
    Data: bytes
    def __init__(self, *, Data: bytes | None = ...) -> None: ...

class ReadDirRequest(Message):
    Ref: str
    DirPath: str
    IncludePattern: str
    MountIndex: int
    def __init__(self, *, Ref: str | None = ..., DirPath: str | None = ..., IncludePattern: str | None = ..., MountIndex: int | None = ...) -> None: ...

class ReadDirResponse(Message):
    entries: Sequence[_fsutil.Stat]
    def __init__(self, *, entries: Iterable[_fsutil.Stat] | None = ...) -> None: ...

class StatFileRequest(Message):
    Ref: str
    Path: str
    MountIndex: int
    def __init__(self, *, Ref: str | None = ..., Path: str | None = ..., MountIndex: int | None = ...) -> None: ...

class StatFileResponse(Message):
    stat: _fsutil.Stat
    def __init__(self, *, stat: _fsutil.Stat | None = ...) -> None: ...

class EvaluateRequest(Message):
    Ref: str
    def __init__(self, *, Ref: str | None = ...) -> None: ...

class EvaluateResponse(Message):
    def __init__(self) -> None: ...

class PingRequest(Message):
    def __init__(self) -> None: ...

class PongResponse(Message):
    FrontendAPICaps: Sequence[_caps.APICap]
    LLBCaps: Sequence[_caps.APICap]
    Workers: Sequence[_worker.WorkerRecord]
    def __init__(self, *, FrontendAPICaps: Iterable[_caps.APICap] | None = ..., LLBCaps: Iterable[_caps.APICap] | None = ..., Workers: Iterable[_worker.WorkerRecord] | None = ...) -> None: ...

class WarnRequest(Message):
    digest: str
    level: int
    short: bytes
    detail: Sequence[bytes]
    url: str
    info: _ops.SourceInfo
    ranges: Sequence[_ops.Range]
    def __init__(self, *, digest: str | None = ..., level: int | None = ..., short: bytes | None = ..., detail: Iterable[bytes] | None = ..., url: str | None = ..., info: _ops.SourceInfo | None = ..., ranges: Iterable[_ops.Range] | None = ...) -> None: ...

class WarnResponse(Message):
    def __init__(self) -> None: ...

class NewContainerRequest(Message):
    ContainerID: str
    Mounts: Sequence[_ops.Mount]
    Network: int
    platform: _ops.Platform
    constraints: _ops.WorkerConstraints
    extraHosts: Sequence[_ops.HostIP]
    hostname: str
    def __init__(self, *, ContainerID: str | None = ..., Mounts: Iterable[_ops.Mount] | None = ..., Network: int | None = ..., platform: _ops.Platform | None = ..., constraints: _ops.WorkerConstraints | None = ..., extraHosts: Iterable[_ops.HostIP] | None = ..., hostname: str | None = ...) -> None: ...

class NewContainerResponse(Message):
    def __init__(self) -> None: ...

class ReleaseContainerRequest(Message):
    ContainerID: str
    def __init__(self, *, ContainerID: str | None = ...) -> None: ...

class ReleaseContainerResponse(Message):
    def __init__(self) -> None: ...

class ExecMessage(Message):
    ProcessID: str
    Init: _gateway.InitMessage
    File: _gateway.FdMessage
    Resize: _gateway.ResizeMessage
    Started: _gateway.StartedMessage
    Exit: _gateway.ExitMessage
    Done: _gateway.DoneMessage
    Signal: _gateway.SignalMessage
    def __init__(self, *, ProcessID: str | None = ..., Init: _gateway.InitMessage | None = ..., File: _gateway.FdMessage | None = ..., Resize: _gateway.ResizeMessage | None = ..., Started: _gateway.StartedMessage | None = ..., Exit: _gateway.ExitMessage | None = ..., Done: _gateway.DoneMessage | None = ..., Signal: _gateway.SignalMessage | None = ...) -> None: ...

class InitMessage(Message):
    ContainerID: str
    Meta: _ops.Meta
    Fds: Sequence[int]
    Tty: bool
    Security: int
    secretenv: Sequence[_ops.SecretEnv]
    def __init__(self, *, ContainerID: str | None = ..., Meta: _ops.Meta | None = ..., Fds: Iterable[int] | None = ..., Tty: bool | None = ..., Security: int | None = ..., secretenv: Iterable[_ops.SecretEnv] | None = ...) -> None: ...

class ExitMessage(Message):
    Code: int
    Error: _google_rpc_status.Status
    def __init__(self, *, Code: int | None = ..., Error: _google_rpc_status.Status | None = ...) -> None: ...

class StartedMessage(Message):
    def __init__(self) -> None: ...

class DoneMessage(Message):
    def __init__(self) -> None: ...

class FdMessage(Message):
    Fd: int
    EOF: bool
    Data: bytes
    def __init__(self, *, Fd: int | None = ..., EOF: bool | None = ..., Data: bytes | None = ...) -> None: ...

class ResizeMessage(Message):
    Rows: int
    Cols: int
    def __init__(self, *, Rows: int | None = ..., Cols: int | None = ...) -> None: ...

class SignalMessage(Message):
    Name: str
    def __init__(self, *, Name: str | None = ...) -> None: ...

class Blob(Message):
    descriptor: _gateway.Descriptor
    data: bytes
    def __init__(self, *, descriptor: _gateway.Descriptor | None = ..., data: bytes | None = ...) -> None: ...

class Descriptor(Message):
    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str]
    def __init__(self, *, media_type: str | None = ..., digest: str | None = ..., size: int | None = ..., annotations: Mapping[str, str] | None = ...) -> None: ...

class _LLBBridge(Service):
    ResolveImageConfig: Method[_gateway.ResolveImageConfigRequest, _gateway.ResolveImageConfigResponse]
    ResolveSourceMeta: Method[_gateway.ResolveSourceMetaRequest, _gateway.ResolveSourceMetaResponse]
    Solve: Method[_gateway.SolveRequest, _gateway.SolveResponse]
    ReadFile: Method[_gateway.ReadFileRequest, _gateway.ReadFileResponse]
    ReadDir: Method[_gateway.ReadDirRequest, _gateway.ReadDirResponse]
    StatFile: Method[_gateway.StatFileRequest, _gateway.StatFileResponse]
    Evaluate: Method[_gateway.EvaluateRequest, _gateway.EvaluateResponse]
    Ping: Method[_gateway.PingRequest, _gateway.PongResponse]
    Return: Method[_gateway.ReturnRequest, _gateway.ReturnResponse]
    Inputs: Method[_gateway.InputsRequest, _gateway.InputsResponse]
    NewContainer: Method[_gateway.NewContainerRequest, _gateway.NewContainerResponse]
    ReleaseContainer: Method[_gateway.ReleaseContainerRequest, _gateway.ReleaseContainerResponse]
    ExecProcess: Method[_gateway.ExecMessage, _gateway.ExecMessage]
    ReadFileContainer: Method[_gateway.ReadFileRequest, _gateway.ReadFileResponse]
    ReadDirContainer: Method[_gateway.ReadDirRequest, _gateway.ReadDirResponse]
    StatFileContainer: Method[_gateway.StatFileRequest, _gateway.StatFileResponse]
    Warn: Method[_gateway.WarnRequest, _gateway.WarnResponse]

LLBBridge: _LLBBridge
