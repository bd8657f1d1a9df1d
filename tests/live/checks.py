"""Compare build checks with the engine's own: the answers of `frontend.lint` to generated Dockerfiles and to a folder of real ones.

    python -m tests.live.checks --cases 2000 [--seed 1] [--corpus DIRECTORY]

It prints how often each rule was seen, and every difference. The exit code is 1 if answers differ or nothing was checked. Options that only the documentation of a rule can answer are left out.
Every image that is named exists, so that only the checks are compared.

Source: frontend/subrequests/lint of BuildKit.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import pathlib
import re
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import attrs

import llbfront
from llbfront.engine import config, daemon, directories
from llbfront.errors import RpcError
from llbfront.rpc.codes import Code
from tests.differential import corpus
from tests.differential.generator.cases import make
from tests.fsutil.trees import File
from tests.live import every_image
from tests.live.conformance.frontends import Frontend, build_with_each
from tests.live.conformance.row import NoWarning, Row, row
from tests.support.bases import leash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llbfront.client.engine import Engine
    from tests.live.conformance.outcome import Outcome

LINT = {"requestid": "frontend.lint", "cmdline": ""}
FRONTENDS = (Frontend("engine", "dockerfile.v0"), Frontend("here", None))
# What a generated case may keep: everything else names sessions, remote contexts, frontends that are not there, or no lint.
KEPT = re.compile(
    r"target|platform|no-cache|filename|build-arg:(?!BUILDKIT_SYNTAX|BUILDKIT_ATTEST|BUILDKIT_GIT_ADVICE|SOURCE_DATE_EPOCH|BUILDKIT_SBOM).*|label:.*|hostname|shm-size|ulimit|add-hosts"
)
_HOST = re.compile(r"(?<![\w./@:-])((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?|localhost:\d+)(?![\w.-])", re.IGNORECASE)
_PIN = re.compile(rb"(?<=\w)@sha256:[0-9a-f]{64}\b")
AGAIN = 10


@attrs.define
class Tally:
    """What was seen. `unstable` are cases to which the engine itself answers now so, now otherwise, `fatal` those that it dies of."""

    cases: int = 0
    linted: int = 0
    rules: collections.Counter[str] = attrs.field(factory=collections.Counter)
    different: dict[str, list[str]] = attrs.field(factory=dict)
    unstable: list[str] = attrs.field(factory=list)
    fatal: list[str] = attrs.field(factory=list)

    def count(self, theirs: Mapping[str, Any]) -> None:
        self.cases += 1
        self.linted += "warnings" in theirs and not theirs.get("buildError")
        self.rules.update(warning["ruleName"] for warning in theirs.get("warnings") or ())


def _answer(outcome: Outcome) -> dict[str, Any]:
    if outcome.error is not None:
        return {"error": outcome.error.message, "places": [attrs.asdict(place) for place in outcome.error.places]}
    result = dict(json.loads(outcome.metadata["result.json"]))
    # The reference walks a map of the variables of one instruction, and looks at base images side by side.
    result["warnings"] = sorted(
        result.get("warnings") or (), key=lambda warning: (_line(warning), warning["ruleName"], warning.get("detail", ""))
    )
    return result


def _line(warning: Mapping[str, Any]) -> int:
    ranges = warning.get("location", {}).get("ranges") or ()
    return int(ranges[0]["start"]["line"]) if ranges else 0


def _explained(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(theirs.keys() | ours.keys()):
        left, right = theirs.get(key), ours.get(key)
        if isinstance(left, list) and isinstance(right, list):
            yield from (f"  engine only: {key} {value}" for value in left if value not in right)
            yield from (f"  ours only:   {key} {value}" for value in right if value not in left)
        elif left != right:
            yield f"  engine: {key} {left}\n  ours:   {key} {right}"


def compare(client: Engine, cases: Iterator[tuple[Row, Mapping[str, Any]]], known_images: dict[str, Any], tally: Tally) -> bool:
    """Lint cases by the engine's frontend and by ours; `given` takes the image configs of each case. False: the engine died."""
    for case, images in cases:
        known_images.clear()
        known_images.update(images)
        try:
            theirs, ours = ask(client, case)
        except RpcError as error:
            if error.code != Code.UNAVAILABLE:
                raise
            tally.fatal.append(case.title)
            return False
        tally.count(theirs)
        if theirs != ours:
            again = [ask(client, case)[0] for _ in range(AGAIN)]
            if all(answer == theirs for answer in again):
                tally.different[case.title] = list(_explained(theirs, ours))
            else:
                tally.unstable.append(case.title)
        if sys.stderr.isatty() and tally.cases % 50 == 0:
            print(f"{tally.cases} cases, {len(tally.different)} different", file=sys.stderr)
    return True


def ask(client: Engine, case: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """The engine's answer and ours."""
    with tempfile.TemporaryDirectory(prefix="llbfront-checks-") as folder:
        outcomes = build_with_each(client.channel, case, pathlib.Path(folder, "context"), FRONTENDS, {})
    return _answer(outcomes["engine"]), _answer(outcomes["here"])


def generated(seed: int, count: int) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    for number in range(count):
        case, _ = make(seed, number)
        options = {key: value for key, value in case["opts"].items() if KEPT.fullmatch(key)}
        images = {ref: image["config"] for ref, image in case["images"].items() if "config" in image and "@" not in ref}
        yield as_row(case, options), images


def real(folder: pathlib.Path) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    for path in corpus.files(folder):
        yield as_row(corpus.base(folder, path), {}), {}


def as_row(case: Mapping[str, Any], options: Mapping[str, str]) -> Row:
    """A case without the digests that pin images: nobody can make an image that has a given one."""
    text = _PIN.sub(b"", case["dockerfile"].encode(errors="surrogateescape"))
    name = options.get("filename") or "Dockerfile"
    ignored = case.get("dockerignore") or {}
    files = {name: text}
    files |= {
        path: ignored[key].encode()
        for path, key in ((f"{name}.dockerignore", "dockerfile"), (".dockerignore", "context"))
        if key in ignored
    }
    return row(
        "S4", case["id"], text, NoWarning(), options={**options, **LINT}, files={path: File(data) for path, data in files.items()}
    )


def hosts(cases: Sequence[tuple[Row, Mapping[str, Any]]]) -> list[str]:
    """Everything in the cases that may be the host of a registry."""
    names = {match.lower() for case, _ in cases for match in _HOST.findall(case.dockerfile.decode(errors="replace"))}
    return sorted(names)


@contextlib.contextmanager
def engine(directory: str, images: every_image.EveryImage) -> Iterator[Engine]:
    """A private engine that finds every image."""
    here = directories.apart(directory)
    running = daemon.start(here, config.Settings(registries=images.registries, has_gc=False))
    assert running.pid is not None
    try:
        with leash(running.pid), llbfront.connect(running.address) as client:
            yield client
    finally:
        daemon.stop(here)
        daemon.remove(here)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live.checks", description="Compare build checks with the engine's.")
    parser.add_argument("--cases", type=int, default=0, metavar="N", help="generated Dockerfiles")
    parser.add_argument("--seed", type=int, default=1, help="of the generator (default: 1)")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="DIRECTORY", help="real Dockerfiles")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="differences to print in full (default: 20)")
    options = parser.parse_args()
    tally = Tally()
    cases = [*generated(options.seed, options.cases), *(real(options.corpus) if options.corpus else ())]
    if not cases:
        parser.error("nothing to compare: give --cases or a --corpus with Dockerfiles")
    left = iter(cases)
    with tempfile.TemporaryDirectory(prefix="llbfront-checks-") as directory, every_image.serve(hosts(cases)) as images:
        is_over = False
        while not is_over:
            with engine(directory, images) as client:
                is_over = compare(client, left, images.images, tally)
    print(
        f"{tally.cases} Dockerfiles, {tally.linted} of them checked to the end, {tally.rules.total()} warnings, {len(tally.different)} differ"
    )
    print(f"{len(tally.unstable)} to which the engine has several answers: {' '.join(tally.unstable)}")
    print(f"{len(tally.fatal)} of which the engine died: {' '.join(tally.fatal)}")
    print("  ".join(f"{rule} {count}" for rule, count in sorted(tally.rules.items())))
    for name, lines in list(tally.different.items())[: options.show]:
        print(f"{name}:", *lines, sep="\n")
    return 1 if tally.different or not tally.linted else 0


if __name__ == "__main__":
    sys.exit(main())
