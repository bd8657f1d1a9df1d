"""The files about a build's result: `--iidfile` and `--metadata-file`.

Source: commands/build.go of docker/buildx.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from llbfront.cli.output import say
from llbfront.client.buildflags.exporters import IMAGES, destinations
from llbfront.client.inputs import input_files
from llbfront.client.request import environment
from llbfront.client.result import warning_metadata
from llbfront.errors import OptionError
from llbfront.files.writing import Destination, refuse_same_output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from llbfront.client.buildflags.exporters import Export
    from llbfront.client.request.build_request import BuildRequest
    from llbfront.client.result import BuildResult
    from llbfront.rpc.channel import Channel


class ResultFiles:
    """The places of the result files, checked before the build."""

    def __init__(self, iidfile: Destination | None, metadata_file: Destination | None) -> None:
        self._iidfile = iidfile
        self._metadata_file = metadata_file
        self._has_warnings = metadata_file is not None and environment.is_set(os.environ, environment.METADATA_WARNINGS)

    def write(self, result: BuildResult, channel: Channel) -> None:
        """Write what the flags ask for; provenance is requested over `channel`. Raises: ExportError, RpcError."""
        if self._iidfile is not None:
            if result.image_id:
                self._iidfile.write(result.image_id.encode())
            else:
                say(f"llbfront: warning: {self._iidfile.path} is not written, since the build made no image")
        if self._metadata_file is not None:
            metadata = {**result.metadata, **_provenance(channel, result.ref)}
            if result.warnings and self._has_warnings:
                metadata["buildx.build.warnings"] = [warning_metadata(warning) for warning in result.warnings]
            document = json.dumps(metadata, indent=2, sort_keys=True) + "\n"
            self._metadata_file.write(document.encode(errors="surrogateescape"))


def _provenance(channel: Channel, ref: str) -> dict[str, Any]:
    """Return the provenance that BUILDX_METADATA_PROVENANCE asks for."""
    from llbfront.client.exports import provenance

    mode = provenance.provenance_mode(os.environ.get(provenance.VARIABLE, ""))
    return provenance.provenance(channel, ref, mode) if mode else {}


def _other_inputs(parsed: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield the files that flags name and that are not in a request: the frontend, private keys, certificates."""
    if getattr(parsed, "frontend", None):
        yield parsed.frontend, "the frontend"
    for text in getattr(parsed, "ssh", ()):
        yield from ((path, "an SSH key") for path in text.partition("=")[2].split(",") if path)
    _, _, query = (parsed.addr or "").partition("?certs=")
    if os.path.isdir(query):
        yield from ((os.path.join(query, name), "a certificate or its key") for name in os.listdir(query))


@contextlib.contextmanager
def result_files(parsed: argparse.Namespace, exports: Iterable[Export], request: BuildRequest) -> Iterator[ResultFiles]:
    """Check the result files, and remove files that an earlier build left.

    Raises:
        ExportError: a file cannot be written.
        OptionError: a file is the destination of something else, too, or is read by the build, or the outputs make no image.
    """
    exports = tuple(exports)
    if parsed.iidfile and exports and not any(export.type in IMAGES for export in exports):
        raise OptionError("--iidfile needs an image, and the outputs make none", hint="for example -o type=image")
    flags = {"--iidfile": parsed.iidfile, "--metadata-file": parsed.metadata_file}
    named = [(path, flag) for flag, path in flags.items() if path]
    outputs = [*destinations(exports), *named]
    refuse_same_output(outputs)
    input_files.refuse_overwriting(request, outputs, _other_inputs(parsed))
    for path, flag in named:
        input_files.refuse_other_content(request, path, flag)
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(Destination(path)) if path else None for path in flags.values()]
        for place in filter(None, places):
            place.remove_stale()
        yield ResultFiles(*places)
