"""`llbfront --version`: our version and that of the engine which a build would use now.

Source: buildctl --version and docker buildx version, which do not print the engine's version.
"""

from __future__ import annotations

from collections.abc import Iterator

import llbfront
from llbfront.cli.output import say
from llbfront.errors import ConnectError, LlbfrontError


def versions() -> Iterator[str]:
    """Yield a line for llbfront and one for the engine, which has the error if no engine can be used."""
    yield f"llbfront {llbfront.__version__}"
    try:
        with llbfront.connect(report=say) as engine:
            version = engine.version()
            yield f"{version if version.startswith('docker') else f'buildkitd {version}'} ({engine.address})"
    except LlbfrontError as error:
        yield str(error) if isinstance(error, ConnectError) else f"no engine: {error}"
