"""The engine's own converter as a judge: its `frontend.convertllb` and `frontend.lint` and ours, for the same files, session and images."""

from __future__ import annotations

import contextlib
import difflib
import json
import pathlib
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import llbfront
from llbfront.client.solve.frontend_run import FrontendRun, build_metadata
from llbfront.errors import LlbfrontError, UnsupportedCapability
from llbfront.frontend import build as frontend
from llbfront.frontend.errors import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.rpc.services.gateway import LLBBridgeMethods
from tests.differential import compare, wording
from tests.live import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llbfront.client.engine import Engine
    from llbfront.frontend.bridge import Returned
    from tests.live.conftest import Engine as Running

FILES = {
    "service": """\
# syntax=docker/dockerfile:1
ARG GO=golang
FROM --platform=$BUILDPLATFORM ${GO} AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.* ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY --exclude=*_test.go . .
RUN --mount=type=cache,target=/root/.cache --mount=type=bind,source=a,target=/a CGO_ENABLED=0 GOOS=$TARGETOS go build -o /out/app
FROM scratch
COPY --link --from=build --chown=65532:65532 /out/app /app
USER 65532
EXPOSE 8080/tcp 9000-9002
HEALTHCHECK --interval=30s --retries=2 CMD ["/app", "--health"]
ENTRYPOINT ["/app"]
""",
    "heredocs": """\
FROM debian
SHELL ["/bin/bash", "-euc"]
RUN <<EOF
apt-get update
echo "$HOME"
EOF
RUN <<'ONE' cat > /one && cat <<TWO
$literal
ONE
text
TWO
COPY <<-"A" <<B /etc/conf.d/
\tkeep $this
A
value=${HOME:-none}
B
COPY --chmod=u=rwX,go=rX a/ /b/
CMD echo $HOME
""",
    "legacy": """\
from busybox as One
maintainer somebody@example.test
env a b c
ENV PATH=/opt/bin:$PATH x="y z" w=v\\ u
label one=1 two="2 3"
volume /data ["/more"]
add a /x/
ADD --chown=nobody:nogroup a /y
onbuild run echo triggered
stopsignal 9
workdir rel
workdir deep
run echo $a && \\
    # a comment inside
    echo done

FROM one
RUN true
""",
    "stages": """\
ARG BASE=alpine
FROM ${BASE} AS base
ARG VERSION=1.0
ENV V=$VERSION
FROM base AS left
RUN --network=none echo left
FROM base AS right
RUN --mount=type=secret,id=s,env=S --mount=type=ssh --mount=type=tmpfs,target=/t,size=1m echo right
FROM base
COPY --from=left /etc/passwd /l
COPY --from=1 /etc/passwd /l2
COPY --from=busybox /bin/busybox /bb
COPY --parents ./a/**/*.txt /p/
RUN --mount=from=right,target=/r --mount=type=cache,id=c,target=/c,sharing=locked,uid=5 ls /r
""",
    "remote": """\
FROM alpine
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.test/file.tgz /f/
ADD --keep-git-dir=true https://example.test/repo.git#v1:sub /g
ADD --unpack=true --chmod=640 https://example.test/a.tar.gz /u/
""",
}
OPTIONS: tuple[Mapping[str, str], ...] = (
    {},
    {"platform": "linux/arm64"},
    {"build-arg:VERSION": "2", "no-cache": "", "hostname": "h"},
)


@pytest.fixture
def client(engine: Running) -> Iterator[Engine]:
    with llbfront.connect(engine.address) as connected:
        yield connected


@attrs.frozen
class Verdict:
    """Answers to `frontend.convertllb`, ours and the engine's, and the digests of the graph that we build; or an error instead."""

    ours: Any
    theirs: Any
    built: tuple[str, ...]


def judge(
    client: Engine, folder: pathlib.Path, options: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, *, image: str | None = None
) -> Verdict:
    """Convert a folder's Dockerfile inside one build: by ourselves, and by the frontend that the engine has built in, or by `image`."""
    name, named = ("dockerfile.v0", {}) if image is None else ("gateway.v0", {"source": image})
    verdicts: list[Verdict] = []

    def compare_answers(run: FrontendRun) -> None:
        texts = {**run.options, **options, "cmdline": ""}
        call_options = {**texts, "requestid": "frontend.convertllb"}
        bridge = LLBBridge.connect(
            run.channel, options=call_options, session_id=run.session_id, metadata=build_metadata(run.ref), local_file=run.read_file
        )
        ours = answer_of(lambda: frontend.build(bridge))
        theirs = answer_of(lambda: bridge.solve_frontend(name, {**call_options, **named}, {}))
        bridge.options = texts
        if isinstance(ours, dict):
            with contextlib.suppress(UnsupportedCapability):  # convertllb does not ask for capabilities
                frontend.build(bridge)
        verdicts.append(Verdict(ours, theirs, bridge.graphs[-1].digests if bridge.graphs else ()))
        verdict = LlbfrontError("judged")
        bridge.ask(LLBBridgeMethods.Return, encode_error(verdict))
        raise verdict

    monkeypatch.setattr(FrontendRun, "run", compare_answers)
    with pytest.raises(LlbfrontError, match="judged"):
        client.build(folder)
    return verdicts[0]


def answer_of(ask: Callable[[], Returned]) -> Any:
    """The graph that was answered, without what may differ: the ids of progress groups. A text is an error."""
    try:
        graph = json.loads(ask().metadata["result.json"])
    except LlbfrontError as error:
        return str(error)
    for meta in graph["metadata"].values():
        if "progress_group" in meta:
            meta["progress_group"]["id"] = ""
    return graph


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options) or "plain")
@pytest.mark.parametrize("name", FILES)
def test_our_graph_is_the_engines_own(
    client: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str, options: Mapping[str, str]
) -> None:
    (tmp_path / "Dockerfile").write_text(FILES[name])
    verdict = judge(client, tmp_path, options, monkeypatch)
    assert isinstance(verdict.theirs, dict), verdict.theirs
    assert verdict.ours == verdict.theirs
    if "platform" not in options:  # Parity: the subrequest marshals for the engine's own platform, whatever was asked for
        assert set(verdict.built) == set(verdict.theirs["def"])


def test_both_refuse_the_same_files(client: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("FROM scratch\nRUNN x\n", "FROM scratch AS a\nCOPY --from=9 / /\n", "FROM scratch\nENV\n", "FROM $X\n"):
        (tmp_path / "Dockerfile").write_text(text)
        verdict = judge(client, tmp_path, {}, monkeypatch)
        assert isinstance(verdict.ours, str), text
        assert isinstance(verdict.theirs, str), text


SEED, CASES, AGAIN = 20261126, 305, 12
SUBREQUESTS = ("frontend.convertllb", "frontend.lint")


@attrs.frozen
class Disagreement:
    """A case that a subrequest answers otherwise here than there."""

    case: cases.Case
    subrequest: str
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        ours, theirs = (
            json.dumps(side, indent=1, ensure_ascii=False).replace("\\n", "\n").splitlines() for side in (self.ours, self.theirs)
        )
        diff = difflib.unified_diff(theirs, ours, "theirs", "ours", lineterm="", n=1)
        return "\n".join((f"{self.case.name} {self.subrequest} {self.case.options}", self.case.dockerfile, *list(diff)[:40]))


def judge_all(
    client: Engine, folder: pathlib.Path, chosen: Sequence[cases.Case], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Disagreement], dict[str, int]]:
    """Ask about all cases inside one build; each case has its Dockerfile under a name of its own.

    Returns what differs, and how many answers there were of each subrequest that were no errors.
    """
    (folder / "Dockerfile").write_text("FROM scratch\n")
    for number, case in enumerate(chosen):
        (folder / f"{number}.Dockerfile").write_bytes(case.dockerfile.encode(errors="surrogateescape"))
        if case.ignore is not None:
            (folder / f"{number}.Dockerfile.dockerignore").write_bytes(case.ignore.encode(errors="surrogateescape"))
    differing: list[Disagreement] = []
    accepted = dict.fromkeys(SUBREQUESTS, 0)

    def compare_answers(run: FrontendRun) -> None:
        def bridge(options: Mapping[str, str]) -> LLBBridge:
            return LLBBridge.connect(
                run.channel, options=options, session_id=run.session_id, metadata=build_metadata(run.ref), local_file=run.read_file
            )

        def ask(number: int, subrequest: str) -> tuple[Any, Any]:
            options = {**run.options, **chosen[number].options}
            options |= {"filename": f"{number}.Dockerfile", "cmdline": "", "requestid": subrequest}
            ours = settled(lambda: frontend.build(bridge(options)))
            return ours, settled(lambda: bridge(options).solve_frontend("dockerfile.v0", options, {}))

        for number, case in enumerate(chosen):
            for subrequest in SUBREQUESTS:
                ours, theirs = ask(number, subrequest)
                for _attempt in range(AGAIN):  # the reference itself answers some cases now so, now otherwise
                    if agree(ours, theirs):
                        break
                    _, theirs = ask(number, subrequest)
                accepted[subrequest] += not isinstance(theirs, str)
                if not agree(ours, theirs):
                    differing.append(Disagreement(case, subrequest, ours, theirs))
        verdict = LlbfrontError("judged")
        bridge(run.options).ask(LLBBridgeMethods.Return, encode_error(verdict))
        raise verdict

    monkeypatch.setattr(FrontendRun, "run", compare_answers)
    with pytest.raises(LlbfrontError, match="judged"):
        client.build(folder)
    return differing, accepted


def settled(ask: Callable[[], Returned]) -> Any:
    """The answer as the differential comparison reads it, or the text of an error."""
    try:
        returned = ask()
    except LlbfrontError as error:
        return error.summary
    return compare.meta({"meta": {key: value.decode(errors="replace") for key, value in returned.metadata.items()}})


def agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, str) and isinstance(theirs, str):
        return wording.says(ours, theirs)
    return bool(ours == theirs)


@pytest.mark.timeout(900)  # half a minute on an idle machine
def test_generated_cases_are_answered_as_the_engine_answers_them(
    client: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    differing, accepted = judge_all(client, tmp_path, cases.cases(SEED, CASES), monkeypatch)
    assert not differing, "\n\n".join(map(str, differing[:3]))
    assert accepted["frontend.convertllb"] > CASES * 0.6
    assert accepted["frontend.lint"] > CASES * 0.9
