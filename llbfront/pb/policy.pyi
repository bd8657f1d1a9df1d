# Made from policy.proto by `make proto`.
from collections.abc import Iterable, Mapping, Sequence

from llbfront.pb import Message, Method, Service
from llbfront.pb import policy as _policy

enums: Mapping[str, Mapping[str, int]]

ALLOW: int
DENY: int
CONVERT: int

EQUAL: int
NOTEQUAL: int
MATCHES: int

WILDCARD: int
EXACT: int
REGEX: int

class Rule(Message):
    action: int
    selector: _policy.Selector
    updates: _policy.Update
    def __init__(self, *, action: int | None = ..., selector: _policy.Selector | None = ..., updates: _policy.Update | None = ...) -> None: ...

class Update(Message):
    identifier: str
    attrs: Mapping[str, str]
    def __init__(self, *, identifier: str | None = ..., attrs: Mapping[str, str] | None = ...) -> None: ...

class Selector(Message):
    identifier: str
    match_type: int
    constraints: Sequence[_policy.AttrConstraint]
    def __init__(self, *, identifier: str | None = ..., match_type: int | None = ..., constraints: Iterable[_policy.AttrConstraint] | None = ...) -> None: ...

class AttrConstraint(Message):
    key: str
    value: str
    condition: int
    def __init__(self, *, key: str | None = ..., value: str | None = ..., condition: int | None = ...) -> None: ...

class Policy(Message):
    version: int
    rules: Sequence[_policy.Rule]
    def __init__(self, *, version: int | None = ..., rules: Iterable[_policy.Rule] | None = ...) -> None: ...
