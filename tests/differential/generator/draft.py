"""A case that is being made: the dice, and what later lines need to know of earlier ones."""

from __future__ import annotations

from tests.differential.generator.dice import Dice

NAMES = ("A", "B", "FOO", "BAR", "X", "VERSION", "APP_HOME", "lower", "PATH", "TARGETARCH", "TARGETPLATFORM", "BUILDPLATFORM", "é")


class Draft(Dice):
    """The state of one case while its Dockerfile is written from top to bottom."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.escape = "\\"
        self.windows = False
        self.meta: list[str] = []  # names of ARGs before the first FROM
        self.known: list[str] = []  # names that the current stage has a value for
        self.stages: list[str] = []  # names (or "") of the stages so far, without the current one
        self.current = ""
        self.lines: list[str] = []
        self.opts: dict[str, str] = {}
        self.images: dict[str, dict[str, object]] = {}
        self.ignore: dict[str, str] = {}
        self.caps = "all"

    def name(self) -> str:
        """A variable name, mostly one that has a value."""
        if self.known and self.chance(0.75):
            return self.pick(self.known)
        return self.pick(NAMES)

    def learn(self, name: str) -> None:
        if name not in self.known:
            self.known.append(name)
