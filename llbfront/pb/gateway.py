# Made from gateway.proto by `make proto`.
from llbfront.pb import load

enums = {
    "AttestationKind": {"InToto": 0, "Bundle": 1},
    "InTotoSubjectKind": {"Self": 0, "Raw": 1},
    "ChecksumRequest.ChecksumAlgo": {"CHECKSUM_ALGO_SHA256": 0, "CHECKSUM_ALGO_SHA384": 1, "CHECKSUM_ALGO_SHA512": 2},
}

messages = {
    "Result": """\
1 refDeprecated result string
2 refsDeprecated result gateway.RefMapDeprecated
3 ref result gateway.Ref
4 refs result gateway.RefMap
10 metadata map string bytes
12 attestations map string gateway.Attestations
""",
    "RefMapDeprecated": """\
1 refs map string string
""",
    "Ref": """\
1 id one string
2 def one bytes
""",
    "RefMap": """\
1 refs map string gateway.Ref
""",
    "Attestations": """\
1 attestation many gateway.Attestation
""",
    "Attestation": """\
1 kind one enum gateway.AttestationKind
2 metadata map string bytes
3 ref one gateway.Ref
4 path one string
5 inTotoPredicateType one string
6 inTotoSubjects many gateway.InTotoSubject
""",
    "InTotoSubject": """\
1 kind one enum gateway.InTotoSubjectKind
2 digest many string
3 name one string
""",
    "ReturnRequest": """\
1 result one gateway.Result
2 error one google_rpc_status.Status
""",
    "ReturnResponse": "",
    "InputsRequest": "",
    "InputsResponse": """\
1 Definitions map string bytes
""",
    "ResolveImageConfigRequest": """\
1 Ref one string
2 Platform one ops.Platform
3 ResolveMode one string
4 LogName one string
5 ResolverType one int32
6 SessionID one string
7 StoreID one string
8 SourcePolicies many policy.Policy
""",
    "ResolveImageConfigResponse": """\
1 Digest one string
2 Config one bytes
3 Ref one string
""",
    "ResolveSourceMetaRequest": """\
1 Source one ops.SourceOp
2 Platform one ops.Platform
3 LogName one string
4 ResolveMode one string
5 Git one gateway.ResolveSourceGitRequest
6 Image one gateway.ResolveSourceImageRequest
7 HTTP one gateway.ResolveSourceHTTPRequest
8 SourcePolicies many policy.Policy
""",
    "ResolveSourceMetaResponse": """\
1 Source one ops.SourceOp
2 Image one gateway.ResolveSourceImageResponse
3 Git one gateway.ResolveSourceGitResponse
4 HTTP one gateway.ResolveSourceHTTPResponse
""",
    "ResolveSourceImageRequest": """\
1 NoConfig one bool
2 AttestationChain one bool
3 ResolveAttestations many string
""",
    "AttestationChain": """\
1 Root one string
2 ImageManifest one string
3 AttestationManifest one string
4 SignatureManifests many string
5 Blobs map string gateway.Blob
""",
    "ResolveSourceImageResponse": """\
1 Digest one string
2 Config one bytes
3 AttestationChain one gateway.AttestationChain
""",
    "ResolveSourceGitRequest": """\
1 ReturnObject one bool
""",
    "ResolveSourceGitResponse": """\
1 Checksum one string
2 Ref one string
3 CommitChecksum one string
4 CommitObject one bytes
5 TagObject one bytes
""",
    "ResolveSourceHTTPResponse": """\
1 Checksum one string
2 Filename one string
3 LastModified one google_protobuf_timestamp.Timestamp
4 ChecksumResponse one gateway.ChecksumResponse
""",
    "ResolveSourceHTTPRequest": """\
1 ChecksumRequest one gateway.ChecksumRequest
""",
    "ChecksumRequest": """\
1 Algo one enum gateway.ChecksumRequest.ChecksumAlgo
2 Suffix one bytes
""",
    "ChecksumResponse": """\
1 Digest one string
2 Suffix one bytes
""",
    "SolveRequest": """\
1 Definition one bytes
2 Frontend one string
3 FrontendOpt map string string
5 allowResultReturn one bool
6 allowResultArrayRef one bool
10 Final one bool
11 ExporterAttr one bytes
12 CacheImports many gateway.CacheOptionsEntry
13 FrontendInputs map string bytes
14 Evaluate one bool
15 SourcePolicies many policy.Policy
""",
    "CacheOptionsEntry": """\
1 Type one string
2 Attrs map string string
""",
    "SolveResponse": """\
1 ref one string
3 result one gateway.Result
""",
    "ReadFileRequest": """\
1 Ref one string
2 FilePath one string
3 Range one gateway.FileRange
4 MountIndex one int32
""",
    "FileRange": """\
1 Offset one int64
2 Length one int64
""",
    "ReadFileResponse": """\
1 Data one bytes
""",
    "ReadDirRequest": """\
1 Ref one string
2 DirPath one string
3 IncludePattern one string
4 MountIndex one int32
""",
    "ReadDirResponse": """\
1 entries many fsutil.Stat
""",
    "StatFileRequest": """\
1 Ref one string
2 Path one string
3 MountIndex one int32
""",
    "StatFileResponse": """\
1 stat one fsutil.Stat
""",
    "EvaluateRequest": """\
1 Ref one string
""",
    "EvaluateResponse": "",
    "PingRequest": "",
    "PongResponse": """\
1 FrontendAPICaps many caps.APICap
2 LLBCaps many caps.APICap
3 Workers many worker.WorkerRecord
""",
    "WarnRequest": """\
1 digest one string
2 level one int64
3 short one bytes
4 detail many bytes
5 url one string
6 info one ops.SourceInfo
7 ranges many ops.Range
""",
    "WarnResponse": "",
    "NewContainerRequest": """\
1 ContainerID one string
2 Mounts many ops.Mount
3 Network one enum ops.NetMode
4 platform one ops.Platform
5 constraints one ops.WorkerConstraints
6 extraHosts many ops.HostIP
7 hostname one string
""",
    "NewContainerResponse": "",
    "ReleaseContainerRequest": """\
1 ContainerID one string
""",
    "ReleaseContainerResponse": "",
    "ExecMessage": """\
1 ProcessID one string
2 Init Input gateway.InitMessage
3 File Input gateway.FdMessage
4 Resize Input gateway.ResizeMessage
5 Started Input gateway.StartedMessage
6 Exit Input gateway.ExitMessage
7 Done Input gateway.DoneMessage
8 Signal Input gateway.SignalMessage
""",
    "InitMessage": """\
1 ContainerID one string
2 Meta one ops.Meta
3 Fds many uint32
4 Tty one bool
5 Security one enum ops.SecurityMode
6 secretenv many ops.SecretEnv
""",
    "ExitMessage": """\
1 Code one uint32
2 Error one google_rpc_status.Status
""",
    "StartedMessage": "",
    "DoneMessage": "",
    "FdMessage": """\
1 Fd one uint32
2 EOF one bool
3 Data one bytes
""",
    "ResizeMessage": """\
1 Rows one uint32
2 Cols one uint32
""",
    "SignalMessage": """\
1 Name one string
""",
    "Blob": """\
1 descriptor one gateway.Descriptor
2 data one bytes
""",
    "Descriptor": """\
1 media_type one string
2 digest one string
3 size one int64
5 annotations map string string
""",
}

services = {
    "LLBBridge": """\
ResolveImageConfig gateway.ResolveImageConfigRequest gateway.ResolveImageConfigResponse
ResolveSourceMeta gateway.ResolveSourceMetaRequest gateway.ResolveSourceMetaResponse
Solve gateway.SolveRequest gateway.SolveResponse
ReadFile gateway.ReadFileRequest gateway.ReadFileResponse
ReadDir gateway.ReadDirRequest gateway.ReadDirResponse
StatFile gateway.StatFileRequest gateway.StatFileResponse
Evaluate gateway.EvaluateRequest gateway.EvaluateResponse
Ping gateway.PingRequest gateway.PongResponse
Return gateway.ReturnRequest gateway.ReturnResponse
Inputs gateway.InputsRequest gateway.InputsResponse
NewContainer gateway.NewContainerRequest gateway.NewContainerResponse
ReleaseContainer gateway.ReleaseContainerRequest gateway.ReleaseContainerResponse
ExecProcess *gateway.ExecMessage *gateway.ExecMessage
ReadFileContainer gateway.ReadFileRequest gateway.ReadFileResponse
ReadDirContainer gateway.ReadDirRequest gateway.ReadDirResponse
StatFileContainer gateway.StatFileRequest gateway.StatFileResponse
Warn gateway.WarnRequest gateway.WarnResponse
""",
}

__getattr__ = load(globals(), "moby.buildkit.v1.frontend", messages, enums, services)
