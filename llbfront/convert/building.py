"""A stage while it is emitted: its files so far and its image config so far, with what is the same for all stages beside them.

Enters: how the stage begins. Leaves: a Finished stage, on which others can stand or from which they can copy.

Source: dispatchState and commitToHistory in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.convert.facts import Finding, span
from llbfront.llb.meta import OpMeta
from llbfront.oci.image import History, Image, ImageConfig
from llbfront.value import Shown, evolve, field

if TYPE_CHECKING:
    from llbfront.convert.bases import Settlement
    from llbfront.convert.epoch import Epoch
    from llbfront.convert.expand import ExpandedStage
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


class Finished(Shown):
    """A stage that is done: files, image config, the config it began with, platform, and what a continuing stage inherits."""

    state: State
    image: Image
    original: Image | None
    platform: Platform | None
    expanded: ExpandedStage | None = None
    has_workdir: bool = False
    is_uncached: bool = False


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
    """An image config in the making. Its lists and mappings are its own until `image` freezes them."""

    def __init__(self, start: Image, created: str | None) -> None:
        config = start.config
        self.start = start
        self.created = created
        self.author = start.author
        self.history = list(start.history or ())
        self.labels = dict(config.labels)
        self.volumes = set(config.volumes)
        self.exposed_ports = set(config.exposed_ports)
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
        self.history.append(History(self.created, text, "", COMMENT, not has_layer))

    def image(self, env: tuple[str, ...]) -> Image:
        """Freeze the config; `env` is the environment that expansion found for the end of the stage."""
        config = ImageConfig(
            user=self.user,
            exposed_ports=frozenset(self.exposed_ports),
            env=env,
            entrypoint=self.entrypoint,
            cmd=self.cmd,
            volumes=frozenset(self.volumes),
            working_dir=self.working_dir,
            labels=self.labels,
            stop_signal=self.stop_signal,
            args_escaped=self.args_escaped,
            healthcheck=self.healthcheck,
            on_build=tuple(self.on_build),
            shell=self.shell,
        )
        return evolve(self.start, author=self.author, config=config, history=tuple(self.history))


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
