"""Addresses of git repositories: `scheme://…` and `user@host:path`.

Source: util/gitutil/git_url.go and util/sshutil/scpurl.go of BuildKit.
"""

from __future__ import annotations

import re

import attrs

from llbfront.errors import InvalidValue
from llbfront.gostd import url

SCHEMES = frozenset(("http", "https", "ssh", "git"))
_SCHEME = r"([a-zA-Z0-9]+)://"
_SCP = r"([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):([^\n?#]*+)(?:\?([^\n#]*+))?(?:#([^\n]*))?"


class UnknownScheme(InvalidValue):
    """The text has no scheme and is not `user@host:path` either."""


@attrs.frozen
class GitURL:
    """The address of a repository.

    `remote` is the address for git. `query` and `fragment` are for BuildKit and None when absent. `is_scp` marks the `user@host:path` form.
    """

    scheme: str
    host: str
    path: str
    remote: str
    query: str | None = None
    fragment: str | None = None
    is_scp: bool = False


def parse(text: str) -> GitURL:
    """Parse an address. The fragment is unescaped except in the `user@host:path` form, the query never.

    Raises:
        UnknownScheme: The text has neither form.
        InvalidValue: It has one of the forms but is malformed.
    """
    if match := re.match(_SCHEME, text):
        scheme = match[1].lower()
        if scheme not in SCHEMES:
            raise InvalidValue(f"{scheme}: invalid protocol")
        return _parse_url(text, scheme)
    if match := re.fullmatch(_SCP, text):
        user, host, path, query, fragment = match.groups()
        return GitURL("ssh", host, path, f"{user}@{host}:{path}", query or None, fragment or None, is_scp=True)
    raise UnknownScheme("unknown protocol")


def _parse_url(text: str, scheme: str) -> GitURL:
    parsed = url.parse(text)
    remote = str(attrs.evolve(parsed, query="", fragment=""))
    return GitURL(scheme, parsed.host, parsed.path, remote, parsed.query or None, parsed.fragment or None)
