"""Say what is wrong: every endpoint, tried or not, and what the private engine needs, one finding each with cause and fix.

Enters: an address or none, and the environment. Leaves: `Finding` values in the order in which engines are looked for; nothing
is started or changed.

Source: none.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping

import attrs

from llbfront.engine import daemon, discover, install, places, rootless, toolchain
from llbfront.engine.daemon import Condition
from llbfront.engine.probe import Answer
from llbfront.errors import EngineError

SPACE_BYTES = 2 << 30  # for sources, build cache and programs while buildkitd is being built


@attrs.frozen
class Finding:
    """One line of the report. `is_chosen` marks the endpoint that a build would use now."""

    subject: str
    is_good: bool
    cause: str
    fix: str | None = None
    is_chosen: bool = False

    def __str__(self) -> str:
        mark = "ok" if self.is_good else "no"
        chosen = ", used by builds" if self.is_chosen else ""
        fix = f" → {self.fix}" if self.fix else ""
        return f"[{mark}] {self.subject}: {self.cause}{chosen}{fix}"


def examine(address: str | None = None, *, environ: Mapping[str, str] = os.environ, timeout_s: float = 1.0) -> tuple[Finding, ...]:
    """Examine every endpoint, then what a private engine needs of this machine."""
    return (*_endpoints(address, environ, timeout_s), *(check(places.default(environ)) for check in _NEEDS))


def _endpoints(address: str | None, environ: Mapping[str, str], timeout_s: float) -> Iterator[Finding]:
    decided = False
    for candidate in discover.candidates(address, environ):
        outcome = discover.ask(candidate, timeout_s=timeout_s).outcome
        subject = f"{candidate.origin} {candidate.address}".strip()
        if isinstance(outcome, Answer):
            cause = "a docker engine with BuildKit answers" if outcome.is_docker else "answers"
            yield Finding(subject, is_good=True, cause=cause, is_chosen=not decided)
        else:
            order = ", and it was ordered, so no other is asked" if candidate.is_order and not decided else ""
            yield Finding(subject, is_good=False, cause=outcome.cause + order, fix=outcome.fix)
        decided = decided or candidate.is_order or isinstance(outcome, Answer)


def _programs(here: places.Places) -> Finding:
    built = install.installed(here)
    if built:
        return Finding(
            "private engine, programs", is_good=True, cause=f"buildkitd {built.version} in {os.path.dirname(built.buildkitd)}"
        )
    return Finding("private engine, programs", is_good=False, cause="not built yet", fix="llbfront engine install")


def _go(here: places.Places) -> Finding:
    needed = install.needed_go()
    wanted = ".".join(map(str, needed))
    found = toolchain.find(needed)
    if found:
        return Finding("private engine, Go", is_good=True, cause=f"{'.'.join(map(str, found.version))} in {found.go}")
    if install.installed(here):
        return Finding("private engine, Go", is_good=True, cause="not here, and not needed any more")
    return Finding("private engine, Go", is_good=True, cause=f"none of at least {wanted} here; {toolchain.WHEEL} will be fetched")


def _runc(_here: places.Places) -> Finding:
    runc = install.find_runc()
    if runc:
        return Finding("private engine, runc", is_good=True, cause=runc)
    return Finding("private engine, runc", is_good=False, cause="not found", fix=install.RUNC_HINT)


def _rights(_here: places.Places) -> Finding:
    if not rootless.is_needed():
        return Finding("private engine, rights", is_good=True, cause="root")
    try:
        rootless.check()
    except EngineError as error:
        return Finding("private engine, rights", is_good=False, cause=error.message, fix=error.hint)
    return Finding("private engine, rights", is_good=True, cause="not root, in a user namespace")


def _process(here: places.Places) -> Finding:
    now = daemon.status(here)
    if now.condition is Condition.HANGING:
        cause = f"process {now.pid} lives but does not answer; its log is {now.log}"
        return Finding("private engine, process", is_good=False, cause=cause, fix="llbfront engine stop, then start")
    return Finding("private engine, process", is_good=True, cause=now.condition.value)


def _space(here: places.Places) -> Finding:
    place = here.state
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    free = shutil.disk_usage(place).free
    cause = f"{free / (1 << 30):.1f} GiB free in {place}"
    fix = None if free >= SPACE_BYTES else "free some space, or set XDG_STATE_HOME to another disk"
    return Finding("private engine, disk", is_good=free >= SPACE_BYTES, cause=cause, fix=fix)


_NEEDS: tuple[Callable[[places.Places], Finding], ...] = (_programs, _go, _runc, _rights, _process, _space)
