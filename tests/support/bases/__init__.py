"""Base images under their usual names, wherever this runs: the demo and the live tests say `FROM golang` and `FROM alpine`.

Where Docker Hub can be reached, its images come through a registry on loopback that keeps them, so that a second run downloads
nothing. Elsewhere small stand-ins are made once from Debian packages and a Go toolchain and pushed to that registry.

    with bases.serve() as registries:
        engine = daemon.start(places, config.Settings(registries=registries))

In the order of the data: `packages` (programs from Debian), `images` (directory trees become layers), `push`, `tokens`,
`registry`, `hub`, `docker` (a docker engine); and `leash`, which ends what they start.
"""

from tests.support.bases.hub import serve
from tests.support.bases.leash import leash
from tests.support.bases.packages import Missing
from tests.support.bases.registry import Access, Registry, run
from tests.support.bases.tokens import PASSWORD, USER

__all__ = ["PASSWORD", "USER", "Access", "Missing", "Registry", "leash", "run", "serve"]
