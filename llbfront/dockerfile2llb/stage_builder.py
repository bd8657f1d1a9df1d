"""Build one stage: its state and its image config, with the context that all stages of a conversion share.

Source: dispatchState and commitToHistory in frontend/dockerfile/dockerfile2llb/convert.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile2llb.facts import Finding
from llbfront.dockerfile2llb.places import span_of
from llbfront.llb.op import OpMeta
from llbfront.oci.image import History, Image, ImageConfig

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Instruction
    from llbfront.dockerfile2llb.convert_options import ConvertOptions
    from llbfront.dockerfile2llb.epoch import Epoch
    from llbfront.dockerfile2llb.limits import Budget
    from llbfront.dockerfile2llb.plan import StagePlan
    from llbfront.dockerfile2llb.resolved_plan import ResolvedPlan
    from llbfront.dockerfile2llb.step_names import StepNames
    from llbfront.dockerfile2llb.variables import ImageEnv
    from llbfront.llb.caps import Caps
    from llbfront.llb.exec_settings import ProxyEnv
    from llbfront.llb.state import State
    from llbfront.oci.platform import Platform
    from llbfront.source import LineRange, Source

COMMENT = "buildkit.dockerfile.v0"
_LARGE = 256  # parts of a line of history that have fewer characters are joined


@attrs.frozen(eq=False)
class HistoryDelta:
    """The history lines and ports that a stage adds to its base. Stages share the deltas of their bases."""

    below: HistoryDelta | None
    lines: tuple[History, ...]
    ports: tuple[str, ...]

    def all(self) -> list[HistoryDelta]:
        """Return the deltas of all stages, the lowest first."""
        deltas: list[HistoryDelta] = []
        delta: HistoryDelta | None = self
        while delta is not None:
            deltas.append(delta)
            delta = delta.below
        return deltas[::-1]


@attrs.frozen(eq=False)
class BuiltStage:
    """A stage that is built: files, image config, the config of its base image, platform, and what a stage on top inherits.

    `image` does not include `history_delta` and `env`.
    """

    state: State
    image: Image
    original: Image | None
    platform: Platform | None
    has_workdir: bool = False
    is_uncached: bool = False
    history_delta: HistoryDelta | None = None
    env: ImageEnv | None = None

    def complete(self) -> Image:
        """Build the image config."""
        image, env = self.image, self.env
        if self.history_delta is None or env is None:
            return image
        deltas = self.history_delta.all()
        ports = frozenset([port for delta in deltas for port in delta.ports])
        history = tuple([line for delta in deltas for line in delta.lines])
        return attrs.evolve(image, config=attrs.evolve(image.config, env=env.entries(), exposed_ports=ports), history=history)


@attrs.frozen(eq=False)
class ConversionContext:
    """The context of a conversion, shared by all stages. Each stage that is built is added to `built_stages`."""

    resolved_plan: ResolvedPlan
    source: Source
    options: ConvertOptions
    caps: Caps
    context: State
    epoch: Epoch | None
    proxy: ProxyEnv | None
    built_stages: dict[int, BuiltStage]
    findings: list[Finding]
    budget: Budget

    def meta(
        self, name: str, instruction: Instruction | None = None, *, description: str | None = None, ignore_cache: bool = False
    ) -> OpMeta:
        """Return the metadata of an op of an instruction: its name, its lines, and (for some) its text."""
        texts = {} if description is None else {"com.docker.dockerfile.v1.command": description}
        spans = () if instruction is None else (span_of(self.source, instruction.range),)
        return OpMeta(name=name, description=texts, ignore_cache=ignore_cache, spans=spans)


class ImageConfigBuilder:
    """Builds an image config. Unchanged parts are shared with the config that it starts from."""

    def __init__(self, start: Image, created: str | None, budget: Budget, below: HistoryDelta | None = None) -> None:
        config = start.config
        self.start = start
        self.created = created
        self.budget = budget
        self.author = start.author
        self._below = below or HistoryDelta(None, start.history or (), tuple(config.exposed_ports))
        self._lines: list[History] = []
        self._ports: set[str] = set()
        self._own_labels: dict[str, str] = {}
        self._own_volumes: set[str] = set()
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
        """Add a line to the history; long strings in parts that lines share."""
        characters = sum(map(len, parts))
        self.budget.count_history(characters)
        text = "".join(parts) if characters < _LARGE or len(parts) == 1 else tuple(_large(parts))
        self._lines.append(History(self.created, text, "", COMMENT, not has_layer))

    @property
    def history_delta(self) -> HistoryDelta:
        """The lines and ports so far."""
        return HistoryDelta(self._below, tuple(self._lines), tuple(self._ports)) if self._lines else self._below

    def add_labels(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._own_labels.update(pairs)

    def add_volumes(self, paths: Iterable[str]) -> None:
        self._own_volumes.update(paths)

    def add_ports(self, ports: Iterable[str]) -> None:
        self._ports.update(ports)

    def image(self) -> Image:
        """Freeze the config without its variables and what `history_delta` has."""
        start = self.start.config
        config = ImageConfig(
            user=self.user,
            entrypoint=self.entrypoint,
            cmd=self.cmd,
            volumes=start.volumes | self._own_volumes if self._own_volumes else start.volumes,
            working_dir=self.working_dir,
            labels={**start.labels, **self._own_labels} if self._own_labels else start.labels,
            stop_signal=self.stop_signal,
            args_escaped=self.args_escaped,
            healthcheck=self.healthcheck,
            on_build=tuple(self.on_build),
            shell=self.shell,
        )
        return attrs.evolve(self.start, author=self.author, config=config, history=None)


def _large(parts: Iterable[str]) -> Iterator[str]:
    """Yield large parts as they are, for others may share them, and small ones joined."""
    small: list[str] = []
    for part in parts:
        if len(part) < _LARGE:
            small.append(part)
            continue
        if small:
            yield "".join(small)
            small = []
        yield part
    if small:
        yield "".join(small)


@attrs.define(eq=False)
class StageBuilder:
    """Builds one stage. `seen` holds the last place of CMD, ENTRYPOINT and HEALTHCHECK."""

    conversion: ConversionContext
    plan: StagePlan
    step_names: StepNames
    state: State
    image_config: ImageConfigBuilder
    platform: Platform
    has_workdir: bool = False
    is_uncached: bool = False
    seen: dict[type[Instruction], LineRange] = attrs.field(factory=dict)

    def find(self, rule: str, instruction: Instruction, *arguments: str) -> None:
        """Add a finding for an instruction that breaks a rule."""
        self.find_at(instruction.range, rule, instruction, *arguments)

    def find_at(self, where: LineRange, rule: str, instruction: Instruction, *arguments: str) -> None:
        """Note that something elsewhere breaks a rule because of an instruction."""
        self.conversion.findings.append(Finding(rule, arguments, where, instruction.comments))

    def with_shell(self, args: tuple[str, ...]) -> tuple[str, ...]:
        """Prepend the shell to the text of a shell form."""
        default = ("cmd", "/S", "/C") if self.image_config.start.os == "windows" else ("/bin/sh", "-c")
        return (*(self.image_config.shell or default), " ".join(args))
