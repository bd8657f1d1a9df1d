"""Build a small Go web service as one stage and as several, and compare: size, time, what ran side by side, what a rebuild costs.

Run it with `make demo`. It starts a private engine of its own and a registry on loopback, and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import attrs

import llbfront
from llbfront.engine import config, daemon, directories
from llbfront.errors import LlbfrontError
from tests.support import bases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llbfront.client.engine import Engine
    from llbfront.client.result import BuildResult
    from llbfront.progress.timings import Timing

APP = pathlib.Path(__file__).parent / "app"
BASES = ("golang", "debian:bookworm-slim", "alpine")
SMALLER = 50  # how many times smaller the image of several stages has to be
CHART_WIDTH = 60
KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@attrs.frozen
class Row:
    """A line of the table."""

    title: str
    layers: int
    size_bytes: int
    seconds: float
    result: BuildResult

    def __str__(self) -> str:
        done = steps(self.result)
        cached = f"{sum(step.cached for step in done)} of {len(done)}"
        return f"{self.title:<34} {self.layers:>6} {self.size_bytes:>12,} {self.seconds:>8.2f} s {cached:>12}"


def main() -> int:
    """Run the demo; return an exit code."""
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        here = pathlib.Path(directory)
        app = pathlib.Path(shutil.copytree(APP, here / "app"))
        with world(here) as (engine, registry):
            print("This takes some minutes. Fetching the base images", flush=True)
            fetch_bases(engine, here / "bases")
            return show(engine, registry, app, here / "out")


def show(engine: Engine, registry: str, app: pathlib.Path, out: pathlib.Path) -> int:
    """Build, compare, run, rebuild."""
    print("Building", flush=True)
    single = build(engine, "one stage, on golang", registry, app, file="Dockerfile.single", name="single")
    multi = build(engine, "several stages, on alpine", registry, app, out=out)
    with (app / "guestbook.go").open("a") as file:
        file.write("\n// touched\n")
    touched = build(engine, "… one source file touched", registry, app, out=out)
    untouched = build(engine, "… nothing touched", registry, app, out=out)

    print(f"\n{'image':<34} {'layers':>6} {'bytes':>12} {'build time':>10} {'steps cached':>12}")
    for row in (single, multi, touched, untouched):
        print(row)
    factor = single.size_bytes / multi.size_bytes
    print(f"\nThe image of several stages is {factor:.0f} times smaller.")

    overlap_s = overlap(steps(multi.result))
    print(f"\nWhich steps ran when; the stages build and test, which need nothing of each other, overlapped for {overlap_s:.2f} s:")
    print(chart(steps(multi.result)))

    print(f"\nPushed as {registry}/guestbook ({multi.result.digest}), collected in a directory too. The binary there says:")
    print(indented(visit(out)))

    failures = [
        text
        for is_met, text in (
            (factor >= SMALLER, f"the image should be {SMALLER} times smaller"),
            (overlap_s > 0, "the stages build and test should overlap"),
            (all(step.cached for step in steps(untouched.result)), "all steps of the untouched rebuild should be cached"),
            (not all(step.cached for step in steps(touched.result)), "a touched source file should be compiled again"),
        )
        if not is_met
    ]
    print(*(f"FAILED: {text}" for text in failures), sep="\n", file=sys.stderr, end="\n" if failures else "")
    return 1 if failures else 0


@contextlib.contextmanager
def world(here: pathlib.Path) -> Iterator[tuple[Engine, str]]:
    """Run an engine, a registry to push to, and what serves the base images; yield the engine and the registry's address."""
    own = directories.apart(str(here))
    with bases.serve(print) as sources, bases.run(here / "registry") as registry:
        settings = config.Settings(registries=(*sources, config.Registry(registry.address, is_http=True)))
        try:
            with llbfront.connect(daemon.start(own, settings, report=print).address) as engine:
                yield engine, registry.address
        finally:
            daemon.remove(own)


def fetch_bases(engine: Engine, directory: pathlib.Path) -> None:
    """Have the engine pull and unpack the base images, so that no build below is charged for it."""
    directory.mkdir()
    copies = [f"FROM {base} AS base{number}\nRUN true\n" for number, base in enumerate(BASES)]
    copy_lines = [f"COPY --from=base{number} /etc/os-release /{number}\n" for number in range(len(BASES))]
    (directory / "Dockerfile").write_text("".join([*copies, "FROM scratch\n", *copy_lines]))
    engine.build(directory)


def build(
    engine: Engine,
    title: str,
    registry: str,
    app: pathlib.Path,
    *,
    file: str = "Dockerfile",
    name: str = "guestbook",
    out: pathlib.Path | None = None,
) -> Row:
    """Build an image, push it, and collect its files in a directory if one is given."""
    began = time.monotonic()
    tag = f"{registry}/{name}:latest"
    outputs = ["type=image,push=true", *([f"type=local,dest={out}"] if out else [])]
    result = engine.build(app, file=app / file, tags=[tag], output=outputs)
    seconds = time.monotonic() - began
    layers = manifest(registry, name)["layers"]
    return Row(title, len(layers), sum(layer["size"] for layer in layers), seconds, result)


def manifest(registry: str, name: str, reference: str = "latest") -> dict[str, Any]:
    """Ask the registry for the manifest of the image; of an index, for the one in it that is not an attestation."""
    request = urllib.request.Request(f"http://{registry}/v2/{name}/manifests/{reference}", headers={"Accept": ", ".join(KINDS)})
    with urllib.request.urlopen(request) as answer:
        document: dict[str, Any] = json.load(answer)
    for entry in document.get("manifests", ()):
        if entry["platform"]["os"] != "unknown":
            return manifest(registry, name, entry["digest"])
    return document


def steps(result: BuildResult) -> list[Timing]:
    """Return what the Dockerfile's instructions cost; without FROM, which only names a base, and what happens around them."""
    numbered = (timing for timing in result.timings if timing.name.startswith("[") and not timing.name.startswith("[internal]"))
    return [timing for timing in numbered if "] FROM " not in timing.name]


def overlap(done: Sequence[Timing]) -> float:
    """Return for how many seconds a step of the stage `test` ran while one of `build` did."""
    total_ns = 0
    for timing in done:
        for other in done:
            if timing.name.startswith("[build ") and other.name.startswith("[test "):
                total_ns += max(
                    0, min(timing.completed_ns or 0, other.completed_ns or 0) - max(timing.started_ns or 0, other.started_ns or 0)
                )
    return total_ns / 1e9


def chart(done: Sequence[Timing]) -> str:
    """Draw a bar for each step over one axis of time."""
    ran = [(step, step.started_ns, step.completed_ns) for step in done if step.started_ns and step.completed_ns and not step.cached]
    first, last = min(start for _, start, _ in ran), max(end for _, _, end in ran)
    lines = []
    for step, start, end in sorted(ran, key=lambda row: row[1]):
        left = round((start - first) / (last - first) * CHART_WIDTH)
        width = max(1, round((end - start) / (last - first) * CHART_WIDTH))
        bar = " " * min(left, CHART_WIDTH - 1) + "█" * width
        lines.append(f"  {step.name[:40]:<40} {step.duration_s:>6.2f} s |{bar:<{CHART_WIDTH + 1}}|")
    return "\n".join(lines)


def visit(out: pathlib.Path) -> str:
    """Run the collected binary and ask it for two pages."""
    command: list[str | pathlib.Path] = [out / "usr/local/bin/server", "-addr", "127.0.0.1:0", "-pages", out / "srv/pages"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            pages = []
            for path in ("/", "/guests?name=Ada"):
                with urllib.request.urlopen(address + path) as answer:
                    pages.append(f"GET {path}: {answer.status}\n{indented(answer.read().decode())}")
            return "\n".join(pages)
        finally:
            server.terminate()


def indented(text: str) -> str:
    """Set a text apart."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LlbfrontError, bases.Missing) as error:
        sys.exit(f"demo: {error}")
