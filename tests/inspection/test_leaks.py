"""Files that should not reach a build: which are named, and whether they stay in the image."""

import pathlib
import subprocess

import pytest

import llbfront
from llbfront.inspection.leaks import find_leaks

FILES = {
    ".env": "A=1",
    ".env.example": "A=",
    "app/.env.local": "A=1",
    "app/id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----",
    "app/id_rsa.pub": "ssh-rsa",
    "tls/server.key": "-----BEGIN PRIVATE KEY-----",
    "tls/ca.pem": "-----BEGIN CERTIFICATE-----",
    ".npmrc": "//registry/:_authToken=x",
    ".aws/credentials": "[default]",
    "main.go": "package main",
    "environment.py": "",
    "keyboard.md": "",
}
SECRETS = {".env", "app/.env.local", "app/id_rsa", "tls/server.key", ".npmrc", ".aws/credentials"}


@pytest.fixture
def context(tmp_path: pathlib.Path) -> pathlib.Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def leaks(context: pathlib.Path, dockerfile: str) -> dict[str, tuple[str, bool]]:
    (context / "Dockerfile").write_text(dockerfile)
    graph = llbfront.convert(context)
    return {leak.path: (leak.reason, leak.in_image) for leak in find_leaks(graph, graph.inputs())}


def test_names_of_secrets_are_recognised(context: pathlib.Path) -> None:
    assert leaks(context, "FROM scratch\nCOPY . /\n") == dict.fromkeys(SECRETS, ("secret", True))


def test_ignored_files_are_not_leaks(context: pathlib.Path) -> None:
    (context / ".dockerignore").write_text("**/.env*\n.npmrc\n.aws\ntls\n")
    assert leaks(context, "FROM scratch\nCOPY . /\n") == {"app/id_rsa": ("secret", True)}


def test_files_that_git_ignores(context: pathlib.Path) -> None:
    subprocess.run(["git", "init", "-q", context], check=True)
    (context / ".gitignore").write_text("*.md\n.env\n")
    assert leaks(context, "FROM scratch\nCOPY keyboard.md .env main.go /\n") == {
        "keyboard.md": ("git-ignored", True),
        ".env": ("secret", True),
    }


SURVIVALS = {
    "in a stage that is left behind": ("FROM scratch AS a\nCOPY .env /\nFROM scratch\nCOPY --from=a /x /\n", False),
    "copied on by name": ("FROM scratch AS a\nCOPY .env /e\nFROM scratch\nCOPY --from=a /e /\n", True),
    "copied on with its directory": ("FROM scratch AS a\nCOPY . /src\nFROM scratch\nCOPY --from=a /src /src\n", True),
    "another directory is copied on": ("FROM scratch AS a\nCOPY . /src\nFROM scratch\nCOPY --from=a /src/app /app\n", False),
    "copied on with everything": ("FROM scratch AS a\nCOPY .env /\nFROM scratch\nCOPY --from=a / /\n", True),
    "copied on by a wildcard": ("FROM scratch AS a\nCOPY .env /d/\nFROM scratch\nCOPY --from=a /d/.e* /\n", True),
    "copied on twice": (
        "FROM scratch AS a\nCOPY .env /a/\nFROM scratch AS b\nCOPY --from=a /a /b\nFROM scratch\nCOPY --from=b /b/.env /\n",
        True,
    ),
    "a base of the target": ("FROM scratch AS a\nCOPY .env /\nFROM a\nCOPY main.go /\n", True),
    "removed by a later step": ("FROM alpine\nCOPY .env /\nRUN rm /.env\n", True),
    "mounted": ("FROM alpine\nRUN --mount=type=bind,source=.env,target=/.env cat /.env\n", False),
    "linked": ("FROM alpine\nCOPY --link .env /\n", True),
    "merged behind a run": ("FROM alpine AS a\nCOPY .env /s/\nRUN true\nFROM alpine\nCOPY --link --from=a /s /s\n", True),
}


@pytest.mark.parametrize("name", SURVIVALS)
def test_what_stays_in_the_image(context: pathlib.Path, name: str) -> None:
    dockerfile, in_image = SURVIVALS[name]
    assert leaks(context, dockerfile)[".env"] == ("secret", in_image)
