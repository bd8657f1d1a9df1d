"""Convert the instructions that change the image config, such as ENV, CMD and EXPOSE, and WORKDIR, which also creates a directory.

Source: the dispatch functions of frontend/dockerfile/dockerfile2llb/convert.go, and convert_expose.go, of BuildKit.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from llbfront.dockerfile.instructions import Cmd
from llbfront.dockerfile2llb import image_paths
from llbfront.errors import DockerfileError
from llbfront.gostd.fmt import plain_slice, quoted_slice
from llbfront.gostd.strconv import parse_int, quote
from llbfront.gostd.strings import to_upper
from llbfront.gostd.time import format_duration
from llbfront.llb.files import Mkdir, Owner
from llbfront.oci import image as images
from llbfront.suggestions import guess

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import (
        Arg,
        Entrypoint,
        Env,
        Expose,
        Healthcheck,
        Label,
        Maintainer,
        Onbuild,
        Shell,
        Stopsignal,
        User,
        Volume,
        Workdir,
    )
    from llbfront.dockerfile2llb.expansion_state import ExpandedStep
    from llbfront.dockerfile2llb.stage_builder import StageBuilder

_NUMBERED = "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
_REAL_TIME = ("RTMIN", "RTMAX", *(f"RTMIN+{n}" for n in range(1, 16)), *(f"RTMAX-{n}" for n in range(1, 15)))
SIGNALS = frozenset((*_NUMBERED.split(), *_REAL_TIME))
_PROTOCOLS = ("tcp", "udp", "sctp")
_MAX_PORT, _BLOCK = 65535, 64


def env(builder: StageBuilder, _step: ExpandedStep, instruction: Env) -> None:
    """ENV: the environment itself was made by expansion."""
    builder.image_config.commit("ENV", *_pairs(instruction))


def arg(builder: StageBuilder, _step: ExpandedStep, instruction: Arg) -> None:
    """ARG: an argument without a value is shown as its name."""
    builder.image_config.commit("ARG", *_definitions(instruction))


def _definitions(instruction: Arg) -> Iterator[str]:
    for definition in instruction.definitions:
        yield f" {definition.key}" if definition.value is None else f" {definition.key}="
        yield definition.value or ""


def label(builder: StageBuilder, _step: ExpandedStep, instruction: Label) -> None:
    """LABEL."""
    builder.image_config.add_labels((pair.key, pair.value) for pair in instruction.pairs)
    builder.image_config.commit("LABEL", *_pairs(instruction))


def _pairs(instruction: Env | Label) -> Iterator[str]:
    for pair in instruction.pairs:
        yield f" {pair.key}="
        yield pair.value


def maintainer(builder: StageBuilder, _step: ExpandedStep, instruction: Maintainer) -> None:
    """MAINTAINER."""
    builder.image_config.author = instruction.name
    builder.image_config.commit(f"MAINTAINER {instruction.name}")


def user(builder: StageBuilder, _step: ExpandedStep, instruction: User) -> None:
    """USER."""
    builder.state = builder.state.with_user(instruction.user)
    builder.image_config.user = instruction.user
    builder.image_config.commit("USER ", instruction.user)


def volume(builder: StageBuilder, _step: ExpandedStep, instruction: Volume) -> None:
    """VOLUME."""
    if "" in instruction.paths:
        raise DockerfileError("VOLUME specified can not be an empty string", hint=f"{instruction.text} has no value here")
    builder.image_config.add_volumes(instruction.paths)
    builder.image_config.commit("VOLUME [", *_listed(instruction.paths), "]")


def _listed(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield " "
        yield text


def stopsignal(builder: StageBuilder, _step: ExpandedStep, instruction: Stopsignal) -> None:
    """STOPSIGNAL: a name with or without SIG, or any number but 0."""
    signal = instruction.signal
    number = parse_int(signal)
    if number == 0 or (number is None and to_upper(signal).removeprefix("SIG") not in SIGNALS):
        near = None if number == 0 else guess(to_upper(signal).removeprefix("SIG"), sorted(SIGNALS), limit=2)
        hint = near or ("use a name such as SIGTERM, or its number" if signal else f"{instruction.text} has no value here")
        raise DockerfileError(f"invalid signal: {signal}", hint=hint)
    builder.image_config.stop_signal = signal
    builder.image_config.commit(f"STOPSIGNAL {signal}")


def shell(builder: StageBuilder, _step: ExpandedStep, instruction: Shell) -> None:
    """SHELL."""
    builder.image_config.shell = instruction.args
    builder.image_config.commit(f"SHELL {plain_slice(instruction.args)}")


def onbuild(builder: StageBuilder, _step: ExpandedStep, instruction: Onbuild) -> None:
    """ONBUILD: stored as text for builds that use the image as a base; no line of history."""
    builder.image_config.on_build.append(instruction.trigger)


def cmd(builder: StageBuilder, _step: ExpandedStep, instruction: Cmd) -> None:
    """CMD."""
    args = _command(builder, instruction)
    builder.image_config.cmd, builder.image_config.args_escaped = args, True
    builder.image_config.commit(f"CMD {quoted_slice(args)}")


def entrypoint(builder: StageBuilder, _step: ExpandedStep, instruction: Entrypoint) -> None:
    """ENTRYPOINT. Parity: it drops any CMD but one of this very stage, even that of the stage it continues."""
    args = _command(builder, instruction)
    builder.image_config.entrypoint = args
    if Cmd not in builder.seen:
        builder.image_config.cmd = None
    builder.image_config.commit(f"ENTRYPOINT {quoted_slice(args)}")


def _command(builder: StageBuilder, instruction: Cmd | Entrypoint) -> tuple[str, ...]:
    _only_once(builder, instruction)
    if not instruction.is_shell:
        return instruction.args
    if not builder.image_config.shell:
        builder.find("JSONArgsRecommended", instruction, instruction.keyword)
    return builder.with_shell(instruction.args)


def healthcheck(builder: StageBuilder, _step: ExpandedStep, instruction: Healthcheck) -> None:
    """HEALTHCHECK."""
    _only_once(builder, instruction)
    check = images.Healthcheck(
        instruction.test,
        instruction.interval_ns,
        instruction.timeout_ns,
        instruction.start_period_ns,
        instruction.start_interval_ns,
        instruction.retries,
    )
    builder.image_config.healthcheck = check
    builder.image_config.commit(
        f"HEALTHCHECK {{Test:{plain_slice(instruction.test)} Interval:{format_duration(check.interval_ns)} Timeout:{format_duration(check.timeout_ns)}"
        f" StartPeriod:{format_duration(check.start_period_ns)} StartInterval:{format_duration(check.start_interval_ns)} Retries:{check.retries}}}"
    )


def _only_once(builder: StageBuilder, instruction: Cmd | Entrypoint | Healthcheck) -> None:
    """Note an earlier instruction of the kind, which the present one makes void."""
    earlier = builder.seen.get(type(instruction))
    if earlier:
        builder.find_at(earlier, "MultipleInstructionsDisallowed", instruction, instruction.keyword)
    builder.seen[type(instruction)] = instruction.range


def workdir(builder: StageBuilder, step: ExpandedStep, instruction: Workdir) -> None:
    """WORKDIR: one layer that makes the directory, none for `/`, though that is counted among the steps."""
    os = builder.platform.os
    if not builder.has_workdir and not image_paths.is_absolute(instruction.path, os):
        builder.find("WorkdirRelativePath", instruction, instruction.path)
    builder.has_workdir = True
    path = enter_workdir(builder, instruction.path)
    if path == "/":
        builder.image_config.commit("WORKDIR /")
        return
    conversion, image_config = builder.conversion, builder.image_config
    action = Mkdir(
        path,
        0o755,
        parents=True,
        owner=Owner.parse(image_config.user) if image_config.user else None,
        timestamp_ns=conversion.epoch.timestamp_ns if conversion.epoch else None,
    )
    name = builder.step_names.take(step.name, builder.platform, step.env, is_trigger=step.is_trigger)
    builder.state = builder.state.file(action, meta=conversion.meta(name, instruction))
    image_config.commit("WORKDIR ", path, has_layer=True)


def enter_workdir(builder: StageBuilder, path: str) -> str:
    """Make a path the working directory of the image and of commands, and return it with slashes."""
    os = builder.platform.os
    builder.image_config.working_dir = image_paths.workdir(builder.image_config.working_dir, path, os)
    slashed = image_paths.to_slash(builder.image_config.working_dir, os)
    builder.state = builder.state.with_cwd(slashed)
    return slashed


def expose(builder: StageBuilder, _step: ExpandedStep, instruction: Expose) -> None:
    """EXPOSE."""
    ports: list[str] = []
    for word in instruction.ports:
        ports += _ports(builder, instruction, word)
    builder.image_config.add_ports(ports)
    builder.image_config.commit(f"EXPOSE {plain_slice(ports)}")


def _ports(builder: StageBuilder, instruction: Expose, word: str) -> list[str]:
    address, host_port, rest = _parts(word)
    port, _, protocol = rest.partition("/")
    if not port:
        raise DockerfileError(f"invalid port: {quote(word)}: no port specified")
    protocol = protocol or "tcp"
    if protocol.lower() not in _PROTOCOLS:
        raise DockerfileError(f"invalid port: {quote(word)}: invalid proto: {protocol}", hint=f"one of {', '.join(_PROTOCOLS)}")
    if protocol != protocol.lower():
        builder.find("ExposeProtoCasing", instruction, word)
    if address or host_port:
        builder.find("ExposeInvalidFormat", instruction, word)
    _check_address(address)
    first, last = _range(port, "containerPort")
    if host_port:
        first_outside, last_outside = _range(host_port, "hostPort")
        if last - first != last_outside - first_outside and last != first:
            raise DockerfileError(
                f"invalid ranges specified for container and host Ports: {port} and {host_port}", hint="the ranges differ in length"
            )
    texts: list[str] = []
    for block in range(first // _BLOCK, last // _BLOCK + 1):
        start = block * _BLOCK
        texts += _texts(start, protocol.lower())[max(0, first - start) : last + 1 - start]
    return texts


@cache
def _texts(start: int, protocol: str) -> list[str]:
    """Return the strings of all ports of a block, which ranges share."""
    return [f"{number}/{protocol}" for number in range(start, start + _BLOCK)]


def _parts(word: str) -> tuple[str, str, str]:
    """Split `[address:][host port:]port`; all colons but the last two belong to the address."""
    front, _, port = word.rpartition(":")
    address, _, host_port = front.rpartition(":")
    return address, host_port, port


def _check_address(address: str) -> None:
    bare = _without_brackets(address) if address.startswith("[") else address
    if not bare:
        return
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, bare)
        except (OSError, ValueError):
            continue
        return
    raise DockerfileError(f"invalid IP address: {bare}")


def _without_brackets(address: str) -> str:
    end = address.find("]")
    if end < 0:
        wrong = "missing ']' in address"
    elif rest := address[end + 1 :]:
        wrong = "too many colons in address" if rest.startswith(":") else "missing port in address"
    elif "[" in address[1:]:
        wrong = "unexpected '[' in address"
    else:
        return address[1:end]
    raise DockerfileError(f"invalid IP address {address}: address {address}:: {wrong}")


def _range(text: str, what: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    first = parse_int(start)
    last = first if not dash or start == end else parse_int(end)
    if first is None or last is None or not 0 <= first <= last <= _MAX_PORT:
        hint = "separate ports with spaces" if "," in text else f"use a number up to {_MAX_PORT} or a range such as 80-89"
        raise DockerfileError(f"invalid {what}: {text}", hint=hint)
    return first, last
