# Made from exporter.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "FindExportersRequest": """\
1 metadata map string bytes
2 refs many string
""",
    "FindExportersResponse": """\
1 exporters many exporter.ExporterRequest
""",
    "ExporterRequest": """\
1 Type one string
2 Attrs map string string
""",
    "FinalizeExportRequest": """\
1 exporter_response map string string
""",
    "FinalizeExportResponse": "",
}

services = {
    "Exporter": """\
FindExporters exporter.FindExportersRequest exporter.FindExportersResponse
FinalizeExport exporter.FinalizeExportRequest exporter.FinalizeExportResponse
""",
}

__getattr__ = load(globals(), "moby.exporter.v1", messages, enums, services)
