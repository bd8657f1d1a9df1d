"""Addresses of git repositories: `scheme://…` and `user@host:path` → host, path, query, fragment and a plain remote.

Source: util/gitutil/git_url.go and util/sshutil/scpurl.go of BuildKit; Go's net/url.
"""

from __future__ import annotations

import re

import attrs

from llbfront.errors import InvalidValue

SCHEMES = frozenset(("http", "https", "ssh", "git"))
_SCHEME = r"[a-zA-Z0-9]+://"
_SCP = r"([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):([^\n?#]*+)(?:\?([^\n#]*+))?(?:#([^\n]*))?"

# Bytes that may stand unescaped in the parts of a URL, beside letters, digits and -_.~
_IN_PATH, _IN_USER, _IN_HOST, _IN_FRAGMENT = (b"$&+,/:;=@", b"$&+,;=", b"!\"$&'()*+,:;<=>[]", b"!$&()*+,/:;=?@")
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
_KEPT_IN_PATH = _PLAIN | frozenset(b"!$&'()*+,;=:@[]%/")


class UnknownScheme(InvalidValue):
    """The text has no scheme and is no `user@host:path` either."""


@attrs.frozen
class GitURL:
    """A remote repository. `remote` is what git is given; `query` and `fragment` are BuildKit's own, None when absent."""

    scheme: str
    host: str
    path: str
    remote: str
    query: str | None = None
    fragment: str | None = None


def parse(text: str) -> GitURL:
    """Parse an address. The fragment is unescaped except in the `user@host:path` form, the query never.

    Raises: UnknownScheme, InvalidValue.
    """
    if match := re.match(_SCHEME, text):
        scheme = match[0][:-3].lower()
        if scheme not in SCHEMES:
            raise InvalidValue(f"invalid git address {text!r}: unsupported protocol {scheme}")
        return _parse_url(text, scheme, text[match.end() :])
    if match := re.fullmatch(_SCP, text):
        user, host, path, query, fragment = match.groups()
        return GitURL("ssh", host, path, f"{user}@{host}:{path}", query or None, fragment or None)
    raise UnknownScheme(f"invalid git address {text!r}: unknown protocol")


def is_git_transport(text: str) -> bool:
    """Say whether git could take the text as it is: a scheme that git has, or `user@host:path`."""
    if match := re.match(_SCHEME, text):
        return match[0][:-3].lower() in SCHEMES
    return re.fullmatch(_SCP, text) is not None


def _parse_url(text: str, scheme: str, rest: str) -> GitURL:
    rest, _, fragment = rest.partition("#")
    if re.search(r"[\x00-\x1f\x7f]", rest):
        raise InvalidValue(f"invalid git address {text!r}: control character")
    bare_question = "?" if rest.endswith("?") and rest.count("?") == 1 else ""
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    host = parse_host(text, scheme, host)
    raw_path = slash + path
    path = _unescape(text, raw_path)
    remote = f"{scheme}:"
    if at or host or path:
        remote += f"//{_escape_user(text, user)}{at}{_escape(host, _IN_HOST)}"
    kept = set(raw_path.encode(errors="surrogateescape")) <= _KEPT_IN_PATH
    remote += (raw_path if kept else _escape(path, _IN_PATH)) + bare_question
    return GitURL(scheme, host, path, remote, query or None, _unescape(text, fragment) or None)


def parse_host(text: str, scheme: str, host: str) -> str:
    """Read a host with its port, unescaped. Raises: InvalidValue, which names the whole `text`."""
    bracket = host.rfind("[")
    if bracket > 0:
        raise InvalidValue(f"invalid git address {text!r}: bad IP address")
    if bracket == 0:
        return _parse_address(text, host)
    name, colon, port = host.partition(":") if scheme in {"http", "https"} else host.rpartition(":")
    if not colon:
        name = host
    if not re.fullmatch(r"[0-9]*", port if colon else "", re.ASCII):
        raise InvalidValue(f"invalid git address {text!r}: bad port")
    return _unescape_host(text, name) + colon + (port if colon else "")


def _parse_address(text: str, host: str) -> str:
    match = re.fullmatch(r"\[(.*)\](:[0-9]*)?", host, re.DOTALL)
    if match is None:
        raise InvalidValue(f"invalid git address {text!r}: bad IP address or port")
    name, percent, zone = match[1].partition("%25")
    address = _unescape_host(text, name) + _unescape(text, percent + zone)
    if not _is_ipv6(address):
        raise InvalidValue(f"invalid git address {text!r}: bad IP address")
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


def _unescape_host(text: str, host: str) -> str:
    if set(re.sub("%..", "", host).encode(errors="surrogateescape")) & (frozenset(range(128)) - _PLAIN - frozenset(_IN_HOST)):
        raise InvalidValue(f"invalid git address {text!r}: bad character in the host name")
    if re.search("%[0-7]", re.sub("%25", "", host)):
        raise InvalidValue(f"invalid git address {text!r}: bad escape in the host name")
    return _unescape(text, host)


def _unescape(text: str, part: str) -> str:
    if re.search(r"%(?![0-9a-fA-F]{2})", part):
        raise InvalidValue(f"invalid git address {text!r}: bad escape")
    if "%" not in part:
        return part
    raw = part.encode(errors="surrogateescape")
    return re.sub(rb"%(..)", lambda match: bytes((int(match[1], 16),)), raw).decode(errors="surrogateescape")


def _escape(part: str, allowed: bytes) -> str:
    raw = part.encode(errors="surrogateescape")
    return "".join([chr(byte) if byte in _PLAIN or byte in allowed else f"%{byte:02X}" for byte in raw])


def _escape_user(text: str, user: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*", user):
        raise InvalidValue(f"invalid git address {text!r}: bad user")
    name, colon, password = user.partition(":")
    return _escape(_unescape(text, name), _IN_USER) + colon + _escape(_unescape(text, password), _IN_USER)
