"""Values of --mount and --device."""

import pytest

from llbfront.dockerfile.instructions import Device
from llbfront.dockerfile.mounts import Mount, MountType, Sharing, check_mount, mount_origin, parse_device, parse_mount
from llbfront.errors import FlagError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("target=/x", Mount(target="/x")),
        ("type=bind,src=a,dst=/x,rw", Mount(source="a", target="/x", readonly=False)),
        ("readwrite=false,destination=/x", Mount(target="/x")),
        ("TYPE=Cache,Target=/x", Mount(MountType.CACHE, target="/x", readonly=False)),
        (
            "type=cache,id=i,sharing=LOCKED,mode=0750,uid=1,gid=2,from=a,source=/s,ro,target=/x",
            Mount(MountType.CACHE, "a", "/s", "/x", id="i", sharing=Sharing.LOCKED, mode=0o750, uid=1, gid=2),
        ),
        ("type=tmpfs,target=/x,size=1.5g", Mount(MountType.TMPFS, target="/x", readonly=False, size_bytes=3 << 29)),
        ("type=tmpfs,target=/x,size=10 KiB", Mount(MountType.TMPFS, target="/x", readonly=False, size_bytes=10240)),
        ("type=tmpfs,size=1_0", Mount(MountType.TMPFS, readonly=False, size_bytes=10)),
        ("type=tmpfs,size=0x1p4k", Mount(MountType.TMPFS, readonly=False, size_bytes=16384)),
        ("type=tmpfs,size=inf ", Mount(MountType.TMPFS, readonly=False, size_bytes=-(1 << 63))),
        ("type=secret,id=k,required,env=", Mount(MountType.SECRET, id="k", required=True, env="")),
        ("type=secret,target=/k,required=0,mode=400", Mount(MountType.SECRET, target="/k", mode=0o400)),
        ("type=ssh", Mount(MountType.SSH)),
        ('"target=/a,b"', Mount(target="/a,b")),
        ('"target=/a""b",ro', Mount(target='/a"b')),
        ("target=$x", Mount(target="<$x>")),
        ("from=a$,target=/x", Mount(origin="<a$>", target="/x")),
    ],
)
def test_mounts(text: str, expected: Mount) -> None:
    check_mount(text)
    assert parse_mount(text, lambda word: f"<{word}>" if "$" in word else word) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type=bnid", 'unsupported mount type "bnid"'),
        ("type=nonsense", 'unsupported mount type "nonsense"'),
        ("target", "invalid field 'target' must be a key=value pair"),
        ("targt=/x", "unexpected key 'targt' in 'targt=/x'"),
        ("ro=maybe", "invalid value for ro: maybe"),
        ("required,type=secret,id=x", "unexpected key 'required' for mount type 'bind'"),
        ("type=bind,required=true", "unexpected key 'required' for mount type 'bind'"),
        ("type=cache,size=1", "unexpected key 'size' for mount type 'cache'"),
        ("type=tmpfs,size=big", "invalid value for size: big"),
        ("type=tmpfs,size=-1", "invalid value for size: -1"),
        ("type=tmpfs,size=1__0", "invalid value for size: 1__0"),
        ("type=tmpfs,size=0x10", "invalid value for size: 0x10"),
        ("type=tmpfs,size=1e400", "invalid value for size: 1e400"),
        ("type=cache,sharing=lock", 'unsupported sharing value "lock"'),
        ("type=cache,mode=8", "invalid value 8 for mode"),
        ("type=cache,uid=-1", "invalid value -1 for uid"),
        ("type=cache,gid=4294967296", "invalid value 4294967296 for gid"),
        ("mode=1", 'mode not allowed for "bind" type mounts'),
        ("type=tmpfs,gid=1", 'gid not allowed for "tmpfs" type mounts'),
        ("sharing=shared", "invalid cache sharing set for bind mount"),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,env=A", "invalid secret mount. one of source, target required"),
        ("type=secret,id=a,source=b", "both source and id can't be set"),
        ("type=secret,id=a,from=b", "secret mount should not have a from"),
        ("type=secret,id=a,sharing=shared", "secret mount should not define sharing"),
        ('a="b"', 'failed to parse csv mounts: parse error on line 1, column 3: bare " in non-quoted-field'),
        ('é,"a"b', 'failed to parse csv mounts: parse error on line 1, column 6: extraneous or missing " in quoted-field'),
        ('"a""b', 'failed to parse csv mounts: parse error on line 1, column 5: extraneous or missing " in quoted-field'),
    ],
)
def test_bad_mounts(text: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        parse_mount(text, str)
    assert caught.value.message == message


def test_variables_may_stand_anywhere_but_in_from() -> None:
    check_mount("type=$t,target=$x,nonsense")
    with pytest.raises(FlagError, match="'from' doesn't support variable expansion"):
        check_mount("type=cache,FROM=a$b")


@pytest.mark.parametrize(
    ("text", "origin"),
    [("type=bind,source=a", ""), ("from=a", "a"), ("type=bind,From=a,from=b", "b"), ("from", ""), ("target=/from,from=$a", "$a")],
)
def test_mount_origin(text: str, origin: str) -> None:
    assert mount_origin(text) == origin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b=c", Device("a/b=c")),
        ("a/b", Device("a/b")),
        ("name=a/b=c,required=true", Device("a/b=c", required=True)),
        ("Required,a/b", Device("a/b", required=True)),
    ],
)
def test_devices(text: str, expected: Device) -> None:
    assert parse_device(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b", "invalid field 'b' must be a key=value pair"),
        ("a/b,requird=1", "unexpected key 'requird' in 'requird=1'"),
        ("a/b,required=x", "invalid value for required: x"),
    ],
)
def test_bad_devices(text: str, message: str) -> None:
    with pytest.raises(FlagError) as caught:
        parse_device(text)
    assert caught.value.message == message
