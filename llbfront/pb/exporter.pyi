# Made from exporter.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import exporter as _exporter

DESCRIPTOR: FileDescriptor

class FindExportersRequest(Message):
    metadata: ScalarMap[str, bytes]
    refs: RepeatedScalarFieldContainer[str]
    def __init__(self, *, metadata: Mapping[str, bytes] | None = ..., refs: Iterable[str] | None = ...) -> None: ...

class FindExportersResponse(Message):
    exporters: RepeatedCompositeFieldContainer[_exporter.ExporterRequest]
    def __init__(self, *, exporters: Iterable[_exporter.ExporterRequest] | None = ...) -> None: ...

class ExporterRequest(Message):
    Type: str
    Attrs: ScalarMap[str, str]
    def __init__(self, *, Type: str | None = ..., Attrs: Mapping[str, str] | None = ...) -> None: ...

class FinalizeExportRequest(Message):
    exporter_response: ScalarMap[str, str]
    def __init__(self, *, exporter_response: Mapping[str, str] | None = ...) -> None: ...

class FinalizeExportResponse(Message):
    def __init__(self) -> None: ...

class _Exporter(Service):
    FindExporters: Method[_exporter.FindExportersRequest, _exporter.FindExportersResponse]
    FinalizeExport: Method[_exporter.FinalizeExportRequest, _exporter.FinalizeExportResponse]

Exporter: _Exporter
