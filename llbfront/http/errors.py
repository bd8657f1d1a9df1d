"""Describe failed requests without quoting headers or URLs, which may hold credentials.

Source: util/resolver/retryhandler of BuildKit for what is tried again.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

from urllib3.exceptions import (
    IncompleteRead,
    InvalidChunkLength,
    NameResolutionError,
    ProxyError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as UrllibTimeoutError

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "its name cannot be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (UrllibTimeoutError, "it did not answer in time"),
    (TimeoutError, "it did not answer in time"),
    (ProxyError, "the proxy cannot be used"),
    (SSLError, "no TLS connection"),
    (InvalidChunkLength, "its answer is broken"),
    (IncompleteRead, "its answer is incomplete"),
    (http.client.IncompleteRead, "its answer is incomplete"),
    (http.client.RemoteDisconnected, "it closed the connection"),
    (ConnectionError, "it closed the connection"),
)
_TEMPORARY = (UrllibTimeoutError, TimeoutError, IncompleteRead, http.client.IncompleteRead, ConnectionError)


def reason(error: BaseException) -> str:
    """Return what went wrong without the text of the error, which may quote headers and URLs."""
    chain = list(_chain(error))
    cause = next((reason for kind, reason in _REASONS for link in chain if isinstance(link, kind)), "its answer is not valid HTTP")
    details = [link for link in chain if isinstance(link, OSError) and link.strerror]
    verify = next((message for link in chain if (message := getattr(link, "verify_message", ""))), "")
    detail = verify or (str(details[-1].strerror).lower() if details else "")
    return f"{cause} ({detail})" if detail and detail not in cause else cause


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what it wraps, and what caused it."""
    pending: list[Any] = [error]
    while pending:
        link = pending.pop()
        if isinstance(link, BaseException):
            yield link
            pending += [*link.args, link.__cause__, getattr(link, "reason", None)]


def is_temporary(error: BaseException) -> bool:
    chain = list(_chain(error))
    return any(isinstance(link, _TEMPORARY) for link in chain) and not any(
        isinstance(link, ConnectionRefusedError) for link in chain
    )
