# Made from ops.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import ops as _ops

enums: Mapping[str, Mapping[str, int]]

UNSET: int
HOST: int
NONE: int

SANDBOX: int
INSECURE: int

BIND: int
SECRET: int
SSH: int
CACHE: int
TMPFS: int

DEFAULT: int
ON: int
OFF: int

SHARED: int
PRIVATE: int
LOCKED: int

class Op(Message):
    inputs: Sequence[_ops.Input]
    exec: _ops.ExecOp
    source: _ops.SourceOp
    file: _ops.FileOp
    build: _ops.BuildOp
    merge: _ops.MergeOp
    diff: _ops.DiffOp
    passthrough: _ops.PassthroughOp
    platform: _ops.Platform
    constraints: _ops.WorkerConstraints
    def __init__(self, *, inputs: Iterable[_ops.Input] | None = ..., exec: _ops.ExecOp | None = ..., source: _ops.SourceOp | None = ..., file: _ops.FileOp | None = ..., build: _ops.BuildOp | None = ..., merge: _ops.MergeOp | None = ..., diff: _ops.DiffOp | None = ..., passthrough: _ops.PassthroughOp | None = ..., platform: _ops.Platform | None = ..., constraints: _ops.WorkerConstraints | None = ...) -> None: ...

class Platform(Message):
    Architecture: str
    OS: str
    Variant: str
    OSVersion: str
    OSFeatures: Sequence[str]
    def __init__(self, *, Architecture: str | None = ..., OS: str | None = ..., Variant: str | None = ..., OSVersion: str | None = ..., OSFeatures: Iterable[str] | None = ...) -> None: ...

class Input(Message):
    digest: str
    index: int
    def __init__(self, *, digest: str | None = ..., index: int | None = ...) -> None: ...

class ExecOp(Message):
    meta: _ops.Meta
    mounts: Sequence[_ops.Mount]
    network: int
    security: int
    secretenv: Sequence[_ops.SecretEnv]
    cdiDevices: Sequence[_ops.CDIDevice]
    def __init__(self, *, meta: _ops.Meta | None = ..., mounts: Iterable[_ops.Mount] | None = ..., network: int | None = ..., security: int | None = ..., secretenv: Iterable[_ops.SecretEnv] | None = ..., cdiDevices: Iterable[_ops.CDIDevice] | None = ...) -> None: ...

class Meta(Message):
    args: Sequence[str]
    env: Sequence[str]
    cwd: str
    user: str
    proxy_env: _ops.ProxyEnv
    extraHosts: Sequence[_ops.HostIP]
    hostname: str
    ulimit: Sequence[_ops.Ulimit]
    cgroupParent: str
    removeMountStubsRecursive: bool
    validExitCodes: Sequence[int]
    def __init__(self, *, args: Iterable[str] | None = ..., env: Iterable[str] | None = ..., cwd: str | None = ..., user: str | None = ..., proxy_env: _ops.ProxyEnv | None = ..., extraHosts: Iterable[_ops.HostIP] | None = ..., hostname: str | None = ..., ulimit: Iterable[_ops.Ulimit] | None = ..., cgroupParent: str | None = ..., removeMountStubsRecursive: bool | None = ..., validExitCodes: Iterable[int] | None = ...) -> None: ...

class HostIP(Message):
    Host: str
    IP: str
    def __init__(self, *, Host: str | None = ..., IP: str | None = ...) -> None: ...

class Ulimit(Message):
    Name: str
    Soft: int
    Hard: int
    def __init__(self, *, Name: str | None = ..., Soft: int | None = ..., Hard: int | None = ...) -> None: ...

class SecretEnv(Message):
    ID: str
    name: str
    optional: bool
    def __init__(self, *, ID: str | None = ..., name: str | None = ..., optional: bool | None = ...) -> None: ...

class CDIDevice(Message):
    name: str
    optional: bool
    def __init__(self, *, name: str | None = ..., optional: bool | None = ...) -> None: ...

class Mount(Message):
    input: int
    selector: str
    dest: str
    output: int
    readonly: bool
    mountType: int
    TmpfsOpt: _ops.TmpfsOpt
    cacheOpt: _ops.CacheOpt
    secretOpt: _ops.SecretOpt
    SSHOpt: _ops.SSHOpt
    resultID: str
    contentCache: int
    def __init__(self, *, input: int | None = ..., selector: str | None = ..., dest: str | None = ..., output: int | None = ..., readonly: bool | None = ..., mountType: int | None = ..., TmpfsOpt: _ops.TmpfsOpt | None = ..., cacheOpt: _ops.CacheOpt | None = ..., secretOpt: _ops.SecretOpt | None = ..., SSHOpt: _ops.SSHOpt | None = ..., resultID: str | None = ..., contentCache: int | None = ...) -> None: ...

class TmpfsOpt(Message):
    size: int
    def __init__(self, *, size: int | None = ...) -> None: ...

class CacheOpt(Message):
    ID: str
    sharing: int
    def __init__(self, *, ID: str | None = ..., sharing: int | None = ...) -> None: ...

class SecretOpt(Message):
    ID: str
    uid: int
    gid: int
    mode: int
    optional: bool
    def __init__(self, *, ID: str | None = ..., uid: int | None = ..., gid: int | None = ..., mode: int | None = ..., optional: bool | None = ...) -> None: ...

class SSHOpt(Message):
    ID: str
    uid: int
    gid: int
    mode: int
    optional: bool
    def __init__(self, *, ID: str | None = ..., uid: int | None = ..., gid: int | None = ..., mode: int | None = ..., optional: bool | None = ...) -> None: ...

class SourceOp(Message):
    identifier: str
    attrs: Mapping[str, str]
    def __init__(self, *, identifier: str | None = ..., attrs: Mapping[str, str] | None = ...) -> None: ...

class BuildOp(Message):
    builder: int
    inputs: Mapping[str, _ops.BuildInput]
    attrs: Mapping[str, str]
    def __init__(self, *, builder: int | None = ..., inputs: Mapping[str, _ops.BuildInput] | None = ..., attrs: Mapping[str, str] | None = ..., **others: object) -> None: ...

class BuildInput(Message):
    input: int
    def __init__(self, *, input: int | None = ...) -> None: ...

class OpMetadata(Message):
    ignore_cache: bool
    description: Mapping[str, str]
    export_cache: _ops.ExportCache
    caps: Mapping[str, bool]
    progress_group: _ops.ProgressGroup
    linux_resources: _ops.LinuxResources
    def __init__(self, *, ignore_cache: bool | None = ..., description: Mapping[str, str] | None = ..., export_cache: _ops.ExportCache | None = ..., caps: Mapping[str, bool] | None = ..., progress_group: _ops.ProgressGroup | None = ..., linux_resources: _ops.LinuxResources | None = ...) -> None: ...

class Source(Message):
    locations: Mapping[str, _ops.Locations]
    infos: Sequence[_ops.SourceInfo]
    def __init__(self, *, locations: Mapping[str, _ops.Locations] | None = ..., infos: Iterable[_ops.SourceInfo] | None = ...) -> None: ...

class Locations(Message):
    locations: Sequence[_ops.Location]
    def __init__(self, *, locations: Iterable[_ops.Location] | None = ...) -> None: ...

class SourceInfo(Message):
    filename: str
    data: bytes
    definition: _ops.Definition
    language: str
    def __init__(self, *, filename: str | None = ..., data: bytes | None = ..., definition: _ops.Definition | None = ..., language: str | None = ...) -> None: ...

class Location(Message):
    sourceIndex: int
    ranges: Sequence[_ops.Range]
    def __init__(self, *, sourceIndex: int | None = ..., ranges: Iterable[_ops.Range] | None = ...) -> None: ...

class Range(Message):
    start: _ops.Position
    end: _ops.Position
    def __init__(self, *, start: _ops.Position | None = ..., end: _ops.Position | None = ...) -> None: ...

class Position(Message):
    line: int
    character: int
    def __init__(self, *, line: int | None = ..., character: int | None = ...) -> None: ...

class ExportCache(Message):
    Value: bool
    def __init__(self, *, Value: bool | None = ...) -> None: ...

class ProgressGroup(Message):
    id: str
    name: str
    weak: bool
    def __init__(self, *, id: str | None = ..., name: str | None = ..., weak: bool | None = ...) -> None: ...

class LinuxResources(Message):
    memory: int
    memorySwap: int
    cpuShares: int
    cpuPeriod: int
    cpuQuota: int
    cpusetCpus: str
    cpusetMems: str
    def __init__(self, *, memory: int | None = ..., memorySwap: int | None = ..., cpuShares: int | None = ..., cpuPeriod: int | None = ..., cpuQuota: int | None = ..., cpusetCpus: str | None = ..., cpusetMems: str | None = ...) -> None: ...

class ProxyEnv(Message):
    http_proxy: str
    https_proxy: str
    ftp_proxy: str
    no_proxy: str
    all_proxy: str
    def __init__(self, *, http_proxy: str | None = ..., https_proxy: str | None = ..., ftp_proxy: str | None = ..., no_proxy: str | None = ..., all_proxy: str | None = ...) -> None: ...

class WorkerConstraints(Message):
    filter: Sequence[str]
    def __init__(self, *, filter: Iterable[str] | None = ...) -> None: ...

class Definition(Message):
    metadata: Mapping[str, _ops.OpMetadata]
    Source: _ops.Source
    def __init__(self, *, metadata: Mapping[str, _ops.OpMetadata] | None = ..., Source: _ops.Source | None = ..., **others: object) -> None: ...

class FileOp(Message):
    actions: Sequence[_ops.FileAction]
    def __init__(self, *, actions: Iterable[_ops.FileAction] | None = ...) -> None: ...

class FileAction(Message):
    input: int
    secondaryInput: int
    output: int
    copy: _ops.FileActionCopy
    mkfile: _ops.FileActionMkFile
    mkdir: _ops.FileActionMkDir
    rm: _ops.FileActionRm
    symlink: _ops.FileActionSymlink
    def __init__(self, *, input: int | None = ..., secondaryInput: int | None = ..., output: int | None = ..., copy: _ops.FileActionCopy | None = ..., mkfile: _ops.FileActionMkFile | None = ..., mkdir: _ops.FileActionMkDir | None = ..., rm: _ops.FileActionRm | None = ..., symlink: _ops.FileActionSymlink | None = ...) -> None: ...

class FileActionCopy(Message):
    src: str
    dest: str
    owner: _ops.ChownOpt
    mode: int
    followSymlink: bool
    dirCopyContents: bool
    attemptUnpackDockerCompatibility: bool
    createDestPath: bool
    allowWildcard: bool
    allowEmptyWildcard: bool
    timestamp: int
    include_patterns: Sequence[str]
    exclude_patterns: Sequence[str]
    alwaysReplaceExistingDestPaths: bool
    modeStr: str
    required_paths: Sequence[str]
    def __init__(self, *, src: str | None = ..., dest: str | None = ..., owner: _ops.ChownOpt | None = ..., mode: int | None = ..., followSymlink: bool | None = ..., dirCopyContents: bool | None = ..., attemptUnpackDockerCompatibility: bool | None = ..., createDestPath: bool | None = ..., allowWildcard: bool | None = ..., allowEmptyWildcard: bool | None = ..., timestamp: int | None = ..., include_patterns: Iterable[str] | None = ..., exclude_patterns: Iterable[str] | None = ..., alwaysReplaceExistingDestPaths: bool | None = ..., modeStr: str | None = ..., required_paths: Iterable[str] | None = ...) -> None: ...

class FileActionMkFile(Message):
    path: str
    mode: int
    data: bytes
    owner: _ops.ChownOpt
    timestamp: int
    def __init__(self, *, path: str | None = ..., mode: int | None = ..., data: bytes | None = ..., owner: _ops.ChownOpt | None = ..., timestamp: int | None = ...) -> None: ...

class FileActionSymlink(Message):
    oldpath: str
    newpath: str
    owner: _ops.ChownOpt
    timestamp: int
    def __init__(self, *, oldpath: str | None = ..., newpath: str | None = ..., owner: _ops.ChownOpt | None = ..., timestamp: int | None = ...) -> None: ...

class FileActionMkDir(Message):
    path: str
    mode: int
    makeParents: bool
    owner: _ops.ChownOpt
    timestamp: int
    def __init__(self, *, path: str | None = ..., mode: int | None = ..., makeParents: bool | None = ..., owner: _ops.ChownOpt | None = ..., timestamp: int | None = ...) -> None: ...

class FileActionRm(Message):
    path: str
    allowNotFound: bool
    allowWildcard: bool
    def __init__(self, *, path: str | None = ..., allowNotFound: bool | None = ..., allowWildcard: bool | None = ...) -> None: ...

class ChownOpt(Message):
    user: _ops.UserOpt
    group: _ops.UserOpt
    def __init__(self, *, user: _ops.UserOpt | None = ..., group: _ops.UserOpt | None = ...) -> None: ...

class UserOpt(Message):
    byName: _ops.NamedUserOpt
    byID: int
    def __init__(self, *, byName: _ops.NamedUserOpt | None = ..., byID: int | None = ...) -> None: ...

class NamedUserOpt(Message):
    name: str
    input: int
    def __init__(self, *, name: str | None = ..., input: int | None = ...) -> None: ...

class MergeInput(Message):
    input: int
    def __init__(self, *, input: int | None = ...) -> None: ...

class MergeOp(Message):
    inputs: Sequence[_ops.MergeInput]
    def __init__(self, *, inputs: Iterable[_ops.MergeInput] | None = ...) -> None: ...

class LowerDiffInput(Message):
    input: int
    def __init__(self, *, input: int | None = ...) -> None: ...

class UpperDiffInput(Message):
    input: int
    def __init__(self, *, input: int | None = ...) -> None: ...

class DiffOp(Message):
    lower: _ops.LowerDiffInput
    upper: _ops.UpperDiffInput
    def __init__(self, *, lower: _ops.LowerDiffInput | None = ..., upper: _ops.UpperDiffInput | None = ...) -> None: ...

class PassthroughOp(Message):
    id: str
    outputs: Sequence[int]
    def __init__(self, *, id: str | None = ..., outputs: Iterable[int] | None = ...) -> None: ...
