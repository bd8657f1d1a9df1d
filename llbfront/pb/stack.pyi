# Made from stack.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import stack as _stack

DESCRIPTOR: FileDescriptor

class Stack(Message):
    frames: RepeatedCompositeFieldContainer[_stack.Frame]
    cmdline: RepeatedScalarFieldContainer[str]
    pid: int
    version: str
    revision: str
    def __init__(self, *, frames: Iterable[_stack.Frame] | None = ..., cmdline: Iterable[str] | None = ..., pid: int | None = ..., version: str | None = ..., revision: str | None = ...) -> None: ...

class Frame(Message):
    Name: str
    File: str
    Line: int
    def __init__(self, *, Name: str | None = ..., File: str | None = ..., Line: int | None = ...) -> None: ...
