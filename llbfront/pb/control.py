# Made from control.proto by `make proto`.
from llbfront.pb import load

enums = {
    "BuildHistoryEventType": {"STARTED": 0, "COMPLETE": 1, "DELETED": 2},
}

messages = {
    "PruneRequest": """\
1 filter many string
2 all one bool
3 keepDuration one int64
4 reservedSpace one int64
5 maxUsedSpace one int64
6 minFreeSpace one int64
""",
    "DiskUsageRequest": """\
1 filter many string
2 ageLimit one int64
""",
    "DiskUsageResponse": """\
1 record many control.UsageRecord
""",
    "UsageRecord": """\
1 ID one string
2 Mutable one bool
3 InUse one bool
4 Size one int64
5 Parent one string
6 CreatedAt one google_protobuf_timestamp.Timestamp
7 LastUsedAt one google_protobuf_timestamp.Timestamp
8 UsageCount one int64
9 Description one string
10 RecordType one string
11 Shared one bool
12 Parents many string
""",
    "SolveRequest": """\
1 Ref one string
2 Definition one bytes
3 ExporterDeprecated one string
4 ExporterAttrsDeprecated map string string
5 Session one string
6 Frontend one string
7 FrontendAttrs map string string
8 Cache one control.CacheOptions
9 Entitlements many string
10 FrontendInputs map string bytes
11 Internal one bool
12 SourcePolicy one policy.Policy
13 Exporters many control.Exporter
14 EnableSessionExporter one bool
15 SourcePolicySession one string
16 CompatibilityVersion one int64
17 ProxyNetwork one bool
""",
    "CacheOptions": """\
1 ExportRefDeprecated one string
2 ImportRefsDeprecated many string
3 ExportAttrsDeprecated map string string
4 Exports many control.CacheOptionsEntry
5 Imports many control.CacheOptionsEntry
""",
    "CacheOptionsEntry": """\
1 Type one string
2 Attrs map string string
""",
    "SolveResponse": """\
1 ExporterResponse map string string
""",
    "StatusRequest": """\
1 Ref one string
""",
    "StatusResponse": """\
1 vertexes many control.Vertex
2 statuses many control.VertexStatus
3 logs many control.VertexLog
4 warnings many control.VertexWarning
""",
    "Vertex": """\
1 digest one string
2 inputs many string
3 name one string
4 cached one bool
5 started one google_protobuf_timestamp.Timestamp
6 completed one google_protobuf_timestamp.Timestamp
7 error one string
8 progressGroup one ops.ProgressGroup
""",
    "VertexStatus": """\
1 ID one string
2 vertex one string
3 name one string
4 current one int64
5 total one int64
6 timestamp one google_protobuf_timestamp.Timestamp
7 started one google_protobuf_timestamp.Timestamp
8 completed one google_protobuf_timestamp.Timestamp
""",
    "VertexLog": """\
1 vertex one string
2 timestamp one google_protobuf_timestamp.Timestamp
3 stream one int64
4 msg one bytes
""",
    "VertexWarning": """\
1 vertex one string
2 level one int64
3 short one bytes
4 detail many bytes
5 url one string
6 info one ops.SourceInfo
7 ranges many ops.Range
""",
    "BytesMessage": """\
1 data one bytes
""",
    "ListWorkersRequest": """\
1 filter many string
""",
    "ListWorkersResponse": """\
1 record many worker.WorkerRecord
""",
    "InfoRequest": "",
    "InfoResponse": """\
1 buildkitVersion one worker.BuildkitVersion
""",
    "BuildHistoryRequest": """\
1 ActiveOnly one bool
2 Ref one string
3 EarlyExit one bool
4 Filter many string
5 Limit one int32
""",
    "BuildHistoryEvent": """\
1 type one enum control.BuildHistoryEventType
2 record one control.BuildHistoryRecord
""",
    "BuildHistoryRecord": """\
1 Ref one string
2 Frontend one string
3 FrontendAttrs map string string
4 Exporters many control.Exporter
5 error one google_rpc_status.Status
6 CreatedAt one google_protobuf_timestamp.Timestamp
7 CompletedAt one google_protobuf_timestamp.Timestamp
8 logs one control.Descriptor
9 ExporterResponse map string string
10 Result one control.BuildResultInfo
11 Results map string control.BuildResultInfo
12 Generation one int32
13 trace one control.Descriptor
14 pinned one bool
15 numCachedSteps one int32
16 numTotalSteps one int32
17 numCompletedSteps one int32
18 externalError one control.Descriptor
19 numWarnings one int32
""",
    "UpdateBuildHistoryRequest": """\
1 Ref one string
2 Pinned one bool
3 Delete one bool
4 Finalize one bool
""",
    "UpdateBuildHistoryResponse": "",
    "Descriptor": """\
1 media_type one string
2 digest one string
3 size one int64
5 annotations map string string
""",
    "BuildResultInfo": """\
1 ResultDeprecated one control.Descriptor
2 Attestations many control.Descriptor
3 Results map int64 control.Descriptor
""",
    "Exporter": """\
1 Type one string
2 Attrs map string string
""",
}

services = {
    "Control": """\
DiskUsage control.DiskUsageRequest control.DiskUsageResponse
Prune control.PruneRequest *control.UsageRecord
Solve control.SolveRequest control.SolveResponse
Status control.StatusRequest *control.StatusResponse
Session *control.BytesMessage *control.BytesMessage
ListWorkers control.ListWorkersRequest control.ListWorkersResponse
Info control.InfoRequest control.InfoResponse
ListenBuildHistory control.BuildHistoryRequest *control.BuildHistoryEvent
UpdateBuildHistory control.UpdateBuildHistoryRequest control.UpdateBuildHistoryResponse
""",
}

__getattr__ = load(globals(), "moby.buildkit.v1", messages, enums, services)
