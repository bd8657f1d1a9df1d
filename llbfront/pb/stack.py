# Made from stack.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Stack": """\
1 frames many stack.Frame
2 cmdline many string
3 pid one int32
4 version one string
5 revision one string
""",
    "Frame": """\
1 Name one string
2 File one string
3 Line one int32
""",
}

services = {}

__getattr__ = load(globals(), "stack", messages, enums, services)
