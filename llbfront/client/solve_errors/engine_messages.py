"""Rewrite common error messages of engines so that they name what failed, and add a hint.

Each pattern is matched in linear time, since messages can be megabytes long.

Source: the messages of source/http, source/git, cache/contenthash, session and util/resolver of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

import attrs

from llbfront.client.solve_errors import network_messages as network
from llbfront.gostd.strconv import quote
from llbfront.setting_names import setting

if TYPE_CHECKING:
    from llbfront.client.solve_errors.solved_graphs import Reader, SolvedGraphs
    from llbfront.pb import ops_pb2 as ops

LOCAL, CONTEXT = "local://", "local://context"
# What the layers of an engine and gRPC put before the message of the layer that failed.
_WRAPPERS = (
    r"rpc error: code = \w++ desc = ",
    r"failed to (?:load|compute) cache key: ",
    r"failed to solve: ",
    r"failed to calculate checksum of ref [^\s:]*+::[^\s:]*+: ",
)
_WRAPPED = re.compile("|".join(_WRAPPERS))
# What was done, before the reason why it failed.
_TASK = re.compile(r"failed to (?:read downloaded context|read dockerfile|resolve dockerfile): ")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s\"]++@")
_GIT_OUTPUT = re.compile(r", output: \"\"$|git stderr:\n|\n: exit status \d++$")
NO_DIRECTORY = "no access allowed to dir "
_SHOWN_NAME = 60
_REFUSED = frozenset((HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
_ABSENT = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.GONE))


@attrs.frozen
class FailedVertex:
    """The vertex that failed, as far as it is known. `readers` are the instructions that read it, for a source."""

    graphs: SolvedGraphs
    digest: str | None = None
    op: ops.Op | None = None
    readers: tuple[Reader, ...] = ()

    @property
    def address(self) -> str:
        """The address of a source on the web or of a repository, without credentials; empty for other vertices."""
        if self.op is None or self.op.WhichOneof("op") != "source":
            return ""
        source = self.op.source
        if source.identifier.startswith("git://"):
            _, fragment, ref = source.identifier.partition("#")
            return without_credentials(source.attrs.get("git.fullurl", source.identifier.partition("#")[0]) + fragment + ref)
        return without_credentials(source.identifier) if source.identifier.startswith(("http://", "https://")) else ""

    @property
    def has_credentials(self) -> bool:
        """Return whether the address of a source on the web has a user or a password."""
        return self.op is not None and without_credentials(self.op.source.identifier) != self.op.source.identifier


Worded: TypeAlias = tuple[str, str | None]
"""A message and its hint."""
Rule: TypeAlias = tuple[re.Pattern[str], Callable[[re.Match[str], FailedVertex], Worded]]
"""A pattern of messages of engines, and the function that rewrites them."""


def reword(message: str, vertex: FailedVertex) -> Worded:
    """Return the message without what wraps it, in better words and with a hint where there are some."""
    message = _WRAPPED.sub("", message)
    task = match[0] if (match := _TASK.match(message)) else ""
    message = message.removeprefix(task)
    for pattern, rule in RULES:
        if match := pattern.search(message):
            message, hint = rule(match, vertex)
            break
    else:
        hint = None
    message = f"{task}{message}"
    address = vertex.address
    bare = address.partition("#")[0]
    return (f"{address}: {message}" if address and bare not in message else message), hint


def lacks_directory(message: str) -> bool:
    """Return whether a solve failed because the engine asked for a directory that the session does not offer."""
    return NO_DIRECTORY in message


def without_credentials(text: str) -> str:
    """Leave out user and password of addresses."""
    return _CREDENTIALS.sub("", text) if "@" in text else text


def offer_secret(identifier: str) -> str:
    """Return the setting that offers a secret."""
    source = "env=NAME" if identifier == "GIT_AUTH_TOKEN" else "src=FILE"
    return setting("secrets", f"id={identifier},{source}")


def offer_agent(identifier: str) -> str:
    """Return the setting that offers an SSH agent."""
    return setting("ssh", identifier or "default")


def _missing_file(match: re.Match[str], vertex: FailedVertex) -> Worded:
    return f"{match[1]} does not exist", where_missing(match[1], vertex)


def _missing_path(match: re.Match[str], vertex: FailedVertex) -> Worded:
    path = quote(match[1])
    return (f"{path} does not exist", where_missing(path, vertex)) if vertex.op is not None else (match.string, None)


def where_missing(path: str, vertex: FailedVertex) -> str:
    """Return where a file was looked for."""
    read = read_path(path, vertex)
    origin = vertex.graphs.op(read[1]) if read else None
    if read is None or origin is None:
        return "if it is in the build context, look into .dockerignore"
    identifier = origin.source.identifier if origin.WhichOneof("op") == "source" else ""
    if identifier.startswith(CONTEXT):
        return "the build context does not have it, or .dockerignore leaves it out"
    name = " ".join(vertex.graphs.name(read[1]).split()) or identifier
    if identifier.startswith(LOCAL):
        return f"the context {identifier.removeprefix(LOCAL)} does not have it, or its .dockerignore leaves it out"
    return f"it was looked for in the result of {name if len(name) <= _SHOWN_NAME else f'{name[:_SHOWN_NAME]}…'}"


def read_path(path: str, vertex: FailedVertex) -> tuple[str, str] | None:
    """Return the path, as the graph has it, that a COPY, ADD or mount of the failed vertex reads, and the digest of what it reads it from.

    Args:
        path: the path in quotes, as the message of the engine has it.
        vertex: the vertex that failed.
    """
    if vertex.op is None:
        return None
    inputs = [source.digest for source in vertex.op.inputs]
    read = [
        *((action.copy.src, action.secondaryInput) for action in vertex.op.file.actions if action.WhichOneof("action") == "copy"),
        *((mount.selector, mount.input) for mount in vertex.op.exec.mounts if mount.selector),
    ]
    matches = [each for each in read if quote(each[0]) == path] or read
    numbers = {number for _, number in matches}
    return (matches[0][0], inputs[numbers.pop()]) if len(numbers) == 1 and 0 <= matches[0][1] < len(inputs) else None


def _status(match: re.Match[str], vertex: FailedVertex) -> Worded:
    code = int(match[1])
    phrase = next((status.phrase for status in HTTPStatus if status == code), "")
    return f"{match[0]} {phrase}".rstrip(), _status_hint(code, has_credentials=vertex.has_credentials)


def _status_hint(code: int, *, has_credentials: bool) -> str | None:
    if code in _REFUSED:
        return "it refuses the credentials in the address" if has_credentials else "the engine has no credentials for it"
    if code in _ABSENT:
        return "check the address"
    return "the server failed; try again later" if code >= HTTPStatus.INTERNAL_SERVER_ERROR else None


def _content_digest(match: re.Match[str], _: FailedVertex) -> Worded:
    return match[0], "the content has the first digest, the Dockerfile expects the second"


def _git_ref(match: re.Match[str], _: FailedVertex) -> Worded:
    return _without_git_noise(match.string), "check the branch, tag or commit after #"


def _git_absent(match: re.Match[str], _: FailedVertex) -> Worded:
    return _without_git_noise(match.string), f"check the address; a private repository needs {offer_secret('GIT_AUTH_TOKEN')}"


def _git_credentials(match: re.Match[str], _: FailedVertex) -> Worded:
    return _without_git_noise(match.string), f"it needs credentials: {offer_secret('GIT_AUTH_TOKEN')}"


def _git(match: re.Match[str], _: FailedVertex) -> Worded:
    return _without_git_noise(match.string), None


def _unreachable(match: re.Match[str], vertex: FailedVertex) -> Worded:
    return _without_git_noise(match.string), network.unreachable(match.string, vertex.address)


def _plain_http(match: re.Match[str], _: FailedVertex) -> Worded:
    return match.string, network.plain_http(match.string)


def _untrusted(match: re.Match[str], _: FailedVertex) -> Worded:
    return _without_git_noise(match.string), network.untrusted(match.string)


def _without_git_noise(message: str) -> str:
    return _GIT_OUTPUT.sub("", message).strip()


def _secret(match: re.Match[str], _: FailedVertex) -> Worded:
    return f"secret {match[1]} was not offered", f"offer it with {offer_secret(match[1])}"


def _agent(match: re.Match[str], _: FailedVertex) -> Worded:
    identifier = match[1] or "default"
    return f"no SSH key {quote(identifier)} forwarded from the client", f"offer an agent or a key with {offer_agent(identifier)}"


def _header(match: re.Match[str], vertex: FailedVertex) -> Worded:
    if match[1] == "exclude-patterns":
        return ".dockerignore: a pattern has a control character, which cannot be sent to the engine", None
    paths = [path for reader in vertex.readers for path in reader.paths if has_control(path)]
    what = quote(paths[0]) if paths else "a path"
    return f"{what} has a control character, which cannot be sent to the engine", "rename the file"


def has_control(text: str) -> bool:
    """Return whether a string has a character that gRPC metadata cannot hold."""
    return any(character < " " or character == "\x7f" for character in text)


def _login(match: re.Match[str], _: FailedVertex) -> Worded:
    host = re.search(r"https?://([^/\s\"]++)/v2/", match.string)
    name = "" if host is None or host[1].endswith("docker.io") else f" {host[1]}"
    return match.string, f"log in with docker login{name}, or check its config"


RULES: tuple[Rule, ...] = (
    (re.compile(r'^("(?:[^"\\]|\\.)*+")(?::? not found)++$', re.DOTALL), _missing_file),
    (re.compile(r"^lstat (/.*): no such file or directory$"), _missing_path),
    (re.compile(r"^invalid response status (\d{3})$"), _status),
    (re.compile(r"^digest mismatch (\w++:\w++): (\w++:\w++)$"), _content_digest),
    (re.compile(r"^repository does not contain ref "), _git_ref),
    (re.compile(r"could not read Username|Authentication failed for"), _git_credentials),
    (re.compile(r"fatal: repository '[^'\n]*+' not found"), _git_absent),
    (network.UNREACHABLE, _unreachable),
    (network.PLAIN_HTTP, _plain_http),
    (network.UNTRUSTED, _untrusted),
    (re.compile(r"git stderr:\n"), _git),
    (re.compile(r"^secret (\S+): not found$"), _secret),
    (re.compile(r'^no SSH key "([^"]*+)" forwarded from the client$'), _agent),
    (re.compile(r'^header key "([\w-]++)" contains value with non-printable ASCII characters$'), _header),
    (re.compile(r"401 Unauthorized|403 Forbidden|no basic auth credentials|authorization failed|pull access denied"), _login),
)
