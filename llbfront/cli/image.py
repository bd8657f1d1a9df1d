"""`python -m llbfront.cli.image`, with the flags of `llbfront build`: the frontend image and its SBOM. `make image` runs it."""

from __future__ import annotations

import sys

from llbfront.cli import build
from llbfront.cli.main import Parser, exit_code_of
from llbfront.kit.image import with_sbom


def main() -> int:
    """Build the image; return an exit code."""
    parser = Parser(prog="python -m llbfront.cli.image", description="Build the frontend image.", allow_abbrev=False)
    build.add_arguments(parser)
    parser.set_defaults(debug=False)
    parsed = parser.parse_args()
    return exit_code_of(lambda: build.run_request(parsed, build.request_of(parsed), with_sbom))


if __name__ == "__main__":
    sys.exit(main())
