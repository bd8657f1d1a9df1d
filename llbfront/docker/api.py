"""The HTTP API of a docker engine, beside the BuildKit inside it: facts about it, images into it, images from it to registries.

Calls block; async code makes them in a worker thread. Paths have no API version, so each daemon uses its newest one.

Source: Docker Engine API, routes /version, /info, /images/load and /images/NAME/push.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterable, Iterator, Mapping

from llbfront.connhelper.address import parse_address
from llbfront.connhelper.docker import dial_docker
from llbfront.docker.heartbeat import DockerHeartbeat
from llbfront.errors import InvalidJson, TransportError
from llbfront.foreign_json import JsonObject, parse_object

DIAL_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 15.0
ANSWER_BYTES = 1024 * 1024


class DockerApi:
    """A client of the docker engine at a `docker:///path`, `docker+tcp://` or `docker+ssh://` address. Each request has its own connection."""

    def __init__(self, address: str) -> None:
        self.address = parse_address(address)

    def version(self) -> str:
        """Return the version of the engine."""
        with self._answer_to("GET", "/version") as answer:
            return _object(answer).text("Version")

    def has_containerd_store(self) -> bool:
        """Whether its images are in containerd's store, so that it can load OCI archives with several platforms."""
        with self._answer_to("GET", "/info") as answer:
            status = _object(answer).get("DriverStatus")
        return isinstance(status, list) and ["driver-type", "io.containerd.snapshotter.v1"] in status

    def load_images(self, archive: Iterable[bytes]) -> None:
        """Load the images of a tar. Raises: TransportError with the engine's message; errors of `archive` are passed on."""
        with self._answer_to("POST", "/images/load?quiet=1", {"Content-Type": "application/x-tar"}, archive) as answer:
            for _ in _messages(answer):
                pass

    def push(self, name: str, tag: str, *, login: str) -> str | None:
        """Push an image of the engine; return the digest of its manifest if the engine reports it.

        `login` is the value of X-Registry-Auth. Raises: TransportError with the message of the engine or registry.
        """
        digest = None
        with self._answer_to("POST", f"/images/{name}/push?tag={tag}", {"X-Registry-Auth": login}) as answer:
            for message in _messages(answer):
                digest = message.object("aux").text("Digest") or digest
        return digest

    @contextlib.contextmanager
    def _answer_to(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Iterable[bytes] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("docker")
        stream = dial_docker(self.address, timeout_s=DIAL_TIMEOUT_S)
        connection.sock = socket.socket(fileno=stream.socket.detach())
        connection.sock.settimeout(ANSWER_TIMEOUT_S if method == "GET" else None)  # a push has no time limit
        chunked = {"Transfer-Encoding": "chunked"} if body is not None else {}
        heartbeat = DockerHeartbeat(self.address, connection.sock)
        try:
            with heartbeat:
                chunks = None if body is None else heartbeat.passing(body)
                # An engine that refuses a body closes the stream early and still sends a response.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, path, chunks, {**(headers or {}), **chunked}, encode_chunked=bool(chunked))
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    raise TransportError(_reason(answer))
                yield answer
                if heartbeat.is_silent:
                    raise ConnectionAbortedError
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            if heartbeat.is_silent:
                raise TransportError(f"the docker engine at {self.address.text} does not answer") from error
            reason = stream.said() if stream.said and isinstance(error, ConnectionError) else error
            raise TransportError(f"the docker engine at {self.address.text} does not answer {path}: {reason}") from error
        finally:
            connection.close()
            stream.end()


def _object(answer: http.client.HTTPResponse) -> JsonObject:
    return parse_object(answer.read(ANSWER_BYTES))


def _messages(answer: http.client.HTTPResponse) -> Iterator[JsonObject]:
    """Yield the JSON messages of a response, one per line. Raises: TransportError for an error message."""
    while line := answer.readline(ANSWER_BYTES):
        if not line.strip():
            continue
        message = parse_object(line)
        if message.get("errorDetail") is not None or message.get("error") is not None:
            raise TransportError(
                _one_line(message.object("errorDetail").text("message") or message.text("error")) or "unknown error"
            )
        yield message


def _reason(answer: http.client.HTTPResponse) -> str:
    data = answer.read(ANSWER_BYTES)
    text = data.decode(errors="replace")
    with contextlib.suppress(InvalidJson):
        text = parse_object(data).text("message") or text
    return _one_line(text) or f"HTTP {answer.status} {answer.reason}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
