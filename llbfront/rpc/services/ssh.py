"""The SSH service.

Source: session/sshforward/ssh.proto of BuildKit.
"""

from __future__ import annotations

from llbfront.pb import ssh_pb2
from llbfront.rpc.method import Method


class SSHMethods:
    """SSH agents that the session forwards."""

    CheckAgent = Method("/moby.sshforward.v1.SSH/CheckAgent", ssh_pb2.CheckAgentRequest, ssh_pb2.CheckAgentResponse)
    ForwardAgent = Method(
        "/moby.sshforward.v1.SSH/ForwardAgent",
        ssh_pb2.BytesMessage,
        ssh_pb2.BytesMessage,
        client_streaming=True,
        server_streaming=True,
    )
