# Made from exporter.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\x0eexporter.proto\x12\x10moby.exporter.v1"\xb9\x01\n\x14FindExportersRequest\x12P\n\x08metadata\x18\x01 \x03(\x0b24.moby.exporter.v1.Fin'
    b'dExportersRequest.MetadataEntryR\x08metadata\x12\x12\n\x04refs\x18\x02 \x03(\tR\x04refs\x1a;\n\rMetadataEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05'
    b'value\x18\x02 \x01(\x0cR\x05value:\x028\x01"X\n\x15FindExportersResponse\x12?\n\texporters\x18\x01 \x03(\x0b2!.moby.exporter.v1.ExporterReques'
    b'tR\texporters"\xa3\x01\n\x0fExporterRequest\x12\x12\n\x04Type\x18\x01 \x01(\tR\x04Type\x12B\n\x05Attrs\x18\x02 \x03(\x0b2,.moby.exporter.v1.ExporterReque'
    b'st.AttrsEntryR\x05Attrs\x1a8\n\nAttrsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc8\x01\n\x15FinalizeExportReq'
    b'uest\x12j\n\x11exporter_response\x18\x01 \x03(\x0b2=.moby.exporter.v1.FinalizeExportRequest.ExporterResponseEntryR\x10expo'
    b'rterResponse\x1aC\n\x15ExporterResponseEntry\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x18\n\x16FinalizeExportR'
    b"esponse2\xd1\x01\n\x08Exporter\x12`\n\rFindExporters\x12&.moby.exporter.v1.FindExportersRequest\x1a'.moby.exporter.v1.Fin"
    b"dExportersResponse\x12c\n\x0eFinalizeExport\x12'.moby.exporter.v1.FinalizeExportRequest\x1a(.moby.exporter.v1.Fin"
    b'alizeExportResponseb\x06proto3',
)
