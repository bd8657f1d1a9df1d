# Made from exporter.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import exporter as _exporter

enums: Mapping[str, Mapping[str, int]]

class FindExportersRequest(Message):
    metadata: Mapping[str, bytes]
    refs: Sequence[str]
    def __init__(self, *, metadata: Mapping[str, bytes] | None = ..., refs: Iterable[str] | None = ...) -> None: ...

class FindExportersResponse(Message):
    exporters: Sequence[_exporter.ExporterRequest]
    def __init__(self, *, exporters: Iterable[_exporter.ExporterRequest] | None = ...) -> None: ...

class ExporterRequest(Message):
    Type: str
    Attrs: Mapping[str, str]
    def __init__(self, *, Type: str | None = ..., Attrs: Mapping[str, str] | None = ...) -> None: ...

class FinalizeExportRequest(Message):
    exporter_response: Mapping[str, str]
    def __init__(self, *, exporter_response: Mapping[str, str] | None = ...) -> None: ...

class FinalizeExportResponse(Message):
    def __init__(self) -> None: ...

class _Exporter(Service):
    FindExporters: Method[_exporter.FindExportersRequest, _exporter.FindExportersResponse]
    FinalizeExport: Method[_exporter.FinalizeExportRequest, _exporter.FinalizeExportResponse]

Exporter: _Exporter
