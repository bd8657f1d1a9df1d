"""Rows of variable expansion. Most show it in an ENV, which is expanded as all values of instructions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.conformance.row import Fails, Has, Hasnt, Holds, Is, Only, Step, Warns, history, row

if TYPE_CHECKING:
    from tests.live.conformance.row import Row

BEFORE = "FROM scratch\nENV A=a.b.c/d/e.f EMPTY= Q='x\\y*z' T='<$0>'\n"


def gives(ids: str, says: str, word: str, value: str) -> Row:
    """A word, and what becomes of it."""
    return row(ids, says, f"{BEFORE}ENV R={word}\n", Has("config/Env", f"R={value}"))


def refused(ids: str, says: str, word: str, message: str) -> Row:
    """A word that cannot be expanded."""
    return row(ids, says, f"{BEFORE}ENV R={word}\n", Fails(message, "3"))


ROWS = (
    gives("V1", "a name gives its value", "$A-${A}", "a.b.c/d/e.f-a.b.c/d/e.f"),
    gives("V1", "a name without a value gives nothing", "<$UNSET${UNSET}>", "<>"),
    gives("V1", "a default stands for what is unset or empty", "${UNSET:-1}${EMPTY:-2}${A:-3}", "12a.b.c/d/e.f"),
    gives("V1", "a default without colon stands only for what is unset", "${UNSET-1}${EMPTY-2}", "1"),
    gives("V1", "digits and signs are names of nothing", "<$1$@$*$#$?>", "<>"),
    gives("V1", "a sign that begins no name stays", "a$,b$", "a$,b$"),
    gives("V3", "an alternative stands for what is set and not empty", "${A:+1}${EMPTY:+2}${UNSET:+3}", "1"),
    gives("V3", "an alternative without colon stands for what is set", "${A+1}${EMPTY+2}${UNSET+3}", "12"),
    refused("V3", "an empty variable may be an error with its text", "${EMPTY:?say-why}", "EMPTY: say-why"),
    refused("V3", "an unset variable may be an error with its text", "${UNSET?}", "UNSET: is not allowed to be unset"),
    gives("V3", "an empty variable is not an unset one", "<${EMPTY?no}>", "<>"),
    gives("V5", "the shortest prefix goes", "${A#*.}", "b.c/d/e.f"),
    gives("V5", "the longest prefix goes", "${A##*.}", "f"),
    gives("V5", "the shortest suffix goes", "${A%.*}", "a.b.c/d/e"),
    gives("V5", "the longest suffix goes", "${A%%.*}", "a"),
    gives("V5", "a question mark is one character", "${A#??}", "b.c/d/e.f"),
    gives("V5", "a pattern that does not match changes nothing", "${A#x}${A%x}", "a.b.c/d/e.fa.b.c/d/e.f"),
    gives("V5", "a bracket is a bracket", "${A#[a]}", "a.b.c/d/e.f"),
    gives("V5", "an escaped star is a star", "${Q%\\*z}", "x\\y"),
    refused("V5", "other characters may not be escaped", "${A#\\a}", "invalid escape"),
    refused("V5", "a prefix has no colon", "${A:#a}", "unsupported modifier"),
    gives("V6", "the first match is replaced", "${A/./-}", "a-b.c/d/e.f"),
    gives("V6", "all matches are replaced", "${A//./-}", "a-b-c/d/e-f"),
    gives("V6", "a pattern takes as much as it can", "${A/.*e/-}", "a-.f"),
    gives("V6", "an escaped slash is a slash of the pattern", "${A//\\//|}", "a.b.c|d|e.f"),
    gives("V6", "a backslash of the replacement stays", "${A/a/\\/}", "\\/.b.c/d/e.f"),
    gives("V6 #45", "a replacement of all is a template", "${A//./$T}", "a<.>b<.>c/d/e<.>f"),
    gives("V6 #45", "a replacement of the first is text", "${A/a/$T}", "<$0>.b.c/d/e.f"),
    gives("V6", "a replacement may be empty", "${A//./}", "abc/d/ef"),
    refused("V6", "both slashes are needed", "${A/a}", "missing '/' in ${}"),
    gives("V6", "the escape character in quotes is itself", "${Q/'\\'/-}", "x-y*z"),
    gives("V6", "quotes do not keep a star from its work", "${A/'*'/-}", "-"),
    gives("V7", "a default may have variables", "${UNSET:-${EMPTY:-$A}}", "a.b.c/d/e.f"),
    gives("V7", "a pattern may have variables", "${A%${UNSET:-.*}}", "a.b.c/d/e"),
    refused("V7", "a brace must close", "${A:-b", "missing '}'"),
    refused("V7", "a brace must hold a name", "${}", "bad substitution"),
    refused("V7", "a modifier must be one that there is", "${A:=b}", "unsupported modifier"),
    gives("V8", "single quotes keep all", "'$A \"\\'", '$A "\\'),
    gives("V8", "double quotes expand", '"$A \'x\'"', "a.b.c/d/e.f 'x'"),
    gives("V8", "in double quotes only three characters are escaped", '"\\$A \\"\\\\ \\n"', '$A "\\ \\n'),
    gives("V8", "outside of quotes every character is escaped", "\\$A\\n\\ x", "$An x"),
    refused("V8", "a quote must close", "'a", "unexpected end of statement while looking for matching single-quote"),
    row("V9", "a heredoc keeps quotes", "FROM scratch\nARG A=1\nCOPY <<E /x\n\"$A\" '$A' \\$A \\n\nE\n", Holds("x", "\"1\" '1' $A n\n")),
    row("V9 N2", "the name of a RUN shows variables that have a value", "FROM alpine\nARG A=1\nRUN echo $A \"$A\" '$A' \\$A $B ${C:-d}\n", Step("[2/2] RUN echo 1 \"1\" '$A' \\$A $B ${C:-d}")),
    row("V9 I7", "an EXPOSE may expand to several words", "FROM scratch\nARG P='80 90/udp'\nEXPOSE $P\n", Is("config/ExposedPorts", {"80/tcp": {}, "90/udp": {}})),
    row("V10", "values are those before the instruction", "FROM scratch\nENV A=1\nENV A=2 B=$A\nENV C=$A\n", Is("config/Env", [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=2", "B=1", "C=2"])),
    row("V10", "an argument does not see those beside it", "FROM scratch\nARG A=1 B=$A\nENV C=$B\n", Has("config/Env", "C=1")),
    # Where variables are expanded, and where they are not
    row(
        "V9", "sources, destinations and flags of COPY are expanded",
        "FROM scratch\nARG S=a.txt D=/to O=3:4 M=600\nCOPY --chown=$O --chmod=$M $S $D\n", Holds("to", "a\n", mode=0o600, owner="3:4"),
    ),
    row("V9", "an exclusion of COPY is not expanded", "FROM scratch\nARG X=*.md\nCOPY --exclude=$X dir /x\n", Only("x/c.txt x/d.md x/sub/e.txt")),
    row("V9", "the source stage of COPY takes no variable", "FROM scratch AS s\nFROM scratch\nARG S=s\nCOPY --from=$S / /\n", Fails("variable expansion is not supported for --from")),
    row("V9", "LABEL expands names and values", 'FROM scratch\nARG A=k\nLABEL $A="<$A>"\n', Is("config/Labels", {"k": "<k>"})),
    row("V9", "STOPSIGNAL, USER, VOLUME and WORKDIR are expanded", "FROM scratch\nARG A=9\nSTOPSIGNAL $A\nUSER $A\nVOLUME /$A\nWORKDIR /$A\n",
        Is("config/StopSignal", "9"), Is("config/User", "9"), Is("config/Volumes", {"/9": {}}), Is("config/WorkingDir", "/9")),
    row("V9", "CMD, ENTRYPOINT, SHELL and HEALTHCHECK are not", 'FROM scratch\nARG A=9\nSHELL ["/$A"]\nCMD ["$A"]\nENTRYPOINT ["$A"]\nHEALTHCHECK CMD ["$A"]\n',
        Is("config/Shell", ["/$A"]), Is("config/Cmd", ["$A"]), Is("config/Entrypoint", ["$A"]), Is("config/Healthcheck/Test", ["CMD", "$A"])),
    row("V9", "MAINTAINER and names of arguments are not", "FROM scratch\nARG A=B\nARG $A=1\nMAINTAINER $A\nENV R=<$B>\n", Is("author", "$A"), Has("config/Env", "R=<>")),
    row("V9", "values of mounts are expanded", "FROM alpine\nARG T=/t S=a.txt\nRUN --mount=target=$T,source=$S cp /t /x\n", Holds("x", "a\n")),
    row("V9 UndefinedVar", "a name that nothing has is warned of, with a near one", "FROM scratch\nENV COLOUR=red\nENV B=$COLOR\n",
        Warns("UndefinedVar: Usage of undefined variable '$COLOR' (did you mean $COLOUR?)", "3")),
    row("V8", "a label keeps an escaped newline out", 'FROM scratch\nLABEL a="b\\\n  c"\n', Is("config/Labels", {"a": "b  c"}), history("LABEL a=b  c")),
    row("V1", "a pair of build arguments gives no name to the image", "FROM scratch\nARG A=1\nENV B=$A\n", Hasnt("config/Env", "A=1"), Has("config/Env", "B=1")),
)  # fmt: skip
