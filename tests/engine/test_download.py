"""Programs that download are tried again."""

import pathlib
import subprocess

import pytest

from llbfront.engine.download import run_download

SCRIPT = 'n=$(cat count 2>/dev/null || echo 0); n=$((n+1)); echo $n > count; echo "attempt $n"; [ $n -ge "$0" ]'


@pytest.mark.parametrize(
    ("succeeds_at", "attempts", "exit_code", "runs", "pauses"),
    [(1, 3, 0, 1, 0), (2, 3, 0, 2, 1), (3, 3, 0, 3, 2), (4, 3, 1, 3, 2), (2, 1, 1, 1, 0), (1, 1, 0, 1, 0)],
)
def test_a_failed_download_is_tried_again(
    tmp_path: pathlib.Path, succeeds_at: int, attempts: int, exit_code: int, runs: int, pauses: int
) -> None:
    slept: list[float] = []
    process = run_download(["sh", "-c", SCRIPT, str(succeeds_at)], attempts=attempts, pause_s=0.5, sleep=slept.append, cwd=tmp_path)
    assert process.returncode == exit_code
    assert process.stdout == f"attempt {runs}\n"
    assert (tmp_path / "count").read_text() == f"{runs}\n"
    assert slept == [0.5] * pauses


def test_both_output_streams_are_returned() -> None:
    process = run_download(["sh", "-c", "echo out; echo err >&2; exit 3"], attempts=1)
    assert (process.returncode, process.stdout) == (3, "out\nerr\n")
    with pytest.raises(subprocess.CalledProcessError):
        process.check_returncode()
