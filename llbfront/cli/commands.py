"""The commands of llbfront, in the groups that `llbfront --help` shows. Each command is the module of its name in `llbfront.cli`."""

from __future__ import annotations

COMMAND_GROUPS: dict[str, dict[str, str]] = {
    "Build": {
        "build": "build an image from a Dockerfile",
        "bake": "build the targets of bake and compose files, or of codefresh.yml",
        "lock": "pin the images, git and web sources of a build in a file",
        "solve": "solve a definition or with an engine's frontend, like buildctl",
        "frontend": "package your own frontend as an image",
    },
    "Check and list": {
        "check": "check a Dockerfile without building it",
        "outline": "list the build arguments, secrets and SSH agents of a target",
        "targets": "list the stages of a Dockerfile",
        "stages": "list the stages that a build runs or skips, and why",
    },
    "Explain": {
        "graph": "draw the graph of a Dockerfile: a page, SVG, PNG, or a tree",
        "llb": "print the graph of a Dockerfile, or of a saved definition",
        "inputs": "list the files that each step of a Dockerfile reads",
        "layers": "show what the layers of an image add and waste; compare two images",
        "ignored": "say which rule of the ignore file decides about a path",
        "diff": "say how two Dockerfiles, git revisions or graphs differ",
        "why": "say why each step of a build ran",
        "trace": "show the critical path of a build, and what caching would save",
        "affected": "list the stages that a change of files has built again",
    },
    "Engine": {
        "du": "list the records of the build cache and their sizes",
        "history": "list past builds, and show their logs and attachments",
        "prune": "remove records of the build cache",
        "workers": "list the workers of the engine",
        "info": "print the version of the engine",
        "doctor": "list the engines found and why others are unusable",
        "engine": "manage the private engine: start, stop, status, logs, config, …",
    },
    "Shell": {
        "completion": "print a shell completion script",
    },
}
COMMANDS = {name: summary for group in COMMAND_GROUPS.values() for name, summary in group.items()}


def help_text() -> str:
    """Return the help of llbfront: the commands by group, the options and the exit codes."""
    groups = "\n".join(
        "\n".join([f"{title}:", *(f"  {name:10}  {summary}" for name, summary in group.items())])
        for title, group in COMMAND_GROUPS.items()
    )
    return _HELP.format(groups=groups)


_HELP = """\
usage: llbfront COMMAND ...

Build Dockerfiles on a BuildKit engine, with no docker CLI.

{groups}
Options:
  -h, --help  show this help, or that of a command: llbfront COMMAND --help
  --version   print the versions of llbfront and of the engine

exit codes: 0 done, 1 build failed, 2 usage or bad input, 3 no engine,
4 findings, 130/143/129 ended by SIGINT/SIGTERM/SIGHUP
"""
