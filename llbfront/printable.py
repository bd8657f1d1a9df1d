r"""Text from elsewhere, made safe to print: Dockerfiles, file names, messages of engines, registries and helper programs.

A terminal obeys control characters, and it reorders text at bidirectional controls. Here both become visible escapes such as `\x1b` and
`\u202e`. So do the stand-ins for bytes that are not UTF-8, which no stream could print. Joiners and other format characters stay: emoji
and many scripts need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BEYOND_ASCII = f"\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff{_BIDI}"
# Patterns, which `re` compiles at the first text that is not printable, and keeps.
_UNSAFE = f"[\x00-\x1f{_BEYOND_ASCII}]"
_UNSAFE_IN_LINES = f"[\x00-\x08\x0b-\x1f{_BEYOND_ASCII}]"
_SURROGATES = "[\ud800-\udfff]"
_LINE_BREAKS = "[\t-\r\u2028\u2029]+"
_STATUS_CODE = r"rpc error: code = (?:\w++|Code\(\d++\)) desc = "
_CONTROL = "[\x00-\x1f\x7f-\x9f]"
_SAFE_ASCII = b"\t\n" + bytes(range(0x20, 0x7F))
_NAMED = {"\a": r"\a", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}


def is_utf8(text: str) -> bool:
    """Return whether a string can be encoded: arguments and file names that are not UTF-8 have stand-ins for their bytes."""
    return text.isascii() or not re.search(_SURROGATES, text)


def has_control_characters(text: str) -> bool:
    """Return whether a string holds control characters, such as line breaks and NUL."""
    return not text.isprintable() and bool(re.search(_CONTROL, text))


def without_status_codes(text: str) -> str:
    """Leave out what gRPC puts before the messages of engines, such as `rpc error: code = Unknown desc = `."""
    return re.sub(_STATUS_CODE, "", text) if "rpc error: " in text else text


def visible(text: str) -> str:
    r"""Write text on one line: line feeds and tabs become `\n` and `\t`, what else is unsafe an escape with its code."""
    return text if text.isprintable() else re.sub(_UNSAFE, _escape, text)


def visible_name(text: str) -> str:
    """Write the name of a step on one line: line breaks and tabs become one blank, what else is unsafe an escape."""
    return text if text.isprintable() else visible(re.sub(_LINE_BREAKS, " ", text))


def visible_rows(rows: Iterable[str]) -> str:
    """Join rows of a report with line feeds. A row with a file name that has line breaks stays one line."""
    return "\n".join(map(visible, rows))


def visible_lines(text: str) -> str:
    """Keep line feeds and tabs, drop a carriage return before a line feed; what else is unsafe becomes an escape."""
    return text if text.isprintable() else re.sub(_UNSAFE_IN_LINES, _escape, text.replace("\r\n", "\n"))


def visible_json(document: str) -> str:
    r"""Write the unsafe characters of a JSON document as `\u001b`, which means the same. Line feeds and tabs stay."""
    if document.isascii() and not document.encode().translate(None, _SAFE_ASCII):  # much faster than the pattern
        return document
    return re.sub(_UNSAFE_IN_LINES, lambda match: f"\\u{ord(match[0]):04x}", document)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if 0xDC80 <= code < 0xDD00:  # a byte that is not UTF-8, as `surrogateescape` decodes it
        code -= 0xDC00
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def hide_credentials(url: str) -> str:
    """Return a URL for a message: without its query, and with `***` for a user and a password."""
    return re.sub(r"(://)[^/?#]*@", r"\1***@", url.partition("?")[0])


_SENSITIVE_NAME = r"(?i)(?:^|_)(?:api_?key|auth|credentials?|key|pass(?:wd|word|phrase)?|pwd|secret|token)s?(?:_|$)"


def is_sensitive_name(name: str) -> bool:
    """Return whether the name of a variable says that its value is secret."""
    return re.search(_SENSITIVE_NAME, name) is not None
