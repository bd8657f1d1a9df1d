# Made from worker.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "WorkerRecord": """\
1 ID one string
2 Labels map string string
3 platforms many ops.Platform
4 GCPolicy many worker.GCPolicy
5 BuildkitVersion one worker.BuildkitVersion
6 CDIDevices many worker.CDIDevice
""",
    "GCPolicy": """\
1 all one bool
2 keepDuration one int64
4 filters many string
3 reservedSpace one int64
5 maxUsedSpace one int64
6 minFreeSpace one int64
""",
    "BuildkitVersion": """\
1 package one string
2 version one string
3 revision one string
4 dockerfileVersion one string
""",
    "CDIDevice": """\
1 Name one string
2 AutoAllow one bool
3 Annotations map string string
4 OnDemand one bool
""",
}

services = {}

__getattr__ = load(globals(), "moby.buildkit.v1.types", messages, enums, services)
