# Made from health.proto by `make proto`.
from llbfront.pb import load

enums = {
    "HealthCheckResponse.ServingStatus": {"UNKNOWN": 0, "SERVING": 1, "NOT_SERVING": 2, "SERVICE_UNKNOWN": 3},
}

messages = {
    "HealthCheckRequest": """\
1 service one string
""",
    "HealthCheckResponse": """\
1 status one enum health.HealthCheckResponse.ServingStatus
""",
    "HealthListRequest": "",
    "HealthListResponse": """\
1 statuses map string health.HealthCheckResponse
""",
}

services = {
    "Health": """\
Check health.HealthCheckRequest health.HealthCheckResponse
Watch health.HealthCheckRequest *health.HealthCheckResponse
List health.HealthListRequest health.HealthListResponse
""",
}

__getattr__ = load(globals(), "grpc.health.v1", messages, enums, services)
