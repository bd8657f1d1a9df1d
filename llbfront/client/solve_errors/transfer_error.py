"""Return where a transfer of local files failed: at a line of the ignore file, or at the instruction that uses the files.

The engine only repeats the error of the client. That error names the path or the pattern, and the graphs that were solved tell
which instruction reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from llbfront.client.solve_errors.solved_graphs import SolvedGraphs
from llbfront.errors import LlbfrontError, SolveError
from llbfront.errors.llbfront_error import joined_hints
from llbfront.files.paths import real_path
from llbfront.frontend.ignorefile import IGNORE, IgnoreFile
from llbfront.fsutil.errors import ChangedPath, MalformedPattern, UnreadablePath
from llbfront.fsutil.follow import follow
from llbfront.fsutil.patterns import Matcher
from llbfront.gostd.path import clean

if TYPE_CHECKING:
    from llbfront.client.inputs.contexts import Inputs
    from llbfront.client.solve_errors.solved_graphs import Reader
    from llbfront.llb.definition import Definition
    from llbfront.source import Span

CONTEXT = "context"
LOCAL = "local://"


def transfer_failure(
    error: SolveError, name: str, cause: LlbfrontError, graphs: Sequence[Definition], inputs: Inputs
) -> SolveError:
    """Return the error of a solve whose cause is a failed transfer.

    Args:
        error: what the engine answered.
        name: the name of the directory.
        cause: why the transfer failed.
        graphs: what was solved; nothing for a build by another frontend.
        inputs: the directories, which have the ignore files.
    """
    spans = [*_spans(name, cause, graphs, inputs)][:1] or error.spans
    hint = cause.hint or ("change its permissions, or leave it out in .dockerignore" if isinstance(cause, UnreadablePath) else None)
    hint = joined_hints(hint, f"in the build context {name}" if name != CONTEXT else None)
    return SolveError(cause.message, vertex=error.vertex, spans=spans, log_tail=error.log_tail, hint=hint)


def _spans(name: str, cause: LlbfrontError, graphs: Sequence[Definition], inputs: Inputs) -> Iterator[Span]:
    if isinstance(cause, MalformedPattern) and (line := _ignore_line(name, cause, inputs)):
        yield line
    elif isinstance(cause, MalformedPattern):
        yield from (reader.span for reader in _readers(name, graphs) if cause.pattern in map(_relative, reader.paths))
    elif isinstance(cause, (UnreadablePath, ChangedPath)):
        root = inputs.directories[name]
        yield from (reader.span for reader in _readers(name, graphs) if _reads(reader, root, cause.path))


def _ignore_line(name: str, cause: MalformedPattern, inputs: Inputs) -> Span | None:
    """Return the line of the ignore file that has a pattern."""
    found = read_ignore_file(name, inputs)
    return IgnoreFile.parse(*found).span(cause) if found else None


def read_ignore_file(name: str, inputs: Inputs) -> tuple[bytes, str] | None:
    """Return the content and the name of the ignore file of a directory, None if there is none."""
    files = [("dockerfile", inputs.options.get("filename", "") + IGNORE)] if name == CONTEXT else []
    for directory, path in (*files, (name, IGNORE)):
        data = inputs.read(directory, path) if directory in inputs.directories else None
        if data is not None:
            return data, path
    return None


def _readers(name: str, graphs: Sequence[Definition]) -> Iterable[Reader]:
    """Yield the instructions that read a directory, in the order of their lines."""
    solved = SolvedGraphs(graphs)
    digests = {
        digest for graph in graphs for digest in graph.digests if (op := solved.op(digest)) and op.source.identifier == LOCAL + name
    }
    readers = [reader for digest in digests for reader in solved.readers(digest)]
    return sorted(readers, key=lambda reader: reader.span.line or 0)


def _relative(path: str) -> str:
    return clean(path.lstrip("/"))


def _reads(reader: Reader, root: str, path: str) -> bool:
    """Return whether an instruction reads a path, something below it, or a directory that it is in."""
    patterns = follow(real_path(root), reader.paths) if reader.paths else None
    return patterns is None or Matcher(patterns).may_concern(path)
