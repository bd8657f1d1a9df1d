"""Add likely causes to the error of a failed step, which the client knows and the engine does not: a secret that was not offered, line endings.

If another frontend made the graph, so that it is not known here, the instruction is read at the lines that the error names.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import attrs

from llbfront.client.solve_errors.engine_messages import offer_agent, offer_secret
from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.dockerfile.instructions import Run
from llbfront.dockerfile.mounts import MountType, parse_mount
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import ExecFailed, LlbfrontError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from llbfront.dockerfile.mounts import Mount
    from llbfront.llb.definition import Definition
    from llbfront.pb import ops_pb2 as ops
    from llbfront.source import Span

SECRET, SSH = 1, 2  # pb.MountType
DEFAULT_AGENT = "default"
SHELLS = frozenset(("sh", "bash", "ash", "dash", "ksh", "zsh"))
CARRIAGE_RETURNS = (
    "its heredoc has carriage returns, which the shell takes for part of the words: save the Dockerfile with LF line endings"
)


@attrs.frozen
class Needs:
    """The secrets and agents that a step can use, and whether its script has Windows line endings."""

    secrets: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    has_carriage_returns: bool = False


def add_hints(
    error: LlbfrontError, graphs: Sequence[Definition], *, secrets: Collection[str] = (), agents: Collection[str] = ()
) -> None:
    """Add likely causes to the error of a step whose command failed.

    Args:
        error: of a build; errors of other kinds are left alone.
        graphs: what was solved; nothing for a build by another frontend.
        secrets: the ids of the secrets that were offered.
        agents: the ids of the SSH agents that were offered.
    """
    if not isinstance(error, ExecFailed):
        return
    op = SolvedGraphs(graphs).op(error.vertex)
    run = _instruction(error.span)
    needs = _needs_of_op(op) if op is not None else _needs_of_run(run)
    missing = [f"the secret {identifier}" for identifier in needs.secrets if identifier not in secrets]
    missing += [f"the SSH agent {identifier}" for identifier in needs.agents if identifier not in agents]
    flags = [offer_secret(identifier) for identifier in needs.secrets if identifier not in secrets]
    flags += [offer_agent(identifier) for identifier in needs.agents if identifier not in agents]
    if missing:
        verb = "was" if len(missing) == 1 else "were"
        error.add_hint(f"the step may need {' and '.join(missing)}, which {verb} not offered: use {' '.join(flags)}")
    if needs.has_carriage_returns or _has_windows_script(run, error.command):
        error.add_hint(CARRIAGE_RETURNS)


def _needs_of_op(op: ops.Op) -> Needs:
    mounts = op.exec.mounts
    secrets = [mount.secretOpt.ID for mount in mounts if mount.mountType == SECRET] + [
        variable.ID for variable in op.exec.secretenv
    ]
    agents = [mount.SSHOpt.ID or DEFAULT_AGENT for mount in mounts if mount.mountType == SSH]
    arguments = list(op.exec.meta.args)
    is_script = _is_shell(arguments) and any("\r\n" in argument for argument in arguments)
    return Needs(tuple(dict.fromkeys(secrets)), tuple(dict.fromkeys(agents)), is_script)


def _needs_of_run(run: Run | None) -> Needs:
    mounts = [] if run is None else [mount for text in run.mounts for mount in _mount(text)]
    secrets = [name for mount in mounts if mount.type is MountType.SECRET and (name := _secret_id(mount))]
    agents = [mount.id or DEFAULT_AGENT for mount in mounts if mount.type is MountType.SSH]
    return Needs(tuple(dict.fromkeys(secrets)), tuple(dict.fromkeys(agents)))


def _mount(text: str) -> Iterator[Mount]:
    """Yield the mount; nothing for one that only its frontend understands."""
    try:
        yield parse_mount(text, str)
    except LlbfrontError:
        return


def _secret_id(mount: Mount) -> str:
    return mount.source or mount.id or posixpath.basename(mount.target)


def _has_windows_script(run: Run | None, command: Sequence[str]) -> bool:
    """Return whether a RUN has a heredoc with carriage returns that a shell reads, or that names its interpreter in such a line."""
    if run is None:
        return False
    contents = [heredoc.content for heredoc in run.heredocs if "\r\n" in heredoc.content]
    return any(content.startswith("#!") or not command or _is_shell(command) for content in contents)


def _is_shell(command: Sequence[str]) -> bool:
    return bool(command) and posixpath.basename(command[0]) in SHELLS


def _instruction(span: Span | None) -> Run | None:
    """Return the RUN at the lines of an error; None if another instruction or none is there."""
    if span is None or span.line is None:
        return None
    try:
        instructions = [
            instruction
            for stage in parse_stages(parse(span.source))[1]
            for instruction in stage.instructions
            if instruction.range.start == span.line
        ]
    except LlbfrontError:
        return None
    return next((instruction for instruction in instructions if isinstance(instruction, Run)), None)
