"""The size of an archive of build records."""

from __future__ import annotations

import gzip
import tarfile

import pytest

from llbfront.client.control import bundle
from llbfront.errors import ContextError


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_read() -> None:
    entry = tarfile.TarInfo("blobs/sha256/large")
    entry.size = bundle.LIMIT_BYTES + 1
    with pytest.raises(ContextError, match="it holds more than 512 MiB"):
        bundle.read_bundle(gzip.compress(entry.tobuf() + b"\0" * 2048), "a.dockerbuild")
