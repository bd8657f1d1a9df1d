"""The paths that diffs of git and diff -u name."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

from llbfront.client.git import changed_files
from llbfront.client.git.unified_diff import paths_of, unquoted
from llbfront.errors import ContextError

HUNK = "@@ -1 +1 @@\n-1\n+2\n"
DIFFS = {
    "an ordinary file": (f"diff --git a/x b/x\n--- a/x\n+++ b/x\n{HUNK}", ["x"]),
    "a name with blanks": (f"diff --git a/a b/x y b/a b/x y\n--- a/a b/x y\t\n+++ b/a b/x y\t\n{HUNK}", ["a b/x y"]),
    "a quoted name": (f'diff --git "a/\\303\\244" "b/\\303\\244"\n--- "a/\\303\\244"\n+++ "b/\\303\\244"\n{HUNK}', ["ä"]),
    "a tab in a name": (f'diff --git "a/t\\tb" "b/t\\tb"\n--- "a/t\\tb"\n+++ "b/t\\tb"\n{HUNK}', ["t\tb"]),
    "prefixes of the work tree": (f"diff --git i/d/x w/d/x\n--- i/d/x\n+++ w/d/x\n{HUNK}", ["d/x"]),
    "no prefixes": (f"diff --git d/x d/x\n--- d/x\n+++ d/x\n{HUNK}", ["d/x"]),
    "a binary file": ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", ["x"]),
    "a mode": ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", ["x"]),
    "a renamed file": ('diff --git a/x "b/\\303\\244"\nsimilarity index 100%\nrename from x\nrename to "\\303\\244"\n', ["x", "ä"]),
    "a new file": (f"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n{HUNK}", ["x"]),
    "a merge": ("diff --cc d/x\n--- a/d/x\n+++ b/d/x\n@@@ -1,1 -1,1 +1,1 @@@\n- 1\n -2\n++3\n", ["d/x"]),
    "lines that look like heads": ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/no\n-q\n+++ b/no\n+q\n", ["x"]),
    "diff -u with times": (f"--- x.orig\t2026-01-01\n+++ x\t2026-01-02\n{HUNK}", ["x.orig", "x"]),
    "diff -ru": (f"diff -ru old/d/x new/d/x\n--- old/d/x\t2026\n+++ new/d/x\t2026\n{HUNK}", ["d/x"]),
    "two files of diff -u": (f"--- a/x\n+++ b/x\n{HUNK}--- a/y\n+++ b/y\n{HUNK}", ["x", "y"]),
    "CR LF": (f"diff --git a/x b/x\n--- a/x\n+++ b/x\n{HUNK}".replace("\n", "\r\n"), ["x"]),
    "a form feed in a line": ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\f--- a/no\n+2\n", ["x"]),
}


@pytest.mark.parametrize("name", DIFFS)
def test_paths(name: str) -> None:
    text, expected = DIFFS[name]
    assert list(paths_of(text)) == expected


@pytest.mark.parametrize(
    "setting", ["core.quotePath=true", "core.quotePath=false", "diff.mnemonicPrefix=true", "diff.noprefix=true"]
)
def test_diffs_that_git_writes(tmp_path: pathlib.Path, setting: str) -> None:
    names = ["ä.txt", "a b/x y.txt", "t\tb", 'q"q', "b", os.fsdecode(b"\xff"), "new\nline"]
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=n@example.com", "-c", setting]
    (tmp_path / "a b").mkdir()
    for number in range(2):
        for name in names:
            (tmp_path / name).write_text(f"{number}\n")
        if number == 0:
            for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
                subprocess.run([*git, *arguments], check=True)
    diff = subprocess.run([*git, "diff", "HEAD"], check=True, capture_output=True).stdout
    assert set(changed_files.of_diff(os.fsdecode(diff), str(tmp_path))) == {os.path.join(tmp_path, name) for name in names}


@pytest.mark.parametrize("text", ["x\n", "no diff", "\x1b[1mdiff --git a/x b/x\x1b[m\n"])
def test_a_text_that_is_not_a_diff(tmp_path: pathlib.Path, text: str) -> None:
    with pytest.raises(ContextError, match="not a unified diff"):
        changed_files.of_diff(text, str(tmp_path))


def test_an_empty_diff_names_nothing(tmp_path: pathlib.Path) -> None:
    assert changed_files.of_diff("\n", str(tmp_path)) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"x\ny",
        b"x\r\ny\r\n",
        b"x\0y\0",
        b'"x"\n"\\171"\n',
        b"\n./x\n\ny\n",
        "\ufeffx\r\ny\r\n".encode("utf-16-le"),
        b"\xef\xbb\xbfx\ny\n",
    ],
)
def test_lists(tmp_path: pathlib.Path, data: bytes) -> None:
    assert changed_files.of_list(data, str(tmp_path)) == (str(tmp_path / "x"), str(tmp_path / "y"))


@pytest.mark.parametrize("name", ['"', '""', 'a"', "x"])
def test_names_without_quotes_stay(name: str) -> None:
    assert unquoted(name) == name.replace('""', "")


@pytest.mark.parametrize("option", ["-p", "--output={}", "--no-index", "..", "..."])
def test_options_are_not_ranges(tmp_path: pathlib.Path, option: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    written = tmp_path / "written"
    with pytest.raises(ContextError, match="is not a range of git"):
        changed_files.of_range(option.format(written), str(tmp_path))
    assert not written.exists()
