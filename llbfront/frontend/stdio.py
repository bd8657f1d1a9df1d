"""The entry point of a frontend image: the engine runs it in a container and speaks gRPC over standard input and output.

    python -m llbfront.frontend.stdio

The engine gets exactly one Return, with a result or an error. If the engine is gone, errors go to standard error, as do the tracebacks of
bugs. CurrentFrontend, the definition of the image that an engine mounts at /run/config/buildkit/metadata/frontend.bin, is not read:
no Dockerfile needs it.

Source: frontend/gateway/grpcclient/client.go, frontend/dockerfile/cmd/dockerfile-frontend of BuildKit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llbfront import interrupts
from llbfront.errors import Cancelled, InvalidJson, LlbfrontError, OptionError
from llbfront.foreign_json import JsonObject, as_object, parse_json
from llbfront.frontend.build import build
from llbfront.frontend.connection import connect
from llbfront.frontend.errors import encode_error
from llbfront.frontend.gateway import LLBBridge
from llbfront.frontend.results import encode_result
from llbfront.oci.platform import Platform
from llbfront.rpc.services.gateway import LLBBridgeMethods

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.rpc.channel import Channel
    from llbfront.rpc.stream_channel import StreamChannel

_OPTION = "BUILDKIT_FRONTEND_OPT_"
_WORKERS = "BUILDKIT_WORKERS"


def read_options(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the frontend options that an engine puts into the environment, one `key=value` each."""
    texts = (value for name, value in environment.items() if name.startswith(_OPTION))
    return {key: value for key, _, value in (text.partition("=") for text in texts)}


def read_workers(environment: Mapping[str, str]) -> tuple[Platform, ...]:
    """Return the platforms of the first worker of the engine, best first. Raises: OptionError."""
    try:
        workers = as_object({_WORKERS: parse_json(environment.get(_WORKERS) or "[]")}).objects(_WORKERS)
        return tuple(_platform(platform) for worker in workers[:1] for platform in worker.objects("Platforms"))
    except InvalidJson as error:
        raise OptionError(f"{_WORKERS} is invalid: {error.message}") from None


def _platform(value: JsonObject) -> Platform:
    return Platform(
        value.text("os"), value.text("architecture"), value.text("variant"), value.text("os.version"), value.texts("os.features")
    )


def serve(channel: Channel, environment: Mapping[str, str], run: Callable[[Bridge], Returned] | None = None) -> bool:
    """Build what the environment asks for and return it; say whether that went well. Raises: RpcError if the engine is gone.

    run: the frontend that builds, by default that of Dockerfiles.
    """
    options = read_options(environment)
    session = environment.get("BUILDKIT_SESSION_ID", "")
    product = environment.get("BUILDKIT_EXPORTEDPRODUCT") or "buildkit"
    bridge = LLBBridge.connect(channel, options=options, session_id=session, product=product)
    try:
        bridge.platforms = bridge.platforms or read_workers(environment)
        request, is_done = encode_result((run or build)(bridge), bridge.caps), True
    except KeyboardInterrupt:
        request, is_done = encode_error(Cancelled("the frontend was terminated")), False
    except Exception as error:  # noqa: BLE001  any error is sent to the engine, which could not read a traceback
        if not isinstance(error, LlbfrontError):
            sys.excepthook(type(error), error, error.__traceback__)
        request, is_done = encode_error(error), False
    bridge.settle()
    bridge.ask(LLBBridgeMethods.Return, request)
    return is_done


def main(run: Callable[[Bridge], Returned] | None = None, channel: StreamChannel | None = None) -> int:
    """Serve the engine on the standard streams, for Dockerfiles or with another frontend; return an exit code.

    The connection ends with the process. An engine takes one that ends earlier for a failure and drops the result, unless the process
    has exited by the time it looks.

    channel: the connection, if it has been opened before the imports.
    """
    channel = channel or connect()
    try:
        with interrupts.termination_raises(), interrupts.deferred(channel.loop.wake):
            return 0 if serve(channel, os.environ, run) else 1
    except LlbfrontError as error:
        sys.stderr.write(f"llbfront: {error}\n")
        return 1
    except KeyboardInterrupt:  # before there was a bridge, or while the last word was said
        sys.stderr.write("llbfront: the frontend was terminated\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
