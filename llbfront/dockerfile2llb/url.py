"""URLs as Go reads and prints them, since the remote in a git source is a URL that was parsed and printed again.

Enters: a text. Leaves: its parts, or the same text with what must be escaped escaped.

Source: RFC 3986, and net/url of Go for what it tolerates.
"""

from __future__ import annotations

import re

import attrs

from llbfront.errors import InvalidValue
from llbfront.llb.giturl import parse_host

# Patterns are texts, which re compiles when they are first needed: most builds need none.
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*\Z"
_CONTROL = r"[\x00-\x1f\x7f]"
_BAD_ESCAPE = r"%(?![0-9a-fA-F]{2})"
_ESCAPE = rb"%([0-9a-fA-F]{2})"
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
_IN_PATH = _UNRESERVED | frozenset(b"$&+,/:;=@")
_AS_TYPED_IN_PATH = _IN_PATH | frozenset(b"!'()*[]%")
_IN_USER = _UNRESERVED | frozenset(b"$&+,;=")
_IN_HOST = _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\"")
_USERINFO = r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z"


@attrs.frozen(eq=False)
class Url:
    """A URL in parts; `path`, `user`, `password`, `fragment` are unescaped, `query` is as typed. A bare `?` is kept, too."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    path: str
    raw_path: str
    query: str
    fragment: str
    has_bare_query: bool = False

    def __str__(self) -> str:
        parts = [f"{self.scheme}:"] if self.scheme else []
        if self.scheme or self.host or self.user is not None:
            if self.host or self.path or self.user is not None:
                parts.append("//")
            if self.user is not None:
                secret = "" if self.password is None else f":{escape(self.password, _IN_USER)}"
                parts.append(f"{escape(self.user, _IN_USER)}{secret}@")
            parts.append(escape(self.host, _IN_HOST))
        path = self.escaped_path
        if path and not path.startswith("/") and self.host:
            parts.append("/")
        parts.append(path)
        if self.query or self.has_bare_query:
            parts.append(f"?{self.query}")
        if self.fragment:
            parts.append(f"#{escape(self.fragment, _AS_TYPED_IN_PATH - {ord('%')})}")
        return "".join(parts)

    @property
    def escaped_path(self) -> str:
        """The path as it was typed where that is a valid escaping of it, else escaped anew."""
        if self.raw_path and all(byte in _AS_TYPED_IN_PATH for byte in self.raw_path.encode(errors="surrogateescape")):
            return self.raw_path
        return escape(self.path, _IN_PATH)


def parse(text: str) -> Url:
    """Read a URL. Raises InvalidValue where Go would refuse it."""
    text, _, fragment = text.partition("#")
    if re.search(_CONTROL, text):
        raise InvalidValue("invalid control character in URL")
    scheme, rest = _cut_scheme(text)
    has_bare_query = rest.endswith("?") and rest.count("?") == 1
    rest, _, query = rest.partition("?")
    user = password = None
    host = ""
    if not rest.startswith("/") and scheme:
        return Url(scheme, None, None, "", rest, "", query, unescape(fragment), has_bare_query)
    if not rest.startswith("/") and ":" in rest.partition("/")[0]:
        raise InvalidValue("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        user, password, host = _authority(scheme, authority)
    path = unescape(rest)
    raw = "" if escape(path, _IN_PATH) == rest else rest
    return Url(scheme, user, password, host, path, raw, query, unescape(fragment), has_bare_query)


def parse_query(text: str) -> dict[str, list[str]]:
    """Read `a=1&b` into lists by key; pairs that hold a semicolon or a bad escape are dropped."""
    found: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if not pair or ";" in pair:
            continue
        key, _, value = pair.partition("=")
        try:
            key, value = unescape(key.replace("+", " ")), unescape(value.replace("+", " "))
        except InvalidValue:
            continue
        found.setdefault(key, []).append(value)
    return found


def unescape(text: str) -> str:
    """Undo percent escapes. Raises InvalidValue for a malformed one."""
    if "%" not in text:
        return text
    if re.search(_BAD_ESCAPE, text):
        raise InvalidValue(f"invalid URL escape in {text!r}")
    raw = text.encode(errors="surrogateescape")
    return re.sub(_ESCAPE, lambda match: bytes((int(match[1], 16),)), raw).decode(errors="surrogateescape")


def escape(text: str, allowed: frozenset[int]) -> str:
    """Percent-escape every byte that is not allowed."""
    raw = text.encode(errors="surrogateescape")
    if not raw.translate(None, bytes(allowed)):
        return text
    return "".join([chr(byte) if byte in allowed else f"%{byte:02X}" for byte in raw])


def _cut_scheme(text: str) -> tuple[str, str]:
    scheme, colon, rest = text.partition(":")
    if colon and re.match(_SCHEME, scheme):
        return scheme.lower(), rest
    if colon and not scheme:
        raise InvalidValue("missing protocol scheme")
    return "", text


def _authority(scheme: str, text: str) -> tuple[str | None, str | None, str]:
    userinfo, at, host = text.rpartition("@")
    host = parse_host(text, scheme, host)
    if not at:
        return None, None, host
    if not re.match(_USERINFO, userinfo):
        raise InvalidValue("net/url: invalid userinfo")
    user, colon, password = userinfo.partition(":")
    return unescape(user), unescape(password) if colon else None, host
