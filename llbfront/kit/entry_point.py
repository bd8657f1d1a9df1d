"""The entry point of an image with a custom frontend: it serves the engine on the standard streams.

    from llbfront.frontend.connection import connect

    channel = connect()

    import my_frontend
    from llbfront.kit.entry_point import main

    sys.exit(main(my_frontend, channel))

The Dockerfile next to this module writes such a program into the image.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import TYPE_CHECKING

from llbfront.frontend import stdio
from llbfront.kit.run import function_of, run

if TYPE_CHECKING:
    from llbfront.rpc.stream_channel import StreamChannel


def main(module: ModuleType, channel: StreamChannel | None = None) -> int:
    """Serve the engine on the standard streams with the frontend of a module; return an exit code.

    channel: the connection, if it has been opened before the imports.
    """
    return stdio.main(functools.partial(run, function_of(module, f"{module.__name__}.py")), channel)
