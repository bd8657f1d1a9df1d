"""A row: the flags of one build, what it finds around it, and how it is run by either command.

Placeholders in flags: <registry> is host:port of a registry, <git> and <files> are the servers of `tests.live.conformance.servers`,
<scanner> is an image that makes SBOMs, <frontend> the reference frontend of Dockerfiles, <digest> the digest of busybox.
"""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import attrs

import llbfront
from tests.live.beside_buildx import outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llbfront.client.control.history import BuildRecord
    from tests.live.conftest import Engine
    from tests.support import bases

ROOT = pathlib.Path(__file__).parents[3]
PREFIX = "beside"  # of the repositories that rows push to
TIMEOUT_S = 60.0
DOCKERFILE = """\
FROM busybox AS base
ARG WHO=nobody
RUN echo "$WHO" > /who
FROM base AS test
RUN echo test > /test
FROM scratch AS final
COPY --from=base /who /who
COPY file /
LABEL kind=row
CMD ["/who"]
"""
FLAT = "FROM scratch\nARG TARGETARCH\nCOPY file /file\nLABEL arch=$TARGETARCH\n"
QUIET = {
    "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",  # llbfront attests when asked
    "BUILDX_METADATA_PROVENANCE": "disabled",  # llbfront writes it when asked
    "BUILDKIT_PROGRESS": "plain",
}


@attrs.frozen
class Row:
    """One build.

    Attributes:
        name: what is tried.
        flags: the flags, as in a shell.
        dockerfile: the Dockerfile of the context.
        context: the last argument.
        files: files beside the context.
        environ: environment variables.
        stdin: standard input.
        docker_config: the config.json of docker.
        repeats: False if steps run again, so that digests and times differ.
        fails: both commands are to fail.
        shows: standard output is compared, too.
        line: the line of the Dockerfile that our error is to name, 0 for any.
        decided: differences that are decided, by their places, with the reason.
    """

    name: str
    flags: str = ""
    dockerfile: str = DOCKERFILE
    context: str = "ctx"
    files: Mapping[str, str] = attrs.field(factory=dict)
    environ: Mapping[str, str] = attrs.field(factory=dict)
    stdin: str = ""
    docker_config: Mapping[str, Any] = attrs.field(factory=dict)
    repeats: bool = True
    fails: bool = False
    shows: bool = False
    line: int = 0
    decided: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Bench:
    """Where rows are run: the engine, the registry, the values of placeholders, buildx with a builder for the engine."""

    engine: Engine
    registry: bases.Registry
    places: Mapping[str, str]
    buildx: str
    environ: Mapping[str, str]

    def run(self, row: Row, directory: pathlib.Path, program: str) -> dict[str, Any]:
        """Run a row with `buildx` or `llbfront` in a directory of its own; return what it left behind."""
        directory.mkdir()
        try:
            self._prepare(row, directory)
            return self._outcome(row, directory, program)
        finally:
            shutil.rmtree(directory)
            shutil.rmtree(pathlib.Path(self.registry.storage, "docker/registry/v2/repositories", PREFIX), ignore_errors=True)

    def _prepare(self, row: Row, directory: pathlib.Path) -> None:
        context = directory / "ctx"
        context.mkdir()
        (context / "Dockerfile").write_text(self._placed(row.dockerfile))
        (context / "file").write_text("from a file\n")
        for path in (context, context / "Dockerfile", context / "file"):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        for name, text in row.files.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._placed(text))
        config = pathlib.Path(self.environ["DOCKER_CONFIG"], "config.json")
        config.write_text(json.dumps(row.docker_config))

    def _placed(self, text: str) -> str:
        for name, value in self.places.items():
            text = text.replace(name, value)
        return text

    def _outcome(self, row: Row, directory: pathlib.Path, program: str) -> dict[str, Any]:
        before = set(directory.iterdir())
        refs = {record.ref for record in self._records()}
        done = self._run(row, directory, program)
        assert "Traceback" not in done.stderr.decode(errors="replace"), done.stderr.decode()
        left: dict[str, Any] = {"fails": done.returncode != 0, "files": {}}
        if row.shows:
            (directory / "stdout").write_bytes(done.stdout)
        for path in sorted(set(directory.iterdir()) - before):
            left["files"][path.name] = self._file(row, path)
        left["pushed"] = outcome.pushed(self.registry.storage, PREFIX, is_repeatable=row.repeats, is_attested=_attests(row))
        record = self._record_after(refs)
        if not left["fails"]:  # what is refused before the engine is asked leaves no record
            left["record"] = record and outcome.record(record, is_repeatable=row.repeats and not _attests(row))
        left["said"] = done.stderr.decode(errors="replace")
        return left

    def _file(self, row: Row, path: pathlib.Path) -> Any:
        content = outcome.of_path(path, is_repeatable=row.repeats)
        if path.name == "stdout":
            return outcome.printed(content)
        if path.name == "metadata.json":
            return outcome.metadata(content, is_repeatable=row.repeats and not _attests(row))
        if path.name == "iid" and not row.repeats and content.startswith("sha256:"):
            return "sha256:"
        return content

    def _run(self, row: Row, directory: pathlib.Path, program: str) -> subprocess.CompletedProcess[bytes]:
        words = shlex.split(self._placed(row.flags))
        start = {
            "buildx": [self.buildx, "build"],
            "llbfront": [sys.executable, "-m", "llbfront", "build", "--addr", self.engine.address],
        }
        environ = {**self.environ, **QUIET, **row.environ}
        return subprocess.run(
            [*start[program], *words, self._placed(row.context)],
            cwd=directory, env=environ, input=row.stdin.encode(), capture_output=True, check=False, timeout=TIMEOUT_S,
        )  # fmt: skip

    def _records(self) -> Sequence[BuildRecord]:
        with llbfront.connect(self.engine.address) as connection:
            return connection.history()

    def _record_after(self, refs: set[str]) -> BuildRecord | None:
        """Return the record of the build that has run, if there is one."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            new = [record for record in self._records() if record.ref not in refs]
            if not new or new[0].status != "running" or time.monotonic() > deadline:
                return new[0] if new else None
            time.sleep(0.05)


def _attests(row: Row) -> bool:
    return any(flag in row.flags for flag in ("--provenance", "--sbom", "--attest"))
