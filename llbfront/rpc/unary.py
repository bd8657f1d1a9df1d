"""Serve unary methods: a function from request to response becomes a handler of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic

from llbfront.errors import RpcError
from llbfront.rpc.calls import Handler
from llbfront.rpc.codes import Code
from llbfront.rpc.method import RequestT, ResponseT, parse_message

if TYPE_CHECKING:
    from llbfront.rpc.calls import ServerCall
    from llbfront.rpc.event_loop import Job
    from llbfront.rpc.method import Method


class _UnaryHandler(Handler, Generic[RequestT, ResponseT]):
    def __init__(
        self,
        call: ServerCall,
        method: Method[RequestT, ResponseT],
        respond: Callable[[RequestT, ServerCall], ResponseT | Job[ResponseT]],
    ) -> None:
        self.call, self.method, self.respond = call, method, respond
        self.data: bytes | None = None

    def on_message(self, data: bytes) -> None:
        self.data = data

    def on_half_close(self) -> None:
        if self.data is None:
            self.call.finish(Code.INTERNAL, "the request has no message")
            return
        self.deliver(lambda: self.respond(parse_message(self.method.request, self.data or b""), self.call))

    def deliver(self, respond: Callable[[], Any]) -> None:
        try:
            response = respond()
        except RpcError as error:
            self.call.finish(error.code, error.message, details=error.details)
        except Exception as error:  # noqa: BLE001 (it is sent to the peer; a served call must not end the loop)
            self.call.finish(Code.UNKNOWN, str(error))
        else:
            self.call.send(response.SerializeToString())
            self.call.finish()


class _ThreadedUnaryHandler(_UnaryHandler[RequestT, ResponseT]):
    def on_half_close(self) -> None:
        self.call.submit(
            lambda: self.respond(parse_message(self.method.request, self.data or b""), self.call),
            lambda job: self.deliver(job.result),
        )


def unary_handler(
    method: Method[RequestT, ResponseT], respond: Callable[[RequestT, ServerCall], ResponseT], *, in_thread: bool = False
) -> Callable[[ServerCall], Handler]:
    """Serve a unary method by a function of the request. What it raises becomes the status: RpcError as it is, others UNKNOWN.

    in_thread: `respond` may block and runs in a new thread, where it may read `metadata` and nothing else of the call.
    """
    handler = _ThreadedUnaryHandler if in_thread else _UnaryHandler
    return lambda call: handler(call, method, respond)
