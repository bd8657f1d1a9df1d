"""Read `--ssh`: agents and keys by id.

The functions for strings and those for typed values return fields of a BuildRequest.

Source: util/buildflags/ssh.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from llbfront import arguments
from llbfront.errors import OptionError
from llbfront.files.paths import absolute_path
from llbfront.gostd.strconv import parse_bool

if TYPE_CHECKING:
    from llbfront.session.ssh import SshAgent
    from llbfront.session.ssh_keys import AskPassphrase, KeyAgent


def parse_agents(
    texts: Iterable[str], environ: Mapping[str, str], ask_passphrase: AskPassphrase | None = None
) -> dict[str, SshAgent | KeyAgent]:
    """Read `default`, `ID=SOCKET[,raw=true]` or `ID=KEY[,KEY…]`; the last of an id counts."""
    from llbfront.session.ssh import DEFAULT

    by_id = {}
    for text in texts:
        if fault := arguments.path_fault(text):
            raise OptionError(f"invalid ssh {text!r}: {fault}")
        name, _, paths = text.partition("=")
        by_id[name or DEFAULT] = agent_of_paths(paths.split(","), environ, ask_passphrase, shown=repr(text))
    return by_id


def agent_of_paths(
    items: Iterable[str], environ: Mapping[str, str], ask_passphrase: AskPassphrase | None = None, *, shown: str
) -> SshAgent | KeyAgent:
    """Return the agent for paths of sockets or keys, and `raw=true` among them; `shown` names it in errors."""
    items = tuple(items)
    raw = [item for item in items if item.startswith("raw=")]
    paths = [absolute_path(item) for item in items if item and not item.startswith("raw=")]
    is_raw = parse_bool(raw[-1].removeprefix("raw=")) if raw else False
    if is_raw is None:
        raise OptionError(f"invalid ssh {shown}: raw must be true or false")
    from llbfront.session.ssh import agent

    return agent(paths, is_raw=is_raw, environ=environ, ask_passphrase=ask_passphrase)


def convert_agents(value: Any, name: str, environ: Mapping[str, str]) -> Mapping[str, SshAgent | KeyAgent]:
    """Return the agents of an argument: strings as `--ssh` takes them, or a mapping of ids to sockets or keys."""
    from llbfront.session.ssh import SshAgent

    if not isinstance(value, Mapping):
        return parse_agents(arguments.items(value, name, "strings ID[=SOCKET] or a mapping", arguments.text), environ)
    if all(isinstance(agent, SshAgent) or hasattr(agent, "answer") for agent in value.values()):  # converted before
        return value
    return {
        arguments.text(key, f"a name in {name}"): agent_of_paths(_agent_items(item, f"{name}[{key!r}]"), environ, shown=f"of {key}")
        for key, item in value.items()
    }


def _agent_items(value: Any, name: str) -> list[str]:
    paths = arguments.items(value, name, "a path, or None", _agent_paths, single=(str, os.PathLike))
    return [path for several in paths for path in several]


def _agent_paths(value: Any, name: str) -> list[str]:
    text = arguments.local_path(value, name)
    return text.split(",") if isinstance(value, str) else [text]
