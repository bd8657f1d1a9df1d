# Made from content.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import content as _content
from llbfront.pb import google_protobuf_empty as _google_protobuf_empty
from llbfront.pb import google_protobuf_field_mask as _google_protobuf_field_mask
from llbfront.pb import google_protobuf_timestamp as _google_protobuf_timestamp

enums: Mapping[str, Mapping[str, int]]

STAT: int
WRITE: int
COMMIT: int

class Info(Message):
    digest: str
    size: int
    created_at: int | None
    updated_at: int | None
    labels: Mapping[str, str]
    def __init__(self, *, digest: str | None = ..., size: int | None = ..., created_at: int | None = ..., updated_at: int | None = ..., labels: Mapping[str, str] | None = ...) -> None: ...

class InfoRequest(Message):
    digest: str
    def __init__(self, *, digest: str | None = ...) -> None: ...

class InfoResponse(Message):
    info: _content.Info
    def __init__(self, *, info: _content.Info | None = ...) -> None: ...

class UpdateRequest(Message):
    info: _content.Info
    update_mask: _google_protobuf_field_mask.FieldMask
    def __init__(self, *, info: _content.Info | None = ..., update_mask: _google_protobuf_field_mask.FieldMask | None = ...) -> None: ...

class UpdateResponse(Message):
    info: _content.Info
    def __init__(self, *, info: _content.Info | None = ...) -> None: ...

class ListContentRequest(Message):
    filters: Sequence[str]
    def __init__(self, *, filters: Iterable[str] | None = ...) -> None: ...

class ListContentResponse(Message):
    info: Sequence[_content.Info]
    def __init__(self, *, info: Iterable[_content.Info] | None = ...) -> None: ...

class DeleteContentRequest(Message):
    digest: str
    def __init__(self, *, digest: str | None = ...) -> None: ...

class ReadContentRequest(Message):
    digest: str
    offset: int
    size: int
    def __init__(self, *, digest: str | None = ..., offset: int | None = ..., size: int | None = ...) -> None: ...

class ReadContentResponse(Message):
    offset: int
    data: bytes
    def __init__(self, *, offset: int | None = ..., data: bytes | None = ...) -> None: ...

class Status(Message):
    started_at: int | None
    updated_at: int | None
    ref: str
    offset: int
    total: int
    expected: str
    def __init__(self, *, started_at: int | None = ..., updated_at: int | None = ..., ref: str | None = ..., offset: int | None = ..., total: int | None = ..., expected: str | None = ...) -> None: ...

class StatusRequest(Message):
    ref: str
    def __init__(self, *, ref: str | None = ...) -> None: ...

class StatusResponse(Message):
    status: _content.Status
    def __init__(self, *, status: _content.Status | None = ...) -> None: ...

class ListStatusesRequest(Message):
    filters: Sequence[str]
    def __init__(self, *, filters: Iterable[str] | None = ...) -> None: ...

class ListStatusesResponse(Message):
    statuses: Sequence[_content.Status]
    def __init__(self, *, statuses: Iterable[_content.Status] | None = ...) -> None: ...

class WriteContentRequest(Message):
    action: int
    ref: str
    total: int
    expected: str
    offset: int
    data: bytes
    labels: Mapping[str, str]
    def __init__(self, *, action: int | None = ..., ref: str | None = ..., total: int | None = ..., expected: str | None = ..., offset: int | None = ..., data: bytes | None = ..., labels: Mapping[str, str] | None = ...) -> None: ...

class WriteContentResponse(Message):
    action: int
    started_at: int | None
    updated_at: int | None
    offset: int
    total: int
    digest: str
    def __init__(self, *, action: int | None = ..., started_at: int | None = ..., updated_at: int | None = ..., offset: int | None = ..., total: int | None = ..., digest: str | None = ...) -> None: ...

class AbortRequest(Message):
    ref: str
    def __init__(self, *, ref: str | None = ...) -> None: ...

class _Content(Service):
    Info: Method[_content.InfoRequest, _content.InfoResponse]
    Update: Method[_content.UpdateRequest, _content.UpdateResponse]
    List: Method[_content.ListContentRequest, _content.ListContentResponse]
    Delete: Method[_content.DeleteContentRequest, _google_protobuf_empty.Empty]
    Read: Method[_content.ReadContentRequest, _content.ReadContentResponse]
    Status: Method[_content.StatusRequest, _content.StatusResponse]
    ListStatuses: Method[_content.ListStatusesRequest, _content.ListStatusesResponse]
    Write: Method[_content.WriteContentRequest, _content.WriteContentResponse]
    Abort: Method[_content.AbortRequest, _google_protobuf_empty.Empty]

Content: _Content
