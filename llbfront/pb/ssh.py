# Made from ssh.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\tssh.proto\x12\x12moby.sshforward.v1""\n\x0cBytesMessage\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data"#\n\x11CheckAgentRequest\x12\x0e\n\x02ID\x18\x01 \x01(\t'
    b'R\x02ID"\x14\n\x12CheckAgentResponse2\xba\x01\n\x03SSH\x12[\n\nCheckAgent\x12%.moby.sshforward.v1.CheckAgentRequest\x1a&.moby.sshfo'
    b'rward.v1.CheckAgentResponse\x12V\n\x0cForwardAgent\x12 .moby.sshforward.v1.BytesMessage\x1a .moby.sshforward.v1.B'
    b'ytesMessage(\x010\x01b\x06proto3',
)
