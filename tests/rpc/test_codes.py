"""Status codes: the numbers of gRPC, and what other codes and exceptions become."""

from __future__ import annotations

import grpc
import pytest

from llbfront.errors import Cancelled, LlbfrontError, RpcError
from llbfront.http2 import frames
from llbfront.rpc import codes
from llbfront.rpc.codes import Code


def test_codes_are_those_of_grpcio() -> None:
    assert {code.name: code.value for code in Code} == {code.name: code.value[0] for code in grpc.StatusCode}


@pytest.mark.parametrize(
    ("error_code", "code"),
    [
        (frames.NO_ERROR, Code.INTERNAL),
        (frames.REFUSED_STREAM, Code.UNAVAILABLE),
        (frames.CANCEL, Code.CANCELLED),
        (frames.ENHANCE_YOUR_CALM, Code.RESOURCE_EXHAUSTED),
        (frames.INADEQUATE_SECURITY, Code.PERMISSION_DENIED),
        (0xFFFF, Code.INTERNAL),
    ],
)
def test_http2_error_codes(error_code: int, code: Code) -> None:
    assert codes.of_http2_error(error_code) is code


@pytest.mark.parametrize(
    ("status", "code"),
    [("400", "INTERNAL"), ("401", "UNAUTHENTICATED"), ("403", "PERMISSION_DENIED"), ("404", "UNIMPLEMENTED"), ("429", "UNAVAILABLE"), ("500", "UNKNOWN"), ("503", "UNAVAILABLE"), ("", "UNKNOWN")],
)  # fmt: skip
def test_an_http_status_has_a_grpc_code(status: str, code: str) -> None:
    assert codes.of_http_status(status).name == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RpcError("gone", code=14), Code.UNAVAILABLE),
        (RpcError("later", code=99), 99),
        (Cancelled("stopped"), Code.CANCELLED),
        (LlbfrontError("bad"), Code.UNKNOWN),
        (ZeroDivisionError(), Code.INTERNAL),
    ],
)
def test_an_exception_has_a_grpc_code(error: Exception, code: int) -> None:
    assert codes.of_exception(error) == code
