"""The measurements of the benchmarks: what they count belongs to the program that was run."""

from __future__ import annotations

import os
import sys

import pytest

from bench import measure

LARGE_BYTES = 96 << 20


def test_the_peak_of_a_small_program_leaves_out_the_program_that_measures() -> None:
    ballast = b"x" * LARGE_BYTES
    measured = measure.run([sys.executable, "-S", "-c", "pass"], os.environ)
    assert len(ballast) == LARGE_BYTES
    assert 4 << 20 < measured.peak_bytes < 64 << 20


def test_memory_and_time_of_a_program_are_counted() -> None:
    measured = measure.run([sys.executable, "-S", "-c", f"x = b'x' * {LARGE_BYTES}; sum(range(2_000_000))"], os.environ)
    assert measured.peak_bytes > LARGE_BYTES
    assert measured.cpu_s > 0
    assert measured.wall_s > 0


def test_a_program_that_fails_ends_the_benchmark_with_its_words() -> None:
    with pytest.raises(SystemExit, match=r"(?s)code 3\n.*no luck"):
        measure.run([sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"], os.environ)


def test_a_program_that_does_not_exist_ends_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="no-such-program"):
        measure.run(["/no-such-program"], os.environ)
