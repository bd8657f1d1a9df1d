# Made from ssh.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "BytesMessage": """\
1 data one bytes
""",
    "CheckAgentRequest": """\
1 ID one string
""",
    "CheckAgentResponse": "",
}

services = {
    "SSH": """\
CheckAgent ssh.CheckAgentRequest ssh.CheckAgentResponse
ForwardAgent *ssh.BytesMessage *ssh.BytesMessage
""",
}

__getattr__ = load(globals(), "moby.sshforward.v1", messages, enums, services)
