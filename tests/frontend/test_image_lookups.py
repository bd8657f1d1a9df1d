"""Builds that run at the same time share look-ups of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import LlbfrontError, RpcError
from llbfront.frontend import image_lookups
from llbfront.frontend.bridge import ImageRequest
from llbfront.pb import gateway_pb2 as gateway
from llbfront.pb import ops_pb2 as ops
from llbfront.rpc.codes import Code

if TYPE_CHECKING:
    from llbfront.frontend.image_lookups import ImageCalls


@attrs.define(eq=False)
class Answered:
    """A call that has ended."""

    message: Any
    error: RpcError | None = None

    def result(self) -> Any:
        if self.error:
            raise self.error
        return self.message


@attrs.define(eq=False)
class Engine:
    """Answers look-ups. `failures` are the numbers of the calls that fail."""

    failures: set[int] = attrs.Factory(set)
    asked: list[str] = attrs.Factory(list)

    def start(self, _method: Any, request: Any) -> Any:
        identifier = request.Source.identifier
        self.asked.append(identifier)
        if len(self.asked) in self.failures:
            return Answered(None, RpcError("gone", code=Code.CANCELLED))
        image = gateway.ResolveSourceImageResponse(Digest="sha256:1", Config=identifier.encode())
        return Answered(gateway.ResolveSourceMetaResponse(Source=ops.SourceOp(identifier=identifier), Image=image))


def requests(*refs: str) -> list[ImageRequest]:
    return [ImageRequest(ref, None, "", f"load metadata for {ref}") for ref in refs]


def configs(answers: list[ResolvedImage | LlbfrontError]) -> list[bytes]:
    return [answer.config if isinstance(answer, ResolvedImage) else str(answer).encode() for answer in answers]


def test_an_image_is_looked_up_once() -> None:
    engine, calls = Engine(), cast("ImageCalls", {})
    for _ in range(2):
        answers = image_lookups.look_up(engine.start, requests("a", "b", "a"), calls, has_resolver=True)
        assert configs(answers) == [b"docker-image://a", b"docker-image://b", b"docker-image://a"]
    assert engine.asked == ["docker-image://a", "docker-image://b"]


@pytest.mark.parametrize(("failures", "answer"), [({1}, b"docker-image://a"), ({1, 2}, b"gone")])
def test_a_build_asks_again_if_the_call_of_another_one_failed(failures: set[int], answer: bytes) -> None:
    engine, calls = Engine(failures), cast("ImageCalls", {})
    (first,) = image_lookups.look_up(engine.start, requests("a"), calls, has_resolver=True)
    assert isinstance(first, LlbfrontError)
    (second,) = image_lookups.look_up(engine.start, requests("a"), calls, has_resolver=True)
    assert answer in configs([second])[0]
    assert len(engine.asked) == 2
