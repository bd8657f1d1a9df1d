"""The look of the text: casing, continuation lines, comments, blank lines, line ends, parser directives.

Source: features.md section 1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.differential.generator.dice import Odds, Table

if TYPE_CHECKING:
    from tests.differential.generator.draft import Draft

LOWER = Odds(0.06, "P8 keyword in lower case")
MIXED = Odds(0.03, "P8 keyword in mixed case")
CONTINUED = Odds(0.15, "P3 continuation")
TRAILING = Odds(0.15, "P3 blanks after the escape")
COMMENT_INSIDE = Odds(0.1, "P2 comment inside a continuation")
EMPTY_INSIDE = Odds(0.08, "P3 empty line inside a continuation")
DOUBLE = Odds(0.01, "P3 escaped escape at the end")
COMMENT = Odds(0.08, "P2 comment")
CHECK_COMMENT = Odds(0.03, "P6 check comment on an instruction")
BLANK = Odds(0.12, "P1 blank line")
INDENTED = Odds(0.03, "P1 indented instruction")
TRAILING_BLANKS = Odds(0.03, "P1 trailing blanks")
TABS = Odds(0.02, "P11 tabs between words")
CRLF = Odds(0.04, "P1 CRLF")
BOM = Odds(0.02, "P1 BOM")
NO_NEWLINE = Odds(0.2, "P1 no newline at the end")
EXTRA_BLANKS = Odds(0.02, "P11 several blanks between words")

FIRST_COMMENTS = ("# a comment", "#", "  # indented", "# FROM x", "#\tA described", "# é", "# unknown=1")
COMMENTS = (*FIRST_COMMENTS, "#!not first", "# syntax=late", "# check=late", "# escape=`")
RULES = (
    "JSONArgsRecommended",
    "all",
    "StageNameCasing",
    "UndefinedVar",
    "SecretsUsedInArgOrEnv",
    "CopyIgnoredFile",
    "WorkdirRelativePath",
    "ExposeInvalidFormat",
    "Unknown",
)
CHECKS = Table(
    (3, "P6 check skip", lambda d: "skip=" + ",".join(d.sample(RULES, d.random.randint(1, 3)))),
    (2, "P6 check error", lambda d: f"error={d.pick(('true', 'false', 'false', '0'))}"),
    (2, "P6 check experimental", lambda d: f"experimental={d.pick(('all', 'InvalidDefinitionDescription'))}"),
    (1, "P6 check several", lambda d: f"skip={d.pick(RULES)};error=false;experimental=all"),
    (0.05, "", lambda d: d.pick(("unknown=1", "error=maybe", "skip", "skip=a;skip=b", "", "error=true;bogus=1"))),
)
DIRECTIVES = Table(
    (3, "P4 syntax", lambda d: f"syntax={d.pick(('docker/dockerfile:1', 'docker.io/docker/dockerfile:1-labs', 'x arg --y'))}"),
    (2, "P5 escape backslash", "escape=\\"),
    (3, "P6 check", lambda d: f"check={d.choose(CHECKS)}"),
    (0.03, "", lambda d: d.pick(("escape=x", "escape=", "escape=``"))),
)
DIRECTIVE_FORMS = Table(
    (6, "", "# {}={}"),
    (1, "P6 directive without blank", "#{}={}"),
    (1, "P6 directive with blanks", "#   {}  =  {}  "),
    (1, "P6 directive in capitals", "# {}={}"),
)
DIRECTED = Odds(0.14)
SECOND_DIRECTIVE = Odds(0.2, "P6 two directives")
SHEBANG = Odds(0.25, "P4 syntax after #!")
ODD_SYNTAX = Odds(0.002)


def directives(d: Draft, backtick: bool) -> list[str]:
    """Directive lines at the top; a backtick escape must be among them where the file is written with it."""
    if d.maybe(ODD_SYNTAX):
        return [
            d.pick(
                (
                    "// syntax=x",
                    '{"syntax": "x"}',
                    "# escape=\\\n# escape=`",
                    "# check=skip=all\n# check=skip=all",
                    "# syntax=a\n# syntax=a",
                )
            )
        ]
    values = {"escape": "`"} if backtick else {}
    if d.maybe(DIRECTED):
        for _ in range(2 if d.maybe(SECOND_DIRECTIVE) else 1):
            key, value = str(d.choose(DIRECTIVES)).split("=", 1)
            values.setdefault(key, value)
    items = list(values.items())
    d.random.shuffle(items)
    lines = [str(d.choose(DIRECTIVE_FORMS)).format(key.upper() if d.chance(0.1) else key, value) for key, value in items]
    if "syntax" in values and d.maybe(SHEBANG):
        lines.insert(0, "#!/usr/bin/env docker")
    return lines


def keyword(d: Draft, line: str) -> str:
    """The line with its first word in another case."""
    if d.maybe(LOWER):
        word, blank, rest = line.partition(" ")
        return word.lower() + blank + rest
    if d.maybe(MIXED):
        word, blank, rest = line.partition(" ")
        return word.capitalize() + blank + rest
    return line


def before(d: Draft) -> list[str]:
    lines = []
    if d.maybe(BLANK):
        lines.append(d.pick(("", "", "  ", "\t")))
    if d.maybe(COMMENT):
        lines.append(d.pick(COMMENTS if d.lines else FIRST_COMMENTS))
    if d.maybe(CHECK_COMMENT):
        lines.append(f"# check={d.choose(CHECKS)}")
    return lines


def continued(d: Draft, line: str) -> str:
    """The line broken at some of its blanks."""
    words = line.split(" ")
    out = words[0]
    for word in words[1:]:
        if not d.chance(0.4):
            out += " " + word
            continue
        blanks = d.pick((" ", "\t", "  ")) if d.maybe(TRAILING) else ""
        between = ""
        if d.maybe(COMMENT_INSIDE):
            between += d.pick(("# inside\n", "  # inside\n", "#\n"))
        if d.maybe(EMPTY_INSIDE):
            between += d.pick(("\n", "  \n"))
        out += f" {d.escape}{blanks}\n{between}{d.pick(('', '  ', chr(9)))}{word}"
    return out


def laid_out(d: Draft, line: str) -> list[str]:
    """The physical lines of one instruction, with what stands before it."""
    first, newline, rest = line.partition("\n")
    first = keyword(d, first)
    if d.maybe(TABS):
        first = first.replace(" ", "\t", 1)
    if d.maybe(EXTRA_BLANKS):
        first = first.replace(" ", "   ", 1)
    if not newline and d.maybe(CONTINUED):
        first = continued(d, first)
    if d.maybe(INDENTED):
        first = "  " + first
    if not newline and d.maybe(TRAILING_BLANKS):
        first += d.pick(("  ", "\t"))
    if not newline and d.maybe(DOUBLE):
        first += f" {d.escape}{d.escape}"
    return [*before(d), first + newline + rest]


def text(d: Draft, lines: list[str]) -> str:
    """The whole file."""
    out = "\n".join(lines)
    if not d.maybe(NO_NEWLINE):
        out += "\n"
    if d.maybe(CRLF):
        out = out.replace("\n", "\r\n")
    if d.maybe(BOM):
        out = "\ufeff" + out
    return out
