"""Parse and print URLs, and undo and make percent escapes.

URLs without `//` and without a leading slash after their scheme (`mailto:a@b`) are parsed but not printed faithfully.

Source: package net/url of Go; RFC 3986.
"""

from __future__ import annotations

import re

import attrs

from llbfront.errors import InvalidValue
from llbfront.gostd.strconv import quote

_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*\Z"
_CONTROL = r"[\x00-\x1f\x7f]"
_BAD_ESCAPE = r"%(?![0-9a-fA-F]{2})"
_ESCAPE = rb"%([0-9a-fA-F]{2})"
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
_IN_PATH = _UNRESERVED | frozenset(b"$&+,/:;=@")
_AS_TYPED_IN_PATH = _IN_PATH | frozenset(b"!'()*[]%")
_IN_USER = _UNRESERVED | frozenset(b"$&+,;=")
_IN_HOST = _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\"")
_NOT_IN_HOST = frozenset(range(128)) - _IN_HOST - {ord("%")}
_USERINFO = r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z"


@attrs.frozen(eq=False)
class Url:
    """A URL in parts.

    `path`, `user`, `password` and `fragment` are unescaped; `raw_path` (empty if the default escaping of the path gives it) and `query`
    are as written. `has_bare_query` says that the URL ends with a `?` without a query.
    """

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
        """The path as it was written if that is a valid escaping, else with the default escaping."""
        if self.raw_path and all(byte in _AS_TYPED_IN_PATH for byte in self.raw_path.encode(errors="surrogateescape")):
            return self.raw_path
        return escape(self.path, _IN_PATH)


def parse(text: str) -> Url:
    """Parse a URL. Raises: InvalidValue."""
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
    """Parse `a=1&b` to lists of values by key. Pairs with a semicolon or a bad escape are dropped."""
    values: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if not pair or ";" in pair:
            continue
        key, _, value = pair.partition("=")
        try:
            key, value = query_unescape(key), query_unescape(value)
        except InvalidValue:
            continue
        values.setdefault(key, []).append(value)
    return values


def query_unescape(text: str) -> str:
    """Undo the escaping of a key or a value of a query, in which `+` is a blank. Raises: InvalidValue."""
    return unescape(text.replace("+", " "))


def unescape(text: str) -> str:
    """Undo percent escapes. Raises: InvalidValue for a malformed one."""
    if "%" not in text:
        return text
    if bad := re.search(_BAD_ESCAPE, text):
        raise InvalidValue(f"invalid URL escape {quote(text[bad.start() : bad.start() + 3])}")
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
    host = parse_host(host, scheme)
    if not at:
        return None, None, host
    if not re.match(_USERINFO, userinfo):
        raise InvalidValue("net/url: invalid userinfo")
    user, colon, password = userinfo.partition(":")
    return unescape(user), unescape(password) if colon else None, host


def parse_host(host: str, scheme: str) -> str:
    """Parse a host with an optional port and unescape it. Raises: InvalidValue."""
    bracket = host.rfind("[")
    if bracket > 0:
        raise InvalidValue("invalid IP literal")
    if bracket == 0:
        return _parse_ip_literal(host)
    name, colon, port = host.partition(":") if scheme in {"http", "https"} else host.rpartition(":")
    if not colon:
        name, port = host, ""
    if not re.fullmatch(r"[0-9]*", port, re.ASCII):
        raise InvalidValue(f"invalid port {quote(colon + port)} after host")
    return _unescape_host(name) + colon + port


def _parse_ip_literal(host: str) -> str:
    match = re.fullmatch(r"\[(.*)\](:[0-9]*)?", host, re.DOTALL)
    if match is None:
        raise InvalidValue("invalid IP literal or port")
    name, percent, zone = match[1].partition("%25")
    address = _unescape_host(name) + unescape(percent + zone)
    if not _is_ipv6(address):
        raise InvalidValue("invalid IP literal")
    return f"[{address}]{match[2] or ''}"


def _is_ipv6(address: str) -> bool:
    """Check an address of eight groups, `::` standing for some of them; the last two may be an IPv4 address."""
    address, percent, zone = address.partition("%")
    head, last = address.rpartition(":")[::2]
    if re.fullmatch(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}", last):
        address = f"{head}:0:0"
    left, gap, right = address.partition("::")
    groups = [group for part in (left, right) if part for group in part.split(":")]
    valid = all(re.fullmatch(r"[0-9a-fA-F]{1,4}", group) for group in groups)
    return valid and (len(groups) <= 7 if gap else len(groups) == 8) and bool(zone or not percent)


def _unescape_host(host: str) -> str:
    if set(re.sub("%..", "", host).encode(errors="surrogateescape")) & _NOT_IN_HOST:
        raise InvalidValue("invalid character in host name")
    if re.search("%[0-7]", re.sub("%25", "", host)):
        raise InvalidValue("invalid URL escape in host name")
    return unescape(host)
