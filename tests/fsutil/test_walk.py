"""Walks: what passes the filters, in which order, and what is told of each entry."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import AnyStr

import pytest

from llbfront.errors import ContextError, InvalidValue
from llbfront.fsutil import stat as wire
from llbfront.fsutil.walk import walk
from tests.fsutil.trees import Dir, File, Hard, Link, Pipe, build


def paths(root: Path, **filters: list[str]) -> list[str]:
    return [stat.path.decode() for stat in walk(str(root), **filters)]  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return build(
        tmp_path / "project",
        {
            "Dockerfile": File(),
            "a": Dir(),
            "a/b/c.txt": File(b"c"),
            "a/b/d.log": File(b"d"),
            "a-b": File(),
            "a.b/x": File(),
            "node_modules/keep/file": File(),
            "node_modules/other/file": File(),
        },
    )


def test_order_has_the_slash_below_every_byte(project: Path) -> None:
    assert paths(project) == [
        "Dockerfile",
        "a",
        "a/b",
        "a/b/c.txt",
        "a/b/d.log",
        "a-b",
        "a.b",
        "a.b/x",
        "node_modules",
        "node_modules/keep",
        "node_modules/keep/file",
        "node_modules/other",
        "node_modules/other/file",
    ]


@pytest.mark.parametrize(
    ("include", "exclude", "follow_paths", "expected"),
    [
        (["a/b/*.txt"], [], [], ["a", "a/b", "a/b/c.txt"]),
        (["**/*.log"], [], [], ["a", "a/b", "a/b/d.log"]),
        (["nothing"], [], [], []),
        (["a"], ["**/*.log"], [], ["a", "a/b", "a/b/c.txt"]),
        ([], ["a", "a.b", "node_modules", "*-*"], [], ["Dockerfile"]),
        (
            ["node_modules"],
            ["node_modules", "!node_modules/keep"],
            [],
            ["node_modules", "node_modules/keep", "node_modules/keep/file"],
        ),
        ([], ["*", "!a-b"], [], ["a-b"]),
        ([], [], ["a/b/c.txt", "Dockerfile"], ["Dockerfile", "a", "a/b", "a/b/c.txt"]),
        (["a-b"], [], ["."], ["a-b"]),
        ([], [], ["."], None),
        ([], [], ["missing"], []),
    ],
)
def test_filters(
    project: Path, include: list[str], exclude: list[str], follow_paths: list[str], expected: list[str] | None
) -> None:
    walked = paths(project, include=include, exclude=exclude, follow_paths=follow_paths)
    assert walked == (paths(project) if expected is None else expected)


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A directory with symlinks of all kinds."""
    return build(
        tmp_path / "links",
        {
            "one": Link("two/link"),
            "two/link": Link("../three"),
            "three": File(),
            "abs": Link("/deep/target"),
            "deep/target/file": File(),
            "deep/target/other": File(),
            "up": Link("../../../outside"),
            "outside": File(),
            "loop": Link("loop"),
            "longer": Link("longer/x"),
            "ping": Link("pong/x"),
            "pong": Link("ping/y"),
            "w1": Link("three"),
            "hard/out/apps/x": File(),
            "hard/out/lib/y": File(),
            "hard/out/current": Link("apps"),
            "soft": Link("hard"),
            "softer": Link("soft/out"),
            "trees/oak/leaf": Link("../../leaves/green"),
            "trees/elm/leaf": File(),
            "odd/[x]/leaf": Link("../../leaves/green"),
            "leaves/green": File(),
            "brackets[1]/f": File(),
            "into": Link("brackets[1]"),
        },
    )


@pytest.mark.parametrize(
    ("follow_paths", "expected"),
    [
        (["one"], ["one", "three", "two", "two/link"]),
        (["abs/file"], ["abs", "deep", "deep/target", "deep/target/file"]),
        (["abs/file", "abs/other"], ["abs", "deep", "deep/target", "deep/target/file", "deep/target/other"]),
        (["up"], ["outside", "up"]),
        (["loop"], ["loop"]),
        (["longer", "longer/y"], ["longer"]),
        (["ping/a", "pong/a"], ["ping", "pong"]),
        (["w?"], ["three", "w1"]),
        (["soft/out/apps"], ["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "soft"]),
        (
            ["soft/out/apps", "soft/out/lib"],
            ["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "hard/out/lib", "hard/out/lib/y", "soft"],
        ),
        (
            ["softer/apps", "softer/lib"],
            ["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "hard/out/lib", "hard/out/lib/y", "soft", "softer"],
        ),
        (["soft/out/current/x"], ["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "hard/out/current", "soft"]),
        (["softer/current/x"], ["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "hard/out/current", "soft", "softer"]),
        (
            ["soft/out/apps", "softer/lib", "soft/out/*/x"],
            [
                *["hard", "hard/out", "hard/out/apps", "hard/out/apps/x", "hard/out/current", "hard/out/lib", "hard/out/lib/y"],
                *["soft", "softer"],
            ],
        ),
        (["soft/out/nothing", "soft/out/lib"], ["hard", "hard/out", "hard/out/lib", "hard/out/lib/y", "soft"]),
        (["three/nothing"], []),
        (["Soft/out/lib"], []),
        (["*/elm/leaf", "soft/out/lib/y"], None),
        (["trees/*/leaf"], ["leaves", "leaves/green", "trees", "trees/elm", "trees/elm/leaf", "trees/oak", "trees/oak/leaf"]),
        ([r"odd/\[x]/leaf"], ["leaves", "leaves/green", "odd", "odd/[x]", "odd/[x]/leaf"]),
        (["into/f"], ["brackets[1]", "brackets[1]/f", "into"]),
    ],
    ids=repr,
)
def test_symlinks_of_followed_paths_are_taken_along(links: Path, follow_paths: list[str], expected: list[str] | None) -> None:
    assert paths(links, follow_paths=follow_paths) == (paths(links) if expected is None else expected)


def test_stat_of_each_kind_of_entry(tmp_path: Path) -> None:
    root = build(
        tmp_path / "r",
        {
            "dir": Dir(0o1777, 5),
            "file": File(b"abc", 0o4755, 7, (("user.k", b"v"),)),
            "link": Link("file"),
            "pipe": Pipe(0o620),
        },
    )
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket"))
        told = {stat.path: stat for stat in walk(str(root), owner=(0, 0))}
    assert told[b"dir"] == wire.Stat(b"dir", 0o777 | wire.DIRECTORY | wire.STICKY, mtime_ns=5)
    assert told[b"file"] == wire.Stat(b"file", 0o755 | wire.SETUID, size_bytes=3, mtime_ns=7, xattrs={b"user.k": b"v"})
    assert (told[b"link"].mode, told[b"link"].linkname) == (0o777 | wire.SYMLINK, b"file")
    assert told[b"pipe"].mode == 0o620 | wire.NAMED_PIPE
    assert told[b"socket"].has_content
    assert not told[b"pipe"].has_content


def test_a_device_has_its_numbers(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(tmp_path / "null", 0o020666, os.makedev(1, 3))
    (stat,) = walk(str(tmp_path))
    assert (stat.mode & wire.TYPE_BITS, stat.devmajor, stat.devminor) == (wire.DEVICE | wire.CHAR_DEVICE, 1, 3)


def test_hardlinks_point_to_the_first_that_passes(tmp_path: Path) -> None:
    root = build(tmp_path / "r", {"a": File(b"xyz"), "b": Hard("a"), "c": Hard("a")})
    assert [(stat.path, stat.linkname) for stat in walk(str(root))] == [(b"a", b""), (b"b", b"a"), (b"c", b"a")]
    assert [(stat.path, stat.linkname) for stat in walk(str(root), exclude=["a"])] == [(b"b", b""), (b"c", b"b")]


def test_owners_are_sent_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    (told,) = walk(str(tmp_path))
    (replaced,) = walk(str(tmp_path), owner=(3, 4))
    assert (told.uid, told.gid) == (os.geteuid(), os.getegid())
    assert (replaced.uid, replaced.gid) == (3, 4)


def test_names_that_are_not_text_pass_unchanged(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe"
    with open(raw, "wb"):
        pass
    assert [stat.path for stat in walk(str(tmp_path), exclude=["x"])] == [b"\xff\xfe"]


def test_the_root_may_be_a_symlink(tmp_path: Path) -> None:
    build(tmp_path / "real", {"f": File()})
    (tmp_path / "link").symlink_to("real")
    assert paths(tmp_path / "link") == ["f"]


def test_a_bad_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ContextError, match="is not a directory"):
        walk(str(tmp_path / "file"))
    with pytest.raises(ContextError, match="does not exist"):
        walk(str(tmp_path / "missing"))


def test_a_bad_pattern_is_refused_before_the_walk(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        walk(str(tmp_path), exclude=["!"])


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a subdirectory `locked` that may not be read."""
    root = build(tmp_path / "root", {"locked/pub/f": File(), "locked/f": File(), "open/f": File(), "link": Link("locked")})
    scandir, readlink = os.scandir, os.readlink

    def refuse_scandir(path: bytes | str) -> object:
        if os.fsencode(path).endswith(b"/locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def refuse_readlink(path: AnyStr) -> AnyStr:
        if b"/locked/" in os.fsencode(path):
            raise PermissionError(13, "Permission denied")
        return readlink(path)

    monkeypatch.setattr(os, "scandir", refuse_scandir)
    monkeypatch.setattr(os, "readlink", refuse_readlink)
    return root


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"exclude": ["locked/f"]},
        {"exclude": ["locked", "!locked/f"]},
        {"exclude": ["locked", "!locked/pub"]},
        {"exclude": ["locked", "!**/f"]},
        {"exclude": ["locked", "!**/f", "locked"]},
        {"exclude": ["*", "!*/f"]},
        {"include": ["locked"]},
        {"include": ["locked/pub/f"]},
        {"include": ["l*/f"]},
        {"include": ["**/pub"]},
        {"follow_paths": ["locked/pub"]},
        {"follow_paths": ["locked"]},
        {"follow_paths": ["*/f"]},
        {"follow_paths": ["**/f"]},
        {"follow_paths": ["link/f"]},
        {"follow_paths": ["open", "link"]},
        {"follow_paths": ["locked/pub"], "exclude": ["locked", "!locked/pub"]},
    ],
    ids=repr,
)
def test_an_unreadable_directory_fails_if_something_in_it_may_match(locked: Path, filters: dict[str, list[str]]) -> None:
    with pytest.raises(ContextError, match="^cannot read locked: permission denied$"):
        paths(locked, **filters)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"exclude": ["locked"]}, ["link", "open", "open/f"]),
        ({"exclude": ["l*"]}, ["open", "open/f"]),
        ({"exclude": ["!locked/f", "locked"]}, ["link", "open", "open/f"]),
        ({"exclude": ["*", "!open/*"]}, ["open", "open/f"]),
        ({"exclude": ["*", "![o-p]pen/f"]}, ["open", "open/f"]),
        ({"include": ["open"]}, ["open", "open/f"]),
        ({"include": ["[n-p]*/f"]}, ["open", "open/f"]),
        ({"include": ["*/f"], "exclude": ["locked"]}, ["open", "open/f"]),
        ({"follow_paths": ["open/f"]}, ["open", "open/f"]),
        ({"follow_paths": ["o*/f"]}, ["open", "open/f"]),
        ({"follow_paths": ["*/f"], "exclude": ["locked"]}, ["link", "open", "open/f"]),
        ({"follow_paths": ["locked/f"], "exclude": ["locked"]}, []),
    ],
    ids=repr,
)
def test_an_unreadable_directory_that_is_not_needed_is_skipped(
    locked: Path, filters: dict[str, list[str]], expected: list[str]
) -> None:
    assert paths(locked, **filters) == expected


def test_an_entry_without_permission_to_look_at_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build(tmp_path / "root", {"d/f": File(), "g": File()})
    monkeypatch.setattr(os, "listxattr", _refuse_in(b"/d/"))
    with pytest.raises(ContextError, match="^cannot read d/f: permission denied$"):
        paths(root)
    assert paths(root, include=["g"]) == ["g"]


def _refuse_in(directory: bytes) -> Callable[..., list[str]]:
    def refuse(path: bytes, *, follow_symlinks: bool) -> list[str]:
        if directory in path:
            raise PermissionError(13, "Permission denied")
        return []

    return refuse


def test_a_directory_that_vanishes_is_skipped(tmp_path: Path) -> None:
    build(tmp_path, {"a/f": File(), "b": File()})
    seen = []
    for stat in walk(str(tmp_path)):
        seen.append(stat.path)
        if stat.path == b"a":
            (tmp_path / "a" / "f").unlink()
            (tmp_path / "a").rmdir()
    assert seen == [b"a", b"b"]
