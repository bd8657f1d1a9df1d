"""Messages of libraries, of the system and of servers become a cause and a fix."""

import errno
import socket
import ssl

import pytest

from llbfront.connhelper import dial_failure
from llbfront.connhelper.address import parse_address
from llbfront.connhelper.dial_failure import DialFailure
from llbfront.errors import RpcError
from llbfront.rpc.codes import Code


@pytest.mark.parametrize(
    ("address", "words", "cause", "fix"),
    [
        ("tcp://h?certs=d", "SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "does not speak TLS", "leave out ?certs=DIR"),
        ("docker+tcp://h?certs=d", "[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not speak TLS", "DOCKER_TLS_VERIFY"),
        ("tcp://h?certs=d", "Hostname Verification Check failed.", "for another name", "?servername=NAME"),
        ("docker+tcp://h?certs=d", "certificate verify failed: IP address mismatch", "for another name", "ca.pem"),
        ("tcp://h?certs=d", "CERTIFICATE_VERIFY_FAILED: self signed certificate", "not signed by", "ca.pem"),
        ("tcp://h?certs=d", "Socket closed", "TLS failed: Socket closed", "key.pem"),
    ],
)
def test_a_tls_error_names_its_cause_and_fix(address: str, words: str, cause: str, fix: str) -> None:
    refused = dial_failure.of_tls(words, parse_address(address))
    assert cause in refused.cause
    assert fix in (refused.fix or "")


def tls_error(text: str) -> ssl.SSLError:
    error = ssl.SSLError(1, text)
    error.library = "SSL"  # as a failed handshake has it
    return error


@pytest.mark.parametrize(
    ("address", "error", "cause"),
    [
        ("tcp://h", OSError(errno.ECONNREFUSED, ""), "connection refused"),
        ("tcp://h", OSError(errno.EHOSTUNREACH, ""), "no route to the host"),
        ("tcp://h", OSError(errno.ENETUNREACH, ""), "the network is unreachable"),
        ("tcp://h", OSError(errno.ETIMEDOUT, ""), "the host does not answer"),
        ("tcp://h", OSError(errno.ECONNRESET, ""), "the connection was reset"),
        ("tcp://engine-7", socket.gaierror(socket.EAI_NONAME, "unknown"), "unknown host engine-7"),
        ("docker+tcp://h", tls_error("[SSL: WRONG_VERSION_NUMBER] wrong version number"), "it does not speak TLS"),
        ("unix:///absent/s", OSError(errno.ENOENT, ""), "no such socket"),
        ("unix:///absent/s", OSError(errno.EACCES, ""), "permission denied"),
        ("unix:///absent/s", OSError(errno.EAGAIN, ""), "the engine takes no more connections"),
        ("unix:///absent/s", OSError("AF_UNIX path too long"), "the path of the socket is too long"),
        ("docker:///", OSError(errno.ECONNREFUSED, ""), "not a socket"),
    ],
)
def test_an_error_of_the_system_names_its_cause(address: str, error: OSError, cause: str) -> None:
    assert cause in dial_failure.of_os_error(error, parse_address(address)).cause


TLS_RECORD = b"\x15\x03\x01\x00\x02\x02\x16"
SETTINGS_FRAME = b"\0\0\0\4\0\0\0\0\0"


@pytest.mark.parametrize(
    ("address", "data", "failure"),
    [
        ("unix:///s", b"", DialFailure("it closes the connection without an answer", "is it the right socket or port?")),
        ("docker+tcp://h", TLS_RECORD, DialFailure("it expects TLS", "set DOCKER_TLS_VERIFY=1")),
        ("docker:///s", SETTINGS_FRAME, DialFailure("a buildkitd answers, not a docker engine", "use unix:///s")),
        ("docker+tcp://h:1", SETTINGS_FRAME, DialFailure("a buildkitd answers, not a docker engine", "use tcp://h:1")),
        (
            "unix:///s",
            b"HTTP/1.1 400 Bad Request\r\nX: y",
            DialFailure(
                "an HTTP server that is not an engine answers: HTTP/1.1 400 Bad Request",
                "is it the right socket or port?",
                speaks_http=True,
            ),
        ),
        ("ssh://h", b"hello\n", DialFailure("it answers 'hello' and not HTTP/2", "does a login script on h print it?")),
        ("unix:///s", b"a" * 61, DialFailure(f"it answers '{'a' * 60}…' and not HTTP/2", "is it the right socket or port?")),
    ],
)
def test_an_answer_of_another_server_has_a_cause_and_a_fix(address: str, data: bytes, failure: DialFailure) -> None:
    assert dial_failure.of_answer(data, parse_address(address)) == failure


@pytest.mark.parametrize(
    ("head", "cause"),
    [
        ("HTTP/1.1 403 Forbidden", "access to BuildKit is forbidden, for example by a proxy for the docker socket"),
        ("HTTP/1.1 404 Not Found", "an HTTP server that is not an engine answers: HTTP/1.1 404 Not Found"),
        ("HTTP/1.1 404 Not Found\r\nApi-Version: 1.40", "the engine has no BuildKit (Podman has none)"),
        ("HTTP/1.1 400 Bad\r\nServer: Docker/1", "the docker engine does not offer its BuildKit (HTTP/1.1 400 Bad)"),
        ("", "an HTTP server that is not an engine answers: nothing"),
    ],
)
def test_a_refused_upgrade_has_a_cause(head: str, cause: str) -> None:
    assert dial_failure.of_upgrade(head).cause == cause


@pytest.mark.parametrize(
    ("message", "is_tls", "failure"),
    [
        (
            "DNS resolution failed for h:1: not found",
            False,
            DialFailure("the name of the host cannot be resolved", "check the spelling of the address"),
        ),
        (
            "h:1: failed to connect; last error: UNKNOWN: ipv4:1.2.3.4:1: Failed to connect to remote host: connect: Refused (111)",
            False,
            DialFailure("refused", "is it the right port?"),
        ),
        (
            "last error: UNKNOWN: Ssl handshake failed: self signed certificate",
            True,
            DialFailure("its certificate is not signed by an authority that is trusted here", "check ca.pem, cert.pem and key.pem"),
        ),
    ],
)
def test_an_error_of_grpc_has_a_cause_and_a_fix(message: str, is_tls: bool, failure: DialFailure) -> None:
    error = RpcError(message, code=Code.UNAVAILABLE)
    assert dial_failure.of_grpc(error, "h:1", parse_address("tcp://h:1"), is_tls=is_tls) == failure


@pytest.mark.parametrize(
    ("address", "output", "fix"),
    [
        ("ssh://far", "ssh: Could not resolve hostname far", "check the spelling of far"),
        ("ssh://far", "ssh ended with code 127", "install buildctl on far, where SSH runs buildctl dial-stdio"),
        ("docker-container://bk", "Error: No such container: bk", "program ps lists the containers that run"),
        ("kube-pod://p", 'pods "p" not found', "kubectl get pods lists them; ?namespace=NAME selects another namespace"),
        ("kube-pod://p", "another message", "run it by hand: program a"),
    ],
)
def test_a_failed_helper_program_has_a_fix(address: str, output: str, fix: str) -> None:
    assert dial_failure.of_program(output, parse_address(address), ["program", "a"]) == DialFailure(output, fix)
