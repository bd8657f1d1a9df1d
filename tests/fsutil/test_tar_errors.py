"""Damaged tars: one error for whatever they raise."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
from typing import Literal

import pytest

from llbfront.fsutil.tar_errors import DamagedTar, damaged_is_one_error


def sample_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("a", "b" * 150, "ü/x"):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = 300, 1.5
            entry.pax_headers = {"GNU.sparse.map": "0,1"} if name == "a" else {}
            archive.addfile(entry, io.BytesIO(b"x" * 300))
    return packed.getvalue()


Mode = Literal["r:*", "r|*"]
MODES: tuple[Mode, ...] = ("r:*", "r|*")
TAR = sample_tar()
TARS = {"tar": TAR, "gzip": gzip.compress(TAR, mtime=0), "bzip2": bz2.compress(TAR), "xz": lzma.compress(TAR)}


def open_tar(data: bytes, mode: Mode) -> tarfile.TarFile:
    if mode == "r|*":
        return tarfile.open(fileobj=io.BytesIO(data), mode="r|*")
    return tarfile.open(fileobj=io.BytesIO(data), mode="r:*")


def read(data: bytes, mode: Mode) -> None:
    with damaged_is_one_error(), open_tar(data, mode) as archive:
        for entry in archive:
            if mode == "r:*" and entry.isfile() and (file := archive.extractfile(entry)):
                file.read()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not a tar"),
        (b"FROM scratch\n", "it is not a tar"),
        (TARS["gzip"][:40], "Compressed file ended before the end-of-stream marker was reached"),
        (TARS["xz"][:-60] + b"\xff" * 8 + TARS["xz"][-52:], "it is not a tar"),
    ],
    ids=["nothing", "a Dockerfile", "cut gzip", "damaged xz"],
)
def test_a_damaged_tar_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(DamagedTar) as caught:
        read(data, "r:*")
    assert str(caught.value) == reason


def reason_of(data: bytes, mode: Mode) -> str:
    try:
        read(data, mode)
    except DamagedTar as error:
        return str(error)
    return ""


@pytest.mark.parametrize("seed", range(8))
def test_a_mutated_tar_is_read_or_has_a_reason_of_one_line(seed: int) -> None:
    dice = random.Random(seed)
    outcomes = set()
    for _ in range(300):
        data = bytearray(dice.choice(list(TARS.values())))
        for _ in range(dice.randint(1, 5)):
            place = dice.randrange(len(data))
            if dice.random() < 0.7:
                data[place] = dice.randrange(256)
            else:
                data[place:] = data[place : place + dice.randrange(1, len(data))]
        outcomes.add(reason_of(bytes(data), dice.choice(MODES)))
    assert {"", "it is not a tar"} < outcomes
    assert not [text for text in outcomes if "\n" in text]
