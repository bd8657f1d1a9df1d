"""The directory of build records while builds run together: it is listed once, and the oldest records are removed once, at the end."""

from __future__ import annotations

import functools

import attrs

from llbfront.client.records.record_store import RecordStore, key_in


@attrs.frozen
class JointStore(RecordStore):
    """The records of a user. `latest` knows the records of builds before; `add` removes none, which `remove_oldest` does."""

    @functools.cached_property
    def _latest(self) -> dict[str, str]:
        return {key_in(path): path for path in reversed(self.paths())}

    def latest(self, key: str) -> str | None:
        return self._latest.get(key)

    def add(self, data: bytes, *, time_ns: int, key: str, ref: str) -> None:
        self.write(data, time_ns=time_ns, key=key, ref=ref)
