"""The reference filter answers the whole-file vector of the specification, so its world is the agreed one."""

from __future__ import annotations

import hashlib
import json

from tests.differential import filters
from tests.support.whole_dockerfile import WHOLE

NAMES = """\
5f4833fdb011 [a 1/6] WORKDIR /app
d869eb327b44 [internal] load build context
11e3c79b9d66 [a 2/6] COPY --chown=1:2 --chmod=640 a b/ dst/
da33ebf6be79 [internal] preparing inline document
2217293fcce6 [internal] preparing inline document
aea6cea7c514 [a 3/6] COPY --link --chown=1000: <<E1 <<E2 /h/
b0c2018f303d [a 3/6] LINK COPY --link --chown=1000: <<E1 <<E2 /h/
7fb29cd96488 [internal] setting cache mount permissions
f5f9f7b6465c [a 4/6] RUN --mount=type=cache,target=/root/.c,uid=5 --mount=type=secret,id=k,env=K --mount=target=/src,rw echo "1 \\$Y"
32777ee8007a [a 5/6] ADD https://h/x.tgz /d/
3d83d953eb5c [a 5/6] ADD https://h/x.tgz /d/
31935a2748bd [a 6/6] ADD --unpack=false x.tar /e/
be54963742b9"""
CONFIG = "2f62a8c034f94f7819c3a1b53111bbe0c39d046fc232afaaf9903ecee539f319"  # sha256 of the compact image config


def test_the_whole_file_vector() -> None:
    opts = {"local-sessionid:context": "s1", "build-arg:http_proxy": "http://p"}
    [[answer]] = filters.ask([{"id": "vector", "dockerfile": WHOLE, "opts": opts, "caps": "all"}], filters.oracle())
    assert answer["error"] is None
    names = [answer["metadata"][op].get("description", {}).get("llb.customname", "") for op in answer["ops"]]
    assert "\n".join(f"{op[7:19]} {name}".rstrip() for op, name in zip(answer["ops"], names, strict=True)) == NAMES
    config = json.dumps(answer["image"], separators=(",", ":"))
    assert hashlib.sha256(config.encode()).hexdigest() == CONFIG


def test_answers_come_in_the_order_of_the_cases() -> None:
    cases = [{"id": str(number), "dockerfile": f"FROM scratch\nLABEL n={number}", "caps": "all"} for number in range(50)]
    [answers] = filters.ask(cases, filters.oracle())
    assert [answer["id"] for answer in answers] == [case["id"] for case in cases]
    assert [answer["image"]["config"]["Labels"]["n"] for answer in answers] == [case["id"] for case in cases]


def test_what_the_world_does_not_know_fails_alone() -> None:
    cases: list[filters.Case] = [
        {"id": "a", "dockerfile": "FROM gone", "images": {"docker.io/library/gone:latest": {"error": "no such image"}}},
        {"id": "b", "dockerfile": "FROM here"},
    ]
    [[gone, here]] = filters.ask(cases, filters.oracle())
    assert "no such image" in gone["error"]
    assert here["error"] is None
