"""Loaders of graphs, image configs and runs survive damaged files: an error of ours or a value, whatever the bytes are."""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import os
import random
import resource
from collections.abc import Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it ships no types
import pytest

import llbfront
from llbfront.client.node_runs import read_runs
from llbfront.errors import LlbfrontError
from llbfront.frontend import image_configs
from llbfront.inspection.diagram import report
from llbfront.inspection.formats import Graph
from llbfront.inspection.snapshot import pack
from llbfront.llb.loading import parse_op
from llbfront.llb.op_encoding import encode_op
from llbfront.llb.protojson import definition_json
from llbfront.llb.protowire import message
from llbfront.oci import digest as digests

SEED = int(os.environ.get("LLBFRONT_FUZZ_SEED", "1"))
MUTATIONS = int(os.environ.get("LLBFRONT_FUZZ_MUTATIONS", "100"))  # of each case; 2,000 take some minutes
MEMORY_GROWTH_MIB = 200
DOCKERFILE = f"""\
FROM --platform=linux/arm64 golang AS build
ARG A=1
COPY --parents *.go ./
RUN --mount=type=cache,target=/c --mount=type=secret,id=s --mount=type=ssh --mount=type=tmpfs,target=/t make $A
FROM alpine
ADD --checksum=sha256:{"a" * 64} https://example.com/x /x
COPY --link --from=build --chown=1:2 /a /b
LABEL é=ü
"""
RUN = (
    b'{"vertexes":[{"digest":"sha256:1","name":"x","inputs":["sha256:2"],"started":"2024-01-01T00:00:00Z",'
    b'"completed":"2024-01-01T00:00:01.5Z","cached":true,"progressGroup":{"id":"a","name":"b","weak":true}}],'
    b'"statuses":[{"id":"a","vertex":"sha256:1","current":1,"total":2,"timestamp":"2024-01-01T00:00:00Z"}]}\n'
)
FRAGMENTS = (
    b"null",
    b"{}",
    b"[]",
    b'"x"',
    b"-1",
    b"1e400",
    b"9" * 20,
    b"true",
    rb'"\ud800"',
    b"1.5",
    b"\xff\xff\xff\xff\x0f",
    b"[" * 300,
)
VALUES: tuple[Any, ...] = (
    None, {}, [], "x", "", -1, 0, 1 << 40, 1 << 70, True, 1.5, 1e300, [[]], {"a": {}}, "\ud800", [None], "sha256:" + "0" * 64,
)  # fmt: skip


@functools.cache
def graph() -> Graph:
    return llbfront.convert(DOCKERFILE)


@functools.cache
def samples() -> dict[str, bytes]:
    image = json.loads(graph().config or b"{}")
    return {
        "definition": graph().definition.encode(),
        "snapshot": pack(graph()),
        "graph JSON": graph().write("json"),
        "definition JSON": json.dumps(definition_json(graph().definition)).encode(),
        "picture JSON": report.to_json(graph()).encode(),
        "image configs": json.dumps({"golang": {"digest": f"sha256:{'a' * 64}", "config": image}, "alpine": [image]}).encode(),
        "run": RUN * 3,
    }


def mutated_bytes(dice: random.Random, data: bytes) -> bytes:
    """Change, remove, repeat, move or cut bytes."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
        start = dice.randrange(len(changed) + 1)
        end = start + dice.choice((1, 2, 8, 64))
        other = dice.randrange(len(changed) + 1)
        changed[start:end] = dice.choice(
            (
                b"",
                dice.randbytes(1),
                dice.randbytes(9),
                bytes(changed[start:end]) * dice.choice((2, 50)),
                bytes(changed[other : other + 64]),
                dice.choice(FRAGMENTS),
            )
        )
        if dice.random() < 0.05:
            del changed[start:]
    return bytes(changed)


def mutated_json(dice: random.Random, data: bytes) -> bytes:
    """Put values of other types into a document."""
    document = json.loads(data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        places = [*_places(document)]
        container, key = dice.choice(places)
        container[key] = copy.deepcopy(dice.choice(VALUES))
    return json.dumps(document).encode()


def _places(value: Any) -> Any:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def mutated_ops(dice: random.Random, _: bytes) -> bytes:
    """Change fields of ops and keep the references between ops right, so that the graph is loaded."""
    definition = graph().definition
    renamed: dict[str, str] = {}
    ops = []
    for data, digest in zip(definition.ops, definition.digests, strict=True):
        op = parse_op(data)
        if dice.random() < 0.4:
            _mutate_message(dice, op)
        for each in op.inputs:
            each.digest = renamed.get(each.digest, each.digest)
        ops.append(encode_op(op))
        renamed[digest] = digests.of(ops[-1])
    return b"".join(message(1, op) for op in ops)


def _mutate_message(dice: random.Random, value: Any) -> None:
    fields = value.ListFields()
    if not fields:
        return
    field, content = dice.choice(fields)
    if field.message_type is not None and not field.is_repeated and dice.random() < 0.8:
        _mutate_message(dice, content)
    elif field.is_repeated and field.message_type is not None and not field.message_type.GetOptions().map_entry:
        _mutate_message(dice, dice.choice(content))
    elif field.is_repeated or dice.random() < 0.3:
        value.ClearField(field.name)
    elif isinstance(content, str):
        setattr(value, field.name, dice.choice(("", "x", "\x00", "../..", "[", "local://", "é" * 1000)))
    elif isinstance(content, int) and not isinstance(content, bool):
        with contextlib.suppress(ValueError):  # an unsigned field
            setattr(value, field.name, dice.choice((-1, 0, 1, 99, 2**31 - 1)))


def repacked(dice: random.Random, _: bytes) -> bytes:
    """A snapshot whose digest is right, of a definition that is damaged."""
    definition = mutated_bytes(dice, samples()["definition"])
    config = dice.choice((None, b"{", b"[]", b"null", b"\xff", graph().config))
    content = len(definition).to_bytes(8, "big") + definition + (b"" if config is None else b"\0" + config)
    snapshot = {"llbfront": 1, "digest": digests.of(content), "definition": definition, "config": config}
    return bytes(msgpack.packb(snapshot))


def load(data: bytes) -> None:
    """Load a graph and use all of it."""
    loaded = Graph.load(data)
    for form in ("tree", "json", "dot", "mermaid", "pb", "msgpack", "svg"):
        loaded.write(form)
    assert repr(loaded)
    assert len([node.lines for node in loaded.nodes]) == len(loaded.nodes)
    assert loaded.stages is not None
    loaded.definition.to_message()


def images(data: bytes) -> None:
    llbfront.convert(DOCKERFILE, images=image_configs.parse_image_configs(data, name="images.json"))


CASES: dict[str, tuple[str, Callable[[random.Random, bytes], bytes], Callable[[bytes], object]]] = {
    "definition": ("definition", mutated_bytes, load),
    "ops of a definition": ("definition", mutated_ops, load),
    "snapshot": ("snapshot", mutated_bytes, load),
    "snapshot with its digest": ("snapshot", repacked, load),
    "bytes of the JSON of a graph": ("graph JSON", mutated_bytes, load),
    "values of the JSON of a graph": ("graph JSON", mutated_json, load),
    "bytes of the JSON of a definition": ("definition JSON", mutated_bytes, load),
    "values of the JSON of a definition": ("definition JSON", mutated_json, load),
    "values of the JSON of a picture": ("picture JSON", mutated_json, load),
    "bytes of image configs": ("image configs", mutated_bytes, images),
    "values of image configs": ("image configs", mutated_json, images),
    "bytes of a run": ("run", mutated_bytes, functools.partial(read_runs, name="run.json")),
    "noise": ("definition", lambda dice, _: dice.randbytes(dice.randrange(200)), load),
}


def error_of(read: Callable[[bytes], object], data: bytes) -> str:
    """Return the message of the error that reading raises, empty for none."""
    try:
        read(data)
    except LlbfrontError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("case", CASES)
def test_damaged_files_give_an_error_of_ours_or_a_value(case: str) -> None:
    sample, mutate, read = CASES[case]
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_count = 0
    for number in range(MUTATIONS):
        dice = random.Random(f"{SEED} {case} {number}")
        data = mutate(dice, samples()[sample])
        message = error_of(read, data)
        read_count += not message
        assert len(message) < 3000
        assert "\n" not in message
    assert read_count < MUTATIONS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < MEMORY_GROWTH_MIB << 10


@pytest.mark.parametrize("sample", ["definition", "snapshot", "graph JSON", "definition JSON", "image configs", "run"])
def test_the_samples_themselves_can_be_read(sample: str) -> None:
    read = next(read for name, _, read in CASES.values() if name == sample)
    read(samples()[sample])


@pytest.mark.parametrize("options", [{"sort_keys": True}, {"separators": (",", ":")}, {"indent": 1, "sort_keys": True}])
def test_the_json_of_a_graph_is_read_with_members_in_any_order(options: dict[str, Any]) -> None:
    graph = llbfront.convert("FROM alpine\nRUN make\n", platform="linux/amd64")
    document = json.loads(graph.write("json"))
    for value in (document, dict(reversed(document.items()))):
        again = llbfront.Graph.load(json.dumps(value, **options).encode())
        assert [node.digest for node in again] == [node.digest for node in graph]
        assert again.image == graph.image
        assert again.facts == graph.facts
