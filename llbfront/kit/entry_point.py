"""The entry point of an image with a frontend of one's own: it serves the engine on the standard streams.

    import my_frontend
    from llbfront.kit.entry_point import main

    sys.exit(main(my_frontend))

The Dockerfile beside this module writes such a program into the image.

Source: none.
"""

from __future__ import annotations

import functools
from types import ModuleType

from llbfront.frontend import stdio
from llbfront.kit.run import function_of, run


def main(module: ModuleType) -> int:
    """Serve the engine on the standard streams with the frontend of a module; return an exit code."""
    return stdio.main(functools.partial(run, function_of(module, f"{module.__name__}.py")))
