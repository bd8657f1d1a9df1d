"""Rows of variable expansion. Most show it in an ENV, which is expanded as all values of instructions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.conformance.row import Config, ConfigHas, ConfigLacks, Fails, HasFile, HasStep, HasWarning, OnlyFiles, history, row

if TYPE_CHECKING:
    from tests.live.conformance.row import Row

BEFORE = "FROM scratch\nENV A=a.b.c/d/e.f EMPTY= Q='x\\y*z' T='<$0>'\n"


def gives(ids: str, title: str, word: str, value: str) -> Row:
    """A word, and what becomes of it."""
    return row(ids, title, f"{BEFORE}ENV R={word}\n", ConfigHas("config/Env", f"R={value}"))


def refused(ids: str, title: str, word: str, message: str) -> Row:
    """A word that cannot be expanded."""
    return row(ids, title, f"{BEFORE}ENV R={word}\n", Fails(message, "3"))


ROWS = (
    gives("V1", "a variable is replaced by its value", "$A-${A}", "a.b.c/d/e.f-a.b.c/d/e.f"),
    gives("V1", "an undefined variable is replaced by an empty string", "<$UNSET${UNSET}>", "<>"),
    gives("V1", "a default replaces an unset or empty value", "${UNSET:-1}${EMPTY:-2}${A:-3}", "12a.b.c/d/e.f"),
    gives("V1", "a default without colon replaces only an unset value", "${UNSET-1}${EMPTY-2}", "1"),
    gives("V1", "positional and special parameters are empty", "<$1$@$*$#$?>", "<>"),
    gives("V1", "a dollar sign without a name is kept", "a$,b$", "a$,b$"),
    gives("V3", "an alternative replaces a value that is not empty", "${A:+1}${EMPTY:+2}${UNSET:+3}", "1"),
    gives("V3", "an alternative without colon replaces a set value", "${A+1}${EMPTY+2}${UNSET+3}", "12"),
    refused("V3", "an empty variable may be an error with a text", "${EMPTY:?say-why}", "EMPTY: say-why"),
    refused("V3", "an unset variable may be an error with a text", "${UNSET?}", "UNSET: is not allowed to be unset"),
    gives("V3", "an empty variable is not unset", "<${EMPTY?no}>", "<>"),
    gives("V5", "the shortest prefix is removed", "${A#*.}", "b.c/d/e.f"),
    gives("V5", "the longest prefix is removed", "${A##*.}", "f"),
    gives("V5", "the shortest suffix is removed", "${A%.*}", "a.b.c/d/e"),
    gives("V5", "the longest suffix is removed", "${A%%.*}", "a"),
    gives("V5", "a question mark matches one character", "${A#??}", "b.c/d/e.f"),
    gives("V5", "a pattern that does not match changes nothing", "${A#x}${A%x}", "a.b.c/d/e.fa.b.c/d/e.f"),
    gives("V5", "a bracket matches itself", "${A#[a]}", "a.b.c/d/e.f"),
    gives("V5", "an escaped star matches a star", "${Q%\\*z}", "x\\y"),
    refused("V5", "escaping other characters is an error", "${A#\\a}", "invalid escape"),
    refused("V5", "a colon before a prefix is an error", "${A:#a}", "unsupported modifier"),
    gives("V6", "the first match is replaced", "${A/./-}", "a-b.c/d/e.f"),
    gives("V6", "all matches are replaced", "${A//./-}", "a-b-c/d/e-f"),
    gives("V6", "a pattern matches as much as possible", "${A/.*e/-}", "a-.f"),
    gives("V6", "an escaped slash is part of the pattern", "${A//\\//|}", "a.b.c|d|e.f"),
    gives("V6", "a backslash in the replacement is kept", "${A/a/\\/}", "\\/.b.c/d/e.f"),
    gives("V6 #45", "the replacement of all matches is a template", "${A//./$T}", "a<.>b<.>c/d/e<.>f"),
    gives("V6 #45", "the replacement of the first match is text", "${A/a/$T}", "<$0>.b.c/d/e.f"),
    gives("V6", "a replacement may be empty", "${A//./}", "abc/d/ef"),
    refused("V6", "a replacement without a second slash is an error", "${A/a}", "missing '/' in ${}"),
    gives("V6", "the escape character in quotes is literal", "${Q/'\\'/-}", "x-y*z"),
    gives("V6", "a quoted star still matches", "${A/'*'/-}", "-"),
    gives("V7", "a default may have variables", "${UNSET:-${EMPTY:-$A}}", "a.b.c/d/e.f"),
    gives("V7", "a pattern may have variables", "${A%${UNSET:-.*}}", "a.b.c/d/e"),
    refused("V7", "an unclosed brace is an error", "${A:-b", "missing '}'"),
    refused("V7", "an empty brace is an error", "${}", "bad substitution"),
    refused("V7", "an unknown modifier is an error", "${A:=b}", "unsupported modifier"),
    gives("V8", "single quotes prevent expansion", "'$A \"\\'", '$A "\\'),
    gives("V8", "double quotes allow expansion", '"$A \'x\'"', "a.b.c/d/e.f 'x'"),
    gives("V8", "in double quotes only three characters are escaped", '"\\$A \\"\\\\ \\n"', '$A "\\ \\n'),
    gives("V8", "outside of quotes every character is escaped", "\\$A\\n\\ x", "$An x"),
    refused("V8", "an unclosed quote is an error", "'a", "unexpected end of statement while looking for matching single-quote"),
    row("V9", "a heredoc keeps quotes", "FROM scratch\nARG A=1\nCOPY <<E /x\n\"$A\" '$A' \\$A \\n\nE\n", HasFile("x", "\"1\" '1' $A n\n")),
    row("V9 N2", "the name of a RUN step has the values of variables", "FROM alpine\nARG A=1\nRUN echo $A \"$A\" '$A' \\$A $B ${C:-d}\n", HasStep("[2/2] RUN echo 1 \"1\" '$A' \\$A $B ${C:-d}")),
    row("V9 I7", "an EXPOSE may expand to several words", "FROM scratch\nARG P='80 90/udp'\nEXPOSE $P\n", Config("config/ExposedPorts", {"80/tcp": {}, "90/udp": {}})),
    row("V10", "an instruction uses the values before it", "FROM scratch\nENV A=1\nENV A=2 B=$A\nENV C=$A\n", Config("config/Env", [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=2", "B=1", "C=2"])),
    row("V10", "an ARG does not use other ARGs of the same line", "FROM scratch\nARG A=1 B=$A\nENV C=$B\n", ConfigHas("config/Env", "C=1")),
    # Where variables are expanded, and where they are not
    row(
        "V9", "sources, destinations and flags of COPY are expanded",
        "FROM scratch\nARG S=a.txt D=/to O=3:4 M=600\nCOPY --chown=$O --chmod=$M $S $D\n", HasFile("to", "a\n", mode=0o600, owner="3:4"),
    ),
    row("V9", "an exclusion of COPY is not expanded", "FROM scratch\nARG X=*.md\nCOPY --exclude=$X dir /x\n", OnlyFiles("x/c.txt x/d.md x/sub/e.txt")),
    row("V9", "COPY --from with a variable is an error", "FROM scratch AS s\nFROM scratch\nARG S=s\nCOPY --from=$S / /\n", Fails("variable expansion is not supported for --from")),
    row("V9", "LABEL expands names and values", 'FROM scratch\nARG A=k\nLABEL $A="<$A>"\n', Config("config/Labels", {"k": "<k>"})),
    row("V9", "STOPSIGNAL, USER, VOLUME and WORKDIR are expanded", "FROM scratch\nARG A=9\nSTOPSIGNAL $A\nUSER $A\nVOLUME /$A\nWORKDIR /$A\n",
        Config("config/StopSignal", "9"), Config("config/User", "9"), Config("config/Volumes", {"/9": {}}), Config("config/WorkingDir", "/9")),
    row("V9", "CMD, ENTRYPOINT, SHELL and HEALTHCHECK are not expanded", 'FROM scratch\nARG A=9\nSHELL ["/$A"]\nCMD ["$A"]\nENTRYPOINT ["$A"]\nHEALTHCHECK CMD ["$A"]\n',
        Config("config/Shell", ["/$A"]), Config("config/Cmd", ["$A"]), Config("config/Entrypoint", ["$A"]), Config("config/Healthcheck/Test", ["CMD", "$A"])),
    row("V9", "MAINTAINER and names of arguments are not expanded", "FROM scratch\nARG A=B\nARG $A=1\nMAINTAINER $A\nENV R=<$B>\n", Config("author", "$A"), ConfigHas("config/Env", "R=<>")),
    row("V9", "values of mounts are expanded", "FROM alpine\nARG T=/t S=a.txt\nRUN --mount=target=$T,source=$S cp /t /x\n", HasFile("x", "a\n")),
    row("V9 UndefinedVar", "an undefined variable is a warning with a suggestion", "FROM scratch\nENV COLOUR=red\nENV B=$COLOR\n",
        HasWarning("UndefinedVar: Usage of undefined variable '$COLOR' (did you mean $COLOUR?)", "3")),
    row("V8", "a continuation inside a label value adds no newline", 'FROM scratch\nLABEL a="b\\\n  c"\n', Config("config/Labels", {"a": "b  c"}), history("LABEL a=b  c")),
    row("V1", "build arguments do not name the image", "FROM scratch\nARG A=1\nENV B=$A\n", ConfigLacks("config/Env", "A=1"), ConfigHas("config/Env", "B=1")),
)  # fmt: skip
