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


class CredentialNotices:
    """Shows notices as steps. May be called from any thread; `post` takes callbacks to the thread of the display."""

    def __init__(self, post: Callable[[Callable[[], None]], None], show: Callable[[StatusEvent], None]) -> None:
        self._post, self._show = post, show
        self._steps: dict[str, Vertex] = {}

    def __call__(self, notice: Notice) -> None:
        self._post(functools.partial(self._on_notice, notice))

    def _on_notice(self, notice: Notice) -> None:
        now_ns, step = time.time_ns(), self._steps.pop(notice.key, None)
        logs = () if step is None or notice.is_done else (VertexLog(step.digest, f"{notice.text}\n".encode(), now_ns, 2),)
        step = step or Vertex(f"credentials {notice.key}", f"[auth] {notice.text}", started_ns=now_ns)
        if not notice.is_done:
            self._steps[notice.key] = step
        self._show(StatusEvent((attrs.evolve(step, completed_ns=now_ns if notice.is_done else None),), logs=logs))
