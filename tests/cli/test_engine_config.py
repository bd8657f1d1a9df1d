"""The settings of the private engine: flags change them, a file keeps them."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from llbfront.cli.engine_config import changed
from llbfront.cli.main import main, parse_arguments
from llbfront.engine import directories, settings
from llbfront.engine.config import Registry, Settings
from llbfront.errors import EngineError, OptionError

if TYPE_CHECKING:
    import pathlib


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", Settings()),
        ("--mirror docker.io=a --mirror docker.io=b", Settings(registries=(Registry("docker.io", mirrors=("a", "b")),))),
        ("--http a --insecure a", Settings(registries=(Registry("a", is_http=True, is_insecure=True),))),
        ("--allow network.host --allow device", Settings(entitlements=("network.host", "device"))),
        ("--gc off", Settings(has_gc=False)),
        (
            "--max-used-space 1k --reserved-space 1 --min-free-space 2",
            Settings(max_used_bytes=1024, reserved_bytes=1, min_free_bytes=2),
        ),
        ("--max-parallelism 3", Settings(max_parallelism=3)),
        ("--listen tcp://127.0.0.1:1234", Settings(addresses=("tcp://127.0.0.1:1234",))),
    ],
)
def test_changes(words: str, expected: Settings) -> None:
    parsed = parse_arguments(["engine", "config", *words.split()])
    once = changed(Settings(), parsed)
    assert once == expected
    assert changed(once, parsed) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--max-parallelism 0", Settings(has_gc=False, max_used_bytes=1)),
        ("--gc on", Settings(max_parallelism=2, max_used_bytes=1)),
        ("--max-used-space 0", Settings(max_parallelism=2, has_gc=False)),
    ],
)
def test_changes_back(words: str, expected: Settings) -> None:
    settings = Settings(max_parallelism=2, has_gc=False, max_used_bytes=1)
    assert changed(settings, parse_arguments(["engine", "config", *words.split()])) == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--allow network.hst", "there is no entitlement 'network.hst' (did you mean network.host?)"),
        ("--mirror docker.io", "--mirror takes HOST=VALUE, not 'docker.io'"),
        ("--mirror =x", "--mirror takes the host of a registry, such as docker.io or localhost:5000, not ''"),
        ("--http http://a", "--http takes the host of a registry, such as docker.io or localhost:5000, not 'http://a'"),
        ("--ca a=/nonexistent/file", "--ca names a file that does not exist: /nonexistent/file"),
        ("--listen 1234", "--listen takes an address such as tcp://127.0.0.1:1234, not '1234'"),
        ("--max-used-space lots", "--max-used-space takes a size such as 10GB, not 'lots'"),
        ("--max-parallelism -1", "--max-parallelism takes a number from 0, not -1"),
    ],
)
def test_wrong_settings(words: str, message: str) -> None:
    with pytest.raises(OptionError) as refused:
        changed(Settings(), parse_arguments(["engine", "config", *words.split()]))
    assert str(refused.value) == message


def test_settings_are_saved_and_become_the_configuration(tmp_path: pathlib.Path) -> None:
    places = directories.apart(str(tmp_path))
    assert settings.load_settings(places) == Settings()
    saved = Settings(
        registries=(Registry("a", mirrors=("b",), is_http=True, ca=("/c",)),),
        has_gc=False,
        entitlements=("device",),
        min_free_bytes=7,
    )
    settings.save(saved, places)
    assert settings.load_settings(places) == saved


def test_damaged_settings_are_named(tmp_path: pathlib.Path) -> None:
    places = directories.apart(str(tmp_path))
    settings.save(Settings(), places)
    (tmp_path / "state/settings.json").write_text("{")
    with pytest.raises(EngineError, match="cannot be read"):
        settings.load_settings(places)


def test_the_command_prints_the_configuration(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("")
    assert main(["engine", "config", "--ca", f"a={tmp_path}/ca.pem", "--max-used-space", "1k"]) == 0
    document = tomllib.loads(capsys.readouterr().out)
    assert document["registry"] == {"a": {"ca": [f"{tmp_path}/ca.pem"]}}
    assert document["worker"]["oci"]["maxUsedSpace"] == 1024
    assert main(["engine", "config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["max_used_bytes"] == 1024
    assert main(["engine", "config", "--reset"]) == 0
    assert "registry" not in tomllib.loads(capsys.readouterr().out)
