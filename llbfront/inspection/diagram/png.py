"""Turn a picture into PNG with a program of the system: a Chromium, or rsvg-convert of librsvg."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable

from llbfront.errors import ExportError

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_RSVG = "rsvg-convert"
_SIZE = re.compile(r'<svg [^>]*?width="(\d+)" height="(\d+)"')
_TIMEOUT_S = 60
_MAX_SIDE_PX = 16_000  # pixels, the most that Chromium draws on one surface


def to_png(svg: str, *, which: Callable[[str], str | None] = shutil.which) -> bytes:
    """Draw an SVG picture as PNG, in light colours.

    Args:
        svg: the picture.
        which: finds a program by its name.

    Raises:
        ExportError: there is no program for it, or it failed.
    """
    program = next((path for name in (*_BROWSERS, _RSVG) if (path := which(name))), None)
    if program is None:
        raise ExportError("cannot write PNG: neither Chromium nor rsvg-convert is installed", hint="write .svg or .html instead")
    with tempfile.TemporaryDirectory(prefix="llbfront-") as directory:
        source, target = os.path.join(directory, "graph.svg"), os.path.join(directory, "graph.png")
        with open(source, "w", encoding="utf-8") as file:
            file.write(svg)
        _run(_command(program, svg, source, target, directory))
        try:
            with open(target, "rb") as file:
                return file.read()
        except OSError:
            raise ExportError(f"cannot write PNG: {program} wrote no picture", hint="write .svg or .html instead") from None


def _command(program: str, svg: str, source: str, target: str, directory: str) -> list[str]:
    if os.path.basename(program) == _RSVG:
        return [program, "--format=png", f"--output={target}", source]
    match = _SIZE.search(svg)
    width, height = (int(match[1]), int(match[2])) if match else (800, 600)
    scale = "2" if max(width, height) * 2 <= _MAX_SIDE_PX else "1"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not run as root
    size = f"--window-size={min(width, _MAX_SIDE_PX)},{min(height, _MAX_SIDE_PX)}"
    options = ["--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={directory}/profile", size]
    return [program, *root, *options, f"--force-device-scale-factor={scale}", f"--screenshot={target}", f"file://{source}"]


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=True)
    except subprocess.TimeoutExpired:
        raise ExportError(f"cannot write PNG: {command[0]} did not end in {_TIMEOUT_S} s") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise ExportError(f"cannot write PNG: {command[0]} failed: {error}") from None
