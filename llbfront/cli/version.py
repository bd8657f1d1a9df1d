"""`llbfront --version`: our version and that of the engine which a build would use now.

Unlike `buildctl --version` and `docker buildx version`, it also prints the version of the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

import llbfront
from llbfront.cli.output import say
from llbfront.errors import ConnectError, LlbfrontError


def versions() -> Iterator[str]:
    """Yield a line for llbfront and one for the engine: its version, or why none can be used."""
    yield f"llbfront {llbfront.__version__}"
    try:
        with llbfront.connect(report=say) as engine:
            version = engine.version()
            yield f"{version if version.startswith('docker') else f'buildkitd {version}'} ({engine.address})"
    except LlbfrontError as error:
        yield str(error) if isinstance(error, ConnectError) else f"no engine: {error}"
