# Made from errdefs.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import errdefs as _errdefs
from llbfront.pb import ops as _ops

enums: Mapping[str, Mapping[str, int]]

class Vertex(Message):
    digest: str
    def __init__(self, *, digest: str | None = ...) -> None: ...

class Source(Message):
    info: _ops.SourceInfo
    ranges: Sequence[_ops.Range]
    def __init__(self, *, info: _ops.SourceInfo | None = ..., ranges: Iterable[_ops.Range] | None = ...) -> None: ...

class Frontend(Message):
    name: str
    source: str
    def __init__(self, *, name: str | None = ..., source: str | None = ...) -> None: ...

class FrontendCap(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class CompatibilityFeature(Message):
    version: int
    feature: str
    def __init__(self, *, version: int | None = ..., feature: str | None = ...) -> None: ...

class Subrequest(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class Solve(Message):
    inputIDs: Sequence[str]
    mountIDs: Sequence[str]
    op: _ops.Op
    file: _errdefs.FileAction
    cache: _errdefs.ContentCache
    description: Mapping[str, str]
    def __init__(self, *, inputIDs: Iterable[str] | None = ..., mountIDs: Iterable[str] | None = ..., op: _ops.Op | None = ..., file: _errdefs.FileAction | None = ..., cache: _errdefs.ContentCache | None = ..., description: Mapping[str, str] | None = ...) -> None: ...

class FileAction(Message):
    index: int
    def __init__(self, *, index: int | None = ...) -> None: ...

class ContentCache(Message):
    index: int
    def __init__(self, *, index: int | None = ...) -> None: ...

class ProvenanceMaterialsIncomplete(Message):
    incomplete: Sequence[_errdefs.ProvenanceMaterialIncomplete]
    def __init__(self, *, incomplete: Iterable[_errdefs.ProvenanceMaterialIncomplete] | None = ...) -> None: ...

class ProvenanceMaterialIncomplete(Message):
    op: str
    name: str
    method: str
    uri: str
    final_uri: str
    reason: str
    def __init__(self, *, op: str | None = ..., name: str | None = ..., method: str | None = ..., uri: str | None = ..., final_uri: str | None = ..., reason: str | None = ...) -> None: ...
