"""Connect a frontend image to its engine before the frontend is imported.

An engine gives up a frontend whose HTTP/2 preface has not arrived after 10 seconds. On a busy machine the imports of a frontend can take
that long, so a frontend image connects first:

    from llbfront.frontend.connection import connect

    channel = connect()

    from llbfront.frontend.stdio import main

    sys.exit(main(channel=channel))

Source: prefaceTimeout and firstSettingsTimeout of golang.org/x/net/http2, which serves the engine's side.
"""

from __future__ import annotations

import os

from llbfront.rpc.stream_channel import Pipes, StreamChannel


def connect() -> StreamChannel:
    """Open the connection on the standard streams and send the preface and the settings."""
    streams = os.dup(0), os.dup(1)
    os.dup2(2, 1)  # whatever is printed by mistake must not reach the engine
    channel = StreamChannel(Pipes(*streams))
    channel.flush()
    return channel
