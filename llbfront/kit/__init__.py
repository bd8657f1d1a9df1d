"""Write frontends: functions that are given a Build and return an image, or a Dockerfile in any form.

    from llbfront import llb
    from llbfront.kit import Build, Image, evolve

    def frontend(build: Build) -> Image:
        base = build.image("alpine")
        state = base.state.run("cp /in/* /srv", mounts=llb.Bind("/in", build.files("pages"))).root
        return Image(state, evolve(base.config, cmd=("httpd", "-f", "-h", "/srv")))

`llbfront build --frontend FILE` runs the function in the command, `llbfront frontend image FILE` makes it an image for `# syntax=` lines, and
`llbfront.testing` calls it in tests. Modules: what the function is given (`api`), how it is run (`run`), loaded from a file (`loading`) and served
in an image (`entry_point`); how an image of a frontend is made (`Dockerfile`, `requirements.txt`, `sbom`).
"""

from __future__ import annotations

from attrs import evolve

from llbfront.dockerfile.compose import Piece
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.statements import Statement
from llbfront.errors import LlbfrontError
from llbfront.errors.llbfront_error import located
from llbfront.kit.api import Build, Image
from llbfront.oci.image import ImageConfig
from llbfront.source import Source, Span
from llbfront.suggestions import suggestion

__all__ = [
    "Build", "Image", "ImageConfig", "LlbfrontError", "Piece", "Source", "Span", "Statement", "evolve", "located", "parse", "suggestion",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted(__all__)
