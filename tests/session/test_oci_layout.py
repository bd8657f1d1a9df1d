"""Pruning an OCI layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.foreign_json import JsonObject
from llbfront.session.oci_layout import Layout

if TYPE_CHECKING:
    import pathlib


def write_blobs(path: pathlib.Path, *contents: bytes) -> list[str]:
    """Write blobs into a layout, the first with an index entry; return their digests."""
    layout = Layout(str(path))
    digests = []
    for content in contents:
        ingest = layout.begin("write", total=len(content), expected="")
        ingest.write(content)
        digests.append(ingest.digest)
        ingest.commit()
        layout.end("write")
    layout.release()
    layout.put(JsonObject({"digest": digests[0], "size": len(contents[0])}))
    return digests


def test_a_layout_that_is_being_written_is_not_pruned(tmp_path: pathlib.Path) -> None:
    write_blobs(tmp_path, b"{}")
    writer = Layout(str(tmp_path), locked=True)
    writer.begin("other", total=1, expected="")
    assert Layout(str(tmp_path)).prune() is False
    writer.release()
    assert Layout(str(tmp_path)).prune() is True


def test_pruning_removes_blobs_that_no_manifest_names(tmp_path: pathlib.Path) -> None:
    digests = write_blobs(tmp_path, b"{}", b"unused")
    assert Layout(str(tmp_path)).prune() is True
    assert [blob.digest for blob in Layout(str(tmp_path)).blobs()] == digests[:1]
