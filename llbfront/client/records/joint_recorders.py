"""The recorders of builds that run together, which share the entries of the directories that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llbfront.client.records.joint_store import JointStore
from llbfront.client.records.recording import OfferedEntries, Recorder

if TYPE_CHECKING:
    from llbfront.session.filesync import Observer


class JointRecorders:
    """Makes a recorder for each target."""

    def __init__(self, environ: Mapping[str, str], address: str, targets: Iterable[str]) -> None:
        self._environ, self._address = environ, address
        self._targets = sorted(targets)
        self._store = JointStore.of(environ)
        self._shared: dict[str, OfferedEntries] = {}

    def close(self) -> None:
        """Remove the oldest records, once all are written."""
        self._store.remove_oldest()

    def observer(self, session: str) -> Observer:
        """Return what keeps the entries of the directories of a shared session."""
        return self._shared.setdefault(session, OfferedEntries()).observe

    def recorder(self, target: str, shared: Mapping[str, str]) -> Recorder:
        """Return the recorder of a target; `shared` maps names of its directories to the shared sessions that serve them."""
        recorder = Recorder(self._environ, self._address, bake_target=target, bake_targets=self._targets, store=self._store)
        for name, session in shared.items():
            recorder.share(name, self._shared[session])
        return recorder
