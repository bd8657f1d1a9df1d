"""Draw a build in a terminal as SVG: `python docs/pictures/terminal.py SECONDS FILE COMMAND…`; `make pictures` calls it.

The command runs on a terminal of 100 columns. The picture shows the screen SECONDS after its first step, or at the end if it ends before.
"""

import fcntl
import html
import os
import pathlib
import pty
import select
import struct
import sys
import termios
import time

import pyte

COLUMNS, ROWS = 100, 18
CELL_WIDTH, LINE_HEIGHT, MARGIN = 8.4, 20, 16
BACKGROUND, FOREGROUND = "#1e2129", "#d7dae0"
COLOURS = {"black": "#5c6370", "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef", "magenta": "#c678dd", "cyan": "#56b6c2"}


def record(command: list[str], seconds: float) -> pyte.Screen:
    """Run a command on a terminal; return its screen `seconds` later, and end the command."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the command has ended
            break
        stream.feed(data)
    os.close(terminal)  # hangs up
    os.waitpid(child, 0)
    return screen


def draw(screen: pyte.Screen, prompt: str) -> str:
    """Return a screen as SVG, below the command that was typed."""
    lines = [line for line in (_line(screen, row) for row in range(ROWS)) if line]
    texts = [_text(f"$ {prompt}", "#ffffff"), *lines]
    height = 2 * MARGIN + LINE_HEIGHT * len(texts)
    width = int(2 * MARGIN + CELL_WIDTH * COLUMNS)
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + LINE_HEIGHT * (number + 0.75):g}" xml:space="preserve">{text}</text>' for number, text in enumerate(texts)
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


if __name__ == "__main__":
    seconds_after, path, *words = sys.argv[1:]
    pathlib.Path(path).write_text(draw(record(words, float(seconds_after)), " ".join(words)))
