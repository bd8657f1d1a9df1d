"""The HTTP client for registries and token servers: limits on time and size, retries, proxies, and redirects that drop credentials.

Messages of its errors name the server and never a path, a header or a body, since these may hold tokens.

Source: util/resolver/retryhandler of BuildKit for what is tried again.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

import attrs
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
)

from llbfront.errors import HttpError
from llbfront.http.errors import is_temporary, reason
from llbfront.http.proxy import proxy_for

CONNECT_TIMEOUT_S = 20.0
READ_TIMEOUT_S = 30.0
DEADLINE_S = 50.0  # of one request with its retries; engines wait 60 seconds for a token
MAX_REDIRECTS = 10
FIRST_PAUSE_S, LAST_PAUSE_S = 1.0, 4.0
PIECE_BYTES = 64 * 1024
REDIRECTS = frozenset((301, 302, 303, 307, 308))
KEEPS_METHOD = frozenset((307, 308))
PORTS = {"http": 80, "https": 443}
_FAILURES = (HTTPError, http.client.HTTPException, OSError, ValueError)


@attrs.frozen
class Origin:
    """The scheme, host and port of a URL: where credentials may be sent."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")


@attrs.frozen
class HttpResponse:
    """An answer with its whole body. `origin` is the server that gave it, which may differ from the one asked."""

    status: int
    reason: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    origin: Origin


@attrs.frozen
class _Request:
    method: str
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)
    max_bytes: int
    deadline: float


def origin_of(url: str) -> Origin:
    """Return where a URL leads. Raises: HttpError for one that is not a valid http or https URL."""
    try:
        parsed = urllib3.util.parse_url(url)
    except (LocationParseError, ValueError):
        raise HttpError("invalid address") from None
    if parsed.scheme not in PORTS or not parsed.host:
        raise HttpError("not an http or https address")
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not 0 < port < 1 << 16:
        raise HttpError("invalid port in an address")
    return Origin(parsed.scheme, parsed.host, port)


class HttpClient:
    """Sends requests one after the other; for one thread. `close` may be called from any thread and ends a request at once."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._connections: set[HTTPConnection] = set()
        self._closed = threading.Event()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        max_bytes: int,
        deadline_s: float | None = None,
    ) -> HttpResponse:
        """Send a request and follow its redirects; try again after 1, 2 and 4 seconds while the server fails.

        Args:
            method: GET or POST.
            url: an http or https URL.
            headers: `Authorization` is not sent on after a redirect to another scheme, host or port.
            body: not sent to another scheme, host or port either.
            max_bytes: the largest body that is accepted.
            deadline_s: how long the request may take with all redirects and attempts, by default 50 s.

        Raises:
            HttpError: there was no answer, or not a valid one, or it is too large.
        """
        deadline = time.monotonic() + (DEADLINE_S if deadline_s is None else deadline_s)
        request = _Request(method, url, headers, body, max_bytes, deadline)
        pause_s = FIRST_PAUSE_S
        while True:
            response, error = self._attempt(request)
            if self._closed.is_set():
                raise HttpError("the request was cancelled")
            is_last = pause_s > LAST_PAUSE_S or time.monotonic() + pause_s > request.deadline
            if error is not None and (is_last or not error.is_temporary):
                raise error
            if response is not None and (is_last or response.status < 500):
                return response
            self._closed.wait(pause_s)
            pause_s *= 2

    def close(self) -> None:
        """End a request that is under way, and all connections."""
        self._closed.set()
        self._abort()
        for manager in self._managers.values():
            manager.clear()

    def _attempt(self, request: _Request) -> tuple[HttpResponse | None, HttpError | None]:
        try:
            return self._follow(request), None
        except HttpError as error:
            return None, error

    def _follow(self, request: _Request) -> HttpResponse:
        for _ in range(MAX_REDIRECTS + 1):
            response = self._exchange(request)
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or not location:
                return response
            request = _redirected(request, response, location)
        raise HttpError(f"{response.origin} redirects too often")

    def _exchange(self, request: _Request) -> HttpResponse:
        origin = origin_of(request.url)
        try:
            with self._time_limit(request.deadline):
                response = self._send(request, origin)
        except _FAILURES as error:
            is_late = time.monotonic() >= request.deadline
            raise HttpError(
                "it did not answer in time" if is_late else reason(error),
                server=str(origin),
                is_temporary=not is_late and is_temporary(error),
            ) from None
        if time.monotonic() >= request.deadline:  # headers that were cut off look like an answer without a body
            raise HttpError("it did not answer in time", server=str(origin))
        return response

    def _send(self, request: _Request, origin: Origin) -> HttpResponse:
        response = self._manager(origin).urlopen(
            request.method,
            request.url,
            headers=dict(request.headers),
            body=request.body,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            preload_content=False,
            decode_content=False,
        )
        try:
            body = _read(response, request.max_bytes)
        finally:
            response.close()
        if body is None:
            raise HttpError(f"its answer has more than {request.max_bytes} bytes", server=str(origin))
        return HttpResponse(response.status, str(response.reason or ""), response.headers, body, origin)

    def _manager(self, origin: Origin) -> urllib3.PoolManager:
        proxy = proxy_for(origin.scheme, origin.host, origin.port, self._environ)
        if proxy not in self._managers:
            self._managers[proxy] = _tracked(_manager_of(proxy), self._connections)
        return self._managers[proxy]

    @contextlib.contextmanager
    def _time_limit(self, deadline: float) -> Iterator[None]:
        """Shut the connections down at the deadline; timeouts of sockets restart with every byte."""
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._abort)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _abort(self) -> None:
        for connection in tuple(self._connections):
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _redirected(request: _Request, response: HttpResponse, location: str) -> _Request:
    """Return the request that a redirect leads to. Raises: HttpError for one that is not followed."""
    try:
        target = urljoin(request.url, location)
        origin = origin_of(target)
    except (HttpError, ValueError):
        raise HttpError(f"{response.origin} redirects to an invalid address") from None
    if response.origin.scheme == "https" and origin.scheme == "http":
        raise HttpError(f"{response.origin} redirects from https to http")
    keeps_method = response.status in KEEPS_METHOD or request.method != "POST"
    is_elsewhere = origin != response.origin
    if is_elsewhere and keeps_method and request.body is not None:
        raise HttpError(f"{response.origin} redirects a request with credentials to {origin}")
    headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization" or not is_elsewhere}
    if keeps_method:
        return attrs.evolve(request, url=target, headers=headers)
    headers.pop("Content-Type", None)
    return attrs.evolve(request, url=target, headers=headers, method="GET", body=None)


def _read(response: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes | None:
    """Read a body; None if it is too large."""
    pieces, size = [], 0
    while piece := response.read1(PIECE_BYTES):
        size += len(piece)
        if size > max_bytes:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _manager_of(proxy: str | None) -> urllib3.PoolManager:
    if proxy is None:
        return urllib3.PoolManager()
    try:
        auth = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=auth) if auth else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers)
    except (HTTPError, ValueError):
        raise HttpError(
            "the proxy in the environment is not an http or https address", hint="see HTTP_PROXY, HTTPS_PROXY"
        ) from None


def _tracked(manager: urllib3.PoolManager, connections: set[HTTPConnection]) -> urllib3.PoolManager:
    """Have the pools of a manager keep their connections in `connections`."""

    class Tracked(HTTPConnection):
        def connect(self) -> None:
            connections.add(self)
            super().connect()

        def close(self) -> None:
            connections.discard(self)
            super().close()

    class TrackedTls(Tracked, HTTPSConnection):
        """A Tracked connection over TLS: its methods call the methods of HTTPSConnection."""

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Tracked

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = TrackedTls

    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager
