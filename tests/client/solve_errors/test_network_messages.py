"""What an engine cannot reach is explained for every kind of source, in the words of the command and of the library."""

from __future__ import annotations

import pytest

from llbfront import setting_names
from llbfront.cli import bake, solve
from llbfront.client.solve_errors.solve_error import failure
from llbfront.errors import RpcError
from llbfront.progress.trace import Trace

HUB = "https://registry-1.docker.io/v2/library/redis"
LOOKUP = "dial tcp: lookup registry-1.docker.io on 127.0.0.53:53"
METADATA = "redis: failed to resolve source metadata for docker.io/library/redis:latest: failed to do request: Head"
OF_THE_HUB = (
    "the engine cannot reach docker.io: check its network and proxy, give it a mirror (for the private engine"
    " llbfront engine config --mirror docker.io=MIRROR), or use something else in its place: {}"
)
STAND_IN = "--build-context redis=DIR or redis=docker-image://OTHER"
CAUSES = (
    f"{LOOKUP}: no such host",
    f"{LOOKUP}: server misbehaving",
    f"{LOOKUP}: Temporary failure in name resolution",
    f"{LOOKUP}: read udp 10.0.0.2:1->10.0.0.1:53: i/o timeout",
    "dial tcp 10.0.0.1:443: connect: connection refused",
    "dial tcp 10.0.0.1:443: i/o timeout",
    "dial tcp 10.0.0.1:443: connect: no route to host",
    "dial tcp 10.0.0.1:443: connect: network is unreachable",
    "net/http: TLS handshake timeout",
)


def hint(message: str) -> str | None:
    return failure(RpcError(message, code=2), Trace()).hint


@pytest.mark.parametrize("cause", CAUSES)
def test_an_image_of_a_registry_that_cannot_be_reached(cause: str) -> None:
    with setting_names.of_the_command():
        assert hint(f'{METADATA} "{HUB}/manifests/latest": {cause}') == OF_THE_HUB.format(STAND_IN)


ROWS = {
    f'redis:7: failed to do request: Head "https://mirror.test/v2/library/redis/manifests/7?ns=docker.io": {CAUSES[0]}': (
        OF_THE_HUB.format("--build-context redis:7=DIR or redis:7=docker-image://OTHER")
    ),
    f'a.test/b:latest: failed to resolve source metadata for a.test/b:latest: failed to do request: Head "https://a.test/v2/b/manifests/latest": {CAUSES[4]}': (
        "the engine cannot reach a.test: check its network and proxy, give it a mirror (for the private engine"
        " llbfront engine config --mirror a.test=MIRROR), or use something else in its place:"
        " --build-context a.test/b=DIR or a.test/b=docker-image://OTHER"
    ),
    'localhost:9/b: failed to resolve source metadata for localhost:9/b:latest: failed to do request: Head "http://localhost:9/v2/b/manifests/latest": dial tcp 127.0.0.1:9: connect: connection refused': (
        "localhost:9 is a port of the machine or container of the engine: check that a registry listens there,"
        " or use something else in its place: --build-context localhost:9/b=DIR or localhost:9/b=docker-image://OTHER"
    ),
    f'failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to authorize: failed to fetch anonymous token: Get "https://auth.docker.io/token?scope=x&service=y": {CAUSES[0]}': (
        OF_THE_HUB.partition(", or use")[0]
    ),
    f'failed to push a.test/b: failed to do request: Head "https://a.test/v2/b/blobs/sha256:1": {CAUSES[5]}': (
        "the engine cannot reach a.test: check its network and proxy"
    ),
    'failed to push localhost:9/b: failed to do request: Head "http://localhost:9/v2/b/blobs/sha256:1": dial tcp 127.0.0.1:9: connect: connection refused': (
        "localhost:9 is a port of the machine or container of the engine: check that a registry listens there"
    ),
    f'error writing layer blob: failed to do request: Head "https://a.test/v2/b/blobs/sha256:1": {CAUSES[7]}': (
        "the engine cannot reach a.test: check its network and proxy"
    ),
    'a.test/b: failed to do request: Head "https://a.test/v2/b/manifests/latest": http: server gave HTTP response to HTTPS client': (
        "the registry speaks plain HTTP: allow that in the settings of the engine (for the private engine llbfront engine config --http a.test)"
    ),
    'a.test/b: failed to do request: Head "https://a.test/v2/b/manifests/latest": tls: failed to verify certificate: x509: certificate signed by unknown authority': (
        "the engine does not trust a.test: give it the authority of its certificate (for the private engine llbfront engine config --ca a.test=FILE)"
    ),
    "process x: connection refused": None,
    "x509: a step": None,
    "http: server gave HTTP response to HTTPS client": None,
}


@pytest.mark.parametrize("message", ROWS)
def test_each_kind_of_failure_has_its_hint(message: str) -> None:
    with setting_names.of_the_command():
        assert hint(message) == ROWS[message]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (None, 'build_contexts="redis=DIR or redis=docker-image://OTHER"'),
        (bake.SPELLING, "--set TARGET.contexts.redis=DIR or redis=docker-image://OTHER"),
        (solve.SPELLING, "--opt context:redis=DIR or redis=docker-image://OTHER"),
    ],
)
def test_a_stand_in_is_spelled_as_the_user_writes_it(spelling: dict[str, str] | None, expected: str) -> None:
    message = f'{METADATA} "{HUB}/manifests/latest": {CAUSES[0]}'
    if spelling is None:
        assert hint(message) == OF_THE_HUB.format(expected)
        return
    with setting_names.spelled(spelling):
        assert hint(message) == OF_THE_HUB.format(expected)
