"""The kit: a frontend of one's own is a function that is given a Build and returns an image, or a Dockerfile in any form.

    from llbfront.kit import Build, Image

    def frontend(build: Build) -> Image:
        base = build.image("alpine")
        made = base.state.run(("sh", "-c", "cp /in/* /srv"), mounts=(llb.Bind("/in", build.files("pages")),)).root
        return Image(made, evolve(base.config, cmd=("httpd", "-f", "-h", "/srv")))

`llbfront build --frontend FILE` runs it here, `llbfront frontend image FILE` makes it an image for `# syntax=` lines, `llbfront.testing`
calls it in tests. The modules beside: what the function is given (`asked`), how it is run (`run`), found in a file (`load`) and served
inside an image (`entry_point`); how an image of a frontend is made (`Dockerfile`, `requirements.txt`, `sbom`).

Source: none.
"""

from __future__ import annotations

from attrs import evolve

from llbfront.dockerfile.compose import Piece
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.tree import Statement
from llbfront.errors import LlbfrontError, located
from llbfront.kit.api import Build, Image
from llbfront.oci.image import ImageConfig
from llbfront.source import Source, Span
from llbfront.suggestions import suggestion

__all__ = [
    "Build", "Image", "ImageConfig", "LlbfrontError", "Piece", "Source", "Span", "Statement", "evolve", "located", "parse", "suggestion",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted(__all__)
