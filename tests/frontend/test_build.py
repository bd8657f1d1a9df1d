"""Whole builds over the in-process bridge: digests, image configs and errors as BuildKit's own frontend gives them."""

from typing import Any

from tests.differential.subject import answer

WHOLE = """\
FROM scratch AS a
ARG X=1
ENV Y="a b" Z=$X
WORKDIR /app
COPY --chown=1:2 --chmod=640 a b/ dst/
COPY --link --chown=1000: <<E1 <<"E2" /h/
v=$Y
E1
raw $Y
E2
RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "$X \\$Y"
ADD https://h/x.tgz /d/
ADD --unpack=false x.tar /e/
HEALTHCHECK --interval=5s CMD echo hi
EXPOSE 80/TCP 7000-7001/udp
CMD echo $Y
LABEL a=b "c d"=e
VOLUME /v
"""


def case(dockerfile: str, **opts: str) -> dict[str, Any]:
    return {"id": "", "dockerfile": dockerfile, "opts": {key.replace("_", "-"): value for key, value in opts.items()}}


def names(found: dict[str, Any]) -> list[str]:
    descriptions = (found["metadata"].get(digest, {}).get("description", {}) for digest in found["ops"])
    return [description["llb.customname"] for description in descriptions if "llb.customname" in description]


def test_file_ops_of_a_whole_dockerfile_have_the_digests_of_the_reference() -> None:
    found = answer(case(WHOLE, platform="linux/amd64"))
    assert found["error"] is None
    assert found["ops"][0] == "sha256:5f4833fdb01140e6ec0fb6267307e1b537a3332d079c071dc1b0006fc7d2de87"
    assert (
        "sha256:11e3c79b9d665d05957950c4a5fbae2b32bb8f7f4c495a8903c45e4fb452db9f" not in found["ops"]
    )  # its context has session s1
    assert "sha256:b0c2018f303db68793801c3a3f676bf809ab9efcb4248f23d4557a06196d15d2" not in found["ops"]
    assert "sha256:7fb29cd964882eb95af9f3bd2f840dca6c2367a41d606c313e609142f2f26bd7" in found["ops"]
    assert "sha256:32777ee8007a1f9c387668355d58c3eeb99f297ca20c156f1a0b9368511ef58d" in found["ops"]


def test_steps_are_numbered_and_named() -> None:
    found = answer(case(WHOLE, platform="linux/amd64"))
    assert [name for name in names(found) if name.startswith("[a ")] == [
        "[a 1/6] WORKDIR /app",
        "[a 2/6] COPY --chown=1:2 --chmod=640 a b/ dst/",
        "[a 3/6] COPY --link --chown=1000: <<E1 <<E2 /h/",
        "[a 3/6] LINK COPY --link --chown=1000: <<E1 <<E2 /h/",
        '[a 4/6] RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "1 \\$Y"',
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 6/6] ADD --unpack=false x.tar /e/",
    ]


def test_history_is_written_in_the_words_of_the_reference() -> None:
    found = answer(case(WHOLE, platform="linux/amd64"))
    assert [entry["created_by"] for entry in found["image"]["history"]] == [
        "ARG X=1",
        "ENV Y=a b Z=1",
        "WORKDIR /app",
        "COPY --chown=1:2 --chmod=640 a b/ dst/ # buildkit",
        "COPY --chown=1000: <<E1 <<E2 /h/ # buildkit",
        'RUN |1 X=1 /bin/sh -c echo "$X \\$Y" # buildkit',
        "ADD https://h/x.tgz /d/ # buildkit",
        "ADD x.tar /e/ # buildkit",
        "HEALTHCHECK {Test:[CMD-SHELL echo hi] Interval:5s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
        "EXPOSE [7000/udp 7001/udp 80/tcp]",
        'CMD ["/bin/sh" "-c" "echo $Y"]',
        "LABEL a=b c d=e",
        "VOLUME [/v]",
    ]


def test_a_stage_that_is_not_needed_is_not_resolved() -> None:
    given = case("FROM missing AS a\nFROM alpine\n")
    given["images"] = {"docker.io/library/missing:latest": {"error": "not found"}}
    assert answer(given)["error"] is None


def test_an_unknown_image_suggests_a_near_name() -> None:
    given = case("FROM alpne\n")
    given["images"] = {"docker.io/library/alpne:latest": {"error": "not found"}}
    found = "failed to resolve source metadata for docker.io/library/alpne:latest: not found"
    assert answer(given)["error"] == f"Dockerfile:1: alpne: {found} (did you mean alpine?)"


def test_a_warning_tells_rule_line_and_page() -> None:
    (warning,) = answer(case("FROM alpine\nRUN echo\nENV a b\n"))["warnings"]
    assert warning == {
        "rule": "LegacyKeyValueFormat",
        "description": "Legacy key/value format with whitespace separator should not be used",
        "detail": '"ENV key=value" should be used instead of legacy "ENV key value" format',
        "url": "https://docs.docker.com/go/dockerfile/rule/legacy-key-value-format/",
        "lines": [[3, 3]],
    }


def test_warnings_can_be_errors() -> None:
    found = answer(case("# check=error=true\nFROM alpine\nENV a b\n"))
    assert found["error"] == "lint violation found for rules: LegacyKeyValueFormat"


def test_two_platforms_give_two_results() -> None:
    found = answer(case("FROM alpine\nRUN echo $TARGETPLATFORM\n", platform="linux/amd64,linux/arm64"))
    assert sorted(found["platforms"]) == ["linux/amd64", "linux/arm64"]
    assert names(found["platforms"]["linux/arm64"])[1] == "[linux/arm64 2/2] RUN echo $TARGETPLATFORM"
