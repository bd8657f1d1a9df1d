"""Write inputs: as text, as JSON in the form `llbfront.inputs/1`, and as a dependency file for make and ninja.

Source: the dependency files of GCC (-MD -MP) for the syntax that make and ninja share.
"""

from __future__ import annotations

import heapq
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.fsutil.stat import SYMLINK
from llbfront.inspection.directory_entries import EVERYTHING
from llbfront.inspection.inputs import InputFile
from llbfront.inspection.stage_names import step_place
from llbfront.printable import visible_rows

if TYPE_CHECKING:
    from llbfront.fsutil.stat import Stat
    from llbfront.inspection.inputs import ContextInputs, Inputs, StepInputs
    from llbfront.inspection.leaks import Leak

SCHEMA = "llbfront.inputs/1"
_MAX_LISTED_FILES = 10
_MAX_LARGEST_FILES = 10
_UNITS = ("B", "kB", "MB", "GB", "TB")
_PATH, _SIZE, _MODE = attrgetter("path"), attrgetter("size_bytes"), attrgetter("mode")
DEPFILE_HEAD_BYTES = 16 * 1024
_DEPFILE = re.compile(rb"(?:\\.|[^\n\\])+: \\\n  ")
_SPECIAL_IN_DEPFILE = re.compile(r"[ #:]")


def to_json(inputs: Inputs, leaks: Iterable[Leak]) -> str:
    """Return a JSON document. Strings are written one by one, since a context may have very many files."""
    texts = _FileTexts()
    contexts = ", ".join(f"{_text(name)}: {_context(context_inputs, texts)}" for name, context_inputs in inputs.contexts.items())
    steps = ",\n    ".join(_step(step, texts) for step in inputs.steps)
    leaks_json = json.dumps([_leak(leak) for leak in leaks])
    return (
        f'{{\n  "schema": {_text(SCHEMA)},\n  "contexts": {{{contexts}}},\n'
        f'  "steps": [{steps}],\n  "largest": [{", ".join(map(_largest, largest(inputs)))}],\n  "leaks": {leaks_json}\n}}'
    )


def to_text(inputs: Inputs, leaks: Iterable[Leak], *, shows_all: bool = False) -> str:
    """Return the inputs for people: contexts, steps by stage with their files, the largest files, and leaks."""
    return visible_rows(
        [*_context_lines(inputs), *_step_lines(inputs, shows_all=shows_all), *_largest_lines(inputs), *_leak_lines(leaks)]
    )


def depfile(target: str, paths: Iterable[str]) -> str:
    """Return a dependency file: a target that depends on paths, and an empty rule for each of these.

    The empty rules have make build the target again when a path vanishes. There are none for paths with a percent sign, which would
    be patterns.

    Raises: OptionError for a path that a dependency file cannot hold.
    """
    escaped = [_escaped(path) for path in paths]
    head = f"{_escaped(target)}:" + "".join(f" \\\n  {path}" for path in escaped)
    return "\n".join([head, *(f"\n{path}:" for path in escaped if "%" not in path), ""])


def is_depfile(head: bytes) -> bool:
    """Return whether a file begins like a dependency file, or is empty."""
    return not head.strip() or _DEPFILE.match(head) is not None


def read_paths(inputs: Inputs, *, start: str) -> list[str]:
    """Return the paths that steps read, relative to `start`: files, and directories, which a new entry changes."""
    paths: set[str] = set()
    for step in inputs.steps:
        context = inputs.contexts[step.context]
        paths.update(os.path.join(context.root, os.fsdecode(stat.path)) for stat in step.entries)
        for selector in step.selectors:
            if not selector.is_plain or selector == EVERYTHING:
                paths.update(os.path.join(context.root, path) for path in _directories(context, selector.prefix))
    return sorted(os.path.relpath(path, start) for path in paths)


def _directories(context: ContextInputs, prefix: str) -> Iterator[str]:
    """Return the directories in which a new entry may match a selector."""
    yield prefix
    yield from (path for path in context.directories if not prefix or path.startswith(prefix + "/"))


def largest(inputs: Inputs) -> list[tuple[str, InputFile]]:
    """Return the largest files that steps read, with the names of their contexts."""
    files = [(name, stat) for name, context in inputs.contexts.items() for stat in _largest_of(_read_in(inputs, context))]
    files.sort(key=lambda entry: (-entry[1].size_bytes, entry[1].path))
    return [(name, InputFile.of(stat)) for name, stat in files[:_MAX_LARGEST_FILES]]


def _largest_of(stats: Collection[Stat]) -> list[Stat]:
    """Return the largest files, of files of one size the first by path, and none that are empty."""
    sizes = heapq.nlargest(_MAX_LARGEST_FILES, map(_SIZE, stats))
    least = max(1, sizes[-1]) if sizes else 1
    larger = [stat for stat in stats if stat.size_bytes > least]
    return larger + heapq.nsmallest(
        _MAX_LARGEST_FILES - len(larger), (stat for stat in stats if stat.size_bytes == least), key=_PATH
    )


def _read_in(inputs: Inputs, context: ContextInputs) -> Collection[Stat]:
    """Return the files of a context that any step reads, each once."""
    steps = [step for step in inputs.steps if step.context == context.name]
    if len(steps) == 1:
        return steps[0].stats
    return {stat.path: stat for step in steps for stat in step.stats}.values()


def _text(text: str) -> str:
    return encode_basestring_ascii(text)


def _context(context: ContextInputs, texts: _FileTexts) -> str:
    return (
        f'{{"root": {_text(context.root)}, "file_count": {context.count}, "size_bytes": {context.size_bytes}, '
        f'"files": [{texts.list(context)}]}}'
    )


def _step(step: StepInputs, texts: _FileTexts) -> str:
    head = {"stage": step.stage, "line": step.line, "instruction": step.instruction, "context": step.context}
    tail = {"file_count": step.count, "size_bytes": step.size_bytes, "missing": list(step.missing)}
    return f'{json.dumps(head)[:-1]}, "files": [{texts.list(step)}], {json.dumps(tail)[1:]}'


class _FileTexts:
    """The JSON of lists of files. A step that reads a whole context has the same list as the context."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def list(self, files: ContextInputs | StepInputs) -> str:
        """Return the files of a context or step, in the order of their paths."""
        key = id(files.entries)
        if key not in self._texts:
            self._texts[key] = ", ".join(_files(sorted(files.stats, key=_PATH)))
        return self._texts[key]


def _files(stats: Sequence[Stat]) -> list[str]:
    """Return the JSON of files. All paths are quoted at once, which is much faster than one by one."""
    pairs = zip(_quoted(list(map(_PATH, stats))), map(_SIZE, stats), strict=True)
    texts = [f'{{"path": "{path}", "size_bytes": {size_bytes}}}' for path, size_bytes in pairs]
    for number, mode in enumerate(map(_MODE, stats)):
        if mode & SYMLINK:
            texts[number] = f'{texts[number][:-1]}, "link": {_text(os.fsdecode(stats[number].linkname))}}}'
    return texts


def _quoted(paths: Sequence[bytes]) -> list[str]:
    """Return paths as JSON strings without the quotation marks."""
    joined = b"\0".join(paths)
    if b"\\" in joined or not paths:  # a path may hold the text of an escaped NUL
        return [_text(os.fsdecode(path))[1:-1] for path in paths]
    return _text(os.fsdecode(joined))[1:-1].split("\\u0000")


def _largest(each: tuple[str, InputFile]) -> str:
    name, file = each
    return json.dumps({"context": name, "path": file.path, "size_bytes": file.size_bytes})


def _leak(leak: Leak) -> dict[str, object]:
    steps = [{"stage": step.stage, "line": step.line} for step in leak.steps]
    return {"context": leak.context, "path": leak.path, "reason": leak.reason, "in_image": leak.in_image, "steps": steps}


def _context_lines(inputs: Inputs) -> Iterator[str]:
    if not inputs.contexts:
        yield "No step reads a context."
    for name, context in inputs.contexts.items():
        yield f"{name}: {context.root} ({_amount(context.count, context.size_bytes)} sent to the engine)"


def _step_lines(inputs: Inputs, *, shows_all: bool) -> Iterator[str]:
    for step in inputs.steps:
        of_context = "" if step.context == "context" else f" of {step.context}"
        yield ""
        yield f"{step_place(step.stage, step.line)}  {step.instruction}  ({_amount(step.count, step.size_bytes)}{of_context})"
        shown = step.files if shows_all else step.first(_MAX_LISTED_FILES)
        yield from (f"  {file.path}{_arrow(file)}" for file in shown)
        if len(shown) < step.count:
            yield f"  … {step.count - len(shown)} more (--all lists them)"
        yield from (f"  {path} does not exist in the context, or an ignore file excludes it" for path in step.missing)


def _arrow(file: InputFile) -> str:
    return f" -> {file.link}" if file.link is not None else f"  {format_size(file.size_bytes)}"


def _largest_lines(inputs: Inputs) -> Iterator[str]:
    files = largest(inputs)
    if files:
        yield from ("", "Largest files:")
    yield from (f"  {format_size(file.size_bytes):>9}  {_place(name, file.path)}" for name, file in files)


def _leak_lines(leaks: Iterable[Leak]) -> Iterator[str]:
    words = {"secret": "looks like a secret", "git-ignored": "ignored by git"}
    for number, leak in enumerate(leaks):
        if number == 0:
            yield from ("", "Files that probably should not be read (exclude them in .dockerignore):")
        where = ", ".join(dict.fromkeys(step_place(step.stage, step.line) for step in leak.steps))
        survives = "IN THE IMAGE" if leak.in_image else "not in the image"
        yield f"  {_place(leak.context, leak.path)}: {words[leak.reason]}, read by {where}, {survives}"


def _place(context: str, path: str) -> str:
    return path if context == "context" else f"{context}: {path}"


def _amount(count: int, size_bytes: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}, {format_size(size_bytes)}"


def format_size(size_bytes: int) -> str:
    """Print a size with one decimal, or whole bytes below 1000."""
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{size_bytes} B"


def _escaped(path: str) -> str:
    if "\n" in path:
        raise OptionError(f"a dependency file cannot hold the path {path!r}")
    return _SPECIAL_IN_DEPFILE.sub(r"\\\g<0>", path.replace("$", "$$"))
