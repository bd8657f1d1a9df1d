"""Print the output of commands: answers on standard output, messages on standard error.

Both hold text from elsewhere (names in Dockerfiles, paths, words of engines), so commands print through these functions, which make it
safe for a terminal.
"""

from __future__ import annotations

import contextlib
import select
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llbfront.printable import visible_json, visible_lines

if TYPE_CHECKING:
    from llbfront.session.credentials import Notice


_WATCH_S = 0.2
REMIND_AFTER_S = 5.0


def is_answered() -> bool:
    """Return whether a user at a terminal can answer a question on standard input, which may be closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def is_confirmed(question: str) -> bool:
    """Ask for confirmation on the terminal."""
    say(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def show(text: str, *, end: str = "\n") -> None:
    """Print text on standard output."""
    print(visible_lines(text), end=end)


class ReaderGone(Exception):
    """The reader of an answer without end has ended."""


def flush() -> None:
    """Flush the output of an answer that is printed in parts. Raises: ReaderGone if the reader has closed the stream."""
    sys.stdout.flush()
    if getattr(getattr(sys.stdout.buffer, "raw", None), "error", None) is not None:
        raise ReaderGone


@contextlib.contextmanager
def reader_watched(on_gone: Callable[[], object]) -> Iterator[None]:
    """Call `on_gone`, from another thread, if the reader of standard output ends while nothing is printed."""
    is_over = threading.Event()

    def watch() -> None:
        reader = select.poll()
        reader.register(sys.stdout.fileno(), 0)  # errors are reported whatever is asked for
        while not is_over.wait(_WATCH_S):
            if any(events & select.POLLERR for _, events in reader.poll(0)):
                getattr(getattr(sys.stdout.buffer, "raw", None), "lose", bool)()
                on_gone()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


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


@contextlib.contextmanager
def reminding(subject: str, after_s: float = REMIND_AFTER_S) -> Iterator[None]:
    """Say on standard error what the command waits for, if that takes long. The engine itself waits without limit."""
    timer = threading.Timer(after_s, say, (f"llbfront: waiting for the engine, which {subject}",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
