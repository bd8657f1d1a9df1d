"""Flags of docker, docker buildx, buildctl and buildah that work differently here: ignored, refused with what to use instead, or another spelling.

They are accepted where `llbfront build` takes its own flags and are not listed in its help.

Source: commands/build.go of docker/buildx and cmd/buildctl of BuildKit; cli/command/image/build.go of docker/cli.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from llbfront.errors import OptionError

# Flags without effect on a BuildKit build; docker accepts them, too. True: the flag has a value.
IGNORED = {
    "--compress": False,
    "--disable-content-trust": False,
    "--force-rm": False,
    "--isolation": True,
    "--rm": False,
    "--security-opt": True,
    "--squash": False,
    "--layers": False,
}

_OPTIONS = "use --target, --build-arg, --label, --platform and the other flags of llbfront build"
_TLS = "name the files in the address: tcp://HOST:PORT?certs=DIRECTORY"
# Flags that cannot be ignored, and what helps.
REFUSED = {
    "--proxy-network": "the engine's proxy for steps is not supported",
    "--opt": _OPTIONS,
    "--local": "give the context as PATH, the Dockerfile with -f, and other directories with --build-context",
    "--oci-layout": "use --build-context NAME=oci-layout://PATH",
    "--export-cache": "use --cache-to",
    "--import-cache": "use --cache-from",
    "--ref-file": "use --metadata-file",
    "--trace": "use --progress rawjson",
    "--debug-json-cache-metrics": "use --progress rawjson",
    "--registry-auth-tlscontext": "configure the registry in the configuration of the engine",
}
# Flags of buildah and podman.
BUILDAH = {
    "--arch": "use --platform OS/ARCH",
    "--authfile": "set DOCKER_CONFIG to the directory of a config.json",
    "--cert-dir": "configure the registry in the configuration of the engine",
    "--creds": "log in with docker login, or set DOCKER_CONFIG to the directory of a config.json",
    "--env": "write ENV in the Dockerfile, or use --build-arg with ARG",
    "--from": "use --build-context IMAGE=docker-image://OTHER",
    "--ignorefile": "save the file as Dockerfile.dockerignore next to the Dockerfile, or as .dockerignore in the context",
    "--jobs": "independent stages always run at the same time; the configuration of the engine limits them",
    "--logfile": "redirect standard error",
    "--manifest": "--platform with several platforms makes an index",
    "--os": "use --platform OS/ARCH",
    "--timestamp": "set SOURCE_DATE_EPOCH in the environment",
    "--tls-verify": "configure the registry in the configuration of the engine",
    "--variant": "use --platform OS/ARCH/VARIANT",
    "--volume": "use RUN --mount in the Dockerfile",
}
# Older flags for what `--resource KEY=VALUE` says.
RESOURCES: Mapping[str, tuple[str, ...]] = {
    "memory": ("-m", "--memory"),
    "memory-swap": ("--memory-swap",),
    "cpu-shares": ("-c", "--cpu-shares"),
    "cpu-period": ("--cpu-period",),
    "cpu-quota": ("--cpu-quota",),
    "cpuset-cpus": ("--cpuset-cpus",),
    "cpuset-mems": ("--cpuset-mems",),
}


# Flags of docker buildx and buildctl that choose an engine and wait for it, for all commands that talk to one.
ENGINE_FLAGS = {
    "--builder": "name an engine with --addr or BUILDKIT_HOST",
    "--timeout": "llbfront waits 15 s for an engine",
    "--wait": "llbfront waits 15 s for an engine",
    "--log-format": "errors are text on standard error",
    "--tlsservername": _TLS,
    "--tlscacert": _TLS,
    "--tlscert": _TLS,
    "--tlskey": _TLS,
    "--tlsdir": _TLS,
}


class _Ignored(argparse.Action):
    def __call__(self, _parser: object, namespace: argparse.Namespace, _values: object, option_string: str | None = None) -> None:
        namespace.ignored = (*namespace.ignored, option_string)


class Refused(argparse.Action):
    """A flag that is refused; `const` says what to use instead."""

    def __call__(self, _parser: object, _namespace: object, values: Any, option_string: str | None = None) -> None:
        if values != "":  # docker takes an empty text for none
            raise OptionError(f"{option_string} is not supported", hint=self.const)


# Refused flags that take no value.
_SWITCHES = frozenset(("--proxy-network", "--wait"))


def refuse(command: argparse.ArgumentParser, flags: Mapping[str, str]) -> None:
    """Let a parser refuse flags, with what to use instead."""
    for flag, hint in flags.items():
        nargs = 0 if flag in _SWITCHES else None
        command.add_argument(flag, action=Refused, nargs=nargs, const=hint, help=argparse.SUPPRESS, default=argparse.SUPPRESS)


def add_refused(command: argparse.ArgumentParser) -> None:
    """Let a parser refuse the flags of docker buildx and buildctl that choose an engine."""
    refuse(command, ENGINE_FLAGS)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the flags to a parser. After parsing, `ignored` holds those that have no effect."""
    command.set_defaults(ignored=())
    hidden: dict[str, Any] = {"help": argparse.SUPPRESS, "default": argparse.SUPPRESS}
    for flag, has_value in IGNORED.items():
        command.add_argument(flag, action=_Ignored, nargs=None if has_value else 0, **hidden)
    refuse(command, REFUSED)
    refuse(command, BUILDAH)
    for key, flags in RESOURCES.items():
        hidden["default"] = []
        command.add_argument(*flags, action="append", dest="resource", type=f"{key}={{}}".format, **hidden)
    command.add_argument("--print", dest="call", **{**hidden, "default": argparse.SUPPRESS})


def warning(ignored: tuple[str, ...]) -> str:
    """Return the warning about flags without effect."""
    flags = ", ".join(dict.fromkeys(ignored))
    return f"{flags} {'has' if len(set(ignored)) == 1 else 'have'} no effect with BuildKit"
