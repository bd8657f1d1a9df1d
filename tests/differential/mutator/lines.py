"""Change whole lines and whole instructions of a text; some are taken from other files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.differential.mutator.pool import INSTRUCTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.mutator.dice import Dice
    from tests.differential.mutator.pool import Pool

KEYWORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL",
    "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "add", "Copy", "rUn", "onbuild", "NOPE", "\u017fhell", "wor\u212adir", "FROM\u00a0", "RUN<<E", "#",
)  # fmt: skip
HEADS = (
    "# syntax=docker/dockerfile:1", "#syntax = x/y:z a b", "# escape=`", "# escape=\\", "#escape=x", "# ESCAPE=`", "# check=skip=all", "# check=error=true",
    "# check=skip=JSONArgsRecommended;error=true", "#check=experimental=all", "# check=nonsense", "# check=skip=", "// syntax=x", '{"syntax": "x/y"}', "#!/usr/bin/env x", "\ufeff",
    "# unknown=1", "# syntax=a\n# syntax=b", "#\u00a0escape=`", "# escape = `\r", "\n", "# check=skip=StageNameCasing,FromAsCasing", "#check = skip = all ; error = 1",
)  # fmt: skip
BREAKS = (
    "\\\n",
    "\\ \t\n",
    "`\n",
    "` \n",
    "\\\n\n",
    "\\\n# remark\n",
    "\\\r\n",
    "\\\n  # indented\n",
    "\\\\\n",
    "\\\n\t\n",
    "\\",
    "\\\n\\\n",
    "\\\n\u00a0\n",
    "\\\n#\n",
)
INDENTS = (" ", "\t", "    ", "\u00a0", "\v", "\f", "\u2003", "\u3000", "\u200b", "\x85", "\r", "\ufeff")
ENDS = ("\r", " ", "\t", "\\", " \\", "\u00a0", "\f", "\r\r", "#", " # end", "`", "\x1c", "\u2028", "\\\\")
DOCUMENTS = (
    "<<E", "<<-E", "<<'E'", '<<"E"', "<<E <<F", "3<<E", "<< E", "<<-'E'", "<<\\E", "<<E>x", "<<E cat", "cat <<E | sh", '"<<E"', "<<${X}", "<<E'F'", "0<<E", "99999999999<<E", "<<E.x",
    "<<\u00e9", "<<", "<<-", "<<<E", "1 <<E", "<<E\t<<'F'", '["<<E"]', "sh -c '<<E'",
)  # fmt: skip
BODIES = (
    "one\ntwo\n", "\tone\n\t\ttwo\n", "$HOME ${A:-x} \\$B\n", "#!/bin/sh\necho 1\n", "", "\\\n", "a\\\nb\n", "# no remark\n\n\n", "'q' \"$A\" `x`\n", "\u00e9\r\nx\r\n", "${bad\n", "${A?}\n", "EE\n E\n",
)  # fmt: skip


def rows(text: str) -> list[str]:
    return text.split("\n")


def at_row(change: Callable[[Dice, list[str], int], None]) -> Callable[[Dice, str, Pool], str]:
    def mutate(dice: Dice, text: str, _: Pool) -> str:
        lines = rows(text)
        change(dice, lines, dice.number(len(lines)))
        return "\n".join(lines)

    return mutate


def swap(dice: Dice, lines: list[str], at: int) -> None:
    other = dice.number(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def drop(dice: Dice, lines: list[str], at: int) -> None:
    del lines[at : at + 1 + dice.number(3)]


def twice(dice: Dice, lines: list[str], at: int) -> None:
    lines[at:at] = lines[at : at + 1 + dice.number(4)]


def indent(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] = dice.pick(INDENTS) + lines[at]


def end(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] += dice.pick(ENDS)


def remark(dice: Dice, lines: list[str], at: int) -> None:
    lines.insert(
        at,
        dice.pick(
            (
                "# x",
                "",
                "  # y",
                "#",
                "\t",
                " ",
                "# check=skip=all",
                "#check=skip=UndefinedVar",
                "# base is this",
                "#\\",
                "# \u00e9 \\",
                "\r",
            )
        ),
    )


def silence(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] = dice.pick(("#", "# ", " #")) + lines[at]


def unbreak(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] = re.sub(r"[\\`]\s*$", "", lines[at])


def break_up(dice: Dice, lines: list[str], at: int) -> None:
    line = lines[at]
    place = dice.number(len(line) + 1)
    blank = line.find(" ", place)
    place = blank + dice.number(2) if blank >= 0 and dice.maybe(0.7) else place
    lines[at] = line[:place] + dice.pick(BREAKS) + line[place:]


def keyword(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] = re.sub(r"^\s*\S+", lambda match: dice.pick(KEYWORDS), lines[at], count=1)


def casing(dice: Dice, lines: list[str], at: int) -> None:
    change = dice.pick((str.lower, str.upper, str.title, str.swapcase))
    lines[at] = re.sub(r"^\s*\S+", lambda match: change(match[0]), lines[at], count=1)


def trigger(dice: Dice, lines: list[str], at: int) -> None:
    lines[at] = dice.pick(("ONBUILD ", "onbuild  ", "ONBUILD\tONBUILD ", "ONBUILD --x ", "ONBUILD \\\n")) + lines[at]


def json_form(dice: Dice, lines: list[str], at: int) -> None:
    """Write the rest of a line as a list, often a broken one."""
    word, _, rest = lines[at].strip().partition(" ")
    items = ", ".join('"' + item.replace('"', dice.pick(('\\"', '"'))) + '"' for item in rest.split())
    shape = dice.pick(
        (
            "[{}]",
            "[ {} ]",
            "[{},]",
            "[{}",
            "[{}] x",
            "['{}']",
            "[{}]\t",
            "[\n{}]",
            "[{}, 1]",
            "[[{}]]",
            "[]",
            "[{}, null]",
            '["\\u00e9", {}]',
            "[{}]]",
            '["\\x", {}]',
            '["\\ud83d", {}]',
            "{{{}}}",
        )
    )
    lines[at] = f"{word} " + shape.format(items)


def document(dice: Dice, lines: list[str], at: int) -> None:
    word = dice.pick(
        (
            "RUN",
            "COPY",
            "ADD",
            "run",
            "ONBUILD RUN",
            "CMD",
            "ENV",
            "RUN --mount=type=cache,target=/c",
            "COPY --chmod=644",
            "RUN --network=none",
        )
    )
    tail = " /dst/" if "RUN" not in word.upper() and dice.maybe(0.9) else ""
    ends = dice.pick(("E", "E", "E", "E\nF", "\tE", "E\r", "F\nE", " E", "E ", "", "\u00e9", "E.x"))
    lines[at:at] = f"{word} {dice.pick(DOCUMENTS)}{tail}\n{dice.pick(BODIES)}{ends}".split("\n")


def carriage(dice: Dice, text: str, _: Pool) -> str:
    return text.replace("\n", dice.pick(("\r\n", "\r\n", "\n\r", "\r", "\n\n", "\v", "\u2028")))


def head(dice: Dice, text: str, _: Pool) -> str:
    return dice.pick(HEADS) + dice.pick(("\n", "\n", "\n", "\n\n", "\r\n", "")) + text


def take(dice: Dice, text: str, pool: Pool) -> str:
    """Put instructions of other files somewhere."""
    lines = rows(text)
    at = dice.number(len(lines) + 1)
    lines[at:at] = [dice.pick(pool.instructions).rstrip("\n") for _ in range(1 + dice.number(4))]
    return "\n".join(lines)


def trade(dice: Dice, text: str, pool: Pool) -> str:
    """Put an instruction of another file in the place of one."""
    places = [match.span() for match in INSTRUCTION.finditer(text)]
    if not places:
        return text
    start, stop = dice.pick(places)
    return text[:start] + dice.pick(pool.instructions) + text[stop:]


def splice(dice: Dice, text: str, pool: Pool) -> str:
    """The head of this file and the tail of another."""
    left, right = rows(text), rows(dice.pick(pool.texts))
    return "\n".join(left[: 1 + dice.number(len(left))] + right[dice.number(len(right)) :])


def follow(dice: Dice, text: str, pool: Pool) -> str:
    """Another file behind this one, whose stages it may name."""
    names = re.findall(r"(?i)\bAS\s+(\S+)", text) or ["0"]
    other = dice.pick(pool.texts)
    if dice.maybe(0.5):
        other = re.sub(r"(?im)^(FROM\s+)\S+", lambda match: match[1] + dice.pick(names), other, count=1)
    extra = f"COPY --from={dice.pick((*names, '0', '1', 'nope', '-1', '+0', '007', 'alpine', names[0].upper()))} /x /y\n"
    return f"{text}\n{other}\n{extra if dice.maybe(0.5) else ''}"


LINES: dict[str, Callable[[Dice, str, Pool], str]] = {
    **{f"line {change.__name__}": at_row(change) for change in (swap, drop, twice, indent, end, remark, silence, unbreak, break_up, keyword, casing, trigger, json_form, document)},
    **{f"text {change.__name__}": change for change in (carriage, head, take, trade, splice, follow)},
}  # fmt: skip
