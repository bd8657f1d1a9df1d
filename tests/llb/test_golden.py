"""Each kind of op against the bytes and the digest that BuildKit's own client gives it."""

import pathlib

import pytest

from llbfront import llb
from llbfront.llb.state import State
from llbfront.oci import digest as digests
from llbfront.oci.platform import Platform

AMD64 = Platform("linux", "amd64")
TABLE = pathlib.Path(__file__).parent.parent / "data" / "llb" / "golden.txt"
GOLDEN = {
    name: (digest, bytes.fromhex(data))
    for name, digest, data in (line.split(" | ") for line in TABLE.read_text().splitlines() if not line.startswith("#"))
}

busybox = llb.image("busybox:1")
local = llb.local("context", session="s1")
directory = llb.scratch().file(llb.Mkdir("/a", parents=True))
arm64 = llb.image("busybox:1", platform=Platform("linux", "arm64", "v8"))

command = (
    busybox.with_cwd("/w")
    .with_user("u")
    .with_env({"A": "1", "B": "2"})
    .with_env({"A": "3"})
    .with_network(llb.NetMode.HOST)
    .run(
        ("/bin/sh", "-c", "x"),
        mounts=(
            llb.Bind("/m", local, selector="/s", readonly=True),
            llb.Cache("/c", id="//c", sharing=llb.Sharing.LOCKED),
            llb.Tmpfs("/t", 1024),
            llb.Bind("/b", local, output=False),
            llb.Scratch("/o"),
            llb.Secret("k", target="/run/secrets/k", optional=True),
            llb.Secret("e", env="E"),
            llb.Ssh(optional=True),
        ),
        devices=(("v/d=x", True),),
    )
)

copies = (
    llb.scratch()
    .with_cwd("/d")
    .file(
        llb.Copy(
            local,
            "a",
            "b/",
            mode=0o755,
            owner=llb.Owner(1, "g"),
            include_patterns=("i",),
            exclude_patterns=("e",),
            timestamp_ns=1_000_000_005,
            follow_symlink=True,
            dir_copy_contents=True,
            create_dest_path=True,
            allow_wildcard=True,
            allow_empty_wildcard=True,
            attempt_unpack=True,
        ),
        llb.Copy(busybox, "/x", "/y"),
        llb.Rm("/q", allow_not_found=True),
    )
)

STATES: dict[str, State] = {
    "image": busybox,
    "image_pull": llb.image("busybox:1", resolve_mode=llb.ResolveMode.PULL),
    "image_arm64": arm64,
    "exec_arm64": arm64.run(("a",)).root,
    "local": local,
    "local_lists": llb.local(
        "context", session="s1", shared_key_hint="context", exclude_patterns=("a&b", "é"), follow_paths=("z",)
    ),
    "local_empty_attrs": llb.source("local://x", {"local.session": "", "a": ""}),
    "http": llb.http("https://h/f", filename="f", perm=0o644),
    "git": llb.git("https://h/r.git", ref="v1", advice=True),
    "git_ssh": llb.git("git@h:o/r.git", ref="main", subdir="sub", known_ssh_hosts=("h ssh-rsa AAA",)),
    "mkfile": llb.scratch().file(llb.Mkfile("x", b"hi")),
    "mkfile_empty": llb.scratch().file(llb.Mkfile("x")),
    "mkdir": directory,
    "symlink": llb.scratch().with_cwd("/d").file(llb.Symlink("t", "l")),
    "merge": llb.merge(busybox, directory, llb.scratch(), directory),
    "diff": llb.diff(busybox, directory),
    "diff_scratch": llb.diff(busybox, llb.scratch()),
    "passthrough": busybox.requires("dep", directory),
    "build": local.build("f.pb"),
    "copy": copies,
    "exec": command.root,
    "terminal": command.mount("/o"),
}


@pytest.mark.parametrize("name", STATES)
def test_bytes_and_digest(name: str) -> None:
    digest, data = GOLDEN[name]
    definition = llb.marshal(STATES[name], platform=AMD64)
    place = -1 if name == "terminal" else -2
    assert definition.ops[place].hex() == data.hex()
    assert definition.digests[place] == digest == digests.of(data)


def test_every_golden_op_is_built() -> None:
    assert STATES.keys() == GOLDEN.keys()
