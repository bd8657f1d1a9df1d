"""Settings become a buildkitd.toml, read back here by a TOML reader."""

import tomllib

import pytest

from llbfront.engine import config, directories
from llbfront.errors import EngineError

HERE = directories.apart("/engine", {"HOME": "/home/ali"})


def rendered(settings: config.Settings) -> dict[str, object]:
    return tomllib.loads(config.render(settings, HERE, runc="/usr/sbin/runc"))


def test_the_default_listens_on_its_own_socket_only() -> None:
    text = rendered(config.Settings())
    assert text["root"] == "/engine/state/root"
    assert text["grpc"] == {"address": ["unix:///engine/run/buildkitd.sock"]}
    assert text["worker"] == {
        "oci": {"enabled": True, "snapshotter": "auto", "binary": "/usr/sbin/runc", "gc": True},
        "containerd": {"enabled": False},
    }
    assert text["otel"] == {"socketPath": "/engine/run/otel.sock"}
    assert "registry" not in text
    assert "insecure-entitlements" not in text


def test_registries_have_mirrors_and_may_be_plain_http() -> None:
    registries = (
        config.Registry("docker.io", mirrors=("127.0.0.1:5000", "mirror.example")),
        config.Registry("127.0.0.1:5000", is_http=True),
        config.Registry("self.example", is_insecure=True),
    )
    assert rendered(config.Settings(registries=registries))["registry"] == {
        "docker.io": {"mirrors": ["127.0.0.1:5000", "mirror.example"]},
        "127.0.0.1:5000": {"http": True},
        "self.example": {"insecure": True},
    }


def test_everything_that_may_be_chosen() -> None:
    settings = config.Settings(
        snapshotter="native", has_gc=False, max_parallelism=3, entitlements=("network.host",), extra="[history]\nmaxEntries = 7\n"
    )
    text = rendered(settings)
    assert text["worker"]["oci"] == {  # type: ignore[index]
        "enabled": True, "snapshotter": "native", "binary": "/usr/sbin/runc", "gc": False, "max-parallelism": 3
    }  # fmt: skip
    assert text["insecure-entitlements"] == ["network.host"]
    assert text["history"] == {"maxEntries": 7}


def test_without_root_the_worker_knows_it() -> None:
    worker = tomllib.loads(config.render(config.Settings(), HERE, runc="runc", is_rootless=True))["worker"]
    assert worker["oci"]["rootless"] is True


def test_names_are_quoted_as_toml_wants() -> None:
    odd = 'a"b\\c é'
    assert rendered(config.Settings(registries=(config.Registry(odd, is_http=True),)))["registry"] == {odd: {"http": True}}


@pytest.mark.parametrize(
    "name", ["\N{SPOUTING WHALE}", "a b", 'a"b', "a'b", "a\\b", "a\nb", "a\tb", "\x01\x7f", "{}", "$HOME", "ä", "\u2028", "#", "="]
)
def test_any_path_is_valid(name: str) -> None:
    there = directories.apart(f"/{name}", {"HOME": "/home/ali"})
    text = tomllib.loads(config.render(config.Settings(), there, runc=f"/{name}/runc"))
    assert text["root"] == f"/{name}/state/root"
    assert text["grpc"]["address"] == [f"unix:///{name}/run/buildkitd.sock"]
    assert text["worker"]["oci"]["binary"] == f"/{name}/runc"


def test_a_path_that_is_not_text_is_refused() -> None:
    with pytest.raises(EngineError, match="not UTF-8"):
        config.render(config.Settings(), directories.apart("/\udcff", {"HOME": "/home/ali"}), runc="runc")
