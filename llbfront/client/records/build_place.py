"""The context and the Dockerfile of a build by names that are the same in the next build. They identify its records."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping

from llbfront.client.inputs import contexts
from llbfront.client.inputs.contexts import Inputs
from llbfront.files.paths import STANDARD_STREAM, absolute_path
from llbfront.printable import hide_credentials

_ARCHIVE = b"\x1f\x8b\x08"  # the beginning of gzip


def place_of_inputs(inputs: Inputs, options: Mapping[str, str]) -> tuple[str, str]:
    """Return the context and the Dockerfile of a build.

    Temporary directories have no name, standard input is `-` in the current directory, and a Dockerfile in an archive is in standard input.
    """
    temporary = {directory.name for directory in inputs.temporary}
    context = inputs.directories.get("context") or hide_credentials(options.get("context", ""))
    folder = inputs.directories.get("dockerfile")
    dockerfile = inputs.dockerfile if folder is None or folder in temporary else os.path.join(folder, options.get("filename", ""))
    if context in temporary or inputs.upload:
        context = absolute_path(STANDARD_STREAM)
        dockerfile = contexts.STDIN_DOCKERFILE if dockerfile == contexts.DEFAULT_NAME else dockerfile
    return context, dockerfile


def place_of_arguments(context: str, dockerfile: str | None) -> tuple[str, str]:
    """Return the context and the Dockerfile of builds with these arguments. Neither standard input nor the web is read.

    `context` may also be a Dockerfile, as for the offline commands. Raises: ContextError, OptionError.
    """
    from llbfront.client.inputs import remote_dockerfile

    if context != STANDARD_STREAM and not contexts.is_remote(context) and not os.path.isdir(context):
        contexts.refuse_absent(context)
        context, dockerfile = os.path.dirname(context) or ".", context
    is_fetched = dockerfile is not None and remote_dockerfile.is_url(dockerfile)
    stdin = io.BytesIO(_ARCHIVE if context == STANDARD_STREAM else b"")
    with contextlib.closing(contexts.gather(context, dockerfile=b"" if is_fetched else dockerfile, stdin=stdin)) as inputs:
        return place_of_inputs(inputs, inputs.options)
