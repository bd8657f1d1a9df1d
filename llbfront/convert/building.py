"""A stage while it is emitted: its files so far and its image config so far, with what is the same for all stages beside them.

Enters: how the stage begins. Leaves: a Finished stage, on which others can stand or from which they can copy.

Source: dispatchState and commitToHistory in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from llbfront.convert.facts import Finding, span
from llbfront.llb.op import OpMeta
from llbfront.oci.image import History, Image, ImageConfig
from llbfront.value import Shown, evolve, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from llbfront.convert.bases import Settlement
    from llbfront.convert.epoch import Epoch
    from llbfront.convert.names import Numbering
    from llbfront.convert.plan import StagePlan
    from llbfront.convert.settings import Settings
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.llb.caps import Caps
    from llbfront.llb.settings import ProxyEnv
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.text import LineRange, Source

COMMENT = "buildkit.dockerfile.v0"
_LARGE = 1024  # a line of history of fewer letters is kept in one piece


class Lines(Shown):
    """Lines of history: those of the stage below, and a stage's own. Stages on each other share them."""

    below: Lines | None
    own: tuple[History, ...]

    def all(self) -> tuple[History, ...]:
        parts: list[tuple[History, ...]] = []
        part: Lines | None = self
        while part is not None:
            parts.append(part.own)
            part = part.below
        return tuple([line for own in reversed(parts) for line in own])


class Finished(Shown):
    """A stage that is done: files, image config, the config it began with, platform, and what a continuing stage inherits.

    `image` lacks its history where `history` has it.
    """

    state: State
    image: Image
    original: Image | None
    platform: Platform | None
    has_workdir: bool = False
    is_uncached: bool = False
    history: Lines | None = None


class Site(Shown):
    """What is the same for all stages of a conversion. `finished` fills up as stages are done."""

    settlement: Settlement
    source: Source
    settings: Settings
    caps: Caps
    context: State
    epoch: Epoch | None
    proxy: ProxyEnv | None
    finished: dict[int, Finished]
    findings: list[Finding]

    def meta(
        self, name: str, instruction: Instruction | None = None, *, description: str | None = None, ignore_cache: bool = False
    ) -> OpMeta:
        """What is said about an op of an instruction: its name, its lines, and (for some) its text."""
        texts = {} if description is None else {"com.docker.dockerfile.v1.command": description}
        spans = () if instruction is None else (span(self.source, instruction.range),)
        return OpMeta(name=name, description=texts, ignore_cache=ignore_cache, spans=spans)


class Draft:
    """An image config in the making. What it does not change it shares with the config that it started from."""

    def __init__(self, start: Image, created: str | None, history: Lines | None = None) -> None:
        config = start.config
        self.start = start
        self.created = created
        self.author = start.author
        self._below = history or Lines(None, start.history or ())
        self._lines: list[History] = []
        self._labels = config.labels
        self._volumes = config.volumes
        self._exposed_ports = config.exposed_ports
        self.user = config.user
        self.working_dir = config.working_dir
        self.cmd = config.cmd
        self.entrypoint = config.entrypoint
        self.stop_signal = config.stop_signal
        self.args_escaped = config.args_escaped
        self.healthcheck = config.healthcheck
        self.on_build = list(config.on_build or ())
        self.shell = config.shell

    def commit(self, *parts: str, has_layer: bool = False) -> None:
        """Add a line to the history; long texts in parts that lines share."""
        text = parts if sum(map(len, parts)) >= _LARGE else "".join(parts)
        self._lines.append(History(self.created, text, "", COMMENT, not has_layer))

    @property
    def history(self) -> Lines:
        """The lines so far."""
        return Lines(self._below, tuple(self._lines)) if self._lines else self._below

    def add_labels(self, pairs: Iterable[tuple[str, str]]) -> None:
        if self._labels is self.start.config.labels:
            self._labels = dict(self._labels)
        self._labels.update(pairs)  # type: ignore[attr-defined]  # it is the dict of the line above

    def add_volumes(self, paths: Iterable[str]) -> None:
        if self._volumes is self.start.config.volumes:
            self._volumes = set(self._volumes)  # type: ignore[assignment]  # a set until it is frozen
        self._volumes.update(paths)  # type: ignore[attr-defined]

    def add_ports(self, ports: Iterable[str]) -> None:
        if self._exposed_ports is self.start.config.exposed_ports:
            self._exposed_ports = set(self._exposed_ports)  # type: ignore[assignment]  # a set until it is frozen
        self._exposed_ports.update(ports)  # type: ignore[attr-defined]

    def image(self, env: tuple[str, ...]) -> Image:
        """Freeze the config without its history; `env` is the environment that expansion found for the end of the stage."""
        config = ImageConfig(
            user=self.user,
            exposed_ports=frozenset(self._exposed_ports),
            env=env,
            entrypoint=self.entrypoint,
            cmd=self.cmd,
            volumes=frozenset(self._volumes),
            working_dir=self.working_dir,
            labels=self._labels,
            stop_signal=self.stop_signal,
            args_escaped=self.args_escaped,
            healthcheck=self.healthcheck,
            on_build=tuple(self.on_build),
            shell=self.shell,
        )
        return evolve(self.start, author=self.author, config=config, history=None)


class Building(Shown, frozen=False):
    """The stage being emitted. `seen` holds where CMD, ENTRYPOINT and HEALTHCHECK stood last."""

    site: Site
    plan: StagePlan
    numbering: Numbering
    state: State
    draft: Draft
    platform: Platform
    has_workdir: bool = False
    is_uncached: bool = False
    seen: dict[type[Instruction], LineRange] = field(factory=dict)

    def find(self, rule: str, instruction: Instruction, *arguments: str) -> None:
        """Note that an instruction breaks a rule."""
        self.find_at(instruction.range, rule, instruction, *arguments)

    def find_at(self, where: LineRange, rule: str, instruction: Instruction, *arguments: str) -> None:
        """Note that something elsewhere breaks a rule because of an instruction."""
        self.site.findings.append(Finding(rule, arguments, where, instruction.comments))

    def with_shell(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """Put the shell in front of the text of a shell form."""
        default = ("cmd", "/S", "/C") if self.draft.start.os == "windows" else ("/bin/sh", "-c")
        return (*(self.draft.shell or default), " ".join(args))
