"""The door of an image with a frontend of one's own: the engine on the standard streams, the function in a module.

    from llbfront.kit import door
    import my_frontend

    def main() -> int:
        return door.main(my_frontend)

Such a module is written when the image is made (`Dockerfile`).

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
