"""Words of instructions: plain ones, quoted ones, and every form of variable expansion.

Source: features.md section 1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

PLAIN = (
    "a",
    "b",
    "foo",
    "bar.txt",
    "1.2.3",
    "x-y_z",
    "lib/x",
    "42",
    "true",
    "é",
    "日本",
    "a=b",
    "k:v",
    "~",
    "%d",
    "@x",
    "n,m",
    "<&>",
    "!",
)
PATTERNS = ("a*", "*b", "?", "*", "f??", "o", "1.", r"\*", r"\?", "x", "*/", "é", "[a]", "$B", "'a'", '"*"')
REPLACEMENTS = ("x", "", "$B", "-", r"\/", "[$1]", "a b", "${0}")


def name(d: Draft) -> str:
    return d.name()


def default(d: Draft) -> str:
    """The word after `:-` and its like."""
    return str(d.choose(DEFAULTS))


def nested(d: Draft) -> str:
    return f"${{{d.name()}:-{d.pick(PLAIN)}${{{d.name()}:+z}}}}"


def strip(operator: str) -> object:
    return lambda d: f"${{{d.name()}{operator}{d.pick(PATTERNS)}}}"


def replace(operator: str) -> object:
    return lambda d: f"${{{d.name()}{operator}{d.pick(PATTERNS)}/{d.pick(REPLACEMENTS)}}}"


def modified(operator: str) -> object:
    return lambda d: f"${{{d.name()}{operator}{default(d)}}}"


def required(operator: str) -> object:
    """Fails where the name has no value, so it mostly asks for one that has."""
    return lambda d: f"${{{d.pick(d.known) if d.known else 'PATH'}{operator}{d.pick(('', 'need it', '$A'))}}}"


def escaped(d: Draft) -> str:
    return d.escape + d.pick(("$A", "a", '"', "'", " ", "\\", "`", "${A}"))


def double(d: Draft) -> str:
    return f'"{d.pick(PLAIN)} {d.choose(INSIDE)}"'


def single(d: Draft) -> str:
    return f"'{d.pick(PLAIN)} $A {d.pick(('', d.escape, chr(34), '${B}'))}'"


DEFAULTS = Table(
    (6, "", lambda d: d.pick(PLAIN)),
    (1, "", ""),
    (2, "V7 default expands", lambda d: f"${d.name()}"),
    (1, "V7 nested", nested),
    (1, "V8 quoted default", '"q r"'),
    (1, "V8 quoted default", "'s $A'"),
)

EXPANSIONS = Table(
    (8, "V1 $n", lambda d: f"${d.name()}"),
    (8, "V1 ${n}", lambda d: f"${{{d.name()}}}"),
    (2, "V1 ${n:-w}", modified(":-")),
    (2, "V1 ${n-w}", modified("-")),
    (2, "V3 ${n:+w}", modified(":+")),
    (2, "V3 ${n+w}", modified("+")),
    (0.8, "V3 ${n:?w}", required(":?")),
    (0.8, "V3 ${n?w}", required("?")),
    (1, "V5 ${n#p}", strip("#")),
    (1, "V5 ${n##p}", strip("##")),
    (1, "V5 ${n%p}", strip("%")),
    (1, "V5 ${n%%p}", strip("%%")),
    (1, "V6 ${n/p/r}", replace("/")),
    (1, "V6 ${n//p/r}", replace("//")),
    (0.6, "V1 positional", lambda d: d.pick(("$1", "${2}", "$0", "$10", "${1:-x}"))),
    (0.6, "V1 special", lambda d: d.pick(("$@", "$*", "$#", "${@}", "$-", "$!", "$$", "${?}"))),
    (0.4, "V1 lone dollar", lambda d: d.pick(("$", "a$", "$.", "$,x"))),
)

INSIDE = Table(
    (5, "V8 double quotes", lambda d: d.choose(EXPANSIONS)),
    (2, "V8 double quotes", "b"),
    (1, "V8 escape in quotes", lambda d: d.escape + d.pick(('"', "$", d.escape, "n"))),
    (1, "V8 quote in quotes", "it's"),
    (1, "V8 double quotes", ""),
)

WORDS = Table(
    (10, "", lambda d: d.pick(PLAIN)),
    (4, "", lambda d: d.choose(EXPANSIONS)),
    (1.5, "", lambda d: f"{d.pick(PLAIN)}{d.choose(EXPANSIONS)}{d.pick(('', 'z', '/', '-1'))}"),
    (1.5, "V8 double quotes", double),
    (1, "V8 single quotes", single),
    (1, "V8 escape", lambda d: d.pick(PLAIN) + escaped(d)),
    (0.5, "V8 empty quotes", lambda d: d.pick(("''", '""'))),
)

BAD = Table(
    (1, "", "${A"),
    (1, "", "${}"),
    (1, "", lambda d: d.pick(("${A:x}", "${A:#x}", "${A:%x}", "${A,b}", "${A:}", "${A/x}", "${A^}"))),
    (1, "", lambda d: d.pick(('"a', "'a"))),
    (1, "", r"${A#\q}"),
    (1, "", "${NOPE:?is needed}"),
)
SPOILED = Odds(0.004)


def word(d: Draft) -> str:
    """One word of an instruction that is expanded."""
    if d.maybe(SPOILED):
        return str(d.choose(BAD))
    return str(d.choose(WORDS))


def safe(d: Draft) -> str:
    return d.pick(PLAIN)
