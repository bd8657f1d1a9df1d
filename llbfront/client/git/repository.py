"""Ask git: run its commands, and read the files of a revision.

Source: the manuals of git rev-parse and git cat-file.
"""

from __future__ import annotations

import os
import subprocess

import attrs

from llbfront.errors import ContextError
from llbfront.files.paths import absolute_path, real_path

_TIMEOUT_S = 60
BLOB, TREE = "blob", "tree"


def run(directory: str, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in a directory and return its output. Raises: ContextError."""
    command = ["git", "-C", directory, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, input=stdin, timeout=_TIMEOUT_S)
    except FileNotFoundError:
        raise ContextError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise ContextError(f"git {arguments[0]} did not end within {_TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise ContextError(f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip().partition(chr(10))[0]}")
    return done.stdout


def toplevel(directory: str) -> str:
    """Return the root of the git repository of a directory. Raises: ContextError."""
    return os.fsdecode(run(directory, "rev-parse", "--show-toplevel")).rstrip("\n")


@attrs.frozen
class Revision:
    """A commit of a repository. `name` is how the user calls it, `root` the directory of the repository."""

    name: str
    commit: str
    root: str

    @classmethod
    def find(cls, name: str, directory: str) -> Revision | None:
        """Return the revision of a name in the repository of a directory, None if there is no such revision or no repository."""
        if not name or name.startswith("-") or "\n" in name:
            return None
        try:
            root = toplevel(directory)
            commit = run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except ContextError:
            return None
        return cls(name, commit.decode().strip(), root)

    def relative(self, path: str) -> str:
        """Return a path of the file system as a path in the repository, empty for its root. Raises: ContextError."""
        absolute = absolute_path(path)
        parent, name = (real_path(absolute), "") if os.path.isdir(absolute) else os.path.split(absolute)
        relative = os.path.relpath(os.path.join(real_path(parent), name), real_path(self.root))
        if relative.split(os.sep)[0] == os.pardir:
            raise ContextError(f"{path} is outside the git repository {self.root}")
        return "" if relative == os.curdir else relative

    def read(self, path: str) -> tuple[str, bytes] | None:
        """Return the kind (`blob`, `tree`) and the content of a path in the repository, None if it does not exist.

        Symlinks inside the repository are followed. Raises: ContextError if git fails.
        """
        if "\n" in path:
            return None
        line = os.fsencode(f"{self.commit}:{path}\n")
        head, _, rest = run(self.root, "cat-file", "--batch", "--follow-symlinks", stdin=line).partition(b"\n")
        fields = head.split(b" ")
        if len(fields) != 3 or fields[1].decode(errors="replace") not in {BLOB, TREE} or not fields[2].isdigit():
            return None
        return fields[1].decode(), rest[: int(fields[2])]
