"""The 18 instructions as frozen values. Their flags are parsed and no variable is expanded.

A string flag that is absent is the empty string, which means the same as an empty value. To expand an instruction, copy it with `attrs.evolve`.

Source: frontend/dockerfile/instructions/commands.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.gostd.strings import WHITESPACE

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Heredoc, Statement
    from llbfront.source import LineRange


@attrs.frozen
class KeyValue:
    """A key and its value, in ENV and LABEL.

    Attributes:
        key: the key.
        value: the value.
        is_legacy: whether it was written without `=`.
    """

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
    """The base of all instructions.

    Attributes:
        statement: the statement that it was read from; equality and repr leave it out.
    """

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
        return self.statement.original.strip(WHITESPACE)

    @property
    def comments(self) -> tuple[str, ...]:
        """The comment lines above, without `#`."""
        return self.statement.comments


@attrs.frozen
class From(Instruction):
    """`FROM [--platform=PLATFORM] IMAGE [AS NAME]`.

    Attributes:
        image: the image, or the name of an earlier stage.
        name: the name in lower case, None without one.
        platform: the platform as written, empty without one.
        description: the comment above that describes the stage.
    """

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
    """`RUN`.

    Attributes:
        args: the words of the exec form; of the shell form one string, or none.
        is_shell: whether it is the shell form.
        heredocs: its heredocs.
        mounts: the values of `--mount`, as written.
        network: the value of `--network`.
        security: the value of `--security`.
        devices: the devices of `--device`.
    """

    heredocs: tuple[Heredoc, ...] = ()
    mounts: tuple[str, ...] = ()
    network: str = "default"
    security: str = "sandbox"
    devices: tuple[Device, ...] = ()


@attrs.frozen
class Cmd(Command):
    """`CMD`.

    Attributes:
        args: the words of the exec form; of the shell form one string.
        is_shell: whether it is the shell form.
    """


@attrs.frozen
class Entrypoint(Command):
    """`ENTRYPOINT`.

    Attributes:
        args: the words of the exec form; of the shell form one string. None in exec form clear it.
        is_shell: whether it is the shell form.
    """


@attrs.frozen
class AddOrCopy(Instruction):
    """The base of ADD and COPY. `contents` are the heredocs among the sources, in order."""

    sources: tuple[str, ...]
    destination: str
    contents: tuple[Heredoc, ...] = ()
    chown: str = ""
    chmod: str = ""
    link: bool = False
    excludes: tuple[str, ...] = ()


@attrs.frozen
class Add(AddOrCopy):
    """`ADD`.

    Attributes:
        sources: paths, URLs and git repositories.
        destination: where they go.
        contents: sources that are heredocs.
        chown: the value of `--chown`.
        chmod: the value of `--chmod`.
        link: whether `--link` is set.
        excludes: the values of `--exclude`.
        checksum: the value of `--checksum`.
        keep_git_dir: the value of `--keep-git-dir`, None without it.
        unpack: the value of `--unpack`, None without it.
    """

    checksum: str = ""
    keep_git_dir: bool | None = None
    unpack: bool | None = None


@attrs.frozen
class Copy(AddOrCopy):
    """`COPY`.

    Attributes:
        sources: paths.
        destination: where they go.
        contents: sources that are heredocs.
        chown: the value of `--chown`.
        chmod: the value of `--chmod`.
        link: whether `--link` is set.
        excludes: the values of `--exclude`.
        origin: the value of `--from`.
        parents: whether `--parents` is set.
    """

    origin: str = ""
    parents: bool = False


@attrs.frozen
class Pairs(Instruction):
    """The base of ENV and LABEL: `key=value` pairs."""

    pairs: tuple[KeyValue, ...]


@attrs.frozen
class Env(Pairs):
    """`ENV KEY=VALUE …`.

    Attributes:
        pairs: the variables.
    """


@attrs.frozen
class Label(Pairs):
    """`LABEL KEY=VALUE …`.

    Attributes:
        pairs: the labels.
    """


@attrs.frozen
class Arg(Instruction):
    """`ARG NAME[=DEFAULT] …`.

    Attributes:
        definitions: the arguments, with their defaults and the comments that describe them.
    """

    definitions: tuple[ArgDefinition, ...]


@attrs.frozen
class Maintainer(Instruction):
    """`MAINTAINER NAME`.

    Attributes:
        name: the name.
    """

    name: str


@attrs.frozen
class Workdir(Instruction):
    """`WORKDIR PATH`.

    Attributes:
        path: the directory.
    """

    path: str


@attrs.frozen
class User(Instruction):
    """`USER NAME[:GROUP]`.

    Attributes:
        user: the user, and the group after a colon.
    """

    user: str


@attrs.frozen
class Expose(Instruction):
    """`EXPOSE PORT …`.

    Attributes:
        ports: the ports, sorted, before variables are expanded.
    """

    ports: tuple[str, ...]


@attrs.frozen
class Volume(Instruction):
    """`VOLUME PATH …`.

    Attributes:
        paths: the paths.
    """

    paths: tuple[str, ...]


@attrs.frozen
class Onbuild(Instruction):
    """`ONBUILD TRIGGER`.

    Attributes:
        trigger: the text of the instruction, with its heredocs.
    """

    trigger: str


@attrs.frozen
class Stopsignal(Instruction):
    """`STOPSIGNAL SIGNAL`.

    Attributes:
        signal: the signal.
    """

    signal: str


@attrs.frozen
class Healthcheck(Instruction):
    """`HEALTHCHECK`. Times are in nanoseconds, 0 where none is given.

    Attributes:
        test: `NONE`, `CMD` and words, or `CMD-SHELL` and a command.
        interval_ns: time between two checks.
        timeout_ns: time that a check may take.
        start_period_ns: time in which failures do not count.
        start_interval_ns: time between checks in that time.
        retries: how many failures make a container unhealthy.
    """

    test: tuple[str, ...]
    interval_ns: int = 0
    timeout_ns: int = 0
    start_period_ns: int = 0
    start_interval_ns: int = 0
    retries: int = 0


@attrs.frozen
class Shell(Instruction):
    """`SHELL ["PROGRAM", …]`.

    Attributes:
        args: the words.
    """

    args: tuple[str, ...]


@attrs.frozen
class Stage:
    """A FROM and the instructions below it.

    Attributes:
        base: the FROM.
        instructions: the instructions.
    """

    base: From
    instructions: tuple[Instruction, ...] = ()

    @property
    def name(self) -> str | None:
        """The name after AS, in lower case."""
        return self.base.name
