"""Inputs of every kind are read once and whole, or are one clear error."""

from __future__ import annotations

import os
import pathlib
import socket

import pytest

from llbfront.errors import ContextError, OptionError
from llbfront.files import reading
from llbfront.files.reading import read_bytes, read_file, refuse_same_input
from tests.files import kinds


def test_a_regular_file_is_read(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "file") == read_bytes(tmp_path / "link") == b"text"


@pytest.mark.parametrize("data", [b"", b"text", b"x" * 300_000])
def test_a_named_pipe_is_read_to_its_end(tmp_path: pathlib.Path, data: bytes) -> None:
    with kinds.written(tmp_path / "pipe", data) as path:
        assert read_bytes(path) == data


def test_a_named_pipe_is_waited_for(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    child = os.fork()
    if not child:
        import time

        time.sleep(0.3)
        with path.open("wb", buffering=0) as pipe:
            time.sleep(0.2)
            pipe.write(b"late")
        os._exit(0)
    try:
        assert read_bytes(path) == b"late"
    finally:
        os.waitpid(child, 0)


def test_a_named_pipe_that_nobody_writes_to_is_given_up(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WRITER_PATIENCE_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ContextError, match=r"cannot read the key .*/pipe: no program opened the pipe for writing within 0.1 s"):
        read_file(tmp_path / "pipe", "the key")


def test_an_open_descriptor_is_read(tmp_path: pathlib.Path) -> None:
    with kinds.pipe(b"text") as path:
        (tmp_path / "link").symlink_to(path)
        assert read_bytes(tmp_path / "link") == b"text"


def test_a_descriptor_that_is_a_socket_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"text")
        theirs.close()
        assert read_bytes(f"/proc/self/fd/{ours.fileno()}") == b"text"


def test_a_descriptor_in_non_blocking_mode_is_read_to_its_end() -> None:
    reading_end, writing_end = os.pipe()
    os.set_blocking(reading_end, False)
    child = os.fork()
    if not child:
        import time

        for _ in range(3):
            time.sleep(0.1)
            os.write(writing_end, b"x")
        os._exit(0)
    os.close(writing_end)
    try:
        assert read_bytes(f"/dev/fd/{reading_end}") == b"xxx"
    finally:
        os.close(reading_end)
        os.waitpid(child, 0)


def test_a_device_is_read_as_far_as_the_limit() -> None:
    assert read_bytes("/dev/null") == b""
    with pytest.raises(ContextError, match="cannot read the key /dev/zero: it is larger than 100 bytes"):
        read_file("/dev/zero", "the key", limit_bytes=100)


def test_the_limit_itself_is_allowed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    assert len(read_bytes(tmp_path / "file", limit_bytes=100)) == 100


@pytest.mark.parametrize("name", kinds.UNUSABLE)
def test_invalid_input_is_one_line(tmp_path: pathlib.Path, name: str) -> None:
    make, reason = kinds.UNUSABLE[name]
    with pytest.raises(ContextError) as caught:
        read_file(make(tmp_path / "it"), "the key")
    assert str(caught.value).endswith(f": {reason}")
    assert str(caught.value).startswith("cannot read the key ")
    assert "\n" not in str(caught.value)


def test_a_descriptor_open_for_writing_is_not_an_input() -> None:
    reading_end, writing_end = os.pipe()
    try:
        with pytest.raises(ContextError, match="it is not open for reading"):
            read_file(f"/dev/fd/{writing_end}", "the key")
    finally:
        os.close(reading_end)
        os.close(writing_end)


def test_two_inputs_cannot_share_a_pipe(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("pipe")
    shared = [(str(tmp_path / "pipe"), "the Dockerfile"), (str(tmp_path / "link"), "the secret token")]
    with pytest.raises(OptionError, match="the Dockerfile and the secret token cannot both be read from .*/link"):
        refuse_same_input(shared)
    refuse_same_input([(str(tmp_path / "file"), "the Dockerfile"), (str(tmp_path / "file"), "the secret token")])
    refuse_same_input([("/dev/null", "the Dockerfile"), ("/dev/null", "the secret token")])


def test_a_descriptor_is_shared_under_each_of_its_names() -> None:
    with kinds.pipe(b"") as path, pytest.raises(OptionError, match="the Dockerfile and the key cannot both be read"):
        refuse_same_input([(path, "the Dockerfile"), (f"/proc/self/fd/{os.path.basename(path)}", "the key")])
