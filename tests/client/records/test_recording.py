"""What a record of a build holds, what it must not hold, and how many are kept."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
from typing import TYPE_CHECKING

import pytest

from llbfront.client.buildflags.secrets import SecretSource
from llbfront.client.inputs import contexts
from llbfront.client.records import record_store, recording
from llbfront.client.records.build_place import place_of_arguments, place_of_inputs
from llbfront.client.records.joint_recorders import JointRecorders
from llbfront.client.records.joint_store import JointStore
from llbfront.client.records.record_store import RecordStore
from llbfront.client.records.recorded_builds import RecordedBuilds
from llbfront.errors import ContextError, GraphError
from llbfront.fsutil.stat import Stat
from llbfront.fsutil.walk import walk
from llbfront.inspection import record_codec
from llbfront.inspection.recorded_build import RecordedBuild
from tests.inspection.records import members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PASSWORD = "correct-horse-battery"


@pytest.fixture
def store(tmp_path: pathlib.Path) -> RecordStore:
    return RecordStore(str(tmp_path / "state/builds"))


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM alpine\nCOPY . /\n")
    (root / "a").write_text("content of a")
    return root


def context(root: pathlib.Path, known: recording._Known = recording._NOTHING_KNOWN) -> Mapping[str, bytes]:
    return recording._context(str(root), record_codec.EntryColumns.of(walk(str(root))), known, "context")


def hashed_files(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list that receives the paths of the files that are hashed."""
    paths: list[bytes] = []
    digest = recording._digest

    def watched(path: bytes, size_bytes: int, mtime_ns: int) -> bytes:
        paths.append(path)
        return digest(path, size_bytes, mtime_ns)

    monkeypatch.setattr(recording, "_digest", watched)
    return paths


def digest_of(packed: Mapping[str, bytes], path: bytes) -> bytes:
    number = record_codec.paths(packed).index(path)
    return packed["digests"][16 * number : 16 * (number + 1)]


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), ("1", True), ("yes", True), ("0", False), ("false", False), ("F", False)]
)
def test_a_variable_switches_records_off(value: str, expected: bool) -> None:
    assert record_store.is_enabled({"LLBFRONT_RECORD": value}) is expected


def test_the_directory_is_that_of_the_specification() -> None:
    assert RecordStore.of({"XDG_STATE_HOME": "/s", "HOME": "/h"}).directory == "/s/llbfront/builds"
    assert RecordStore.of({"HOME": "/h"}).directory == "/h/.local/state/llbfront/builds"


def test_records_are_readable_by_the_user_only_and_whole(store: RecordStore) -> None:
    store.add(b"data", time_ns=1, key="k", ref="r")
    (path,) = store.paths()
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(store.directory).st_mode & 0o777 == 0o700
    assert os.listdir(store.directory) == [os.path.basename(path)]


def test_the_oldest_records_are_removed_by_count_and_size(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_store, "COUNT_LIMIT", 3)
    for number in range(5):
        store.add(b"x" * 10, time_ns=number, key="k", ref=f"r{number}")
    assert [os.path.basename(path).split("-")[2] for path in store.paths()] == ["r4.build", "r3.build", "r2.build"]
    monkeypatch.setattr(record_store, "SIZE_LIMIT_BYTES", 25)
    store.add(b"x" * 10, time_ns=9, key="k", ref="r9")
    assert [os.path.basename(path).split("-")[2] for path in store.paths()] == ["r9.build", "r4.build"]
    store.add(b"x" * 99, time_ns=10, key="k", ref="large")
    assert [os.path.basename(path).split("-")[2] for path in store.paths()] == ["large.build"]


def test_records_are_found_by_key(store: RecordStore) -> None:
    for number, key in enumerate(("a", "b", "a")):
        store.add(b"x", time_ns=number, key=key, ref=f"r{number}")
    assert [path[-8:] for path in store.paths("a")] == ["r2.build", "r0.build"]


def test_the_key_of_secrets_stays(store: RecordStore) -> None:
    key = store.secret_key()
    assert store.secret_key() == key
    assert len(key) == 32
    assert os.stat(os.path.join(store.directory, "key")).st_mode & 0o777 == 0o600


def test_a_digest_of_a_secret_depends_on_its_content_and_on_the_key(store: RecordStore, tmp_path: pathlib.Path) -> None:
    other = RecordStore(str(tmp_path / "other"))
    file = tmp_path / "secret"
    file.write_text(PASSWORD)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sources = [
        SecretSource("file", path=str(file)), SecretSource("env", env="S"), SecretSource("value", value=PASSWORD),
        SecretSource("unset", env="T"), SecretSource("pipe", path=str(pipe)),
    ]  # fmt: skip
    digests = recording._secrets(sources, {"S": PASSWORD}, store)
    assert digests.keys() == {"file", "env", "value"}
    assert len(set(digests.values())) == 1
    assert recording._secrets(sources[:1], {}, other) != {"file": digests["file"]}


@pytest.mark.parametrize("value", [PASSWORD, "short", "ü" * 9])
def test_values_of_sensitive_build_arguments_are_not_kept(store: RecordStore, value: str) -> None:
    options = {"build-arg:DB_PASSWORD": value, "build-arg:MODE": "fast", "context": f"https://user:{PASSWORD}@host/x.git"}
    mask = recording._Mask(store, options)
    masked = {name: mask.option(name, text) for name, text in options.items()}
    text = mask.masked(f"DB_PASSWORD={value} MODE=fast https://u:{PASSWORD}@h".encode()).decode()
    assert value not in masked["build-arg:DB_PASSWORD"] + text
    assert PASSWORD not in str(masked) + text
    assert masked["build-arg:MODE"] == "fast"
    assert "MODE=fast" in text
    assert len(mask.masked(value.encode(), "DB_PASSWORD")) == len(value.encode())


def test_only_files_that_changed_are_hashed(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "b").write_text("content of b")
    first = context(root)
    known = recording._Known({"context": first}, 2**62)
    hashed = hashed_files(monkeypatch)
    assert context(root, known) == first
    assert hashed == []
    (root / "b").write_text("another content")
    second = context(root, known)
    assert hashed == [os.fsencode(root / "b")]
    assert digest_of(second, b"a") == digest_of(first, b"a")
    assert digest_of(second, b"b") != digest_of(first, b"b")


def test_files_that_changed_just_before_are_hashed_again(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = recording._Known({"context": context(root)}, 0)
    hashed = hashed_files(monkeypatch)
    context(root, known)
    assert sorted(hashed) == sorted(os.fsencode(root / name) for name in ("Dockerfile", "a"))


def test_very_large_and_unreadable_files_have_no_digest(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "HASH_LIMIT_BYTES", 5)
    assert digest_of(context(root), b"a") == bytes(16)
    stat = next(stat for stat in walk(str(root)) if stat.path == b"a")
    assert recording._digest(os.fsencode(root / "gone"), stat.size_bytes, stat.mtime_ns) == bytes(16)
    (root / "a").write_text("changed while it was sent")
    assert recording._digest(os.fsencode(root / "a"), stat.size_bytes, stat.mtime_ns) == bytes(16)


def test_builds_are_found_by_place_ref_and_file(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    builds = RecordedBuilds({"XDG_STATE_HOME": str(tmp_path / "state")})
    with pytest.raises(ContextError, match="no build is recorded"):
        builds.latest()
    key = record_store.key_of(str(root), str(root / "Dockerfile"))
    for number, ref in enumerate(("abc1", "abd2", "xyz3"), 1):
        data = record_codec.pack({**members(root), "ref": ref, "started_ns": number})
        builds.store.add(data, time_ns=number, key=key, ref=ref)
    assert builds.latest().ref == builds.latest(str(root)).ref == "xyz3"
    assert [build.ref for build in builds.earlier(builds.latest())] == ["abd2", "abc1"]
    assert builds.find("abd").ref == "abd2"
    assert builds.find(builds.store.paths()[0]).ref == "xyz3"
    with pytest.raises(ContextError, match="several builds begin with ab"):
        builds.find("ab")
    with pytest.raises(ContextError, match="no build abc2 is recorded"):
        builds.find("abc2")
    with pytest.raises(GraphError, match="not a record of a build"):
        builds.find(str(root / "Dockerfile"))


def test_damaged_records_are_left_out_of_lists(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    builds = RecordedBuilds({"XDG_STATE_HOME": str(tmp_path / "state")})
    data = record_codec.pack(members(root))
    builds.store.add(data, time_ns=1, key="k", ref="good")
    builds.store.add(data[:-1], time_ns=2, key="k", ref="cut")
    builds.store.add(data.replace(b"build 0001", b"build 0002"), time_ns=3, key="k", ref="later")
    assert len(list(builds.all())) == 1
    with pytest.raises(GraphError, match="a record of version 2"):
        builds.find("later")
    with pytest.raises(GraphError, match="damaged"):
        builds.find("cut")


def test_masked_definitions_keep_the_digests_of_ops(root: pathlib.Path, store: RecordStore) -> None:
    (root / "Dockerfile").write_text("FROM alpine\nARG TOKEN\nRUN make\n")
    whole = members(root, TOKEN=PASSWORD)
    build = RecordedBuild.read(record_codec.pack(whole))
    mask = recording._Mask(store, {"build-arg:TOKEN": PASSWORD})
    definition = mask.definition(build.graph.definition)
    packed = record_codec.pack({**whole, "definitions": [definition], "options": {}, "config": None})
    masked = RecordedBuild.read(packed)
    assert PASSWORD.encode() not in packed
    assert [node.digest for node in masked.graph] == [node.digest for node in build.graph]
    assert masked.graph.nodes[-1].environment["TOKEN"] not in {"", PASSWORD}


def test_inputs_from_standard_input_have_the_same_name_in_each_build(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    text = b"FROM scratch\n"
    here = str(root)
    archive = b"\x1f\x8b\x08"
    places = {
        (".", "Dockerfile", text): (here, f"{here}/Dockerfile"),
        (".", None, text): (here, f"{here}/Dockerfile"),
        (here, None, text): (here, f"{here}/Dockerfile"),
        ("Dockerfile", None, text): (here, f"{here}/Dockerfile"),
        (".", "-", text): (here, "stdin"),
        ("-", None, text): (f"{here}/-", "stdin"),
        ("-", None, archive): (f"{here}/-", "stdin"),
        ("-", "sub/Dockerfile", archive): (f"{here}/-", "sub/Dockerfile"),
        ("https://user:pw@host/app.git", None, text): ("https://***@host/app.git", "Dockerfile"),
        ("https://host/app.git", "a/Dockerfile", text): ("https://host/app.git", "a/Dockerfile"),
        ("https://host/app.git", f"{here}/Dockerfile", text): ("https://host/app.git", f"{here}/Dockerfile"),
        ("https://host/app.git", "-", text): ("https://host/app.git", "stdin"),
    }
    for (context, dockerfile, content), place in places.items():
        if context != "Dockerfile":  # a build takes it as --file
            with contextlib.closing(contexts.gather(context, dockerfile=dockerfile, stdin=io.BytesIO(content))) as offered:
                assert place_of_inputs(offered, offered.options) == place
        assert place_of_arguments(context, dockerfile) == place


def test_earlier_builds_are_those_of_the_same_target_if_there_are_any(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "Dockerfile").write_text("FROM alpine AS one\nRUN a\nFROM alpine AS two\nRUN b\n")
    builds = RecordedBuilds({"XDG_STATE_HOME": str(tmp_path / "state")})
    key = record_store.key_of(str(root), str(root / "Dockerfile"))

    def add(number: int, target: str) -> None:
        data = record_codec.pack({**members(root, target=target), "ref": f"{target}{number}", "started_ns": number})
        builds.store.add(data, time_ns=number, key=key, ref=f"{target}{number}")

    def earlier() -> list[str]:
        return [build.ref for build in builds.earlier(builds.latest())]

    for number in range(1, 4):
        add(number, "one")
    add(4, "two")
    assert earlier() == ["one3", "one2", "one1"]
    add(5, "one")
    assert earlier() == ["one3", "one2", "one1"]
    for number in range(6, 13):
        add(number, "two")
    assert earlier() == [f"two{number}" for number in (11, 10, 9, 8, 7)]


@pytest.mark.parametrize(("count", "oldest"), [(1, "latest"), (3, "latest~2")])
def test_a_number_beyond_the_builds_names_the_oldest(root: pathlib.Path, tmp_path: pathlib.Path, count: int, oldest: str) -> None:
    builds = RecordedBuilds({"XDG_STATE_HOME": str(tmp_path / "state")})
    key = record_store.key_of(str(root), str(root / "Dockerfile"))
    for number in range(count):
        builds.store.add(record_codec.pack(members(root)), time_ns=number, key=key, ref=str(number))
    with pytest.raises(
        ContextError, match=rf"^there is no build latest~7 \(the oldest recorded build of this Dockerfile is {oldest}\)$"
    ):
        builds.find("latest~7")


def test_of_an_entry_that_comes_twice_the_last_counts() -> None:
    entries = [Stat(b"a", 0o644, size_bytes=1), Stat(b"b", 0o600, size_bytes=2), Stat(b"a", 0o755, size_bytes=3, linkname=b"b")]
    columns = record_codec.EntryColumns()
    assert list(columns.keep(entries)) == entries
    kept = record_codec.stats(columns.encode())
    assert [(stat.path, stat.mode, stat.size_bytes, stat.linkname) for stat in kept] == [
        (b"a", 0o755, 3, b"b"),
        (b"b", 0o600, 2, b""),
    ]


def test_a_directory_that_did_not_change_is_compared_while_the_engine_works(
    root: pathlib.Path, store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MANY_ENTRIES", 1)
    environ = {"XDG_STATE_HOME": str(store.directory).removesuffix("/llbfront/builds")}
    store = RecordStore.of(environ)

    def recorded() -> tuple[Mapping[str, Mapping[str, bytes]], bool]:
        """Return the contexts of a record, and whether they were known before its end."""
        due: list[Callable[[], None]] = []
        with contextlib.closing(contexts.gather(str(root))) as offered:
            recorder = recording.Recorder(environ, "engine")
            observe = recorder.observer(offered, offered.options, lambda _, callback: due.append(callback))
            for _ in observe("context", walk(str(root))):
                assert not due
            for callback in due:
                callback()
            key = record_store.key_of(*place_of_inputs(offered, offered.options))
            was_known = bool(recorder._entries.digested)
            found = recorder._contexts(offered.directories, key)
            data = record_codec.pack({"contexts": found, "hashed_ns": 2**62})
            store.add(data, time_ns=len(store.paths()), key=key, ref="r")
            return found, was_known

    first, was_known = recorded()
    assert not was_known
    assert recorded() == (first, True)
    (root / "a").write_text("another content")
    changed, was_known = recorded()
    assert not was_known
    assert digest_of(changed["context"], b"a") != digest_of(first["context"], b"a")
    assert digest_of(changed["context"], b"Dockerfile") == digest_of(first["context"], b"Dockerfile")


def test_records_of_targets_are_found_by_dockerfile_and_by_target(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    builds = RecordedBuilds({"XDG_STATE_HOME": str(tmp_path / "state")})
    place = str(root), str(root / "Dockerfile")
    names = ("", "app", "web", "app")
    for number, name in enumerate(names):
        data = record_codec.pack(
            {**members(root), "ref": f"r{number}", "started_ns": number, "ended_ns": number, "bake_target": name}
        )
        builds.store.add(data, time_ns=number, key=record_store.key_of(*place, name), ref=f"r{number}")
    assert [builds.find(name).ref for name in ("target:app", "target:app~1", "target:web")] == ["r3", "r1", "r2"]
    assert builds.latest(str(root)).ref == builds.latest().ref == "r3"
    assert [build.ref for build in builds.earlier(builds.find("target:app"))] == ["r1"]
    assert [build.ref for build in builds.earlier(builds.find("target:web"))] == ["r1", "r0"]
    for name, words in (("target:db", "no build of the target db is"), ("target:app~2", "only 2 builds of the target app are")):
        with pytest.raises(ContextError, match=words):
            builds.find(name)


def test_a_joint_store_knows_the_records_before_and_removes_the_oldest_once(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_store, "COUNT_LIMIT", 3)
    before = RecordStore(str(tmp_path))
    for number, key in enumerate(("a.x", "a.y", "a.x"), 1):
        before.add(b"x", time_ns=number, key=key, ref=f"r{number}")
    store = JointStore(str(tmp_path))
    assert [store.latest(key) and os.path.basename(str(store.latest(key))) for key in ("a.x", "a.y", "a.z")] == [
        f"{3:020d}-a.x-r3.build",
        f"{2:020d}-a.y-r2.build",
        None,
    ]
    for number in (4, 5):
        store.add(b"x", time_ns=number, key="a.z", ref=f"r{number}")
    assert len(store.paths()) == 5
    assert store.latest("a.z") is None
    store.remove_oldest()
    assert [os.path.basename(path).split("-")[2] for path in before.paths()] == ["r5.build", "r4.build", "r3.build"]


def test_targets_that_share_a_directory_hash_its_files_once(
    root: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = hashed_files(monkeypatch)
    recorders = JointRecorders({"XDG_STATE_HOME": str(tmp_path / "state")}, "engine", ["one", "two"])
    observe = recorders.observer("session")
    both = [recorders.recorder(name, {"context": "session"}) for name in ("one", "two")]
    assert list(observe("context", walk(str(root)))) != []
    directories = {"context": str(root)}
    first, second = (recorder._contexts(directories, "key") for recorder in both)
    assert first == second
    assert sorted(hashed) == sorted(os.fsencode(root / name) for name in ("Dockerfile", "a"))
    (root / "later").write_text("of a transfer that one of them asked for later")
    assert list(observe("context", walk(str(root), include=["later"]))) != []
    assert record_codec.paths(both[0]._contexts(directories, "key")["context"])[-1] == b"later"
