"""Find an engine: the one that was named, else the first of the usual places that answers.

Enters: an address or none, and the environment. Leaves: an `Endpoint` that says who won and who was tried before, or ConnectError
with each place and why it failed.

An address that was given, and BUILDKIT_HOST, are orders: nobody else is asked when they fail, lest a build run where nobody
expects it. The places after them: the sockets of buildkitd, what docker was told to use, the sockets of docker, our private engine.

Source: util/appdefaults of BuildKit; the docker CLI for its own settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import attrs

from llbfront.engine.probe import Answer, Refusal, probe, probe_docker
from llbfront.errors import ConnectError, ExportError

ARGUMENT, VARIABLE, PRIVATE = "--addr", "BUILDKIT_HOST", "private engine"
ROOTFUL_SOCKET = "unix:///run/buildkit/buildkitd.sock"
DOCKER_SOCKET = "unix:///var/run/docker.sock"
_DOCKER_SCHEMES = {"unix": "docker", "tcp": "docker+tcp"}
HINT = "start a private one: llbfront engine start"


@attrs.frozen
class Candidate:
    """A place where an engine may be, and who named it. `is_order`: it was named for this purpose, no other will do."""

    origin: str
    address: str
    is_order: bool = False
    problem: str | None = None


@attrs.frozen
class Attempt:
    """What came of asking one candidate."""

    candidate: Candidate
    outcome: Answer | Refusal

    def __str__(self) -> str:
        where = f"{self.candidate.origin} ({self.candidate.address})" if self.candidate.address else self.candidate.origin
        return f"{where}: {'answers' if isinstance(self.outcome, Answer) else self.outcome.cause}"


@attrs.frozen
class Endpoint:
    """An engine that answered.

    `address` is one that `transport.connect` takes: docker engines have `docker:` addresses whatever they were called before.
    `wants_tls`: all that is known is that TLS is spoken there. `failed`: who was asked before, in order.
    """

    address: str
    origin: str
    is_docker: bool = False
    wants_tls: bool = False
    failed: tuple[Attempt, ...] = ()

    @property
    def reason(self) -> str:
        """Say in one line why this engine was taken."""
        return f"{self.address}, from {self.origin}" + (f", after {len(self.failed)} that failed" if self.failed else "")


def find(address: str | None = None, *, environ: Mapping[str, str] = os.environ, timeout_s: float = 1.0) -> Endpoint:
    """Return the first engine that answers.

    Raises: ConnectError, whose `tried` holds (place, reason) in the order of asking and whose hint is the command that helps.
    """
    attempts: list[Attempt] = []
    for candidate in candidates(address, environ):
        attempt = ask(candidate, timeout_s=timeout_s)
        if isinstance(attempt.outcome, Answer):
            return _endpoint(candidate, attempt.outcome, tuple(attempts))
        attempts.append(attempt)
        if candidate.is_order:
            raise _ordered(attempt, attempt.outcome)
    raise ConnectError(
        f"found no engine in {len(attempts)} places",
        tried=[(_place(attempt.candidate), attempt.outcome.cause) for attempt in attempts if isinstance(attempt.outcome, Refusal)],
        hint=HINT,
    )


def ask(candidate: Candidate, *, timeout_s: float = 1.0) -> Attempt:
    """Ask one candidate for a sign of life."""
    if candidate.problem is not None:
        return Attempt(candidate, Refusal(candidate.problem, "choose another with docker context use, or set BUILDKIT_HOST"))
    outcome = probe(candidate.address, timeout_s=timeout_s)
    if candidate.origin == PRIVATE and isinstance(outcome, Refusal):
        outcome = Refusal("not running", "llbfront engine start")
    return Attempt(candidate, outcome)


def find_docker(context: str | None = None, *, environ: Mapping[str, str] = os.environ, timeout_s: float = 1.0) -> str:
    """Return the `docker:` address of the docker engine that images are loaded into: the one that docker was told to use, else the
    first of its usual sockets that answers. `context`: the one of this docker context.

    Raises: ExportError with every place and why it failed.
    """
    from llbfront.engine import docker

    told = docker.chosen(environ, context=context)
    usual = (Candidate("docker", DOCKER_SOCKET), Candidate("rootless docker", f"unix://{_runtime(environ)}/docker.sock"))
    failed: list[str] = []
    for candidate in (Candidate(told.origin, told.address, problem=told.problem),) if told else usual:
        refusal = candidate.problem or probe_docker(candidate.address, timeout_s=timeout_s)
        if refusal is None:
            return _docker_address(candidate.address)
        cause = refusal.cause if isinstance(refusal, Refusal) else refusal
        failed.append(f"{candidate.origin} {candidate.address}".strip() + f": {cause}")
    raise ExportError(f"no docker engine to load the image into: {'; '.join(failed)}", hint="or make a file: type=docker,dest=FILE")


def candidates(address: str | None = None, environ: Mapping[str, str] = os.environ) -> Iterator[Candidate]:
    """Yield the places where an engine may be, best first, each address once."""
    seen: set[str] = set()
    for candidate in _candidates(address, environ):
        place = candidate.address or candidate.origin
        if place not in seen:
            seen.add(place)
            yield candidate


def _candidates(address: str | None, environ: Mapping[str, str]) -> Iterator[Candidate]:
    if address:
        yield Candidate(ARGUMENT, address, is_order=True)
    if variable := environ.get(VARIABLE):
        yield Candidate(VARIABLE, variable, is_order=True)
    from llbfront.engine import docker, places

    runtime = _runtime(environ)
    yield Candidate("buildkitd", ROOTFUL_SOCKET)
    yield Candidate("rootless buildkitd", f"unix://{runtime}/buildkit/buildkitd.sock")
    if told := docker.chosen(environ):
        yield Candidate(told.origin, told.address, problem=told.problem)
    yield Candidate("docker", DOCKER_SOCKET)
    yield Candidate("rootless docker", f"unix://{runtime}/docker.sock")
    yield Candidate(PRIVATE, places.default(environ).address)


def _runtime(environ: Mapping[str, str]) -> str:
    return environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"


def _endpoint(candidate: Candidate, answer: Answer, failed: tuple[Attempt, ...]) -> Endpoint:
    address = _docker_address(candidate.address) if answer.is_docker else candidate.address
    return Endpoint(address, candidate.origin, answer.is_docker, answer.wants_tls, failed)


def _docker_address(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    return f"{_DOCKER_SCHEMES.get(scheme, scheme)}{separator}{rest}"


def _ordered(attempt: Attempt, refusal: Refusal) -> ConnectError:
    candidate = attempt.candidate
    hint = refusal.fix if candidate.origin == ARGUMENT else f"{refusal.fix or HINT}, or unset {VARIABLE} to search for one"
    return ConnectError(
        f"no engine at {candidate.address} ({candidate.origin}): {refusal.cause}",
        tried=[(_place(candidate), refusal.cause)],
        hint=hint,
    )


def _place(candidate: Candidate) -> str:
    return f"{candidate.origin} {candidate.address}".strip()
