"""The demo of the README, as a user runs it."""

import re
import subprocess
import sys

import pytest

from tests.live.conftest import Engine


@pytest.mark.timeout(600)
def test_the_demo_shows_what_it_promises(engine: Engine) -> None:
    assert engine  # this machine can run one; the demo starts its own
    done = subprocess.run([sys.executable, "-m", "examples.golang.demo"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    factor = re.search(r"is (\d+) times smaller", done.stdout)
    assert factor is not None
    assert int(factor[1]) >= 50
    overlapped = re.search(r"overlapped for ([\d.]+) s", done.stdout)
    assert overlapped is not None
    assert float(overlapped[1]) > 0
    (last,) = (line for line in done.stdout.splitlines() if "nothing touched" in line)
    cached = re.search(r"(\d+) of (\d+)$", last)
    assert cached is not None
    assert cached[1] == cached[2] != "0"
    assert "<h1>Guestbook</h1>" in done.stdout
    assert "<li>Ada</li>" in done.stdout
