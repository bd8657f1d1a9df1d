"""The certificate files that secure a TCP connection."""

from __future__ import annotations

import attrs


@attrs.frozen
class Tls:
    """Paths of files in PEM form. Without `ca` the certificate authorities of the system are trusted."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    server_name: str | None = None
