"""Draw a build in a terminal as SVG: `python docs/pictures/terminal.py FILE`, with an engine in BUILDKIT_HOST; `make pictures` calls it.

It builds examples/golang/app, changes a page, and draws the screen at the end of the second build.
"""

import contextlib
import fcntl
import html
import os
import pathlib
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

import pyte

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = ("llbfront", "build", "--output", "out", "examples/golang/app")
COLUMNS, ROWS = 100, 24
CELL_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 20, 16
BACKGROUND, FOREGROUND = "#1e2129", "#d7dae0"
COLOURS = {
    "black": "#5c6370",
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
}


def record(command: tuple[str, ...], directory: str) -> pyte.Screen:
    """Run a command on a terminal; return its screen at the end."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    with contextlib.suppress(OSError):  # the command has ended
        while data := os.read(terminal, 65536):
            stream.feed(data)
    os.waitpid(child, 0)
    return screen


def draw(screen: pyte.Screen, prompt: str) -> str:
    """Return a screen as SVG, below the command that was typed."""
    lines = [line for line in (_line(screen, row) for row in range(ROWS)) if line]
    texts = [_text(f"$ {prompt}", "#ffffff"), *lines]
    height = 2 * MARGIN + LINE_HEIGHT * len(texts)
    width = int(2 * MARGIN + CELL_WIDTH * COLUMNS)
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + LINE_HEIGHT * (number + 0.75):g}" xml:space="preserve">{text}</text>'
        for number, text in enumerate(texts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">\n'
        f"<title>{html.escape(prompt)}</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>\n'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="{FOREGROUND}">\n{rows}\n</g>\n</svg>\n'
    )


def _line(screen: pyte.Screen, row: int) -> str:
    """Return a line of the screen as spans of one colour each; empty for an empty line."""
    cells = screen.buffer[row]
    last = max((column for column in range(COLUMNS) if cells[column].data.strip()), default=-1)
    spans: list[tuple[str, str]] = []
    for column in range(last + 1):
        cell = cells[column]
        colour = COLOURS.get(cell.fg, FOREGROUND if cell.fg == "default" else f"#{cell.fg}")
        if spans and spans[-1][1] == colour:
            spans[-1] = (spans[-1][0] + cell.data, colour)
        else:
            spans.append((cell.data, colour))
    return "".join(_text(text, colour) for text, colour in spans)


def _text(text: str, colour: str) -> str:
    length = f' textLength="{CELL_WIDTH * len(text):g}"' if text.strip() else ""
    return f'<tspan fill="{colour}"{length}>{html.escape(text)}</tspan>'


def main(path: str) -> None:
    """Build twice and draw the second build."""
    with tempfile.TemporaryDirectory() as directory:
        app = pathlib.Path(directory, COMMAND[-1])
        shutil.copytree(ROOT / COMMAND[-1], app)
        subprocess.run(COMMAND, cwd=directory, check=True)
        with (app / "pages/about.html").open("a") as page:
            page.write("<p>New.</p>\n")
        pathlib.Path(path).write_text(draw(record(COMMAND, directory), " ".join(COMMAND)))


if __name__ == "__main__":
    main(sys.argv[1])
