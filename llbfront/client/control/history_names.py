"""The name of a build in the list of build records: what was built, as far as the options of the build tell.

Source: util/history/name.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Mapping

from llbfront.dockerfile2llb import git_ref
from llbfront.errors import InvalidValue
from llbfront.gostd.path import join

DOCKERFILE, DIRECTORY = "Dockerfile", "."
NAME = "build-arg:BUILDKIT_BUILD_NAME"


def build_name(options: Mapping[str, str]) -> str:
    """Return the name that docker buildx shows for a build with these frontend options; empty if they tell nothing."""
    if name := options.get(NAME):
        return name
    place, target = _context(options) or _dockerfile(options).removesuffix(f"/{DOCKERFILE}"), options.get("target", "")
    if place and target:
        return f"{place} ({target})"
    return place or target or _repository(options)


def _context(options: Mapping[str, str]) -> str:
    if "context" in options:
        return options["context"]
    directory = options.get("vcs:localdir:context", "")
    return "" if directory == DIRECTORY else directory


def _dockerfile(options: Mapping[str, str]) -> str:
    """Return the path of the Dockerfile, where it is not the default."""
    filename = options.get("filename", "")
    path = "" if filename == DOCKERFILE else filename
    directory = options.get("vcs:localdir:dockerfile", DIRECTORY)
    return path if directory == DIRECTORY else join(directory, path)


def _repository(options: Mapping[str, str]) -> str:
    """Return the git repository that the context is from, with its ref."""
    if "vcs:source" in options:
        return _with_ref(options["vcs:source"]) or options["vcs:source"]
    return _with_ref(options.get("input:context", "")) or ""


def _with_ref(text: str) -> str | None:
    """Return the address of a git source with its ref, None for other texts."""
    try:
        source = git_ref.parse(text)
    except git_ref.NotGit:
        return None
    except InvalidValue:
        return text
    return f"{source.remote}#{source.ref}" if source.ref else source.remote
