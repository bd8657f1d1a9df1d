"""Parse git sources of ADD and of build contexts: a remote and what to take from it.

Accepted are `https://….git`, `http://….git`, `git://…`, `ssh://…`, `user@host:path`, and (only as a build context) the old
`github.com/owner/name`, each optionally followed by `#ref:subdir` or a query such as `?branch=x&subdir=y`.

Source: frontend/dockerfile/dfgitutil/git_ref.go, util/gitutil/git_url.go and util/sshutil/scpurl.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from llbfront.errors import InvalidValue
from llbfront.gostd import url
from llbfront.gostd.path import join
from llbfront.gostd.strconv import parse_bool, quote
from llbfront.llb import giturl
from llbfront.suggestions import guess

_GITHUB = "github.com/"
_OPTIONAL_VALUE = ("submodules", "keep-git-dir", "fetch-by-commit")
_MTIMES = ("checkout", "commit")
_KEYS = frozenset(
    ("ref", "tag", "branch", "subdir", "checksum", "commit", "keep-git-dir", "submodules", "mtime", "fetch-by-commit")
)


class NotGit(InvalidValue):
    """The text is not a git source but a path or a plain URL."""


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
    """Parse a git source. Raises: NotGit if the text is something else, InvalidValue if it is a malformed git source."""
    remote, fragment, query, looks_local = _remote(text)
    ref, _, subdir = fragment.partition(":")
    if fragment:
        subdir = join("/", subdir)[1:]
    values = _values(query)
    flags = {key: _flag(key, values[key]) for key in _OPTIONAL_VALUE if key in values}
    mtime = values.get("mtime", "")
    if "mtime" in values and mtime not in _MTIMES:
        raise InvalidValue(f'invalid mtime value: {quote(mtime)} (must be "checkout" or "commit")')
    return GitSource(
        remote=remote,
        ref=_ref(ref, values),
        subdir=_merge("subdir", subdir, values.get("subdir")),
        checksum=values.get("checksum", values.get("commit", "")),
        keep_git_dir=flags.get("keep-git-dir"),
        submodules=flags.get("submodules"),
        mtime=mtime,
        fetch_by_commit=flags.get("fetch-by-commit", False),
        looks_local=looks_local,
    )


def is_git(text: str) -> bool:
    """Return whether the text is a well-formed git source."""
    try:
        parse(text)
    except InvalidValue:
        return False
    return True


def is_http(text: str) -> bool:
    """Return whether the text is a plain http(s) URL and not a git source."""
    return text.startswith(("http://", "https://")) and not is_git(text)


def _remote(text: str) -> tuple[str, str, Mapping[str, list[str]], bool]:
    """Return (remote, fragment, query, looks local) of a string that may be a git source."""
    if "://" not in text and "@" not in text and not text.startswith(_GITHUB):
        raise NotGit("unknown protocol")
    try:
        if text.startswith(_GITHUB):
            return _short_github(text)
        address = giturl.parse(text)
        if address.is_scp and address.query:
            _check_query(address.query)
    except InvalidValue as error:
        raise NotGit(error.message) from error
    if address.scheme in {"http", "https"} and not address.path.endswith(".git"):
        raise NotGit("no .git at the end of the path")
    return address.remote, address.fragment or "", url.parse_query(address.query or ""), False


def _short_github(text: str) -> tuple[str, str, Mapping[str, list[str]], bool]:
    parsed = attrs.evolve(url.parse(text), scheme="https")
    remote = str(attrs.evolve(parsed, query="", fragment="")).partition("://")[2]
    return remote, parsed.fragment, url.parse_query(parsed.query), True


def _check_query(query: str) -> None:
    """Raise InvalidValue if a pair in the query of a `user@host:path` address is malformed."""
    for pair in query.split("&"):
        if ";" in pair:
            raise InvalidValue("invalid semicolon separator in query")
        for part in pair.partition("=")[::2]:
            url.query_unescape(part)


def _values(query: Mapping[str, list[str]]) -> dict[str, str]:
    values = {}
    for key, texts in query.items():
        if len(texts) > 1:
            raise InvalidValue(f"query {quote(key)} has multiple values", hint="set it once")
        if not texts[0] and key not in _OPTIONAL_VALUE:
            raise InvalidValue(f"query {quote(key)} has no value")
        if key not in _KEYS:
            hint = guess(key, _KEYS) or f"one of {', '.join(sorted(_KEYS))}"
            raise InvalidValue(f"unexpected query {quote(key)}", hint=hint)
        values[key] = texts[0]
    return values


def _flag(key: str, value: str) -> bool:
    parsed = True if not value else parse_bool(value)
    if parsed is None:
        raise InvalidValue(f"invalid {key} value: {quote(value)}", hint="use true or false")
    return parsed


def _merge(name: str, from_fragment: str, from_query: str | None) -> str:
    """Return the value of a part that the fragment and the query may both set. Raises: InvalidValue if they differ."""
    if from_query is None:
        return from_fragment
    if from_fragment and from_fragment != from_query:
        raise InvalidValue(f"{name} conflicts: {quote(from_fragment)} vs {quote(from_query)}", hint=f"set the {name} once")
    return from_query


def _ref(from_fragment: str, values: Mapping[str, str]) -> str:
    ref = _merge("ref", from_fragment, values.get("ref"))
    if "tag" in values and "branch" in values:
        raise InvalidValue("branch conflicts with tag", hint="use either branch or tag")
    for key, prefix in (("tag", "refs/tags/"), ("branch", "refs/heads/")):
        if key in values:
            ref = _merge("ref", ref, prefix + values[key].removeprefix(prefix))
    return ref
