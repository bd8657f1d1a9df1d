"""The files that tell of a build's result: `--iidfile` and `--metadata-file`.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from llbfront.cli.output import say
from llbfront.client import build_record, environment
from llbfront.client.exporters import IMAGES, destinations
from llbfront.client.result import warning_metadata
from llbfront.errors import OptionError
from llbfront.files.writing import Destination, refuse_shared

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from llbfront.client.exporters import Export
    from llbfront.client.result import BuildResult
    from llbfront.rpc.channel import Channel


class ResultFiles:
    """The places of the result files, checked before the build."""

    def __init__(self, iidfile: Destination | None, metadata_file: Destination | None) -> None:
        self._iidfile = iidfile
        self._metadata_file = metadata_file

    def write(self, result: BuildResult, channel: Channel) -> None:
        """Write what the flags ask for; the engine behind `channel` is asked for provenance. Raises: ExportError, RpcError."""
        if self._iidfile is not None:
            if result.image_id:
                self._iidfile.write(result.image_id.encode())
            else:
                say(f"llbfront: warning: {self._iidfile.path} is not written, since the build made no image")
        if self._metadata_file is not None:
            metadata = {**result.metadata, **_provenance(channel, result.ref)}
            if result.warnings and environment.is_set(os.environ, environment.METADATA_WARNINGS):
                metadata["buildx.build.warnings"] = [warning_metadata(warning) for warning in result.warnings]
            document = json.dumps(metadata, indent=2, sort_keys=True) + "\n"
            self._metadata_file.write(document.encode(errors="surrogateescape"))


def _provenance(channel: Channel, ref: str) -> dict[str, Any]:
    """Return the provenance that BUILDX_METADATA_PROVENANCE asks for."""
    mode = build_record.provenance_mode(os.environ.get(build_record.VARIABLE, ""))
    return build_record.provenance(channel, ref, mode) if mode else {}


@contextlib.contextmanager
def result_files(parsed: argparse.Namespace, exports: Iterable[Export]) -> Iterator[ResultFiles]:
    """Check the result files, and remove those of an earlier build.

    Raises:
        ExportError: a file cannot be written.
        OptionError: a file is the destination of something else, too, or the outputs make no image.
    """
    exports = tuple(exports)
    if parsed.iidfile and exports and not any(export.type in IMAGES for export in exports):
        raise OptionError("--iidfile needs an image, and the outputs make none", hint="for example -o type=image")
    flags = {"--iidfile": parsed.iidfile, "--metadata-file": parsed.metadata_file}
    refuse_shared([*destinations(exports), *((path, flag) for flag, path in flags.items() if path)])
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(Destination(path)) if path else None for path in flags.values()]
        for place in filter(None, places):
            place.remove_stale()
        yield ResultFiles(*places)
