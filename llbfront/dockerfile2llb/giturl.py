"""Git sources as Dockerfiles and build contexts write them: a text becomes a remote with what to take from it.

Accepted are `https://….git`, `http://….git`, `git://…`, `ssh://…`, `user@host:path`, and (only as a build context) the old
`github.com/owner/name`; behind it `#ref:subdir` or a query such as `?branch=x&subdir=y`.

Source: frontend/dockerfile/dfgitutil/git_ref.go, util/gitutil/git_url.go and util/sshutil/scpurl.go of BuildKit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from llbfront.dockerfile.golang import parse_bool
from llbfront.errors import InvalidValue, guess, quote
from llbfront.llb.settings import join

# Patterns are texts, which re compiles when they are first needed: most builds need none.
_PROTOCOL = r"[a-zA-Z0-9]+://"
_SCP = r"([a-zA-Z0-9\-_]+)@([a-zA-Z0-9\-.]+):([^\n?#]*+)(?:\?([^\n#]*+))?(?:#(.*))?\Z"
_GITHUB = "github.com/"
_PROTOCOLS = ("http", "https", "ssh", "git")
_VALUELESS = ("submodules", "keep-git-dir", "fetch-by-commit")
_MTIMES = ("checkout", "commit")
_KEYS = frozenset(
    ("ref", "tag", "branch", "subdir", "checksum", "commit", "keep-git-dir", "submodules", "mtime", "fetch-by-commit")
)


class NotGit(InvalidValue):
    """The text is no git source at all, so it is a path or a plain URL."""


@attrs.frozen
class GitSource:
    """A git source. `remote` has no fragment and no query; `looks_local` marks the deprecated `github.com/…` form."""

    remote: str
    ref: str = ""
    subdir: str = ""
    checksum: str = ""
    keep_git_dir: bool | None = None
    submodules: bool | None = None
    mtime: str = ""
    fetch_by_commit: bool = False
    looks_local: bool = False


def parse(text: str) -> GitSource:
    """Read a git source. Raises NotGit when the text is something else, InvalidValue when it is a wrong git source."""
    remote, fragment, query, looks_local = _remote(text)
    ref, _, subdir = fragment.partition(":")
    if fragment:
        subdir = join("/", subdir)[1:]
    values = _values(query)
    flags = {key: _flag(key, values[key]) for key in _VALUELESS if key in values}
    mtime = values.get("mtime", "")
    if "mtime" in values and mtime not in _MTIMES:
        raise InvalidValue(f'invalid mtime value: {quote(mtime)} (must be "checkout" or "commit")')
    return GitSource(
        remote=remote,
        ref=_ref(ref, values),
        subdir=_agreed("subdir", subdir, values.get("subdir")),
        checksum=values.get("checksum", values.get("commit", "")),
        keep_git_dir=flags.get("keep-git-dir"),
        submodules=flags.get("submodules"),
        mtime=mtime,
        fetch_by_commit=flags.get("fetch-by-commit", False),
        looks_local=looks_local,
    )


def is_git(text: str) -> bool:
    """Whether the text is a well-formed git source."""
    try:
        parse(text)
    except InvalidValue:
        return False
    return True


def is_http(text: str) -> bool:
    """Whether the text is a plain http(s) URL, not a git source behind one."""
    return text.startswith(("http://", "https://")) and not is_git(text)


def _remote(text: str) -> tuple[str, str, Mapping[str, list[str]], bool]:
    """Return (remote, fragment, query, looks local) of what may be a git source."""
    if "://" not in text and "@" not in text and not text.startswith(_GITHUB):
        raise NotGit("unknown protocol")  # as most paths are, without loading what addresses need
    from llbfront.dockerfile2llb import url

    if text.startswith(_GITHUB):
        try:
            parsed = attrs.evolve(url.parse(text), scheme="https")
        except InvalidValue as error:
            raise NotGit(error.message) from error
        bare = str(attrs.evolve(parsed, query="", fragment=""))
        return bare.partition("://")[2], parsed.fragment, url.parse_query(parsed.query), True
    if match := re.match(_PROTOCOL, text):
        return *_from_url(text, match[0][:-3].lower()), False
    match = re.match(_SCP, text)
    if match is None or text.startswith(("./", "../")) or "\n" in text:
        raise NotGit("unknown protocol")
    user, host, path, query, fragment = match.groups(default="")
    return f"{user}@{host}:{path}", fragment, _strict_query(query), False


def _from_url(text: str, protocol: str) -> tuple[str, str, Mapping[str, list[str]]]:
    from llbfront.dockerfile2llb import url

    if protocol not in _PROTOCOLS:
        raise NotGit(f"{protocol}: invalid protocol")
    try:
        parsed = url.parse(text)
    except InvalidValue as error:
        raise NotGit(error.message) from error
    if parsed.scheme in {"http", "https"} and not parsed.path.endswith(".git"):
        raise NotGit("no .git at the end of the path")
    bare = str(attrs.evolve(parsed, query="", fragment=""))
    return bare, parsed.fragment, url.parse_query(parsed.query)


def _strict_query(query: str) -> Mapping[str, list[str]]:
    from llbfront.dockerfile2llb import url

    for pair in query.split("&"):
        if ";" in pair:
            raise NotGit("invalid semicolon separator in query")
        for part in pair.partition("=")[::2]:
            try:
                url.unescape(part)
            except InvalidValue as error:
                raise NotGit(error.message) from error
    return url.parse_query(query)


def _values(query: Mapping[str, list[str]]) -> dict[str, str]:
    values = {}
    for key, found in query.items():
        if len(found) > 1:
            raise InvalidValue(f"query {quote(key)} has multiple values", hint="give it once")
        if not found[0] and key not in _VALUELESS:
            raise InvalidValue(f"query {quote(key)} has no value")
        if key not in _KEYS:
            hint = guess(key, _KEYS) or f"known are {', '.join(sorted(_KEYS))}"
            raise InvalidValue(f"unexpected query {quote(key)}", hint=hint)
        values[key] = found[0]
    return values


def _flag(key: str, value: str) -> bool:
    parsed = True if not value else parse_bool(value)
    if parsed is None:
        raise InvalidValue(f"invalid {key} value: {quote(value)}", hint="true or false")
    return parsed


def _agreed(what: str, typed: str, queried: str | None) -> str:
    if queried is None:
        return typed
    if typed and typed != queried:
        raise InvalidValue(f"{what} conflicts: {quote(typed)} vs {quote(queried)}", hint="the address names two")
    return queried


def _ref(typed: str, values: Mapping[str, str]) -> str:
    ref = _agreed("ref", typed, values.get("ref"))
    if "tag" in values and "branch" in values:
        raise InvalidValue("branch conflicts with tag", hint="the address may name one of them")
    for key, prefix in (("tag", "refs/tags/"), ("branch", "refs/heads/")):
        if key in values:
            ref = _agreed("ref", ref, prefix + values[key].removeprefix(prefix))
    return ref
