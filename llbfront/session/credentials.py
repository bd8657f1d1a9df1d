"""Registry credentials as docker keeps them: its config file, its credential helpers, and DOCKER_AUTH_CONFIG.

Source: cli/config/configfile and cli/config/credentials of docker/cli, session/auth/authprovider of BuildKit.
"""

from __future__ import annotations

import base64
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.docker import config as docker_config
from llbfront.errors import InvalidJson, LlbfrontError
from llbfront.foreign_json import JsonObject, parse_object

if TYPE_CHECKING:
    from llbfront.session.credential_helper import HelperOutput, HelperProcess

HUB_HOSTS = {"docker.io", "index.docker.io", "registry-1.docker.io"}
HUB_KEY = "https://index.docker.io/v1/"
TOKEN_USER = "<token>"  # noqa: S105  the name that marks a token
KEPT_S = 290.0  # tokens of some helpers are valid for five minutes
NOT_FOUND_TEXT = "credentials not found in native keychain"
AUTH_CONFIG = "DOCKER_AUTH_CONFIG"
_HOST = r"[\x21-\x7e]{1,512}"


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


@attrs.frozen
class Notice:
    """Something a user should know while credentials are looked up.

    is_wait: something takes long; notices with the same `key` follow, the last of them with `is_done`.
    """

    key: str
    text: str
    is_wait: bool = False
    is_done: bool = True


NO_CREDENTIALS = Credentials()


class CredentialStore:
    """The credentials that docker would use. Each server is looked up once; what was found is kept for less than five minutes.

    May be used from several threads. `close` ends helpers that still run; after it nothing is looked up.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, *, notify: Callable[[Notice], None] | None = None) -> None:
        """Create a store. `notify` is called from the thread that looks up credentials."""
        self._environ = os.environ if environ is None else environ
        self._notify = notify or (lambda _: None)
        self._lock = threading.Lock()
        self._server_locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, tuple[float, Credentials | LlbfrontError]] = {}
        self._ends: set[Callable[[], None]] = set()
        self._is_closed = False

    def find(self, host: str) -> Credentials:
        """Return the credentials for a registry host, asking a credential helper where the config names one.

        Raises:
            LlbfrontError: the config file or the helper cannot be used; the message holds no secret.
        """
        if not re.fullmatch(_HOST, host):
            raise LlbfrontError("credentials were asked for something that is not a registry host")
        server = HUB_KEY if host in HUB_HOSTS else host
        with self._lock:
            lock = self._server_locks.setdefault(server, threading.Lock())
        with lock:
            kept = self._kept.get(server)
            if kept is None or time.monotonic() - kept[0] > KEPT_S:
                kept = self._kept[server] = (time.monotonic(), self._ask(server))
        if isinstance(kept[1], LlbfrontError):
            raise kept[1]
        return kept[1]

    def close(self) -> None:
        """End the helpers that still run, with everything they started."""
        with self._lock:
            self._is_closed = True
            ends = tuple(self._ends)
        for end in ends:
            end()

    def notify(self, notice: Notice) -> None:
        """Notify the user about credentials."""
        self._notify(notice)

    def _ask(self, server: str) -> Credentials | LlbfrontError:
        try:
            return self._from_environment(server) or self._from_docker(server)
        except LlbfrontError as error:
            return error

    def _from_environment(self, server: str) -> Credentials | None:
        """Return what DOCKER_AUTH_CONFIG says of a server. Like docker, warn about a value that cannot be used and ignore it."""
        text = self._environ.get(AUTH_CONFIG)
        if not text:
            return None
        try:
            return _auth_config(text).get(server)
        except LlbfrontError as error:
            self._notify(Notice(AUTH_CONFIG, f"{AUTH_CONFIG} is ignored: {error.message}"))
            return None

    def _from_docker(self, server: str) -> Credentials:
        config = docker_config.load(self._environ)
        path = docker_config.path(self._environ)
        try:
            written = _from_file(config.object("auths"), server)
            helper, key = _helper(config, server)
        except InvalidJson as error:
            raise LlbfrontError(f"cannot use the docker config {path}: {error.message}") from None
        if not helper:
            return written
        credentials = self._from_helper(helper, server, hint=f"it is named by {key} in {path}")
        return written if credentials is None else attrs.evolve(credentials, registry_token=written.registry_token)

    def _from_helper(self, helper: str, server: str, *, hint: str) -> Credentials | None:
        """Run a helper; return None if it has no credentials for the server. Raises: LlbfrontError."""
        from llbfront.session.credential_helper import HelperProcess, find_program, words

        program = f"docker-credential-{helper}"
        try:
            process = HelperProcess(find_program(program, self._environ), "get", self._environ)
        except LlbfrontError as error:
            raise LlbfrontError(error.message, hint=hint) from None
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "invalid name").lower()
            raise LlbfrontError(f"{program} cannot be run: {reason}", hint=hint) from None
        output = self._run(process, program, server)
        if output.problem:
            raise LlbfrontError(_joined(f"{program} was ended: {output.problem}", words(output.stderr)), hint=hint)
        if output.code != 0:
            if NOT_FOUND_TEXT in output.words:
                return None
            raise LlbfrontError(f"{program} failed for {server}: {output.words or f'exit code {output.code}'}", hint=hint)
        try:
            return _answer(output.stdout)
        except InvalidJson as error:
            raise LlbfrontError(f"{program} gave no valid credentials for {server}: {error.message}", hint=hint) from None

    def _run(self, process: HelperProcess, program: str, server: str) -> HelperOutput:
        """Run a helper, with a notice while it is slow."""
        notices: list[Notice] = []

        def on_slow(output: str) -> None:
            notices.append(Notice(program, _joined(f"waiting for {program}", output), is_wait=True, is_done=False))
            self._notify(notices[-1])

        self._begin(process.end)
        try:
            return process.run(server, on_slow)
        finally:
            self._ends.discard(process.end)
            if notices:
                self._notify(attrs.evolve(notices[-1], is_done=True))

    def _begin(self, end: Callable[[], None]) -> None:
        with self._lock:
            self._ends.add(end)
            is_closed = self._is_closed
        if is_closed:
            end()


def _joined(text: str, detail: str) -> str:
    return f"{text}: {detail}" if detail else text


def _helper(config: JsonObject, server: str) -> tuple[str, str]:
    """Return the name of the helper for a server, and the key of the config that names it. An empty helper means none."""
    helpers = config.text_map("credHelpers")
    if server in helpers:
        return helpers[server], f'credHelpers["{server}"]'
    return config.text("credsStore"), "credsStore"


def _answer(data: bytes) -> Credentials:
    """Read the answer of a helper. Raises: InvalidJson."""
    answer = parse_object(data, ignore_rest=True)
    user, secret = answer.text("Username"), answer.text("Secret")
    return Credentials(identity_token=secret) if user == TOKEN_USER else Credentials(user, secret)


def _auth_config(text: str) -> dict[str, Credentials]:
    """Read DOCKER_AUTH_CONFIG, in which docker allows nothing but `auth` entries. Raises: LlbfrontError."""
    document = parse_object(text)
    _only(document, "auths")
    by_server = {}
    auths = document.object("auths")
    for server in auths.members:
        entry = auths.entry(server)
        _only(entry, "auth")
        if not entry.text("auth"):
            raise InvalidJson(f"{entry.where} has no auth")
        by_server[server] = Credentials(*_decoded(entry))
    return by_server


def _only(document: JsonObject, name: str) -> None:
    for other in document.members:
        if other.casefold() != name:
            raise InvalidJson(f"unknown field {other!r}")


def _from_file(auths: JsonObject, server: str) -> Credentials:
    """Return what the file itself holds for a server: the entry of that name, else one whose URL has that host."""
    key = server if server in auths.members else next((key for key in auths.members if hostname(key) == server), None)
    if key is None:
        return NO_CREDENTIALS
    entry = auths.entry(key)
    user, password = _decoded(entry) if entry.text("auth") else (entry.text("username"), entry.text("password"))
    return Credentials(user, password, entry.text("identitytoken"), entry.text("registrytoken"))


def _decoded(entry: JsonObject) -> tuple[str, str]:
    """Return user and password of an `auth` member. Raises: InvalidJson."""
    try:
        text = base64.b64decode(re.sub(r"[\r\n]", "", entry.text("auth")), validate=True).decode()
    except ValueError:
        raise InvalidJson(f"{entry.where}.auth is damaged") from None
    user, colon, password = text.partition(":")
    if not user or not colon:
        raise InvalidJson(f"{entry.where}.auth is not base64 of USER:PASSWORD")
    return user, password.strip("\0")


def hostname(server: str) -> str:
    """Return the host and port of a server address that may be a URL."""
    return server.split("://", 1)[-1].split("/", 1)[0]
