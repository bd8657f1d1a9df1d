"""Find and read the files of a definition.

Source: bake/bake.go and commands/bake.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar

import attrs

from llbfront.errors import BakeError, OptionError
from llbfront.files import reading
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH, reason
from llbfront.files.reading import refuse_same_input

DEFAULT_NAMES = (
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl",
)  # fmt: skip
DOTENV = ".env"  # variables of Compose files
PIPELINE = "codefresh.yml"  # read where there is none of the usual files
LOCAL = "cwd://"  # before a path: it is local, even if the definition is remote
LARGEST_BYTES = 64 << 20


@attrs.frozen
class DefinitionFile:
    """A file of a definition as it was read."""

    name: str
    data: bytes = attrs.field(repr=False)


def may_be_yaml(file: DefinitionFile) -> bool:
    """Return whether the name of a file allows YAML."""
    return not file.name.lower().endswith((".hcl", ".json"))


@attrs.frozen
class DefinitionReader:
    """Reads the files of a definition: those that are named, and those that Compose files name.

    Attributes:
        read: returns the content of a file. Raises: OSError, ValueError.
        names: the files that were asked for, whether or not they exist.
    """

    read: Callable[[str], bytes]
    names: dict[str, None] = attrs.Factory(dict)


def _read_from_disk(name: str) -> bytes:
    return reading.read_bytes(name, limit_bytes=LARGEST_BYTES)


_READER: ContextVar[DefinitionReader | None] = ContextVar("reader", default=None)


@contextlib.contextmanager
def read_with(read: Callable[[str], bytes] = _read_from_disk) -> Iterator[DefinitionReader]:
    """Read definitions in another way, such as from a revision of git, and learn which files they have."""
    token = _READER.set(reader := DefinitionReader(read))
    try:
        yield reader
    finally:
        _READER.reset(token)


def read_bytes(name: str) -> bytes:
    """Read a file of a definition. Raises: OSError, ValueError."""
    reader = _READER.get()
    if reader is None:
        return _read_from_disk(name)
    reader.names[name] = None
    return reader.read(name)


def is_file(name: str) -> bool:
    """Return whether a file of a definition exists: a file or a pipe, also if it cannot be read."""
    reader = _READER.get()
    if reader is not None:
        reader.names[name] = None
    try:
        if reader is None or reader.read is _read_from_disk:  # a pipe can be read only once
            return not stat.S_ISDIR(os.stat(name).st_mode)
        reader.read(name)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return False
    except OSError:
        pass
    return True


def file_names(files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], environ: Mapping[str, str]) -> list[str]:
    """Return the names of the given files, else of the files in BUILDX_BAKE_FILE. Raises: BakeError if one of the latter does not exist."""
    names = [os.fspath(files)] if isinstance(files, str | os.PathLike) else [os.fspath(name) for name in files]
    return names or _from_environment(environ)


def read_files(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], environ: Mapping[str, str]
) -> list[DefinitionFile]:
    """Read the given files, else the files in BUILDX_BAKE_FILE, else the files with default names. Raises: BakeError."""
    names = file_names(files, environ)
    if names:
        return _read_each([name.removeprefix(LOCAL) for name in names])
    default_files = [read_local(name) for name in DEFAULT_NAMES if is_file(name)]
    if not default_files and is_file(PIPELINE):
        return [read_local(PIPELINE)]
    if not default_files:
        raise not_found()
    return default_files


def not_found() -> BakeError:
    """Return the error for a directory without a definition."""
    return BakeError("couldn't find a bake definition", hint=f"name a file with -f; {DEFAULT_NAMES[5]} and others are looked for")


def _from_environment(environ: Mapping[str, str]) -> list[str]:
    separator = environ.get("BUILDX_BAKE_PATH_SEPARATOR") or os.pathsep
    names = [name for text in environ.get("BUILDX_BAKE_FILE", "").split(separator) if (name := text.strip())]
    for name in names:
        if name != STANDARD_STREAM and not is_file(name):
            raise BakeError(f"cannot read {name}: no such file", hint="it is named in BUILDX_BAKE_FILE")
    return names


def _read_each(names: list[str]) -> list[DefinitionFile]:
    try:
        refuse_same_input((name, f"definition {number}") for number, name in enumerate(names, 1))
    except OptionError as error:
        raise BakeError(error.message, hint=error.hint) from None
    return [read_local(name) for name in names]


def read_local(name: str) -> DefinitionFile:
    """Read a file, `-` for standard input. Raises: BakeError."""
    try:
        return DefinitionFile(name, _read_from_disk(STDIN_PATH) if name == STANDARD_STREAM else read_bytes(name))
    except (OSError, ValueError) as error:
        shown = "standard input" if name == STANDARD_STREAM else name
        raise BakeError(f"cannot read {shown}: {reason(error)}", hint=near_path_hint(name)) from None
