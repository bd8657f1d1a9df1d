"""Calls to an engine that builds share which run at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from llbfront.frontend.image_lookups import ImageCalls
    from llbfront.pb import gateway_pb2 as gateway
    from llbfront.rpc.calls import Call


@attrs.define
class SharedCalls:
    """Calls whose answers are the same for all builds.

    Attributes:
        images: look-ups of images.
        ping: the call that asks for the capabilities and workers of the engine, once a build has begun it.
    """

    images: ImageCalls = attrs.Factory(dict)
    ping: Call[gateway.PingRequest, gateway.PongResponse] | None = None
