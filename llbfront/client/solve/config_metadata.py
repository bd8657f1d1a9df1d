"""Image configs of named contexts as frontend options."""

from __future__ import annotations

import binascii
import json


def config_metadata(config: bytes) -> str:
    """Return an image config as the frontend option of a named context."""
    return json.dumps({"containerimage.config": binascii.b2a_base64(config, newline=False).decode()})
