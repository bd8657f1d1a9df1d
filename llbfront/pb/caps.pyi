# Made from caps.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import caps as _caps

enums: Mapping[str, Mapping[str, int]]

class APICap(Message):
    ID: str
    Enabled: bool
    Deprecated: bool
    DisabledReason: str
    DisabledReasonMsg: str
    DisabledAlternative: str
    def __init__(self, *, ID: str | None = ..., Enabled: bool | None = ..., Deprecated: bool | None = ..., DisabledReason: str | None = ..., DisabledReasonMsg: str | None = ..., DisabledAlternative: str | None = ...) -> None: ...
