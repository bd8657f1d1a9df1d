"""Source policies from files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llbfront.client.sources.source_policy import read
from llbfront.errors import ContextError
from llbfront.pb import policy_pb2 as policy

if TYPE_CHECKING:
    import pathlib


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        (b"{}", []),
        (b'{"rules": null}', []),
        (b'{"rules": [{"action": "DENY", "selector": {"identifier": "docker-image://*"}}]}', [policy.DENY]),
        (b'{"rules": [{"action": 1}]}', [policy.DENY]),
        (policy.Policy(rules=[policy.Rule(action=policy.DENY)]).SerializeToString(), [policy.DENY]),
    ],
)
def test_policies(tmp_path: pathlib.Path, text: bytes, rules: list[int]) -> None:
    (tmp_path / "policy").write_bytes(text)
    assert [rule.action for rule in read(str(tmp_path / "policy")).rules] == rules


@pytest.mark.parametrize(
    "text",
    [
        b"{", b"{\xff", b'{"a":' * 100_000, b'{"version": "x"}', b'{"version": 1e400}', b'{"rules": 1}', b'{"rules": [1]}',
        b'{"rules": [{"action": "MAYBE"}]}', b'{"rules": [{"action": []}]}', b'{"rules": [{"selector": []}]}',
        b'{"rules": [{"selector": {"identifier": 5}}]}', b'{"rules": [{"updates": "x"}]}', b'{"rules": [{"updates": {"attrs": [1]}}]}',
        b"FROM scratch", b"\xff\xff\xff",
    ],
    ids=lambda text: repr(text[:30]),
)  # fmt: skip
def test_invalid_policy_is_one_line(tmp_path: pathlib.Path, text: bytes) -> None:
    (tmp_path / "policy").write_bytes(text)
    with pytest.raises(ContextError, match=f"^cannot read the source policy {tmp_path}/policy: ") as caught:
        read(str(tmp_path / "policy"))
    assert "\n" not in str(caught.value)


def test_a_policy_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ContextError, match="cannot read the source policy"):
        read(str(tmp_path / "policy"))


RULE = {
    "action": "CONVERT",
    "selector": {
        "identifier": "docker-image://a*",
        "match_type": "REGEX",
        "constraints": [{"key": "k", "value": "v", "condition": "NOTEQUAL"}],
    },
    "updates": {"identifier": "docker-image://b", "attrs": {"x": "y"}},
}


def test_json_and_protobuf_are_read_alike(tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"version": 1, "rules": [RULE, {"action": 1, "selector": {"identifier": "z"}}]}))
    from_json = read(str(tmp_path / "p.json"))
    first, second = from_json.rules
    assert from_json.version == 1
    assert (first.action, first.selector.identifier, first.selector.match_type) == (
        policy.CONVERT,
        "docker-image://a*",
        policy.REGEX,
    )
    (constraint,) = first.selector.constraints
    assert (constraint.key, constraint.value, constraint.condition) == ("k", "v", policy.NOTEQUAL)
    assert (first.updates.identifier, dict(first.updates.attrs)) == ("docker-image://b", {"x": "y"})
    assert (second.action, second.selector.identifier, second.HasField("updates")) == (policy.DENY, "z", False)
    (tmp_path / "p.bin").write_bytes(from_json.SerializeToString())
    assert read(str(tmp_path / "p.bin")).SerializeToString() == from_json.SerializeToString()
