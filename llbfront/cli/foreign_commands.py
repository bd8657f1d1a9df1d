"""Commands of docker, docker buildx and buildctl that llbfront does not have, and what to use instead.

Source: the command lists of docker/buildx, buildctl and the docker CLI.
"""

from __future__ import annotations

from collections.abc import Sequence

_NAME_AN_ENGINE = "there are no builder instances: name an engine with --addr or BUILDKIT_HOST; llbfront doctor lists the engines"
_NO_EQUIVALENT = "there is no equivalent"
_BUILD = "use llbfront build"

# Two words are looked up before one.
EQUIVALENTS = {
    "b": _BUILD,
    "buildx bake": "use llbfront bake",
    "builder": _BUILD,
    "buildkitd": "use llbfront engine start",
    "buildx": _BUILD,
    "compose": "use llbfront bake, which builds the services of compose files",
    "convert": "use llbfront llb",
    "create": _NAME_AN_ENGINE,
    "dap": _NO_EQUIVALENT,
    "debug": f"{_NO_EQUIVALENT}; use buildctl debug",
    "debug build": f"{_NO_EQUIVALENT} of a debugger; use llbfront build",
    "debug dump-llb": "use llbfront llb FILE",
    "debug ctl": "use llbfront history pin, unpin or rm",
    "debug get": "use llbfront history inspect attachment REF DIGEST",
    "debug histories": "use llbfront history ls",
    "debug logs": "use llbfront history logs, or llbfront history trace",
    "debug monitor": "use llbfront history follow",
    "debug info": "use llbfront info",
    "debug workers": "use llbfront workers",
    "dial-stdio": _NO_EQUIVALENT,
    "dump-llb": "use llbfront llb FILE",
    "engine reload": "use llbfront engine restart",
    "exec": f"{_NO_EQUIVALENT}: llbfront builds images and does not run them",
    "image": _BUILD,
    "images": f"{_NO_EQUIVALENT}: the engine keeps no images, only docker engines do; use docker images",
    "imagetools": f"{_NO_EQUIVALENT}; use docker buildx imagetools, skopeo or crane",
    "import": f"{_NO_EQUIVALENT}; use docker import",
    "inspect": _NAME_AN_ENGINE,
    "install": "use llbfront engine install",
    "lint": "use llbfront check",
    "load": "use llbfront build --load",
    "login": f"{_NO_EQUIVALENT}: llbfront reads the credentials of docker login",
    "logs": "use llbfront engine logs for the private engine",
    "ls": "use llbfront doctor",
    "manifest": f"{_NO_EQUIVALENT}; build for several platforms with llbfront build --platform",
    "policy": f"{_NO_EQUIVALENT}: policies are not supported",
    "prune-histories": "use llbfront history rm --all",
    "ps": f"{_NO_EQUIVALENT}: llbfront builds images and does not run them",
    "pull": "use llbfront build --pull",
    "push": "use llbfront build --push",
    "replay": _NO_EQUIVALENT,
    "rm": _NAME_AN_ENGINE,
    "run": f"{_NO_EQUIVALENT}: llbfront builds images and does not run them",
    "save": "use llbfront build -o type=docker,dest=FILE",
    "start": "use llbfront engine start",
    "status": "use llbfront engine status",
    "stop": "use llbfront engine stop for the private engine",
    "tag": "use llbfront build -t NAME",
    "uninstall": "use llbfront engine uninstall",
    "use": _NAME_AN_ENGINE,
    "version": "use llbfront --version",
}
# Flags of docker, docker buildx and buildctl that stand before the command, and whether each has a value.
LEADING = {"--addr": True, "--builder": True, "--debug": False, "-D": False}


def equivalent(words: Sequence[str]) -> tuple[str, str | None]:
    """Return the name of an unknown command, which may have two words, and what to use instead of it, if that is known."""
    two = " ".join(words[:2])
    return (two, EQUIVALENTS[two]) if two in EQUIVALENTS else (words[0], EQUIVALENTS.get(words[0]))


def command_first(words: Sequence[str]) -> list[str]:
    """Move the flags before a command after it: `--addr ADDRESS build .` becomes `build --addr ADDRESS .`."""
    end = 0
    while end < len(words) and (flag := words[end].partition("=")[0]) in LEADING:
        end += 2 if LEADING[flag] and "=" not in words[end] else 1
    return [*words[end : end + 1], *words[:end], *words[end + 1 :]]
