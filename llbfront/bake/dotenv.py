"""Read files of environment variables: `.env`, and the `env_file` of services.

Source: dotenv of compose-spec/compose-go.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping

from llbfront.bake.compose.interpolation import substitute
from llbfront.errors import BakeError
from llbfront.source import Source, Span

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.\-\[\]]*)\s*(?:[=:]\s*|$)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def parse_dotenv(name: str, data: bytes, known: Mapping[str, str]) -> dict[str, str]:
    """Read assignments. Values may name variables of the file and `known` ones. Raises: BakeError at the line that is wrong."""
    source = Source(name, data, "shell")
    variables: dict[str, str] = {}
    visible = ChainMap(dict(known), variables)
    lines = iter(list(enumerate(source.text.replace("\r\n", "\n").split("\n"), 1)))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise BakeError("not an assignment NAME=VALUE", span=source.at(number))
        key, rest = match[1], line[match.end() :]
        if not line[match.end(1) :].lstrip().startswith(("=", ":")):
            if key in known:
                variables[key] = known[key]
            continue
        variables[key] = _value(_quoted(rest, lines, source.at(number)), visible)
    return variables


def _quoted(text: str, lines: Iterable[tuple[int, str]], span: Span) -> str:
    """Return a value with the lines that follow it as far as its quotes close. Raises: BakeError."""
    quote = text[:1]
    if quote not in {"'", '"'}:
        return text
    closed = re.compile(rf"(?:\\.|[^{quote}\\])*{quote}", re.DOTALL)
    parts = [text]
    if closed.match(text, 1):
        return text
    for _, line in lines:
        parts.append(line)
        if closed.match(line):
            return "\n".join(parts)
    raise BakeError("unterminated quoted value", span=span)


def _value(text: str, variables: Mapping[str, str]) -> str:
    if text[:1] == "'":
        return text[1 : text.index("'", 1)]
    if text[:1] == '"':
        match = re.match(r'"((?:\\.|[^"\\])*)"', text, re.DOTALL)
        assert match is not None, "the caller has checked that the quotes are closed"
        unescaped = re.sub(
            r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1] if escape[1] in '"\\$' else escape[0]), match[1]
        )
        return substitute(unescaped, variables)
    return substitute(re.split(r"\s#", text)[0].strip(), variables)
