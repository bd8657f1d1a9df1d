"""The names of steps, the lines of history and the places of sources."""

from __future__ import annotations

import base64

from llbfront.pb import ops_pb2 as ops
from tests.differential.subject import answer
from tests.frontend.cases import case, names
from tests.support.whole_dockerfile import WHOLE


def test_steps_are_numbered_and_named() -> None:
    result = answer(case(WHOLE, platform="linux/amd64"))
    assert [name for name in names(result) if name.startswith("[a ")] == [
        "[a 1/6] WORKDIR /app",
        "[a 2/6] COPY --chown=1:2 --chmod=640 a b/ dst/",
        "[a 3/6] COPY --link --chown=1000: <<E1 <<E2 /h/",
        "[a 3/6] LINK COPY --link --chown=1000: <<E1 <<E2 /h/",
        '[a 4/6] RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "1 \\$Y"',
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 5/6] ADD https://h/x.tgz /d/",
        "[a 6/6] ADD --unpack=false x.tar /e/",
    ]


def test_history_has_the_words_of_buildkit() -> None:
    result = answer(case(WHOLE, platform="linux/amd64"))
    assert [entry["created_by"] for entry in result["image"]["history"]] == [
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


def test_invalid_utf8_is_replaced_in_the_name_of_a_step() -> None:
    result = answer(case("FROM scratch\nCOPY --exclude=\udce2 a b\nRUN --mount=target=/\udce2,rw x\n"))
    assert names(result)[-1] == "[stage-0 2/2] RUN --mount=target=/\ufffd,rw x"


def test_an_image_with_two_stage_numbers_is_one_source() -> None:
    text = "FROM x\nCOPY --from=image a b\nCOPY --from=1 c d\nCOPY --from=2 c d\n"
    result = answer({**case(text), "def": True})
    locations = ops.Definition.FromString(base64.b64decode(result["def_b64"])).Source.locations
    assert [len(locations[digest].locations) for digest in result["ops"][:2]] == [1, 1]


def test_a_stage_two_levels_above_a_context_without_config_knows_its_platform() -> None:
    text = "FROM x AS replaced\nFROM replaced AS first\nWORKDIR a\nFROM first AS second\nWORKDIR b\n"
    result = answer(case(text, **{"context:replaced": "local:foo", "platform": "linux/arm64", "multi-platform": "1"}))
    (platform,) = result["platforms"].values()
    assert names(platform)[-2:] == ["[unknown first 1/1] WORKDIR a", "[linux/arm64 second 1/1] WORKDIR b"]


def test_equal_context_sources_take_the_name_of_the_last() -> None:
    contexts = {"context:one": "https://h/x", "context:two": "https://h/x"}
    assert names(answer(case("FROM one\nCOPY --from=two a b\n", **contexts)))[0] == "[context two] https://h/x"
    text = "FROM one\nCOPY --from=two a b\nCOPY --from=one a b\n"
    assert names(answer(case(text, **contexts)))[0] == "[context one] https://h/x"
