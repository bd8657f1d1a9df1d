"""Names of builds are those that docker buildx shows."""

from __future__ import annotations

import pytest

from llbfront.client.control.history_names import build_name

GIT = "https://example.test/app.git"
NAMES = {
    "nothing": ({}, ""),
    "a name": ({"build-arg:BUILDKIT_BUILD_NAME": "mine", "target": "t", "context": GIT}, "mine"),
    "an empty name": ({"build-arg:BUILDKIT_BUILD_NAME": "", "target": "t"}, "t"),
    "a target": ({"target": "t"}, "t"),
    "a context": ({"context": "https://x"}, "https://x"),
    "a context and a target": ({"context": "https://x", "target": "t"}, "https://x (t)"),
    "an empty context": ({"context": "", "vcs:localdir:context": "app", "filename": "a.Dockerfile"}, "a.Dockerfile"),
    "the Dockerfile of the context": ({"filename": "Dockerfile"}, ""),
    "another Dockerfile": ({"filename": "app.Dockerfile"}, "app.Dockerfile"),
    "another Dockerfile and a target": ({"filename": "app.Dockerfile", "target": "t"}, "app.Dockerfile (t)"),
    "a Dockerfile in a directory": ({"filename": "docker/Dockerfile"}, "docker"),
    "another Dockerfile in a directory": ({"filename": "docker/app.Dockerfile"}, "docker/app.Dockerfile"),
    "a directory of the repository": ({"vcs:localdir:dockerfile": "docker"}, "docker"),
    "the root of the repository": ({"vcs:localdir:dockerfile": ".", "vcs:localdir:context": "."}, ""),
    "a Dockerfile in a directory of the repository": (
        {"vcs:localdir:dockerfile": "docker", "filename": "app.Dockerfile"},
        "docker/app.Dockerfile",
    ),
    "the usual Dockerfile in a directory of the repository": (
        {"vcs:localdir:dockerfile": "a/b", "filename": "c/Dockerfile"},
        "a/b/c",
    ),
    "a path that is cleaned": ({"vcs:localdir:dockerfile": "a/", "filename": "../b.Dockerfile"}, "b.Dockerfile"),
    "a context in the repository": ({"vcs:localdir:context": "app", "vcs:localdir:dockerfile": "docker"}, "app"),
    "a repository": ({"vcs:source": GIT}, GIT),
    "a repository beside a target": ({"vcs:source": GIT, "target": "t"}, "t"),
    "a repository with a ref and a directory": ({"vcs:source": f"{GIT}#main:sub"}, f"{GIT}#main"),
    "a repository with a directory": ({"vcs:source": f"{GIT}#:sub"}, GIT),
    "a repository of another form": ({"vcs:source": "something else"}, "something else"),
    "an input from git": ({"input:context": f"{GIT}#v1:sub"}, f"{GIT}#v1"),
    "an input that is no git": ({"input:context": "./app"}, ""),
    "an empty source hides an input": ({"vcs:source": "", "input:context": GIT}, ""),
    "an input and a Dockerfile": ({"input:context": GIT, "filename": "a.Dockerfile"}, "a.Dockerfile"),
}


@pytest.mark.parametrize(("options", "name"), NAMES.values(), ids=NAMES)
def test_names(options: dict[str, str], name: str) -> None:
    assert build_name(options) == name
