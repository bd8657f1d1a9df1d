"""Build graphs by hand: calls create States, and `marshal` makes a Definition of one, which an engine can solve.

    from llbfront import llb
    from llbfront.oci.platform import Platform

    base = llb.image("docker.io/library/golang:1.24")
    src = llb.local("context", include_patterns=("go.mod", "**/*.go"))
    build = base.with_env(CGO_ENABLED="0").with_cwd("/src").run(
        ("go", "build", "-o", "/out/app", "."),
        mounts=(llb.Bind("/src", src, readonly=True), llb.Scratch("/out"), llb.Cache("/cache", id="go")),
    )
    final = llb.scratch().file(llb.Copy(build.mount("/out"), "/app", "/app", mode=0o755))
    definition = llb.marshal(final, platform=Platform("linux", "amd64"))

Source: client/llb of BuildKit.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from llbfront.llb.caps import Caps
from llbfront.llb.definition import Definition, SourceMap
from llbfront.llb.exec_settings import Env, HostIP, NetMode, ProxyEnv, SecurityMode, Settings, Ulimit
from llbfront.llb.files import Copy, FileAction, FileActions, Mkdir, Mkfile, Owner, Rm, Symlink
from llbfront.llb.marshal import marshal
from llbfront.llb.mounts import Bind, Cache, ContentCache, Mount, Scratch, Secret, Sharing, Ssh, Tmpfs
from llbfront.llb.op import LinuxResources, Op, OpMeta, Output, ProgressGroup
from llbfront.llb.sources import ResolveMode, blob, http, image, local, oci_layout, source
from llbfront.llb.state import Exec, State, diff, merge, passthrough, scratch

if TYPE_CHECKING:
    from llbfront.llb.git_source import git
    from llbfront.llb.loading import decode, load, sources_of

__all__ = [
    "Bind", "Cache", "Caps", "ContentCache", "Copy", "Definition", "Env", "Exec", "FileAction", "FileActions", "HostIP", "LinuxResources",
    "Mkdir", "Mkfile", "Mount", "NetMode", "Op", "OpMeta", "Output", "Owner", "ProgressGroup", "ProxyEnv", "ResolveMode", "Rm",
    "Scratch", "Secret", "SecurityMode", "Settings", "Sharing", "SourceMap", "Ssh", "State", "Symlink", "Tmpfs", "Ulimit", "blob",
    "decode", "diff", "git", "http", "image", "load", "local", "marshal", "merge", "oci_layout", "passthrough", "scratch", "source",
    "sources_of",
]  # fmt: skip


_LAZY = {"decode": "loading", "git": "git_source", "load": "loading", "sources_of": "loading"}


def __getattr__(name: str) -> object:
    """Load the modules that many graphs do not need when a name of theirs is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"llbfront.llb.{_LAZY[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
