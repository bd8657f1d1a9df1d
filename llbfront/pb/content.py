# Made from content.proto by `make proto`.
from llbfront.pb import load
from llbfront.pb import google_protobuf_empty  # noqa: F401
from llbfront.pb import google_protobuf_field_mask  # noqa: F401
from llbfront.pb import google_protobuf_timestamp  # noqa: F401

__getattr__ = load(
    globals(),
    b'\n\rcontent.proto\x12\x1econtainerd.services.content.v1\x1a\x1bgoogle/protobuf/empty.proto\x1a google/protobuf/field_'
    b'mask.proto\x1a\x1fgoogle/protobuf/timestamp.proto"\xad\x02\n\x04Info\x12\x16\n\x06digest\x18\x01 \x01(\tR\x06digest\x12\x12\n\x04size\x18\x02 \x01(\x03R\x04size\x129\n\n'
    b'created_at\x18\x03 \x01(\x0b2\x1a.google.protobuf.TimestampR\tcreatedAt\x129\n\nupdated_at\x18\x04 \x01(\x0b2\x1a.google.protobuf.Timest'
    b'ampR\tupdatedAt\x12H\n\x06labels\x18\x05 \x03(\x0b20.containerd.services.content.v1.Info.LabelsEntryR\x06labels\x1a9\n\x0bLabelsEn'
    b'try\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"%\n\x0bInfoRequest\x12\x16\n\x06digest\x18\x01 \x01(\tR\x06digest"H\n\x0cInfoRespon'
    b'se\x128\n\x04info\x18\x01 \x01(\x0b2$.containerd.services.content.v1.InfoR\x04info"\x86\x01\n\rUpdateRequest\x128\n\x04info\x18\x01 \x01(\x0b2$.conta'
    b'inerd.services.content.v1.InfoR\x04info\x12;\n\x0bupdate_mask\x18\x02 \x01(\x0b2\x1a.google.protobuf.FieldMaskR\nupdateMask"J\n'
    b'\x0eUpdateResponse\x128\n\x04info\x18\x01 \x01(\x0b2$.containerd.services.content.v1.InfoR\x04info".\n\x12ListContentRequest\x12\x18\n\x07f'
    b'ilters\x18\x01 \x03(\tR\x07filters"O\n\x13ListContentResponse\x128\n\x04info\x18\x01 \x03(\x0b2$.containerd.services.content.v1.InfoR\x04in'
    b'fo".\n\x14DeleteContentRequest\x12\x16\n\x06digest\x18\x01 \x01(\tR\x06digest"X\n\x12ReadContentRequest\x12\x16\n\x06digest\x18\x01 \x01(\tR\x06digest\x12\x16\n\x06'
    b'offset\x18\x02 \x01(\x03R\x06offset\x12\x12\n\x04size\x18\x03 \x01(\x03R\x04size"A\n\x13ReadContentResponse\x12\x16\n\x06offset\x18\x01 \x01(\x03R\x06offset\x12\x12\n\x04data\x18\x02 \x01('
    b'\x0cR\x04data"\xda\x01\n\x06Status\x129\n\nstarted_at\x18\x01 \x01(\x0b2\x1a.google.protobuf.TimestampR\tstartedAt\x129\n\nupdated_at\x18\x02 \x01(\x0b2\x1a.'
    b'google.protobuf.TimestampR\tupdatedAt\x12\x10\n\x03ref\x18\x03 \x01(\tR\x03ref\x12\x16\n\x06offset\x18\x04 \x01(\x03R\x06offset\x12\x14\n\x05total\x18\x05 \x01(\x03R\x05total'
    b'\x12\x1a\n\x08expected\x18\x06 \x01(\tR\x08expected"!\n\rStatusRequest\x12\x10\n\x03ref\x18\x01 \x01(\tR\x03ref"P\n\x0eStatusResponse\x12>\n\x06status\x18\x01 \x01(\x0b2&.'
    b'containerd.services.content.v1.StatusR\x06status"/\n\x13ListStatusesRequest\x12\x18\n\x07filters\x18\x01 \x03(\tR\x07filters"Z\n\x14Li'
    b'stStatusesResponse\x12B\n\x08statuses\x18\x01 \x03(\x0b2&.containerd.services.content.v1.StatusR\x08statuses"\xde\x02\n\x13WriteCont'
    b'entRequest\x12C\n\x06action\x18\x01 \x01(\x0e2+.containerd.services.content.v1.WriteActionR\x06action\x12\x10\n\x03ref\x18\x02 \x01(\tR\x03ref\x12\x14\n'
    b'\x05total\x18\x03 \x01(\x03R\x05total\x12\x1a\n\x08expected\x18\x04 \x01(\tR\x08expected\x12\x16\n\x06offset\x18\x05 \x01(\x03R\x06offset\x12\x12\n\x04data\x18\x06 \x01(\x0cR\x04data\x12W\n\x06label'
    b's\x18\x07 \x03(\x0b2?.containerd.services.content.v1.WriteContentRequest.LabelsEntryR\x06labels\x1a9\n\x0bLabelsEntry\x12\x10\n\x03k'
    b'ey\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\x97\x02\n\x14WriteContentResponse\x12C\n\x06action\x18\x01 \x01(\x0e2+.containerd.servic'
    b'es.content.v1.WriteActionR\x06action\x129\n\nstarted_at\x18\x02 \x01(\x0b2\x1a.google.protobuf.TimestampR\tstartedAt\x129\n\nupda'
    b'ted_at\x18\x03 \x01(\x0b2\x1a.google.protobuf.TimestampR\tupdatedAt\x12\x16\n\x06offset\x18\x04 \x01(\x03R\x06offset\x12\x14\n\x05total\x18\x05 \x01(\x03R\x05total\x12\x16\n'
    b'\x06digest\x18\x06 \x01(\tR\x06digest" \n\x0cAbortRequest\x12\x10\n\x03ref\x18\x01 \x01(\tR\x03ref*.\n\x0bWriteAction\x12\x08\n\x04STAT\x10\x00\x12\t\n\x05WRITE\x10\x01\x12\n\n\x06COMMI'
    b'T\x10\x022\xbe\x07\n\x07Content\x12a\n\x04Info\x12+.containerd.services.content.v1.InfoRequest\x1a,.containerd.services.content.v'
    b'1.InfoResponse\x12g\n\x06Update\x12-.containerd.services.content.v1.UpdateRequest\x1a..containerd.services.conten'
    b't.v1.UpdateResponse\x12q\n\x04List\x122.containerd.services.content.v1.ListContentRequest\x1a3.containerd.service'
    b's.content.v1.ListContentResponse0\x01\x12V\n\x06Delete\x124.containerd.services.content.v1.DeleteContentRequest\x1a\x16'
    b'.google.protobuf.Empty\x12q\n\x04Read\x122.containerd.services.content.v1.ReadContentRequest\x1a3.containerd.serv'
    b'ices.content.v1.ReadContentResponse0\x01\x12g\n\x06Status\x12-.containerd.services.content.v1.StatusRequest\x1a..con'
    b'tainerd.services.content.v1.StatusResponse\x12y\n\x0cListStatuses\x123.containerd.services.content.v1.ListStat'
    b'usesRequest\x1a4.containerd.services.content.v1.ListStatusesResponse\x12v\n\x05Write\x123.containerd.services.con'
    b'tent.v1.WriteContentRequest\x1a4.containerd.services.content.v1.WriteContentResponse(\x010\x01\x12M\n\x05Abort\x12,.con'
    b'tainerd.services.content.v1.AbortRequest\x1a\x16.google.protobuf.Emptyb\x06proto3',
)
