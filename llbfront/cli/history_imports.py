"""The build records that were imported: files below `$XDG_STATE_HOME/llbfront/history`.

Source: docker buildx history import, which gives the records to Docker Desktop.
"""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING

from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM, STDIN_PATH

if TYPE_CHECKING:
    from llbfront.client.control.bundle import Bundle
    from llbfront.client.control.history import BuildRecord

SUFFIX = ".dockerbuild"


def _directory() -> str:
    from llbfront.engine import directories

    return os.path.join(os.path.dirname(directories.default().state), "history")


def store(path: str) -> list[BuildRecord]:
    """Keep the records of an archive; return them. Raises: ContextError, OptionError for a record with an invalid ref."""
    from llbfront.client.control.bundle import read_bundle, write_bundle
    from llbfront.client.control.history import build_record
    from llbfront.files.paths import make_directories
    from llbfront.files.reading import read_file
    from llbfront.files.writing import write_file

    bundle = read_bundle(read_file(STDIN_PATH if path == STANDARD_STREAM else path, "the archive"), path)
    for message in bundle.messages:
        if not (message.Ref.isascii() and message.Ref.isalnum()):
            raise OptionError(f"{path} contains a build record with an invalid ref: {message.Ref!r}")
    make_directories(_directory(), mode=0o700)
    for message in bundle.messages:
        write_file(os.path.join(_directory(), message.Ref + SUFFIX), write_bundle([message], bundle.read_blob))
    return list(map(build_record, bundle.messages))


def stored() -> Bundle:
    """Return all records that were imported, the newest first. Raises: OptionError if there are none."""
    from llbfront.client.control.bundle import Bundle, read_bundle
    from llbfront.files.reading import read_file

    paths = glob.glob(os.path.join(glob.escape(_directory()), f"*{SUFFIX}"))
    bundles = [read_bundle(read_file(path, "the imported build record"), path) for path in sorted(paths)]
    if not bundles:
        raise OptionError("no build records were imported", hint="import some with llbfront history import --file FILE")
    messages = sorted(
        (message for bundle in bundles for message in bundle.messages), key=lambda message: -message.CreatedAt.ToNanoseconds()
    )
    return Bundle(tuple(messages), {name: data for bundle in bundles for name, data in bundle.blobs.items()})
