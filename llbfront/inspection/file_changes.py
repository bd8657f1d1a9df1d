"""Compare the files that a step reads in two builds: appeared, vanished, renamed, or with another content, mode or link.

An engine does not look at the times of files, and does not get their owners. Content is compared by digest; where a digest is not known, by size and time.

Source: cache/contenthash/tarsum.go of BuildKit for what counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.errors import InvalidJson
from llbfront.foreign_json import parse_strings
from llbfront.fsutil.patterns import Matcher
from llbfront.fsutil.stat import TYPE_BITS, permissions
from llbfront.inspection.cause_kinds import CauseKind

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat
    from llbfront.inspection.graph import Node
    from llbfront.inspection.recorded_build import RecordedBuild, RecordedContext

_ORDER = (
    CauseKind.IGNORE_RULE,
    CauseKind.FILE_RENAMED,
    CauseKind.FILE_CONTENT,
    CauseKind.FILE_MODE,
    CauseKind.LINK_TARGET,
    CauseKind.FILE_APPEARED,
    CauseKind.FILE_VANISHED,
)


@attrs.frozen
class FileChange:
    """A change of one file; `old_path` is the name of a renamed file before, `rule` the rule of the ignore file that decides about it."""

    kind: CauseKind
    path: str
    text: str
    old_path: str = ""
    rule: str = ""


def ignore_patterns(source: Node | None) -> tuple[str, ...]:
    """Return the rules of the ignore file that apply to a local source."""
    text = None if source is None else source.op.get("attrs", {}).get("local.excludepatterns")
    try:
        return parse_strings(text) if text else ()
    except InvalidJson:
        return ()


@attrs.frozen(eq=False)
class FileComparison:
    """The files of a context in two builds, and the rules of the ignore file."""

    before: RecordedContext
    after: RecordedContext
    rules_before: tuple[str, ...] = ()
    rules_after: tuple[str, ...] = ()

    def changes(self, before: Iterable[Stat], after: Iterable[Stat]) -> list[FileChange]:
        """Return what differs between the entries that a step read, the best explanation first."""
        old, new = ({stat.path: stat for stat in entries} for entries in (before, after))
        gone = sorted((stat for path, stat in old.items() if path not in new), key=_files_first)
        added = sorted((stat for path, stat in new.items() if path not in old), key=_files_first)
        changes = [*self._ignored(gone, added), *self._renamed(gone, added)]
        changes += [change for path, stat in new.items() if path in old and (change := self._changed(old[path], stat))]
        changes += [FileChange(CauseKind.FILE_APPEARED, _text(stat), f"{_text(stat)} is new") for stat in added]
        changes += [FileChange(CauseKind.FILE_VANISHED, _text(stat), f"{_text(stat)} was removed") for stat in gone]
        return sorted(changes, key=lambda change: _ORDER.index(change.kind))

    def _ignored(self, gone: list[Stat], added: list[Stat]) -> Iterator[FileChange]:
        """Yield the entries that an ignore rule hides now, or did before, and take them out of the lists."""
        if self.rules_before == self.rules_after:
            return
        before, after = Matcher(self.rules_before), Matcher(self.rules_after)
        for stats, is_ignored in ((gone, True), (added, False)):
            for stat in list(stats):
                path = _text(stat)
                if after.matches(path) == is_ignored and before.matches(path) != is_ignored:
                    stats.remove(stat)
                    rule = self._deciding(path)
                    word = "is ignored now" if is_ignored else "is not ignored any more"
                    yield FileChange(CauseKind.IGNORE_RULE, path, f"{path} {word}, because of the ignore rule {rule}", rule=rule)

    def _deciding(self, path: str) -> str:
        """Return the rule whose addition, or else removal, decided about a path."""
        new = _last_match([rule for rule in self.rules_after if rule not in self.rules_before], path)
        return new or _last_match([rule for rule in self.rules_before if rule not in self.rules_after], path)

    def _renamed(self, gone: list[Stat], added: list[Stat]) -> Iterator[FileChange]:
        """Yield pairs of a removed and an added file with the same content, and take them out of the lists."""
        waiting: dict[bytes, list[Stat]] = {}
        for stat in gone:
            if (digest := self.before.digests.get(stat.path)) and stat.size_bytes:
                waiting.setdefault(digest, []).append(stat)
        for stat in list(added):
            partners = waiting.get(self.after.digests.get(stat.path, b""))
            if partners:
                partner = partners.pop(0)
                gone.remove(partner)
                added.remove(stat)
                text = f"{_text(partner)} was renamed to {_text(stat)}"
                yield FileChange(CauseKind.FILE_RENAMED, _text(stat), text, old_path=_text(partner))

    def _changed(self, old: Stat, new: Stat) -> FileChange | None:
        path = _text(new)
        if old.mode & TYPE_BITS != new.mode & TYPE_BITS:
            return FileChange(CauseKind.FILE_CONTENT, path, f"{path} is another kind of file")
        if new.is_symlink and old.linkname != new.linkname:
            text = f"the symlink {path} points to {os.fsdecode(new.linkname)} instead of {os.fsdecode(old.linkname)}"
            return FileChange(CauseKind.LINK_TARGET, path, text)
        if not new.mode & TYPE_BITS and self._has_other_content(old, new):
            return FileChange(CauseKind.FILE_CONTENT, path, f"the content of {path} changed")
        if old.mode != new.mode:
            return FileChange(CauseKind.FILE_MODE, path, f"the mode of {path} changed from {_mode(old)} to {_mode(new)}")
        if self.before.xattrs.get(old.path) != self.after.xattrs.get(new.path):
            return FileChange(CauseKind.FILE_MODE, path, f"the extended attributes of {path} changed")
        return None

    def _has_other_content(self, old: Stat, new: Stat) -> bool:
        digests = self.before.digests.get(old.path), self.after.digests.get(new.path)
        if None in digests:
            return (old.size_bytes, old.mtime_ns) != (new.size_bytes, new.mtime_ns)
        return digests[0] != digests[1]


def compared_files(before: RecordedBuild, after: RecordedBuild) -> Mapping[str, FileComparison]:
    """Return the contexts that both builds have, by name."""
    return {
        name: FileComparison(
            before.contexts[name],
            context,
            ignore_patterns(_source(before, name)),
            ignore_patterns(_source(after, name)),
        )
        for name, context in after.contexts.items()
        if name in before.contexts
    }


def _source(build: RecordedBuild, name: str) -> Node | None:
    return next((node for node in build.graph.nodes if node.identifier == f"local://{name}"), None)


def _last_match(rules: list[str], path: str) -> str:
    """Return the last rule that matches a path or a directory above it."""
    return next((rule for rule in reversed(rules) if Matcher([rule.removeprefix("!")]).matches(path)), "")


def _files_first(stat: Stat) -> tuple[bool, bytes]:
    return stat.is_directory, stat.path


def _text(stat: Stat) -> str:
    return os.fsdecode(stat.path)


def _mode(stat: Stat) -> str:
    return f"{permissions(stat.mode):04o}"
