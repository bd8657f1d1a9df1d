"""No progress at all: the trace is kept, nothing is written.

Enters: status events. Leaves: nothing.

Source: the quiet display of progressui of BuildKit.
"""

from __future__ import annotations

from llbfront.progress.trace import Trace, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent


class QuietDisplay:
    """Folds the events for those who ask the trace later."""

    interval_s: float | None = None

    def __init__(self, trace: Trace | None = None) -> None:
        self.trace = trace or Trace()

    def update(self, event: StatusEvent, now_ns: int | None = None) -> None:
        """Take an event."""
        fold(self.trace, event, now_ns)

    def tick(self, now_ns: int | None = None) -> None:
        """Nothing is drawn."""

    def finish(self, error: BaseException | None = None, now_ns: int | None = None) -> None:
        """Nothing is said."""
