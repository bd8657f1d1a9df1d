"""Registry credentials as docker keeps them: its config file and its credential helpers.

Enters: a registry host. Leaves: Credentials, empty when docker knows none for it.

Source: cli/config/configfile and cli/config/credentials of docker/cli, session/auth/authprovider of BuildKit.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import attrs

from llbfront.errors import LlbfrontError

HUB_HOSTS = {"docker.io", "index.docker.io", "registry-1.docker.io"}
HUB_KEY = "https://index.docker.io/v1/"
TOKEN_USER = "<token>"  # noqa: S105  the name that marks a token
KEPT_S = 290.0
HELPER_TIMEOUT_S = 60.0
NOT_FOUND_TEXT = "credentials not found in native keychain"


@attrs.frozen
class Credentials:
    """How to log in: a user with a password, an identity token, or a registry token that is used as it is."""

    username: str = ""
    password: str = attrs.field(default="", repr=False)
    identity_token: str = attrs.field(default="", repr=False)
    registry_token: str = attrs.field(default="", repr=False)

    @property
    def secret(self) -> str:
        return self.identity_token or self.password

    @property
    def login(self) -> str:
        """The user name that goes with `secret`; empty for an identity token."""
        return "" if self.identity_token else self.username


class CredentialStore:
    """What docker knows, asked once per host and kept for less than five minutes, as short-lived tokens need."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._kept: dict[str, tuple[float, Credentials]] = {}

    def find(self, host: str) -> Credentials:
        """Return the credentials for a registry host, asking a credential helper where the config names one.

        Raises: LlbfrontError when the config file or the helper cannot be used; the message holds no secret.
        """
        kept = self._kept.get(host)
        if kept and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        found = self._ask(HUB_KEY if host in HUB_HOSTS else host)
        self._kept[host] = (time.monotonic(), found)
        return found

    def _ask(self, server: str) -> Credentials:
        config = self._config()
        helper = (config.get("credHelpers") or {}).get(hostname(server)) or (config.get("credHelpers") or {}).get(server)
        helper = helper or config.get("credsStore")
        found = self._from_helper(str(helper), server) if helper else Credentials()
        return found if found != Credentials() else _from_file(config.get("auths") or {}, server)

    def _config(self) -> dict[str, Any]:
        path = os.path.join(config_directory(self._environ), "config.json")
        try:
            with open(path, "rb") as file:
                config = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise LlbfrontError(f"cannot read the docker config {path}: {error}") from None
        return config if isinstance(config, dict) else {}

    def _from_helper(self, helper: str, server: str) -> Credentials:
        import subprocess

        program = f"docker-credential-{helper}"
        try:
            done = subprocess.run(
                [program, "get"],
                input=server,
                capture_output=True,
                text=True,
                timeout=HELPER_TIMEOUT_S,
                check=False,
                env=dict(self._environ),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LlbfrontError(
                f"cannot ask the credential helper {program}: {type(error).__name__}",
                hint="see credsStore and credHelpers in the docker config",
            ) from None
        if done.returncode != 0:
            if NOT_FOUND_TEXT in done.stdout or NOT_FOUND_TEXT in done.stderr:
                return Credentials()
            raise LlbfrontError(f"the credential helper {program} failed for {server} with exit code {done.returncode}")
        try:
            answer = json.loads(done.stdout)
            user, secret = str(answer["Username"]), str(answer["Secret"])
        except (ValueError, KeyError, TypeError):
            raise LlbfrontError(f"the credential helper {program} gave no credentials for {server}") from None
        return Credentials(identity_token=secret) if user == TOKEN_USER else Credentials(user, secret)


def config_directory(environ: Mapping[str, str]) -> str:
    """Where docker keeps its configuration."""
    return environ.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker")


def hostname(server: str) -> str:
    """The host and port of a server address that may be a URL."""
    return server.split("://", 1)[-1].split("/", 1)[0]


def _from_file(auths: Mapping[str, Any], server: str) -> Credentials:
    entry = auths.get(server)
    if entry is None:
        entry = next((value for key, value in auths.items() if hostname(key) == hostname(server)), None)
    if not isinstance(entry, dict):
        return Credentials()
    user, password = str(entry.get("username", "")), str(entry.get("password", ""))
    if entry.get("auth"):
        import base64

        try:
            user, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        except (ValueError, TypeError):
            raise LlbfrontError(f"the docker config holds a damaged entry for {server}") from None
    return Credentials(user, password.rstrip("\0"), str(entry.get("identitytoken", "")), str(entry.get("registrytoken", "")))
