"""Run the private engine without root: as the root of a new user namespace, created by unshare of util-linux.

`check` says what this machine lacks for it.

Source: docs/rootless.md of BuildKit v0.34.2; unshare(1), subuid(5). BuildKit's page uses RootlessKit; all that a builder on the host's
network needs of it is the namespace, which unshare creates since util-linux 2.38.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess

from llbfront.errors import EngineError
from llbfront.setting_names import setting

_UNSHARE = ("unshare", "--user", "--map-root-user", "--map-auto", "--mount", "--propagation=slave")
SUBORDINATES = ("/etc/subuid", "/etc/subgid")


def is_needed() -> bool:
    """Return whether this process is not root."""
    return os.geteuid() != 0


def inside(command: list[str]) -> list[str]:
    """Wrap a command so that it runs as root of a user namespace, with the process id that the wrapped command has."""
    return [*_UNSHARE, *command]


def check() -> None:
    """Try to make a namespace.

    Raises: EngineError with what is missing and how to get it.
    """
    name = _login()
    if shutil.which("unshare") is None or "--map-auto" not in _output(["unshare", "--help"]):
        raise EngineError(
            "without root the private engine needs unshare of util-linux 2.38 or newer",
            hint=f"run sudo llbfront engine start, or name an engine with {setting('address')}",
        )
    if shutil.which("newuidmap") is None or shutil.which("newgidmap") is None:
        raise EngineError(
            "without root the private engine needs newuidmap",
            hint="install it, e.g. apt-get install uidmap, dnf install shadow-utils",
        )
    for path in SUBORDINATES:
        if not _has_range(path, name):
            raise EngineError(
                f"without root the private engine needs a range of ids in {path}",
                hint=f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}",
            )
    tried = subprocess.run(inside(["true"]), capture_output=True, encoding="utf-8", errors="replace", check=False)
    if tried.returncode != 0:
        raise EngineError(
            f"without root the private engine needs a user namespace: {tried.stderr.strip()}",
            hint="if the kernel forbids it: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 user.max_user_namespaces=28633",
        )


def _has_range(path: str, name: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            owners = {line.partition(":")[0] for line in file}
    except OSError:
        return False
    return bool(owners & {name, str(os.getuid())})


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False).stdout
