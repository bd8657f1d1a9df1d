"""Serve directories that several builds read from separate sessions, so that the engine fetches each directory once.

Source: detectSharedMounts in build/build.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.session import tunnel
from llbfront.session.filesync import FileSync, LocalDir

if TYPE_CHECKING:
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.rpc.channel import Channel
    from llbfront.session.filesync import Observer


@attrs.define(eq=False)
class SharedSession:
    """A session that serves directories by name to several builds."""

    shared_key: str
    directories: dict[str, str] = attrs.Factory(dict)
    id: str = attrs.Factory(tunnel.random_id)
    files: FileSync = attrs.field(init=False)
    _session: tunnel.Session = attrs.field(init=False)

    def open(self, channel: Channel, observe: Observer | None = None) -> None:
        """Open the session; `observe` passes on the entries of directories that are sent. `close` ends it."""
        self.files = FileSync({name: LocalDir(path) for name, path in self.directories.items()}, observe=observe)
        self._session = tunnel.open(channel, self.files.services(), session_id=self.id, shared_key=self.shared_key)

    def close(self) -> None:
        """End the session."""
        self._session.abort()


def share(inputs: Iterable[Inputs]) -> list[SharedSession]:
    """Plan sessions for the directories that more than one build reads under the same name."""
    uses: dict[tuple[str, str], list[Inputs]] = {}
    for build_inputs in inputs:
        for name, path in build_inputs.directories.items():
            uses.setdefault((name, path), []).append(build_inputs)
    sessions: list[SharedSession] = []
    for (name, path), users in uses.items():
        if len(users) > 1:
            session = next((session for session in sessions if name not in session.directories), None)
            if session is None:
                sessions.append(session := SharedSession(users[0].shared_key))
            session.directories[name] = path
    return sessions


def sessions_of(inputs: Inputs, sessions: Iterable[SharedSession]) -> Mapping[str, SharedSession]:
    """Return the sessions that serve directories of a build, by name of the directory."""
    return {
        name: session for session in sessions for name, path in session.directories.items() if inputs.directories.get(name) == path
    }
