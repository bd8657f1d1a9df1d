# Made from policy.proto by `make proto`.
from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.internal.containers import MessageMap, RepeatedCompositeFieldContainer, RepeatedScalarFieldContainer, ScalarMap
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from llbfront.pb import Method, Service
from llbfront.pb import policy as _policy

DESCRIPTOR: FileDescriptor

PolicyAction: EnumTypeWrapper
ALLOW: int
DENY: int
CONVERT: int

AttrMatch: EnumTypeWrapper
EQUAL: int
NOTEQUAL: int
MATCHES: int

MatchType: EnumTypeWrapper
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
    attrs: ScalarMap[str, str]
    def __init__(self, *, identifier: str | None = ..., attrs: Mapping[str, str] | None = ...) -> None: ...

class Selector(Message):
    identifier: str
    match_type: int
    constraints: RepeatedCompositeFieldContainer[_policy.AttrConstraint]
    def __init__(self, *, identifier: str | None = ..., match_type: int | None = ..., constraints: Iterable[_policy.AttrConstraint] | None = ...) -> None: ...

class AttrConstraint(Message):
    key: str
    value: str
    condition: int
    def __init__(self, *, key: str | None = ..., value: str | None = ..., condition: int | None = ...) -> None: ...

class Policy(Message):
    version: int
    rules: RepeatedCompositeFieldContainer[_policy.Rule]
    def __init__(self, *, version: int | None = ..., rules: Iterable[_policy.Rule] | None = ...) -> None: ...
