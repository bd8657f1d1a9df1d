"""A connection that is lost during a call: never reached, silent, or gone."""

import pytest

from llbfront.client.solve_errors.lost_engine import lost_engine
from llbfront.errors import ConnectError, RpcError, TransportError
from llbfront.rpc.channel import Channel
from llbfront.rpc.status import NotGrpc

ADDRESS = "unix:///absent/s"


class LostChannel(Channel):
    """A channel that had been answered or not, and whose peer fell silent or not."""

    def __init__(self, *, has_answered: bool, is_silent: bool) -> None:
        super().__init__()
        self._has_answered, self.is_silent = has_answered, is_silent
        self.address, self.log_hint = ADDRESS, "see the log"

    @property
    def has_answered(self) -> bool:
        return self._has_answered


@pytest.mark.parametrize(
    ("has_answered", "is_silent", "message", "kind", "text"),
    [
        (True, False, "it closed", TransportError, "the engine went away in mid-build: it closed (see the log)"),
        (True, True, "the engine does not answer", TransportError, "the engine does not answer (it may be suspended"),
        (False, False, "it closed", ConnectError, f"no engine at {ADDRESS}: it closed before it answered anything"),
        (False, True, "it is silent", ConnectError, f"no engine at {ADDRESS}: it is silent before it answered anything"),
    ],
)
def test_what_is_raised(*, has_answered: bool, is_silent: bool, message: str, kind: type[TransportError], text: str) -> None:
    error = lost_engine(LostChannel(has_answered=has_answered, is_silent=is_silent), RpcError(message, code=14))
    assert type(error) is kind
    assert str(error).startswith(text)


def test_a_server_without_grpc_is_no_engine() -> None:
    error = lost_engine(LostChannel(has_answered=True, is_silent=False), NotGrpc("404"))
    assert type(error) is ConnectError
    assert str(error).startswith(f"no engine at {ADDRESS}: an HTTP/2 server that is not an engine answers with HTTP status 404 ")


def test_an_engine_that_answers_with_an_error_is_not_lost() -> None:
    channel = LostChannel(has_answered=True, is_silent=False)
    assert lost_engine(channel, RpcError("failed to solve", code=2)) is None
    assert lost_engine(channel, RpcError("registry is unavailable", code=14, details=[("t", b"")])) is None


def test_an_answer_about_the_engine_is_not_called_a_build() -> None:
    channel = LostChannel(has_answered=True, is_silent=False)
    error = lost_engine(channel, RpcError("it closed", code=14), when="in mid-answer")
    assert str(error) == "the engine went away in mid-answer: it closed (see the log)"
