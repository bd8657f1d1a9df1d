"""Find the most similar of many variable names, in time that does not grow with their number.

Source: util/suggest of BuildKit for what is near; the index is that of SymSpell: near words share what is left after deletions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llbfront.suggestions import nearest

_FEW = 64
_LONG = 32
_LIMIT = 3


class NameSuggestions:
    """An index of names. Few names, and long ones, of which no file holds many, are compared one by one."""

    def __init__(self) -> None:
        self._rests: dict[str, list[str]] = {}
        self._long: dict[str, None] = {}
        self._known: set[str] = set()

    def nearest(self, word: str, env: Mapping[str, object]) -> str | None:
        """Return the name nearest to a word. `env` has all names in order, at least the names of the last call."""
        if len(env) <= _FEW:
            return nearest(word, env)
        self._take(env)
        near = dict.fromkeys(name for rest in _rests(word) for name in self._rests.get(rest, ()) if name in env)
        if len(word) > _LONG - _LIMIT:
            near.update(self._long)
        return nearest(word, near if len(near) <= 1 else [name for name in env if name in near])

    def _take(self, env: Mapping[str, object]) -> None:
        """Add new names, which are near the end."""
        missing = len(env) - len(self._known)
        for name in reversed(tuple(env)) if missing else ():
            if name in self._known:
                continue
            self._known.add(name)
            if len(name) > _LONG:
                self._long[name] = None
            else:
                for rest in _rests(name):
                    self._rests.setdefault(rest, []).append(name)
            missing -= 1
            if not missing:
                break


def _rests(word: str) -> Iterator[str]:
    """Yield a word without any one or two of its characters, each result once."""
    if len(word) > _LONG + _LIMIT:
        return
    once = {word[:at] + word[at + 1 :] for at in range(len(word))}
    yield from {word, *once, *(rest[:at] + rest[at + 1 :] for rest in once for at in range(len(rest)))}
