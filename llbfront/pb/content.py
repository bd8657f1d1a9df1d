# Made from content.proto by `make proto`.
from llbfront.pb import load

enums = {
    "WriteAction": {"STAT": 0, "WRITE": 1, "COMMIT": 2},
}

messages = {
    "Info": """\
1 digest one string
2 size one int64
3 created_at one google_protobuf_timestamp.Timestamp
4 updated_at one google_protobuf_timestamp.Timestamp
5 labels map string string
""",
    "InfoRequest": """\
1 digest one string
""",
    "InfoResponse": """\
1 info one content.Info
""",
    "UpdateRequest": """\
1 info one content.Info
2 update_mask one google_protobuf_field_mask.FieldMask
""",
    "UpdateResponse": """\
1 info one content.Info
""",
    "ListContentRequest": """\
1 filters many string
""",
    "ListContentResponse": """\
1 info many content.Info
""",
    "DeleteContentRequest": """\
1 digest one string
""",
    "ReadContentRequest": """\
1 digest one string
2 offset one int64
3 size one int64
""",
    "ReadContentResponse": """\
1 offset one int64
2 data one bytes
""",
    "Status": """\
1 started_at one google_protobuf_timestamp.Timestamp
2 updated_at one google_protobuf_timestamp.Timestamp
3 ref one string
4 offset one int64
5 total one int64
6 expected one string
""",
    "StatusRequest": """\
1 ref one string
""",
    "StatusResponse": """\
1 status one content.Status
""",
    "ListStatusesRequest": """\
1 filters many string
""",
    "ListStatusesResponse": """\
1 statuses many content.Status
""",
    "WriteContentRequest": """\
1 action one enum content.WriteAction
2 ref one string
3 total one int64
4 expected one string
5 offset one int64
6 data one bytes
7 labels map string string
""",
    "WriteContentResponse": """\
1 action one enum content.WriteAction
2 started_at one google_protobuf_timestamp.Timestamp
3 updated_at one google_protobuf_timestamp.Timestamp
4 offset one int64
5 total one int64
6 digest one string
""",
    "AbortRequest": """\
1 ref one string
""",
}

services = {
    "Content": """\
Info content.InfoRequest content.InfoResponse
Update content.UpdateRequest content.UpdateResponse
List content.ListContentRequest *content.ListContentResponse
Delete content.DeleteContentRequest google_protobuf_empty.Empty
Read content.ReadContentRequest *content.ReadContentResponse
Status content.StatusRequest content.StatusResponse
ListStatuses content.ListStatusesRequest content.ListStatusesResponse
Write *content.WriteContentRequest *content.WriteContentResponse
Abort content.AbortRequest google_protobuf_empty.Empty
""",
}

__getattr__ = load(globals(), "containerd.services.content.v1", messages, enums, services)
