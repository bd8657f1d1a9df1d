"""Find recorded builds: the latest, by directory or ref, and earlier ones to compare with."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Mapping

import attrs

from llbfront.client.records.build_place import place_of_arguments
from llbfront.client.records.record_store import VARIABLE, RecordStore, is_enabled, key_in, key_of, target_key
from llbfront.errors import ContextError, GraphError, GraphFileError
from llbfront.files.reading import read_file
from llbfront.gostd.strconv import parse_int
from llbfront.inspection.recorded_build import RecordedBuild
from llbfront.printable import hide_credentials
from llbfront.suggestions import nearest

EARLIER_LIMIT = 5  # builds to compare with
EARLIER_READ = 10  # records to look for builds of the same target and platform in
_LATEST = re.compile(r"latest(?:~([0-9]{1,4}))?")
_TARGET = re.compile(r"target:(.+?)(?:~([0-9]{1,4}))?")


@attrs.frozen(eq=False)
class RecordedBuilds:
    """The recorded builds of a user.

    Attributes:
        environ: the environment whose `XDG_STATE_HOME` leads to the records, by default that of the process.

    Example:
        >>> import llbfront
        >>> from llbfront.inspection import explain
        >>> builds = llbfront.RecordedBuilds()
        >>> build = builds.latest("./app")  # doctest: +SKIP
        >>> [explanation.cause.text for explanation in explain(build, *builds.earlier(build)) if explanation.cause]  # doctest: +SKIP
        ['the content of main.go changed']
    """

    environ: Mapping[str, str] = attrs.field(factory=lambda: dict(os.environ), repr=False)

    @property
    def store(self) -> RecordStore:
        """The directory of the records."""
        return RecordStore.of(self.environ)

    def all(self, key: str = "") -> Iterator[RecordedBuild]:
        """Read the builds, the latest first; records that are damaged or of another version are left out."""
        for path in self.store.paths(key):
            try:
                yield read(path)
            except (GraphError, ContextError):
                continue

    def latest(self, context: str | None = None, dockerfile: str | None = None) -> RecordedBuild:
        """Return the latest build: of all, or of a context and perhaps a Dockerfile. Of targets that were built together it is any.

        Raises: ContextError if there is none, GraphError if its record cannot be read.
        """
        return read(self._paths(context, dockerfile)[0])

    def _paths(self, context: str | None, dockerfile: str | None) -> list[str]:
        """Return the paths of the latest record and of those before of the same Dockerfile. Raises: ContextError if there is none."""
        key = "" if context is None and dockerfile is None else key_of(*place_of_arguments(context or ".", dockerfile))
        paths = self.store.paths(key)
        if not paths:
            subject = f"no build of {hide_credentials(context or dockerfile or '')}" if key else "no build"
            raise ContextError(f"{subject} is recorded", hint=self._hint())
        return paths if key else self.store.paths(key_in(paths[0]))

    def earlier(self, build: RecordedBuild) -> tuple[RecordedBuild, ...]:
        """Return earlier builds of the same Dockerfile to compare with, the latest first.

        Builds of another target or platform lack steps or differ in all of them. They are returned only if no recent build had the same
        target and platform. Builds of a target of `llbfront bake` are compared with earlier ones of that target, if there are any.
        """
        builds = self._before(build, key_of(build.context, build.dockerfile, build.bake_target))
        if not builds and build.bake_target:
            builds = self._before(build, key_of(build.context, build.dockerfile))
        same = [other for other in builds if (other.target, other.platform) == (build.target, build.platform)]
        return tuple((same or builds)[:EARLIER_LIMIT])

    def _before(self, build: RecordedBuild, key: str) -> list[RecordedBuild]:
        """Return the latest builds with a key before a build, without those that ran together with it."""
        builds = (
            other
            for other in self.all(key)
            if other.started_ns < build.started_ns and not (other.bake_target and other.ended_ns > build.started_ns)
        )
        return list(itertools.islice(builds, EARLIER_READ))

    def find(self, name: str, context: str | None = None, dockerfile: str | None = None) -> RecordedBuild:
        """Return the build of a ref, the beginning of one, or of the file of a record.

        Args:
            name: the ref or the path. `latest` is the latest build, `latest~1` the one before of the same Dockerfile, and so on. `target:app`
                is the latest build of the target app of `llbfront bake`, `target:app~1` the one before.
            context: the context of the latest build, None for any.
            dockerfile: the Dockerfile of the latest build.

        Raises: ContextError if there is none, GraphError if the record cannot be read.
        """
        if match := _LATEST.fullmatch(name):
            paths, number = self._paths(context, dockerfile), parse_int(match[1] or "0")
            if number is None or number >= len(paths):
                oldest = f"latest~{len(paths) - 1}" if len(paths) > 1 else "latest"
                raise ContextError(f"there is no build {name}", hint=f"the oldest recorded build of this Dockerfile is {oldest}")
            return read(paths[number])
        if match := _TARGET.fullmatch(name):
            return self._of_target(match[1], parse_int(match[2] or "0"))
        refs = {_ref(path): path for path in self.store.paths()}
        matching = [path for ref, path in refs.items() if ref.startswith(name)] if name else []
        if len(matching) == 1:
            return read(matching[0])
        if os.path.lexists(name):
            return read(name)
        if matching:
            raise ContextError(f"several builds begin with {name}", hint="use more characters of the ref")
        near = nearest(name, refs)
        hint = f"did you mean {near}?" if near else self._hint()
        raise ContextError(f"no build {name} is recorded, and there is no such file", hint=hint)

    def _of_target(self, target: str, number: int | None) -> RecordedBuild:
        paths = self.store.paths(target_key(target))
        if number is None or number >= len(paths):
            count = f"only {len(paths)} builds" if paths else "no build"
            raise ContextError(f"{count} of the target {target} {'are' if paths else 'is'} recorded", hint=self._hint())
        return read(paths[number])

    def _hint(self) -> str:
        if not is_enabled(self.environ):
            return f"{VARIABLE} turns records off; unset it and build again"
        return "build it with llbfront build or bake; builds with a frontend on the engine are not recorded"


def read(path: str) -> RecordedBuild:
    """Read the file of a record. Raises: ContextError, GraphFileError."""
    try:
        return RecordedBuild.read(read_file(path, "the record"))
    except GraphError as error:
        raise GraphFileError(f"cannot read {path}: {error.message}", hint=error.hint) from None


def _ref(path: str) -> str:
    return os.path.basename(path).rpartition(".")[0].split("-", 2)[-1]
