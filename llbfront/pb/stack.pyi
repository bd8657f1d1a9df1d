# Made from stack.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import stack as _stack

enums: Mapping[str, Mapping[str, int]]

class Stack(Message):
    frames: Sequence[_stack.Frame]
    cmdline: Sequence[str]
    pid: int
    version: str
    revision: str
    def __init__(self, *, frames: Iterable[_stack.Frame] | None = ..., cmdline: Iterable[str] | None = ..., pid: int | None = ..., version: str | None = ..., revision: str | None = ...) -> None: ...

class Frame(Message):
    Name: str
    File: str
    Line: int
    def __init__(self, *, Name: str | None = ..., File: str | None = ..., Line: int | None = ...) -> None: ...
