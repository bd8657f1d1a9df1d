"""Notices about credentials, shown as steps of a build."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from llbfront.progress.events import StatusEvent, Vertex, VertexLog

if TYPE_CHECKING:
    from llbfront.session.credentials import Notice


STDERR = 2


class CredentialNotices:
    """Shows notices as steps. May be called from any thread; `post` takes callbacks to the thread of the display."""

    def __init__(self, post: Callable[[Callable[[], None]], None], show: Callable[[StatusEvent], None]) -> None:
        self._post, self._show = post, show
        self._steps: dict[str, Vertex] = {}

    def __call__(self, notice: Notice) -> None:
        self._post(functools.partial(self._on_notice, notice))

    def _on_notice(self, notice: Notice) -> None:
        now_ns = time.time_ns()
        step = self._steps.pop(notice.key, None)
        if step is None:  # the name of the step is the notice
            step = Vertex(f"credentials {notice.key}", f"[auth] {notice.text}", started_ns=now_ns)
            logs: tuple[VertexLog, ...] = ()
        else:
            logs = () if notice.is_done else (VertexLog(step.digest, f"{notice.text}\n".encode(), now_ns, STDERR),)
        if notice.is_done:
            step = attrs.evolve(step, completed_ns=now_ns)
        else:
            self._steps[notice.key] = step
        self._show(StatusEvent((step,), logs=logs))
