# Made from health.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import health as _health

enums: Mapping[str, Mapping[str, int]]

class HealthCheckRequest(Message):
    service: str
    def __init__(self, *, service: str | None = ...) -> None: ...

class HealthCheckResponse(Message):
    UNKNOWN: int
    SERVING: int
    NOT_SERVING: int
    SERVICE_UNKNOWN: int
    status: int
    def __init__(self, *, status: int | None = ...) -> None: ...

class HealthListRequest(Message):
    def __init__(self) -> None: ...

class HealthListResponse(Message):
    statuses: Mapping[str, _health.HealthCheckResponse]
    def __init__(self, *, statuses: Mapping[str, _health.HealthCheckResponse] | None = ...) -> None: ...

class _Health(Service):
    Check: Method[_health.HealthCheckRequest, _health.HealthCheckResponse]
    Watch: Method[_health.HealthCheckRequest, _health.HealthCheckResponse]
    List: Method[_health.HealthListRequest, _health.HealthListResponse]

Health: _Health
