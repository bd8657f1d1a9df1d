"""The 18 instructions as frozen values. Their flags are parsed and no variable is expanded.

A text flag that is absent is the empty string, which means the same as an empty value. To expand an instruction, copy it with `attrs.evolve`.

Source: frontend/dockerfile/instructions/commands.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.gostd.strings import WHITESPACE

if TYPE_CHECKING:
    from llbfront.dockerfile.tree import Heredoc, Statement
    from llbfront.source import LineRange


@attrs.frozen
class KeyValue:
    """A pair of ENV or LABEL. `is_legacy` says it was written without `=`."""

    key: str
    value: str
    is_legacy: bool = False

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


@attrs.frozen
class ArgDefinition:
    """A name that ARG declares, its default if it has one, and its doc comment without the name."""

    key: str
    value: str | None = None
    description: str = ""

    def __str__(self) -> str:
        return f"{self.key}={self.value or ''}"


@attrs.frozen
class Device:
    """A device that RUN asks for by its CDI name."""

    name: str
    required: bool = False


@attrs.frozen
class Instruction:
    """What all instructions have: the statement they were read from, which equality and repr leave out."""

    statement: Statement = attrs.field(eq=False, repr=False)

    @property
    def range(self) -> LineRange:
        """The lines of the file."""
        return self.statement.range

    @property
    def keyword(self) -> str:
        """The instruction's word in the letter case of the file."""
        return self.statement.keyword

    @property
    def text(self) -> str:
        """The instruction on one line, without heredoc bodies, outer blanks, continuations and comments inside it."""
        return self.statement.line.strip(WHITESPACE)

    @property
    def comments(self) -> tuple[str, ...]:
        """The comment lines above, without `#`."""
        return self.statement.comments


@attrs.frozen
class From(Instruction):
    """FROM [--platform=P] image [AS name]. The name is in lower case, None when the stage has none."""

    image: str
    name: str | None = None
    platform: str = ""
    description: str = ""


@attrs.frozen
class Command(Instruction):
    """A command line: words of the exec form, or with `is_shell` one word (or none) that is the text for the shell."""

    args: tuple[str, ...]
    is_shell: bool = True


@attrs.frozen
class Run(Command):
    """RUN. `mounts` are the values of --mount as written: see `mounts.parse_mount`."""

    heredocs: tuple[Heredoc, ...] = ()
    mounts: tuple[str, ...] = ()
    network: str = "default"
    security: str = "sandbox"
    devices: tuple[Device, ...] = ()


@attrs.frozen
class Cmd(Command):
    """CMD."""


@attrs.frozen
class Entrypoint(Command):
    """ENTRYPOINT; no words in exec form clear it."""


@attrs.frozen
class AddOrCopy(Instruction):
    """What ADD and COPY have in common. `contents` are sources given as heredocs, in order."""

    sources: tuple[str, ...]
    destination: str
    contents: tuple[Heredoc, ...] = ()
    chown: str = ""
    chmod: str = ""
    link: bool = False
    excludes: tuple[str, ...] = ()


@attrs.frozen
class Add(AddOrCopy):
    """ADD; `keep_git_dir` and `unpack` are None when not given."""

    checksum: str = ""
    keep_git_dir: bool | None = None
    unpack: bool | None = None


@attrs.frozen
class Copy(AddOrCopy):
    """COPY; `origin` is the value of --from."""

    origin: str = ""
    parents: bool = False


@attrs.frozen
class Pairs(Instruction):
    """What ENV and LABEL have in common: key=value ..."""

    pairs: tuple[KeyValue, ...]


@attrs.frozen
class Env(Pairs):
    """ENV key=value ..."""


@attrs.frozen
class Label(Pairs):
    """LABEL key=value ..."""


@attrs.frozen
class Arg(Instruction):
    """ARG name[=default] ..."""

    definitions: tuple[ArgDefinition, ...]


@attrs.frozen
class Maintainer(Instruction):
    """MAINTAINER name."""

    name: str


@attrs.frozen
class Workdir(Instruction):
    """WORKDIR path."""

    path: str


@attrs.frozen
class User(Instruction):
    """USER name[:group]."""

    user: str


@attrs.frozen
class Expose(Instruction):
    """EXPOSE port ..., sorted by bytes, before expansion."""

    ports: tuple[str, ...]


@attrs.frozen
class Volume(Instruction):
    """VOLUME path ..."""

    paths: tuple[str, ...]


@attrs.frozen
class Onbuild(Instruction):
    """ONBUILD trigger: the text of the instruction, heredocs included."""

    trigger: str


@attrs.frozen
class Stopsignal(Instruction):
    """STOPSIGNAL signal."""

    signal: str


@attrs.frozen
class Healthcheck(Instruction):
    """HEALTHCHECK. `test` is `NONE`, `CMD` and words, or `CMD-SHELL` and a command. Durations are ns, 0 when not given."""

    test: tuple[str, ...]
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    start_interval_ns: int = 0
    retries: int = 0


@attrs.frozen
class Shell(Instruction):
    """SHELL ["program", ...]."""

    args: tuple[str, ...]


@attrs.frozen
class Stage:
    """A FROM and the instructions below it."""

    base: From
    instructions: tuple[Instruction, ...] = ()

    @property
    def name(self) -> str | None:
        """The name after AS, in lower case."""
        return self.base.name
