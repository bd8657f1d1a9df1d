"""A Dockerfile with the instructions that make ops and most that only make history, and the ops that BuildKit's own frontend makes of it.

python -m tests.support.whole_dockerfile       writes the ops; `make golden` runs it
"""

from __future__ import annotations

import base64
import json
import pathlib
from typing import Any

from llbfront.llb.loading import decode
from llbfront.llb.protojson import definition_json

OPS = pathlib.Path(__file__).parent.parent / "data/frontend/whole_dockerfile.json"

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
CASE: dict[str, Any] = {"id": "", "dockerfile": WHOLE, "opts": {"platform": "linux/amd64"}, "def": True}


def ops_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the ops of an answer as JSON, by digest, inputs first."""
    definition = decode(base64.b64decode(answer["def_b64"]))
    ops: dict[str, Any] = json.loads(json.dumps(definition_json(definition)["def"]))
    return ops


def main() -> None:
    from tests.differential import filters

    [[answer]] = filters.ask([CASE], filters.oracle())
    OPS.parent.mkdir(exist_ok=True)
    OPS.write_text(json.dumps(ops_of(answer), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
