"""Errors of TLS and of the system become a cause and a fix."""

import errno
import socket
import ssl

import pytest

from llbfront.connhelper import dial_failure
from llbfront.connhelper.address import parse_address


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
