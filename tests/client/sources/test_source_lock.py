"""Lock files: which rules pin, which are kept, and what has drifted."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.cli.main import main
from llbfront.client.sources import source_policy
from llbfront.client.sources.source_lock import Lock, SourceState, to_json, to_text
from llbfront.client.sources.source_pins import GIT, HTTP, IMAGE, Pin
from llbfront.errors import ContextError

if TYPE_CHECKING:
    import pathlib

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
COMMIT = "a" * 40
ALPINE = "docker-image://docker.io/library/alpine:3"
PINS = (
    Pin(IMAGE, ALPINE, ONE, ("Dockerfile:1",)),
    Pin(GIT, "git://host/x.git#main:sub", COMMIT, ("Dockerfile:2",)),
    Pin(HTTP, "https://host/x?y=*", TWO, ("Dockerfile:3", "Dockerfile:4")),
    Pin(IMAGE, f"docker-image://docker.io/library/busybox@{ONE}", ONE, (), is_written=True),
)


def rule(identifier: str, updates: Any, **members: Any) -> dict[str, Any]:
    return {"action": "CONVERT", "selector": {"identifier": identifier}, "updates": updates, **members}


def test_the_rules_of_every_kind() -> None:
    document = json.loads(Lock().update(PINS).write())
    exact = [{"action": "CONVERT", "selector": {"identifier": pin.identifier, "match_type": "EXACT"}} for pin in PINS[:3]]
    updates = [
        {"identifier": f"{ALPINE}@{ONE}"},
        {"identifier": f"git://host/x.git#{COMMIT}:sub"},
        {"attrs": {"http.checksum": TWO}},
    ]
    assert document == {"rules": [{**each, "updates": update} for each, update in zip(exact, updates, strict=True)]}


def test_what_is_written_is_read_back(tmp_path: pathlib.Path) -> None:
    lock = Lock().update(PINS)
    (tmp_path / "p.json").write_bytes(lock.write())
    again = Lock.load(str(tmp_path / "p.json"))
    assert again.write() == lock.write()
    assert again.pins == {pin.identifier: pin.value for pin in PINS[:3]}
    assert [state.state for state in again.states(PINS)] == ["current", "current", "current", "in the Dockerfile"]
    assert len(source_policy.read(str(tmp_path / "p.json")).rules) == 3


OTHER_RULES = [
    {"action": "DENY", "selector": {"identifier": ALPINE}},
    {"action": 0, "selector": {"identifier": "*"}},
    rule(ALPINE, {"identifier": "docker-image://mirror/alpine:3"}),
    rule(ALPINE, {"identifier": f"docker-image://mirror/alpine:3@{ONE}"}),
    rule("docker-image://docker.io/library/*", {"identifier": "docker-image://mirror/${1}"}),
    rule("git://host/x.git#main", {"identifier": f"git://other/x.git#{COMMIT}"}),
    rule("git://host/x.git#main:a", {"identifier": f"git://host/x.git#{COMMIT}:b"}),
    rule("https://host/x", {"attrs": {"http.checksum": ONE, "http.filename": "y"}}),
    rule("https://host/x", {"identifier": "https://other/x", "attrs": {"http.checksum": ONE}}),
    rule("https://host/x", {"identifier": "https://other/x"}),
    {
        **rule(ALPINE, {"identifier": f"{ALPINE}@{ONE}"}),
        "selector": {"identifier": ALPINE, "constraints": [{"key": "a", "value": "b"}]},
    },
    {"action": "CONVERT"},
]


@pytest.mark.parametrize("other", OTHER_RULES, ids=str)
def test_other_rules_are_kept_in_front(other: dict[str, Any]) -> None:
    lock = Lock({"version": 1, "rules": [other]})
    assert lock.pins == {}
    document = json.loads(lock.update(PINS[:1]).write())
    assert (document["version"], document["rules"][0], len(document["rules"])) == (1, other, 2)


PINNING_RULES = [
    (rule(ALPINE, {"identifier": f"{ALPINE}@{ONE}"}), (ALPINE, ONE)),
    (rule(ALPINE, {"identifier": f"{ALPINE}@{ONE}"}, action=2), (ALPINE, ONE)),
    (rule("https://host/x", {"attrs": {"http.checksum": ONE}}), ("https://host/x", ONE)),
    (rule("https://host/x", {"identifier": "https://host/x", "attrs": {"http.checksum": ONE}}), ("https://host/x", ONE)),
    (rule("git://host/x.git", {"identifier": f"git://host/x.git#{COMMIT}"}), ("git://host/x.git", COMMIT)),
]


@pytest.mark.parametrize(("pinning", "pin"), PINNING_RULES, ids=str)
def test_rules_that_others_wrote_pin_too(pinning: dict[str, Any], pin: tuple[str, str]) -> None:
    assert Lock({"rules": [pinning]}).pins == dict([pin])


def test_drift() -> None:
    old = Lock().update([Pin(IMAGE, ALPINE, TWO), Pin(HTTP, "https://host/gone", ONE)])
    states = old.states(PINS[:2])
    assert states == (
        SourceState(ALPINE, "changed", TWO, ONE, ("Dockerfile:1",)),
        SourceState("git://host/x.git#main:sub", "missing", None, COMMIT, ("Dockerfile:2",)),
        SourceState("https://host/gone", "unused", ONE),
    )
    assert to_text(states).splitlines() == [
        f"changed:  {ALPINE}  {TWO} → {ONE}  Dockerfile:1",
        f"missing:  git://host/x.git#main:sub  {COMMIT}  Dockerfile:2",
        f"unused:  https://host/gone  {ONE}",
    ]
    assert json.loads(to_json("p.json", states))["is_current"] is False
    assert json.loads(to_json("p.json", Lock().states(())))["is_current"] is True


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot read the source policy"),
        (b"FROM alpine\n", "cannot read the source policy"),
        (b"[]", "cannot read the source policy"),
        (b'{"name": "app"}', "it is not a source policy, which has no member name"),
        (b'{"rules": 1}', "cannot read the source policy"),
        (b'{"rules": [{"action": "MAYBE"}]}', "cannot read the source policy"),
    ],
)
def test_a_file_that_is_not_a_policy_is_never_replaced(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], content: bytes, message: str
) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    for flags in ([], ["--check"]):
        assert main(["lock", *flags, "-o", str(path), str(tmp_path)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
    assert path.read_bytes() == content


def test_a_check_without_a_file(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lock", "--check", "-o", str(tmp_path / "p.json"), str(tmp_path)]) == 2
    assert "no such file" in capsys.readouterr().err


def test_mutated_files_are_read_or_refused(tmp_path: pathlib.Path) -> None:
    chance = random.Random(15)
    good = Lock({"version": 1, "rules": OTHER_RULES}).update(PINS).write()
    path = tmp_path / "p.json"
    loaded = 0
    for _ in range(2000):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(3)] = chance.choice(
                (b"", b'"', b"{", b"0", b"null", b"\xff", bytes([chance.randrange(256)]))
            )
        path.write_bytes(data)
        try:
            lock = Lock.load(str(path))
        except ContextError:
            continue
        lock.states(PINS)
        lock.update(PINS).write()
        loaded += 1
    assert loaded


@pytest.mark.parametrize("value", ["a.rego", "filename=a.rego", "reset=true,disabled=true"])
def test_policies_in_rego_are_refused(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], value: str) -> None:
    assert main(["build", "--policy", value, str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"llbfront: the policy {value} is not supported (policies in Rego are not evaluated")
