"""Parse statements to typed instructions with their flags. Errors have BuildKit's words.

Source: frontend/dockerfile/instructions/parse.go of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from llbfront.dockerfile.add_copy import parse_add, parse_copy
from llbfront.dockerfile.flags import LIST, TEXT, Flags, parse_flags
from llbfront.dockerfile.instructions import (
    Arg,
    ArgDefinition,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    KeyValue,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from llbfront.dockerfile.mounts import check_mount, parse_device
from llbfront.dockerfile.other_formats import other_format
from llbfront.dockerfile.statements import encode
from llbfront.errors import DockerfileError, DockerfileSyntaxError, FlagError, StageError, UnknownInstruction
from llbfront.gostd.strconv import parse_int32, quote
from llbfront.gostd.strings import WHITESPACE, to_lower, to_upper
from llbfront.gostd.time import parse_duration
from llbfront.suggestions import guess, nearest

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Statement

MIN_DURATION_NS = 1_000_000
NETWORKS = ("default", "none", "host")
SECURITIES = ("insecure", "sandbox")

_NO_BLANKS = "write no spaces around ="
_NO_FLAGS: dict[str, str] = {}
_FROM_FLAGS = {"platform": TEXT}
_RUN_FLAGS = {"device": LIST, "mount": LIST, "network": TEXT, "security": TEXT}
_HEALTHCHECK_FLAGS = dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), TEXT)


def read_instruction(statement: Statement) -> Instruction:
    """Parse a statement to an instruction. Raises: DockerfileError with the span of the statement."""
    try:
        return _read(statement)
    except DockerfileError as error:
        if error.span is None:
            raise error.evolve(span=statement.span) from error
        raise


def _read(statement: Statement) -> Instruction:
    form = _FORMS.get(to_lower(statement.keyword))
    if form is None:
        if statement.source is not None and (kind := other_format(statement.source.data)):
            raise UnknownInstruction(f"unknown instruction: the Dockerfile is {kind.name}", hint=kind.hint)
        raise UnknownInstruction(
            f"unknown instruction: {statement.keyword}", hint=_near_keyword(statement.keyword) or _stray(statement.keyword)
        )
    return form(statement)


def _near_keyword(word: str) -> str | None:
    """Suggest the keyword that a word is near to, in the letter case of the word."""
    keyword = nearest(to_lower(word), _FORMS)
    if keyword is None:
        return None
    return f"did you mean {keyword.upper() if word == to_upper(word) != to_lower(word) else keyword}?"


def _stray(word: str) -> str:
    """Return a hint for a line that begins with an unknown word."""
    if word.strip("<=>") == "":
        return "the file has unresolved merge conflicts"
    return "begin a command with RUN, and end a line that continues with \\"


def _flags(statement: Statement, known: Mapping[str, str] = _NO_FLAGS) -> Flags:
    return parse_flags(statement.flags, known)


def _only_word(statement: Statement, name: str) -> str:
    if len(statement.args) != 1:
        raise DockerfileSyntaxError(f"{name} requires exactly one argument")
    return statement.args[0]


def _need_words(statement: Statement, name: str) -> None:
    if not statement.args:
        raise DockerfileSyntaxError(f"{name} requires at least one argument")


# -- stages and names


@cache
def _stage_name() -> re.Pattern[str]:
    return re.compile("[a-z][a-z0-9-_.]*")


def _from(statement: Statement) -> From:
    args = statement.args
    name = None
    if len(args) == 3 and args[1].casefold() == "as":
        name = to_lower(args[2])
        if not _stage_name().fullmatch(name):
            raise StageError(
                f"invalid name for build stage: {quote(args[2])}, name can't start with a number or contain symbols",
            )
    elif len(args) != 1:
        raise DockerfileSyntaxError("FROM requires either one or three arguments", hint=_form_of_from(args))
    platform = _flags(statement, _FROM_FLAGS).text("platform")
    return From(statement, args[0], name, platform, _description(statement.comments, name or ""))


def _form_of_from(args: tuple[str, ...]) -> str:
    if any(word.startswith("--") for word in args):
        return "write flags before the image"
    if any(word.startswith("#") for word in args):
        return "write the comment on its own line"
    return "write FROM image or FROM image AS name"


def _description(comments: Iterable[str], name: str) -> str:
    """Return the comment that begins with the name, without the name."""
    start = f"{name} "
    return next((line[len(start) :] for line in comments if line.startswith(start)), "") if name else ""


def _arg(statement: Statement) -> Arg:
    _need_words(statement, "ARG")
    described: dict[str, list[str]] = {}
    for line in dict.fromkeys(statement.comments):
        described.setdefault(line.partition(" ")[0], []).append(line)
    return Arg(statement, tuple(_definition(word, described) for word in statement.args))


def _definition(word: str, described: Mapping[str, Sequence[str]]) -> ArgDefinition:
    """Read a word of ARG; `described` are the comments above by their first words."""
    key, equals, value = word.partition("=")
    if equals and not key:
        raise DockerfileSyntaxError("ARG names can not be blank", hint=_NO_BLANKS)
    return ArgDefinition(key, value if equals else None, _description(described.get(key.partition(" ")[0], ()), key))


def _pairs(statement: Statement, name: str) -> tuple[KeyValue, ...]:
    _flags(statement)
    _need_words(statement, name)
    args = statement.args
    if "" in args[::3]:
        raise DockerfileSyntaxError(f"{name} names can not be blank", hint=_NO_BLANKS)
    return tuple(KeyValue(key, value, not sign) for key, value, sign in zip(args[::3], args[1::3], args[2::3], strict=True))


# -- commands


def _run(statement: Statement) -> Run:
    flags = _flags(statement, _RUN_FLAGS)
    devices = tuple(map(parse_device, flags.texts("device")))
    mounts = flags.texts("mount")
    for mount in mounts:
        check_mount(mount)
    network = flags.text("network", "default")
    if network not in NETWORKS:
        raise FlagError(f"invalid network mode {quote(network)}", hint=guess(network, NETWORKS) or f"one of {', '.join(NETWORKS)}")
    security = flags.text("security", "sandbox")
    if security not in SECURITIES:
        raise FlagError(f"security {quote(security)} is not valid", hint=guess(security, SECURITIES) or "use sandbox or insecure")
    return Run(
        statement,
        statement.args,
        is_shell=not statement.is_json,
        heredocs=statement.heredocs,
        mounts=mounts,
        network=network,
        security=security,
        devices=devices,
    )


def _cmd(statement: Statement) -> Cmd:
    _flags(statement)
    return Cmd(statement, statement.args, is_shell=not statement.is_json)


def _entrypoint(statement: Statement) -> Entrypoint:
    _flags(statement)
    return Entrypoint(statement, statement.args, is_shell=not statement.is_json)


def _shell(statement: Statement) -> Shell:
    _flags(statement)
    _need_words(statement, "SHELL")
    if not statement.is_json:
        raise DockerfileSyntaxError("SHELL requires the arguments to be in JSON form", hint='write SHELL ["/bin/sh", "-c"]')
    return Shell(statement, statement.args)


def _healthcheck(statement: Statement) -> Healthcheck:
    _need_words(statement, "HEALTHCHECK")
    kind, words = to_upper(statement.args[0]), statement.args[1:]
    if kind == "NONE":
        if words:
            raise DockerfileSyntaxError("HEALTHCHECK NONE takes no arguments")
        return Healthcheck(statement, (kind,))
    flags = _flags(statement, _HEALTHCHECK_FLAGS)
    if kind != "CMD":
        raise DockerfileSyntaxError(f"Unknown type {quote(kind)} in HEALTHCHECK (try CMD)")
    if not words:
        raise DockerfileSyntaxError("Missing command after HEALTHCHECK CMD")
    return Healthcheck(
        statement,
        (kind if statement.is_json else "CMD-SHELL", *words),
        interval_ns=_interval(flags, "interval"),
        timeout_ns=_interval(flags, "timeout"),
        start_period_ns=_interval(flags, "start-period"),
        start_interval_ns=_interval(flags, "start-interval"),
        retries=_retries(flags.text("retries")),
    )


def _interval(flags: Flags, name: str) -> int:
    text = flags.text(name)
    try:
        duration = parse_duration(text) if text else 0
    except ValueError as error:
        raise FlagError(str(error), hint=f"--{name} takes a duration such as 1m30s or 500ms") from None
    if duration and duration < MIN_DURATION_NS:
        raise FlagError(f"Interval {quote(name)} cannot be less than 1ms")
    return duration


def _retries(text: str) -> int:
    try:
        retries = parse_int32(text) if text else 0
    except ValueError as error:
        raise FlagError(str(error), hint="--retries takes a whole number, at most 2147483647") from None
    if retries < 0:
        raise FlagError(f"--retries cannot be negative ({retries})")
    return retries


# -- files


def _volume(statement: Statement) -> Volume:
    _need_words(statement, "VOLUME")
    _flags(statement)
    paths = tuple(word.strip(WHITESPACE) for word in statement.args)
    if "" in paths:
        raise DockerfileSyntaxError("VOLUME specified can not be an empty string")
    return Volume(statement, paths)


# -- single words


def _expose(statement: Statement) -> Expose:
    _need_words(statement, "EXPOSE")
    _flags(statement)
    return Expose(statement, tuple(sorted(statement.args, key=encode)))


def _maintainer(statement: Statement) -> Maintainer:
    name = _only_word(statement, "MAINTAINER")
    _flags(statement)
    return Maintainer(statement, name)


def _workdir(statement: Statement) -> Workdir:
    path = _only_word(statement, "WORKDIR")
    _flags(statement)
    return Workdir(statement, path)


def _user(statement: Statement) -> User:
    user = _only_word(statement, "USER")
    _flags(statement)
    return User(statement, user)


def _stopsignal(statement: Statement) -> Stopsignal:
    return Stopsignal(statement, _only_word(statement, "STOPSIGNAL"))


@cache
def _onbuild_word() -> re.Pattern[str]:
    return re.compile(r"[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*", re.IGNORECASE | re.ASCII)


def _onbuild(statement: Statement) -> Onbuild:
    _need_words(statement, "ONBUILD")
    _flags(statement)
    trigger = to_upper(statement.args[0].strip(WHITESPACE))
    if trigger == "ONBUILD":
        raise DockerfileSyntaxError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in {"MAINTAINER", "FROM"}:
        raise DockerfileSyntaxError(f"{trigger} isn't allowed as an ONBUILD trigger")
    text = statement.original[match.end() :] if (match := _onbuild_word().match(statement.original)) else statement.original
    documents = (part for heredoc in statement.heredocs for part in ("\n", heredoc.content, heredoc.name))
    return Onbuild(statement, "".join((text, *documents)))


_FORMS: dict[str, Callable[[Statement], Instruction]] = {  # usual ones first: the order decides between equally near suggestions
    "from": _from,
    "run": _run,
    "copy": parse_copy,
    "env": lambda statement: Env(statement, _pairs(statement, "ENV")),
    "arg": _arg,
    "workdir": _workdir,
    "add": parse_add,
    "user": _user,
    "cmd": _cmd,
    "entrypoint": _entrypoint,
    "expose": _expose,
    "label": lambda statement: Label(statement, _pairs(statement, "LABEL")),
    "volume": _volume,
    "healthcheck": _healthcheck,
    "shell": _shell,
    "onbuild": _onbuild,
    "stopsignal": _stopsignal,
    "maintainer": _maintainer,
}
