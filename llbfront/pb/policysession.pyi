# Made from policysession.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import gateway as _gateway
from llbfront.pb import ops as _ops
from llbfront.pb import policy as _policy
from llbfront.pb import policysession as _policysession

enums: Mapping[str, Mapping[str, int]]

class CheckPolicyRequest(Message):
    Platform: _ops.Platform
    Source: _gateway.ResolveSourceMetaResponse
    caps: Mapping[str, bool]
    def __init__(self, *, Platform: _ops.Platform | None = ..., Source: _gateway.ResolveSourceMetaResponse | None = ..., caps: Mapping[str, bool] | None = ...) -> None: ...

class CheckPolicyResponse(Message):
    decision: _policysession.DecisionResponse
    request: _gateway.ResolveSourceMetaRequest
    def __init__(self, *, decision: _policysession.DecisionResponse | None = ..., request: _gateway.ResolveSourceMetaRequest | None = ...) -> None: ...

class DecisionResponse(Message):
    action: int
    denyMessages: Sequence[_policysession.DenyMessage]
    update: _ops.SourceOp
    def __init__(self, *, action: int | None = ..., denyMessages: Iterable[_policysession.DenyMessage] | None = ..., update: _ops.SourceOp | None = ...) -> None: ...

class DenyMessage(Message):
    message: str
    def __init__(self, *, message: str | None = ...) -> None: ...

class _PolicyVerifier(Service):
    CheckPolicy: Method[_policysession.CheckPolicyRequest, _policysession.CheckPolicyResponse]

PolicyVerifier: _PolicyVerifier
