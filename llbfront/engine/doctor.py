"""Examine each endpoint, and what the private engine needs of this machine: one finding each, with a fix where something is wrong.

Endpoints are asked as a build would ask them, through SSH and other helper programs too, in the order in which engines are looked for.
No engine is started or changed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping

import attrs

from llbfront.connhelper.address import log_hint, parse_address
from llbfront.connhelper.dial import ANSWER_TIMEOUT_S
from llbfront.connhelper.dial_failure import of_tried
from llbfront.engine import daemon, directories, discover, install, rootless, toolchain
from llbfront.engine.daemon import Condition
from llbfront.errors import ConnectError, EngineError, RpcError
from llbfront.pb import control_pb2 as control
from llbfront.printable import visible
from llbfront.rpc.codes import Code
from llbfront.rpc.services.control import ControlMethods
from llbfront.setting_names import setting

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
        return visible(f"[{mark}] {self.subject}: {self.cause}{chosen}{fix}")


def examine(
    address: str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    timeout_s: float | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> tuple[Finding, ...]:
    """Examine the engine at an address; without one every endpoint, then what a private engine needs of this machine.

    Args:
        address: the address of an engine.
        environ: the environment variables that name endpoints and directories.
        timeout_s: how long each endpoint may take, by default as long as a build waits for it.
        report: called with a message when an engine takes long.
    """
    if address:
        return (_finding(discover.Candidate(setting("address"), address, is_named=True), timeout_s, report),)
    return (*_endpoints(environ, timeout_s, report), *(check(directories.default(environ)) for check in _NEEDS))


def _endpoints(environ: Mapping[str, str], timeout_s: float | None, report: Callable[[str], None]) -> Iterator[Finding]:
    is_decided = False
    for candidate in discover.candidates(None, environ):
        finding = _finding(candidate, timeout_s, report)
        if candidate.is_named and not finding.is_good:
            finding = attrs.evolve(finding, cause=f"{finding.cause}; builds use only this engine while {candidate.origin} is set")
        yield attrs.evolve(finding, is_chosen=finding.is_good and not is_decided)
        is_decided = is_decided or candidate.is_named or finding.is_good


def _finding(candidate: discover.Candidate, timeout_s: float | None, report: Callable[[str], None]) -> Finding:
    """Connect as a build would, and ask the engine for its version."""
    subject = f"{candidate.origin} {candidate.address}".strip()
    try:
        channel, address = discover.reach(candidate, timeout_s=timeout_s, report=report)
    except ConnectError as error:
        why = of_tried(error)
        return Finding(subject, is_good=False, cause=why.cause, fix=why.fix)
    try:
        info = channel.unary(ControlMethods.Info, control.InfoRequest(), timeout_s=timeout_s or ANSWER_TIMEOUT_S)
        version = f" (buildkitd {info.buildkitVersion.version})"
    except RpcError as error:
        if error.code != Code.UNIMPLEMENTED:
            return Finding(subject, is_good=False, cause=error.message, fix=log_hint(parse_address(address)))
        version = ""
    finally:
        channel.close()
    who = "a docker engine with BuildKit answers" if parse_address(address).is_docker else "answers"
    return Finding(subject, is_good=True, cause=f"{who}{version}", is_chosen=True)


def _programs(here: directories.Directories) -> Finding:
    built = install.installed(here)
    if built:
        return Finding(
            "private engine, programs", is_good=True, cause=f"buildkitd {built.version} in {os.path.dirname(built.buildkitd)}"
        )
    return Finding("private engine, programs", is_good=False, cause="not built yet", fix="llbfront engine install")


def _go(here: directories.Directories) -> Finding:
    needed = install.needed_go()
    version = ".".join(map(str, needed))
    toolchain_here = toolchain.find(needed)
    if toolchain_here:
        return Finding(
            "private engine, Go", is_good=True, cause=f"{'.'.join(map(str, toolchain_here.version))} in {toolchain_here.go}"
        )
    if install.installed(here):
        return Finding("private engine, Go", is_good=True, cause="not here, and not needed any more")
    return Finding("private engine, Go", is_good=True, cause=f"none of at least {version} here; {toolchain.WHEEL} will be fetched")


def _runc(_here: directories.Directories) -> Finding:
    runc = install.find_runc()
    if runc:
        return Finding("private engine, runc", is_good=True, cause=runc)
    return Finding("private engine, runc", is_good=False, cause="not found", fix=install.RUNC_HINT)


def _rights(_here: directories.Directories) -> Finding:
    if not rootless.is_needed():
        return Finding("private engine, rights", is_good=True, cause="root")
    try:
        rootless.check()
    except EngineError as error:
        return Finding("private engine, rights", is_good=False, cause=error.message, fix=error.hint)
    return Finding("private engine, rights", is_good=True, cause="not root, in a user namespace")


def _process(here: directories.Directories) -> Finding:
    now = daemon.status(here)
    if now.condition is Condition.HANGING:
        cause = f"process {now.pid} lives but does not answer; its log is {now.log}"
        return Finding("private engine, process", is_good=False, cause=cause, fix="llbfront engine stop, then start")
    return Finding("private engine, process", is_good=True, cause=now.condition.value)


def _space(here: directories.Directories) -> Finding:
    place = here.state
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    free = shutil.disk_usage(place).free
    cause = f"{free / (1 << 30):.1f} GiB free in {place}"
    fix = None if free >= SPACE_BYTES else "free some space, or set XDG_STATE_HOME to another disk"
    return Finding("private engine, disk", is_good=free >= SPACE_BYTES, cause=cause, fix=fix)


_NEEDS: tuple[Callable[[directories.Directories], Finding], ...] = (_programs, _go, _runc, _rights, _process, _space)
