"""What commands print: answers on standard output, messages on standard error.

Both hold text from elsewhere (names in Dockerfiles, paths, words of engines), so commands print through these functions, which make it
safe for a terminal.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llbfront.printable import visible_json, visible_lines

if TYPE_CHECKING:
    from llbfront.session.credentials import Notice


def is_answered() -> bool:
    """Whether a user at a terminal can answer a question on standard input, which may be closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def is_confirmed(question: str) -> bool:
    """Ask on the terminal whether to go on."""
    say(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def show(text: str, *, end: str = "\n") -> None:
    """Print text on standard output."""
    print(visible_lines(text), end=end)


def show_json(document: str, *, end: str = "\n") -> None:
    """Print a JSON document on standard output."""
    print(visible_json(document), end=end)


def show_data(data: bytes) -> None:
    """Write data to standard output as it is; to a terminal as text that is safe for it."""
    if sys.stdout.isatty():
        show(data.decode(errors="surrogateescape"), end="")
    else:
        sys.stdout.buffer.write(data)


def say_notice(notice: Notice) -> None:
    """Print a notice about credentials; the end of a wait is not worth a line."""
    if notice.is_done != notice.is_wait:
        say(f"llbfront: {notice.text}")


def say(text: str) -> None:
    """Print a message on standard error at once."""
    print(visible_lines(text), file=sys.stderr, flush=True)
