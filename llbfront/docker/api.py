"""The HTTP API of a docker engine, apart from its BuildKit: read facts about the engine, load images, push images.

Calls block; async code makes them in a worker thread. Paths have no API version, so each daemon uses its newest one.

Source: Docker Engine API, routes /version, /info, /images/load and /images/NAME/push.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from llbfront.connhelper.address import parse_address
from llbfront.connhelper.docker import dial_docker
from llbfront.docker.heartbeat import DockerHeartbeat
from llbfront.errors import InvalidJson, TransportError
from llbfront.foreign_json import JsonObject, parse_object

if TYPE_CHECKING:
    from llbfront.connhelper.sockets import Link

DIAL_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 15.0
ANSWER_BYTES = 1024 * 1024


class DockerApi:
    """A client of the docker engine at a `docker:///path`, `docker+tcp://` or `docker+ssh://` address. Each request has its own connection."""

    def __init__(self, address: str) -> None:
        self.address = parse_address(address)

    def version(self) -> str:
        """Return the version of the engine."""
        with self._request("GET", "/version") as response:
            return _object(response).text("Version")

    def has_containerd_store(self) -> bool:
        """Return whether images are in containerd's store, so that the engine can load OCI archives with several platforms."""
        with self._request("GET", "/info") as response:
            status = _object(response).get("DriverStatus")
        return isinstance(status, list) and ["driver-type", "io.containerd.snapshotter.v1"] in status

    def load_images(self, archive: Iterable[bytes]) -> None:
        """Load the images of a tar. Raises: TransportError with the engine's message; errors of `archive` are passed on."""
        with self._request("POST", "/images/load?quiet=1", {"Content-Type": "application/x-tar"}, archive) as response:
            for _ in _messages(response):
                pass

    def push(self, name: str, tag: str, *, login: str) -> str | None:
        """Push an image of the engine; return the digest of its manifest if the engine reports it.

        `login` is the value of X-Registry-Auth. Raises: TransportError with the message of the engine or registry.
        """
        digest = None
        with self._request("POST", f"/images/{name}/push?tag={tag}", {"X-Registry-Auth": login}) as response:
            for message in _messages(response):
                digest = message.object("aux").text("Digest") or digest
        return digest

    @contextlib.contextmanager
    def _request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Iterable[bytes] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and yield the response, if its status is 200."""
        stream = dial_docker(self.address, timeout_s=DIAL_TIMEOUT_S)
        # a push has no time limit
        connection = _http_connection(stream, timeout_s=ANSWER_TIMEOUT_S if method == "GET" else None)
        heartbeat = DockerHeartbeat(self.address, connection.sock)
        try:
            with heartbeat:
                _send(connection, method, path, headers or {}, None if body is None else heartbeat.passing(body))
                response = connection.getresponse()
                if response.status != http.client.OK:
                    raise TransportError(_reason(response))
                yield response
                if heartbeat.is_silent:
                    raise ConnectionAbortedError
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            raise TransportError(self._failure(path, stream, error, is_silent=heartbeat.is_silent)) from error
        finally:
            connection.close()
            stream.end()

    def _failure(self, path: str, stream: Link, error: Exception, *, is_silent: bool) -> str:
        if is_silent:
            return f"the docker engine at {self.address.text} does not answer"
        reason = stream.describe_exit() if stream.describe_exit and isinstance(error, ConnectionError) else error
        return f"the docker engine at {self.address.text} does not answer {path}: {reason}"


def _http_connection(stream: Link, *, timeout_s: float | None) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("docker")
    connection.sock = socket.socket(fileno=stream.socket.detach())
    connection.sock.settimeout(timeout_s)
    return connection


def _send(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], chunks: Iterable[bytes] | None
) -> None:
    chunked = {} if chunks is None else {"Transfer-Encoding": "chunked"}
    # An engine that refuses a body closes the stream early and still sends a response.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, chunks, {**headers, **chunked}, encode_chunked=bool(chunked))


def _object(response: http.client.HTTPResponse) -> JsonObject:
    return parse_object(response.read(ANSWER_BYTES))


def _messages(response: http.client.HTTPResponse) -> Iterator[JsonObject]:
    """Yield the JSON messages of a response, one per line. Raises: TransportError for an error message."""
    while line := response.readline(ANSWER_BYTES):
        if not line.strip():
            continue
        message = parse_object(line)
        if message.get("errorDetail") is not None or message.get("error") is not None:
            raise TransportError(
                _one_line(message.object("errorDetail").text("message") or message.text("error")) or "unknown error"
            )
        yield message


def _reason(response: http.client.HTTPResponse) -> str:
    data = response.read(ANSWER_BYTES)
    text = data.decode(errors="replace")
    with contextlib.suppress(InvalidJson):
        text = parse_object(data).text("message") or text
    return _one_line(text) or f"HTTP {response.status} {response.reason}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
