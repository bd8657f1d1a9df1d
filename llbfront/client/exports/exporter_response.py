"""The exporter response of a solve: strings, some of which hold JSON in base64.

Source: util/desc of docker/buildx for the metadata file, client/solve.go of BuildKit for descriptors.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from llbfront.errors import ExportError, InvalidJson
from llbfront.foreign_json import JsonObject, as_object, parse_json

if TYPE_CHECKING:
    from llbfront.session.oci_layout import Layout

DIGEST = "containerimage.digest"
CONFIG_DIGEST = "containerimage.config.digest"
IMAGE_NAME = "image.name"
LATEST = "latest"  # the tag of what has no name in an OCI layout
DESCRIPTOR = "containerimage.descriptor"


def decode_value(value: str) -> Any:
    """Decode a value that is base64 of a JSON object or list; any other is text."""
    try:
        document = parse_json(base64.b64decode(value, validate=True))
    except ValueError:
        return value
    return document if isinstance(document, (dict, list)) else value


def read_descriptor(name: str, value: str) -> JsonObject:
    """Read the descriptor in the value `name` of a response: JSON, or base64 of it.

    Raises:
        ExportError: it is not a descriptor.
    """
    from llbfront.oci.index import digest_of

    try:
        document = decode_value(value)
        descriptor = as_object(parse_json(document) if isinstance(document, str) else document)
        digest_of(descriptor)
        descriptor.text_map("annotations")
    except InvalidJson as error:
        raise ExportError(f"the engine returned an invalid {name}: {error.message}") from None
    return descriptor


def expect_blob(layout: Layout, descriptor: JsonObject) -> None:
    """Check that the engine has sent the blob of a descriptor. Raises: ExportError."""
    digest = descriptor.text("digest")
    try:
        is_there = layout.find(digest) is not None
    except OSError as error:
        raise ExportError(f"cannot read {layout.path}: {error.strerror}") from None
    if not is_there:
        raise ExportError(f"the engine did not write {digest} to {layout.path}")
