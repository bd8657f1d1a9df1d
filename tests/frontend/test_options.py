"""Frontend options: each one's value, and the errors of wrong ones."""

import pytest

from llbfront.errors import OptionError
from llbfront.frontend.options import read_options
from llbfront.llb.exec_settings import HostIP, NetMode, Ulimit
from llbfront.llb.op import LinuxResources
from llbfront.oci.platform import Platform

WORKERS = (Platform("linux", "amd64"),)


def test_values_are_read() -> None:
    options = read_options(
        {
            "platform": "linux/arm64/v8,windows/amd64",
            "add-hosts": "A=10.0.0.1,b=::FFFF:1.2.3.4,c=2001:db8:0:0:1::1",
            "ulimit": "nofile=1:2,cpu=3",
            "shm-size": "64",
            "memory": "10",
            "memswap": "-1",
            "cpusetcpus": "0-2,5",
            "force-network-mode": "none",
            "no-cache": "",
            "build-arg:A": "1",
            "label:l": "v",
            "cache-from": "a,b",
        },
        WORKERS,
    )
    settings = options.convert_options
    assert options.platforms == (Platform("linux", "arm64"), Platform("windows", "amd64"))
    assert settings.multi_platform
    assert settings.extra_hosts == (HostIP("a", "10.0.0.1"), HostIP("b", "1.2.3.4"), HostIP("c", "2001:db8::1:0:0:1"))
    assert settings.ulimits == (Ulimit("nofile", 1, 2), Ulimit("cpu", 3, 3))
    assert settings.linux_resources == LinuxResources(memory_bytes=10, memory_swap_bytes=-1, cpuset_cpus="0-2,5")
    assert (settings.shm_size_bytes, settings.network) == (64, NetMode.NONE)
    assert settings.is_uncached("any")
    assert (settings.build_args, settings.labels) == ({"A": "1"}, {"l": "v"})
    assert [each.attrs for each in options.cache_imports] == [{"ref": "a"}, {"ref": "b"}]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("platform", "nope/"),
        ("platform", "linux,"),
        ("add-hosts", "a"),
        ("add-hosts", "a=host-gateway"),
        ("ulimit", "as=1"),
        ("ulimit", "nofile=2:1"),
        ("ulimit", "nofile=-1:5"),
        ("shm-size", "1k"),
        ("memory", "0"),
        ("memswap", "-2"),
        ("cpushares", "-1"),
        ("cpusetcpus", "3-1"),
        ("cpusetmems", "9000"),
        ("force-network-mode", "bridge"),
        ("image-resolve-mode", "always"),
        ("multi-platform", "maybe"),
        ("cache-imports", "{"),
        ("cache-imports", "{}"),
        ("cache-imports", "[" * 100_000),
        ("memory", "9" * 5000),
        ("cpusetcpus", "0-" + "9" * 5000),
        ("cache-imports", '["registry"]'),
        ("cache-imports", '[{"Type": 1}]'),
        ("cache-imports", '[{"Attrs": {"ref": 1}}]'),
        ("build-arg:BUILDKIT_GIT_ADVICE", "x"),
        ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "odd"),
        ("build-arg:BUILDKIT_DISABLE_FILEOP", "1"),
        ("override-copy-image", "x"),
        ("attest:nope", ""),
        ("attest:sbom", "generator=BAD"),
    ],
)
def test_a_wrong_value_is_an_error(key: str, value: str) -> None:
    with pytest.raises(OptionError):
        read_options({key: value}, WORKERS)


def test_one_platform_asked_as_several_is_a_conflict() -> None:
    with pytest.raises(OptionError, match="conflicting config"):
        read_options({"platform": "linux/amd64,linux/arm64", "multi-platform": "0"}, WORKERS)


def test_another_frontend_gets_build_arguments_as_options() -> None:
    options = {"build-arg:BUILDKIT_MULTI_PLATFORM": "1", "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "h", "hostname": "other"}
    assert read_options(options, WORKERS).texts == {**options, "multi-platform": "1", "hostname": "h"}
    assert "hostname" not in read_options({"build-arg:BUILDKIT_SANDBOX_HOSTNAME": ""}, WORKERS).texts
