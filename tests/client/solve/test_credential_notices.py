"""Notices about credentials as steps of a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from llbfront.client.solve.credential_notices import CredentialNotices
from llbfront.session.credentials import Notice

if TYPE_CHECKING:
    from llbfront.progress.events import StatusEvent

WAIT = Notice("helper", "waiting for helper", is_wait=True, is_done=False)


def shown(*notices: Notice) -> list[StatusEvent]:
    events: list[StatusEvent] = []
    display = CredentialNotices(lambda callback: callback(), events.append)
    for notice in notices:
        display(notice)
    return events


def test_a_remark_is_a_step_that_is_done() -> None:
    (event,) = shown(Notice("variable", "VARIABLE is ignored"))
    (step,) = event.vertexes
    assert step.name == "[auth] VARIABLE is ignored"
    assert step.completed_ns == step.started_ns


def test_a_wait_is_a_step_that_runs_until_its_end() -> None:
    first, second, last = shown(WAIT, attrs.evolve(WAIT, text="waiting for helper: enter 12"), attrs.evolve(WAIT, is_done=True))
    assert [event.vertexes[0].completed_ns is None for event in (first, second, last)] == [True, True, False]
    assert {event.vertexes[0].digest for event in (first, second, last)} == {"credentials helper"}
    assert {event.vertexes[0].started_ns for event in (first, second, last)} == {first.vertexes[0].started_ns}
    assert [log.data for event in (first, second, last) for log in event.logs] == [b"waiting for helper: enter 12\n"]


def test_waits_for_two_helpers_are_two_steps() -> None:
    events = shown(WAIT, attrs.evolve(WAIT, key="other"), attrs.evolve(WAIT, is_done=True))
    assert [event.vertexes[0].digest for event in events] == ["credentials helper", "credentials other", "credentials helper"]
