"""What the session serves during one build, and what becomes of the files that come back.

Enters: a request, its inputs and its exports. Leaves: Services for the tunnel; at the end outputs put in place or thrown away.

Source: client/solve.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.session import auth, secrets
from llbfront.session.credentials import CredentialStore
from llbfront.session.secrets import FileSecret, VariableSecret

if TYPE_CHECKING:
    from llbfront.client.exporters import Export
    from llbfront.client.inputs import Inputs
    from llbfront.client.request import BuildRequest
    from llbfront.transport.channel import Services


class Offer:
    """All that the engine may ask of us for one build."""

    def __init__(self, request: BuildRequest, offered: Inputs, exports: tuple[Export, ...]) -> None:  # noqa: ARG002
        self.services: Services = {
            **auth.services(CredentialStore()),
            **secrets.services(
                {one.id: FileSecret(one.path) if one.path else VariableSecret(one.env or "") for one in request.secrets}
            ),
        }
