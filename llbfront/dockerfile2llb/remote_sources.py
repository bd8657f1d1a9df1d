"""Create the states of git and HTTP sources for ADD and build contexts.

Source: dispatchCopy in frontend/dockerfile/dockerfile2llb/convert_copy.go, DetectGitContext in frontend/dockerui/context.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront import llb
from llbfront.errors import InvalidValue
from llbfront.gostd import url
from llbfront.llb.op import NO_META

if TYPE_CHECKING:
    from llbfront.dockerfile2llb.git_ref import GitSource
    from llbfront.llb.op import OpMeta
    from llbfront.llb.state import State


def git_state(git: GitSource, *, advice: bool, mtime: str = "", meta: OpMeta = NO_META) -> State:
    """Return the State of a git source. `mtime` is an argument because ADD ignores the one in the URL."""
    return llb.git(
        git.remote,
        ref=git.ref,
        subdir=git.subdir,
        keep_git_dir=bool(git.keep_git_dir),
        checksum=git.checksum,
        skip_submodules=git.submodules is False,
        mtime=mtime,
        fetch_by_commit=git.fetch_by_commit,
        advice=advice,
        meta=meta,
    )


def http_filename(text: str) -> str:
    """Return the name of a downloaded file: the last part of the URL's path, or `__unnamed__`."""
    try:
        path = url.parse(text).path
    except InvalidValue:
        return "__unnamed__"
    last = path.rstrip("/").rpartition("/")[2]
    return last if last not in {"", "."} else "__unnamed__"
