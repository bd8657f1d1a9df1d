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
    "image_options": llb.image(
        "ghcr.io/x/y:1@sha256:" + "a" * 64, record_type="internal", layer_limit=0, checksum="sha256:" + "b" * 64
    ),
    "local_options": llb.local("c", session="s", differ="none", metadata_only=True, metadata_only_except=("<a>",)),
    "git_options": llb.git(
        "ssh://u:p%40@h:22/~x/a b.git",
        ref="r",
        keep_git_dir=True,
        auth_token_secret="T",
        ssh_socket="id",
        known_ssh_hosts=("a\n", "b"),
        checksum="c",
        skip_submodules=True,
        mtime="commit",
        fetch_by_commit=True,
        bundle="b",
        bundle_store="st",
        checkout_bundle=True,
    ),
    "http_options": llb.http(
        "http://h/f",
        checksum="sha256:" + "c" * 64,
        perm=0o4755,
        uid=1,
        gid=2,
        auth_header_secret="H",
        accept="a",
        user_agent="b",
        public_key="k",
        signature="s",
    ),
    "oci_layout": llb.oci_layout("x@sha256:" + "a" * 64, session="s", store="t", layer_limit=3),
    "blob": llb.blob("a/b@sha256:" + "a" * 64, filename="f", perm=0o600),
    "oci_blob": llb.blob("a/b@sha256:" + "a" * 64, oci_layout=True, session="s", store="t", uid=1),
    "owners": busybox.file(
        llb.Mkdir("d", 0o1777, owner=llb.Owner.parse("u:")),
        llb.Mkfile("f", owner=llb.Owner.parse("-1:+5"), timestamp_ns=0),
        llb.Symlink("a", "b", owner=llb.Owner.parse(":g")),
        llb.Copy(busybox, "..", "/.", mode="u+x", required_paths=("",), always_replace_existing_dest_paths=True),
        llb.Rm("x/", allow_wildcard=True),
    ),
    "chain": busybox.with_cwd("/w").file(
        llb.Mkdir("a"),
        llb.Copy(llb.FileActions(local.with_cwd("/c"), (llb.Mkfile("m"), llb.Copy(arm64, "q", "n/"))), "m", "o"),
    ),
    "exec_options": busybox.with_env({"PATH": "/p", "SSH_AUTH_SOCK": "x"})
    .with_extra_hosts(llb.HostIP("h", "1.2.3.4"))
    .with_ulimits(llb.Ulimit("core", 0, -1))
    .with_hostname("n")
    .with_cgroup_parent("g")
    .with_security(llb.SecurityMode.INSECURE)
    .run(
        ("x", ""),
        readonly_root=True,
        proxy=llb.ProxyEnv(no_proxy="n"),
        valid_exit_codes=(0, 300),
        extra_hosts=(llb.HostIP("i", "fe80::1"),),
        platform=Platform("windows", "amd64", os_version="10.0.1", os_features=("b", "a")),
        mounts=(
            llb.Ssh("a", uid=1, gid=2, mode=0),
            llb.Cache("/c", id="i", sharing=llb.Sharing.PRIVATE, source=local, selector="s", readonly=True),
            llb.Bind("/C", local, content_cache=llb.ContentCache.OFF),
            llb.Secret("b", target="t", env="", uid=1, gid=2, mode=0o777),
        ),
    )
    .mount("/C"),
    "exec_scratch": llb.scratch().run(("a",)).root,
    "filters": llb.image("busybox", meta=llb.OpMeta(worker_filters=("f", ""))),
    "requires_output": llb.merge(*llb.passthrough("p", busybox, local, outputs=(0, 1))),
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
