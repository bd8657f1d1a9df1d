"""Change words, flags and single characters of a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.mutator.dice import Dice
    from tests.differential.mutator.pool import Pool

WORD = re.compile(r"[^\s\\]+")
LETTERS = (
    '"', "'", "`", "\\", "$", "{", "}", "[", "]", "=", ",", ":", "#", "-", "<", ">", "@", "/", "%", "*", "?", "!", "+", "~", "&", "|", ";", "(", ")", "^", "0",
    " ", "\t", "\n", "\r", "\v", "\f", "\0", "\x01", "\x1b", "\x1f", "\x7f", "\x85", "\u00a0", "\u2028", "\u2029", "\ufeff", "\u200b", "\u200d", "\u0301", "\u0130", "\u0131", "\u017f", "\u212a",
    "\u00df", "\u1e9e", "\u01c5", "\u00e9", "\u4e2d", "\u0663", "\ufffd", "\ufffe", "\U0001f600", "\U00010400", "\ufb01", "\u03c2",
)  # fmt: skip
PATTERNS = ("*", "?", "x*", "*x", "[a-z]", "\\*", "??", "\u00e9", "$A", "${A}", "'*'", "", "*.?", "[!a]", "/", "//", "\\", "a\\")
FLAGS = (
    "--from=0", "--from=", "--from=$A", "--from=base", "--from='a'", "--from=scratch", "--from=context", "--from=1x", "--from=A/b", "--chown=1:2", "--chown=$A:$B", "--chown=a:b:c", "--chown=",
    "--chown=-1", "--chown=4294967296", "--chmod=755", "--chmod=0", "--chmod=u+rwx,go=rX", "--chmod=$M", "--chmod=99999", "--chmod=a+s", "--chmod=", "--chmod=07777", "--chmod=8", "--chmod=+x", "--link",
    "--link=true", "--link=false", "--link=maybe", "--link=", "--parents", "--parents=1", "--parents=no", "--exclude=*.md", "--exclude=", "--exclude=!x", "--exclude=a --exclude=b", "--exclude=$A",
    "--checksum=sha256:" + "0" * 64, "--checksum=sha256:1", "--checksum=$S", "--checksum=md5:" + "0" * 32, "--checksum=sha1:" + "a" * 40, "--checksum=" + "a" * 40, "--keep-git-dir", "--keep-git-dir=false",
    "--unpack", "--unpack=0", "--unpack=x", "--mount=type=cache,target=/c", "--mount=type=cache,dst=/c,id=$A,sharing=locked,uid=1,gid=2,mode=0700", "--mount=type=cache,target=c,from=base,source=/x",
    "--mount=type=bind,target=/b", "--mount=target=.", "--mount=type=bind,rw,source=x,target=/b", "--mount=type=secret", "--mount=type=secret,id=s", "--mount=type=secret,id=s,env=A,required",
    "--mount=type=secret,id=s,target=/a,env=B,mode=0400,uid=5", "--mount=type=secret,env", "--mount=type=secret,id=s,env=", "--mount=type=ssh", "--mount=type=ssh,id=x,required=true,target=/s,mode=0600", "--mount=type=ssh,env=A",
    "--mount=type=tmpfs,target=/t", "--mount=type=tmpfs,target=/t,size=10m", "--mount=type=tmpfs,target=/t,size=-1", "--mount=type=tmpfs,size=1", "--mount=type=$T,target=/q", "--mount=type=odd",
    "--mount=", "--mount", "--mount=type=cache", "--mount=type=cache,target=/", "--mount=type=cache,target=/c,mode=9", "--mount=type=cache,target=/c,sharing=odd", '--mount=type=bind,"target=/a,b"',
    "--mount=type=bind,target=/b,from=alpine", "--mount=type=bind,target=/b,from=$A", "--mount=TYPE=Cache,Target=/c", "--mount=type=cache,target=${A:-/c},readonly=false", "--mount=type=bind,target=/b,ro=x",
    "--mount=type=cache,target=/c,ro --mount=type=cache,target=/c,rw=true", "--mount=type=cache,target=/c,size=5", "--mount=type=bind,target=/b,required", "--mount=type=bind,target=/b,,", "--mount=type=bind, target=/b",
    "--network=none", "--network=host", "--network=default", "--network=", "--network=odd", "--network=NONE", "--network=$N", "--security=insecure", "--security=sandbox", "--security=x", "--device=vendor.com/class=a",
    "--device=name=x,required", "--device=", "--device=vendor.com/class=a,required=false", "--platform=linux/arm64", "--platform=$BUILDPLATFORM", "--platform=", "--platform=windows/amd64",
    "--platform=linux/arm/v7", "--platform=darwin", "--platform=arm64", "--platform=x/y/z/w", "--platform=$TARGETPLATFORM", "--platform=linux(1.2)/amd64", "--platform=windows(10.0.1+x)/amd64", "--platform=LINUX/AMD64",
    "--interval=5s", "--interval=1", "--interval=-1s", "--interval=1h2m3.5s", "--timeout=0", "--timeout=500us", "--retries=3", "--retries=-1", "--retries=x", "--retries=0", "--start-period=1ms",
    "--start-interval=2s", "--start-interval=0.5ms", "--odd", "--", "---", "--=x", "--from", "--x=y=z", "--\u00e9=1", "--Link", "-f", "--link\\ ", '--chown="a b"', "--chown=a\\ b", "--from=a'b'", "--required",
)  # fmt: skip


def at_word(change: Callable[[Dice, str], str]) -> Callable[[Dice, str, Pool], str]:
    def mutate(dice: Dice, text: str, _: Pool) -> str:
        places = [match.span() for match in WORD.finditer(text)]
        if not places:
            return text
        start, stop = dice.pick(places)
        return text[:start] + change(dice, text[start:stop]) + text[stop:]

    return mutate


def expression(dice: Dice, word: str, depth: int = 0) -> str:
    """A variable with a modifier around a word."""
    name = dice.pick(
        (
            "A",
            "HOME",
            "PATH",
            "x",
            "_y",
            "TARGETARCH",
            "BUILDPLATFORM",
            "1",
            "@",
            "#",
            "\u00e9",
            "VERSION",
            "A_B",
            "TARGETOS",
            "",
            "A-B",
            "*",
            "?",
            "NAME",
            "TARGETSTAGE",
        )
    )
    inner = expression(dice, word, depth + 1) if depth < 2 and dice.maybe(0.25) else word
    pattern = dice.pick(PATTERNS)
    return dice.pick((
        f"${name}", f"${{{name}}}", f"${{{name}:-{inner}}}", f"${{{name}-{inner}}}", f"${{{name}:+{inner}}}", f"${{{name}+{inner}}}", f"${{{name}:?{inner}}}", f"${{{name}?{inner}}}", f"${{{name}#{pattern}}}",
        f"${{{name}##{pattern}}}", f"${{{name}%{pattern}}}", f"${{{name}%%{pattern}}}", f"${{{name}/{pattern}/{inner}}}", f"${{{name}//{pattern}/{inner}}}", f"${{{name}/{pattern}}}", f"${{{name}:{inner}}}",
        f"\\${name}", f"$${name}", f"${{{name}", f"'${name}'", f'"${name}{inner}"', f"$({name})", f"${{{name}:=x}}", f"${{!{name}}}", f"{inner}${{{name}}}", f"${{{name}/\\/x/{inner}}}", f"${{{name}^^}}", f"$'{inner}'",
    ))  # fmt: skip


def variable(dice: Dice, word: str) -> str:
    key, equals, value = word.partition("=")
    return f"{key}={expression(dice, value)}" if equals and dice.maybe(0.7) else expression(dice, word)


def quote(dice: Dice, word: str) -> str:
    key, equals, value = word.partition("=")
    front, word = (f"{key}=", value) if equals and dice.maybe(0.6) else ("", word)
    half = len(word) // 2
    return front + dice.pick((
        f'"{word}"', f"'{word}'", f'"{word}', f"{word}'", f'\\"{word}\\"', f"{word[:half]}'{word[half:]}'", f'{word[:half]}"{word[half:]}"', f"\"'{word}'\"", f'""{word}', f"'{word}\\'", f'"{word}\\"', f"`{word}`", f'"{word}\\\\"',
        f'"{word[:half]} {word[half:]}"', f"{word[:half]}\\ {word[half:]}", f'"{word[:half]}\\n{word[half:]}"', f"'{word[:half]}\\\n{word[half:]}'", f'"{word[:half]}\n{word[half:]}"', f"\\{word}", f"{word}\\", "\\\\" + word,
    ))  # fmt: skip


def odd(dice: Dice, word: str) -> str:
    return dice.pick((
        "", word * 2, word.upper(), word.lower(), word[::-1], f"{word}=", f"={word}", f"{word}={word}", f"{word}:{word}", f"/{word}", f"{word}/", f"../{word}", f"./{word}/.", f"C:\\{word}", f"c:/{word}", "\\\\host\\" + word, ".", "/",
        "scratch", "SCRATCH", "0", "-1", "alpine", "alpine@sha256:" + "1" * 64, "a@sha256:1", "https://example.org/a/b.tgz", "https://github.com/a/b.git#v1:sub", "git@github.com:a/b.git", "http://[::1]:80/x?y=z#f",
        "https://example.org/", "git://h/r#", "https://h/r.git?ref=a&subdir=b&submodules=false", "https://h/$A.git", "ssh://git@h/r", "github.com/a/b", "80", "80/tcp", "1-5/UDP", "127.0.0.1:80:90/tcp", "65536", "5-1", "80/x", "SIGKILL", "9",
        "NONE", "AS", "as", "*", "?", "[a]", "[", "**/x", "x y", '""', "''", word[:1], word + "\u00e9", word.title(), "<<E", "&&", "|", ";", "~", "~/x", "%ProgramFiles%", "$", "${", "}", "$$", "EOF", "{}", '{"a":1}', "null",
    ))  # fmt: skip


def shorten(dice: Dice, word: str) -> str:
    at = dice.number(len(word))
    return word[:at] + word[at + 1 + dice.number(3) :]


def borrow(dice: Dice, text: str, pool: Pool) -> str:
    """A word of another file in the place of one."""
    other = WORD.findall(dice.pick(pool.instructions)) or ["x"]
    return at_word(lambda dice, word: dice.pick(other))(dice, text, pool)


def flag(dice: Dice, text: str, pool: Pool) -> str:
    """A flag, good or bad, behind a keyword, or one taken away or put in the place of another."""
    places = [match.span() for match in re.finditer(r"(?<!\S)--\S+[^\S\n]?", text)]
    if places and dice.maybe(0.4):
        start, stop = dice.pick(places)
        return text[:start] + (f"{any_flag(dice, pool)} " if dice.maybe(0.7) else "") + text[stop:]
    places = [match.span(1) for match in re.finditer(r"(?m)^[^\S\n]*([A-Za-z]+)(?=[^\S\n])", text)]
    if not places:
        return text
    at = dice.pick(places)[1]
    return f"{text[:at]} {any_flag(dice, pool)}{text[at:]}"


def fitting(dice: Dice, text: str, pool: Pool) -> str:
    """A flag behind a keyword that may have it."""
    word, names = dice.pick((
        ("COPY", ("from", "chown", "chmod", "link", "parents", "exclude")), ("ADD", ("chown", "chmod", "link", "checksum", "keep-git-dir", "unpack", "exclude")),
        ("RUN", ("mount", "network", "security", "device")), ("FROM", ("platform",)), ("HEALTHCHECK", ("interval", "timeout", "retries", "start-period", "start-interval")),
    ))  # fmt: skip
    places = [match.end(1) for match in re.finditer(rf"(?m)^[^\S\n]*({word})(?=[^\S\n])", text)]
    if not places:
        return text
    at = dice.pick(places)
    choices = [flag for flag in FLAGS if flag[2:].partition("=")[0] in names]
    added = " ".join(dice.pick(choices) for _ in range(1 + dice.number(3)))
    return f"{text[:at]} {added}{text[at:]}"


def any_flag(dice: Dice, pool: Pool) -> str:
    return dice.pick(pool.flags) if pool.flags and dice.maybe(0.3) else dice.pick(FLAGS)


def letter(dice: Dice, text: str, _: Pool) -> str:
    at = dice.number(len(text) + 1)
    return text[:at] + dice.pick(LETTERS) * (1 + (dice.number(3) if dice.maybe(0.1) else 0)) + text[at:]


def no_letter(dice: Dice, text: str, _: Pool) -> str:
    at = dice.number(len(text) + 1)
    return text[:at] + text[at + 1 + dice.number(2) :]


def exchange(dice: Dice, text: str, _: Pool) -> str:
    at = dice.number(len(text) + 1)
    return text[:at] + dice.pick(LETTERS) + text[at + 1 :]


def turn(dice: Dice, text: str, _: Pool) -> str:
    at = dice.number(len(text) + 1)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def special(dice: Dice, text: str, _: Pool) -> str:
    """Take away, double or exchange a letter that means something."""
    places = [match.start() for match in re.finditer(r"[\"'\\`$={}\[\]<#,:\n-]", text)]
    if not places:
        return text
    at = dice.pick(places)
    return (
        text[:at]
        + dice.pick(("", text[at] * 2, dice.pick(LETTERS[:12]), f" {text[at]}", f"{text[at]} ", f"\\{text[at]}"))
        + text[at + 1 :]
    )


def cut(dice: Dice, text: str, _: Pool) -> str:
    return text[: dice.number(len(text) + 1)]


WORDS: dict[str, Callable[[Dice, str, Pool], str]] = {
    **{f"word {change.__name__}": at_word(change) for change in (variable, quote, odd, shorten)},
    **{f"word {change.__name__}": change for change in (borrow, flag, fitting)},
    **{f"letter {change.__name__}": change for change in (letter, no_letter, exchange, turn, special, cut)},
}
