"""Run the build checks during a build: findings of the first platform become warnings on the engine, or an error if requested.

Source: newRuleLinter in frontend/dockerfile/dockerfile2llb/convert.go, frontend/dockerfile/builder/build.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from llbfront.dockerfile.lines import find_directive
from llbfront.errors import DockerfileError, OptionError
from llbfront.lint import check

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Stage
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile2llb.facts import Finding
    from llbfront.errors import LlbfrontError
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.contexts import Entry
    from llbfront.frontend.ignorefile import IgnoreFile
    from llbfront.frontend.options import Options
    from llbfront.fsutil.patterns import Matcher


class Checks:
    """The findings of a build, and what becomes of them. `warnings` are all that stood, in the order of finding."""

    def __init__(self, bridge: Bridge, options: Options, entry: Entry, *, sends: bool = True) -> None:
        self.bridge = bridge
        self.entry = entry
        self.sends = sends
        self.options = _check_options(options, entry)
        self.warnings: list[check.Warning] = []
        self._findings: list[Finding] = []
        self._ignored: Matcher | None = None

    def findings(self, number: int) -> list[Finding]:
        """Return the list that collects the findings of a platform. Findings of later platforms are dropped."""
        return [] if number else self._findings

    def ignore(self, file: IgnoreFile) -> None:
        """Check sources against an ignore file. Raises: MalformedPattern."""
        self._ignored = file.matcher() if file.patterns else None

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Report what was found inside the block, however it ends. Raises: DockerfileError where warnings are errors."""
        self.warnings = list(check.check(self._findings, self.options, self._ignored))
        if self.sends:
            self._send()
        if kind is None and self.options.is_error and self.warnings:
            rules = dict.fromkeys(warning.rule for warning in self.warnings)
            raise DockerfileError(f"lint violation found for rules: {', '.join(rules)}")

    def _send(self) -> None:
        for warning in self.warnings:
            span = self.entry.source.place(warning.lines)
            self.bridge.warn(self.entry.digest, warning.text(span.line), detail=warning.description, url=warning.url, span=span)


def _check_options(options: Options, entry: Entry) -> check.CheckOptions:
    if options.checks is not None:
        return options.checks
    directive = find_directive("check", entry.source.data)
    try:
        return check.read_options(directive.value.partition(" ")[0] if directive else "")
    except OptionError as error:
        raise OptionError(f"failed to parse check options: {error.message}", hint=error.hint) from error


def syntax_findings(dockerfile: Dockerfile, stages: Sequence[Stage] | None, error: LlbfrontError | None) -> Iterable[Finding]:
    """Yield the findings about the syntax. After an error, only the lines above it are checked."""
    before = error.span.line if error and error.span else None
    yield from check.check_statements(dockerfile, before_line=before)
    if stages is not None:
        yield from check.check_stages(stages)
