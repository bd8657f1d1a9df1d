"""Find an engine and connect to it.

If `--addr` or BUILDKIT_HOST names an engine, only that engine is tried, for as long as buildctl waits. Otherwise the usual addresses
are tried, for a second each: the sockets of buildkitd, the engine that docker is configured to use, the sockets of docker, and the
private engine.

Source: util/appdefaults of BuildKit; the docker CLI for its own settings.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.connhelper.address import PROGRAMS, parse_address
from llbfront.connhelper.dial import ANSWER_TIMEOUT_S, SEARCH_TIMEOUT_S, dial, no_engine
from llbfront.errors import AddressError, ConnectError
from llbfront.setting_names import setting

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel

VARIABLE, PRIVATE = "BUILDKIT_HOST", "private engine"
ROOTFUL_SOCKET = "unix:///run/buildkit/buildkitd.sock"
DOCKER_SOCKET = "unix:///var/run/docker.sock"
_DOCKER_SCHEMES = {"unix": "docker", "tcp": "docker+tcp"}
HINT = "start a private engine: llbfront engine start"


@attrs.frozen
class Candidate:
    """An address where an engine may be. `origin` is the setting that it comes from; if `is_named`, no other engine is tried."""

    origin: str
    address: str
    is_named: bool = False
    problem: str | None = None


@attrs.frozen
class Attempt:
    """A candidate that failed, and why."""

    candidate: Candidate
    cause: str

    def __str__(self) -> str:
        where = f"{self.candidate.origin} ({self.candidate.address})" if self.candidate.address else self.candidate.origin
        return f"{where}: {self.cause}"


@attrs.frozen
class ReachedEngine:
    """An engine that answered.

    Attributes:
        address: an address for `dial`; that of a docker engine begins with `docker`.
        origin: the setting that the address comes from.
        is_docker: whether it is a docker engine.
        failed: the candidates that were tried before, in order.
    """

    address: str
    origin: str
    is_docker: bool = False
    failed: tuple[Attempt, ...] = ()

    @property
    def reason(self) -> str:
        """Describe the choice in one line."""
        attempts = len(self.failed)
        return f"{self.address}, from {self.origin}" + (
            f", after {attempts} failed attempt{'s' * (attempts > 1)}" if attempts else ""
        )


def open_engine(
    address: str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    timeout_s: float | None = None,
    start: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[Channel, ReachedEngine]:
    """Connect to the first engine that answers.

    Args:
        address: the engine to use; without it, BUILDKIT_HOST and the usual addresses.
        environ: the environment, for BUILDKIT_HOST and docker's settings.
        timeout_s: the time limit for each engine; by default 1 s in a search, and 15 s for a named engine.
        start: install and start the private engine if no engine answers; not if `address` is set.
        report: called with a message if a named engine has not answered after a second, and before slow steps of the start.

    Raises:
        ConnectError: no engine answered. `tried` has (address, reason) for each, in order.
        EngineError: the private engine cannot be installed or started.
    """
    try:
        return _open_first(address, environ, timeout_s, report)
    except ConnectError:
        if not start or address is not None:
            raise
    from llbfront.engine import daemon

    return _open_first(daemon.start(report=report).address, environ, timeout_s, report)


def _open_first(
    address: str | None, environ: Mapping[str, str], timeout_s: float | None, report: Callable[[str], None]
) -> tuple[Channel, ReachedEngine]:
    failed: list[Attempt] = []
    for candidate in candidates(address, environ):
        try:
            channel, reached = reach(candidate, timeout_s=timeout_s, report=report)
        except ConnectError as error:
            if candidate.is_named:
                raise _named_engine_failed(candidate, _cause(error), error.hint) from error.__cause__
            failed.append(Attempt(candidate, _cause(error)))
        else:
            return channel, ReachedEngine(reached, candidate.origin, parse_address(reached).is_docker, tuple(failed))
    raise ConnectError(
        f"no engine found in {len(failed)} places",
        tried=[(_place(attempt.candidate), attempt.cause) for attempt in failed],
        hint=HINT,
    )


def check_address(address: str | None = None, *, environ: Mapping[str, str] = os.environ) -> None:
    """Raise ConnectError if a named engine has a malformed address. Does not connect."""
    candidate = next(candidates(address, environ))
    if candidate.is_named:
        try:
            parse_address(candidate.address)
        except AddressError as error:
            raise _named_engine_failed(candidate, error.reason, error.hint) from error


def reach(
    candidate: Candidate, *, timeout_s: float | None = None, report: Callable[[str], None] = lambda _: None
) -> tuple[Channel, str]:
    """Connect to one candidate; return the channel and the address that it was opened by. Raises: ConnectError."""
    if candidate.problem is not None:
        raise no_engine(
            _place(candidate), candidate.problem, "select another context with docker context use, or set BUILDKIT_HOST"
        )
    try:
        if candidate.is_named or candidate.address.partition("://")[0] in PROGRAMS:
            return _reach_named(candidate.address, timeout_s or ANSWER_TIMEOUT_S, report)
        return _reach_usual(candidate, timeout_s or SEARCH_TIMEOUT_S)
    except AddressError as error:
        raise no_engine(candidate.address, error.reason, error.hint) from error


def _cause(error: ConnectError) -> str:
    return error.tried[-1][1] if error.tried else error.message


def _reach_named(address: str, timeout_s: float, report: Callable[[str], None]) -> tuple[Channel, str]:
    deadline = time.monotonic() + timeout_s
    try:
        return dial(address, timeout_s=timeout_s, report=report), address
    except ConnectError as error:
        scheme = address.partition("://")[0]
        if scheme not in _DOCKER_SCHEMES or "?" in address or isinstance(error.__cause__, TimeoutError):
            raise
        from llbfront.connhelper.dial_failure import DialFailure
        from llbfront.engine import probe  # needed only to see what listens there

        outcome = probe.probe(address, timeout_s=max(SEARCH_TIMEOUT_S, deadline - time.monotonic()))
        if isinstance(outcome, DialFailure):
            raise no_engine(address, outcome.cause, outcome.fix) from error.__cause__
        if not outcome.is_docker:
            raise
    as_docker = docker_address(address)
    return dial(as_docker, timeout_s=timeout_s, report=report), as_docker


def _reach_usual(candidate: Candidate, timeout_s: float) -> tuple[Channel, str]:
    from llbfront.connhelper.dial_failure import DialFailure
    from llbfront.engine import probe

    outcome = probe.probe(candidate.address, timeout_s=timeout_s)
    if isinstance(outcome, DialFailure):
        why = ("not running", "llbfront engine start") if candidate.origin == PRIVATE else (outcome.cause, outcome.fix)
        raise no_engine(candidate.address, *why)
    address = docker_address(candidate.address) if outcome.is_docker else candidate.address
    return dial(address), address


def candidates(address: str | None = None, environ: Mapping[str, str] = os.environ) -> Iterator[Candidate]:
    """Yield the addresses where an engine may be, in order of preference, each once."""
    seen: set[str] = set()
    for candidate in _candidates(address, environ):
        place = candidate.address or candidate.origin
        if place not in seen:
            seen.add(place)
            yield candidate


def _candidates(address: str | None, environ: Mapping[str, str]) -> Iterator[Candidate]:
    if address:
        yield Candidate(setting("address"), address, is_named=True)
    if variable := environ.get(VARIABLE):
        yield Candidate(VARIABLE, variable, is_named=True)
    from llbfront.docker import context as docker_context
    from llbfront.engine import directories

    runtime = _runtime(environ)
    yield Candidate("buildkitd", ROOTFUL_SOCKET)
    yield Candidate("rootless buildkitd", f"unix://{runtime}/buildkit/buildkitd.sock")
    if configured := docker_context.chosen(environ):
        yield Candidate(configured.origin, configured.address, problem=configured.problem)
    yield from docker_sockets(environ)
    yield Candidate(PRIVATE, directories.default(environ).address)


def docker_sockets(environ: Mapping[str, str]) -> tuple[Candidate, ...]:
    """Return the usual sockets of docker."""
    return Candidate("docker", DOCKER_SOCKET), Candidate("rootless docker", f"unix://{_runtime(environ)}/docker.sock")


def _runtime(environ: Mapping[str, str]) -> str:
    return environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"


def docker_address(address: str) -> str:
    """Return the address of a docker engine for `dial`: its scheme says that it is one."""
    scheme, separator, rest = address.partition("://")
    return f"{_DOCKER_SCHEMES.get(scheme, scheme)}{separator}{rest}"


def _named_engine_failed(candidate: Candidate, cause: str, fix: str | None) -> ConnectError:
    where, hint = candidate.address, fix
    if candidate.origin == VARIABLE:
        where, hint = f"{where} ({VARIABLE})", f"{fix or HINT}, or unset {VARIABLE} to search for an engine"
    return ConnectError(f"no engine at {where}: {cause}", tried=[(_place(candidate), cause)], hint=hint)


def _place(candidate: Candidate) -> str:
    return f"{candidate.origin} {candidate.address}".strip()
