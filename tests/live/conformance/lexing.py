"""Rows of lexing, parser directives and the forms of words."""

from __future__ import annotations

from tests.live.conformance.row import (
    Config,
    ConfigHas,
    ConfigLacks,
    Fails,
    HasFile,
    HasStep,
    HasWarning,
    Metadata,
    NoFile,
    NoWarning,
    OnlyFiles,
    history,
    row,
)

LONG = "x" * 65_536

ROWS = (
    # Lines
    row("P1", "a file without instructions is an error", "# nothing\n\n", Fails("file with no instructions", "2")),
    row("P1", "an empty file is an error", "", Fails("the Dockerfile cannot be empty")),
    row("P1", "a file without FROM is an error", "ARG A=1\n", Fails("dockerfile contains no stages to build")),
    row("P1", "an instruction before FROM is an error", "ENV A=1\nFROM scratch\n", Fails("no build stage in current context", "1")),
    row(
        "P1", "lines may end in CR and LF", b"FROM scratch\r\nENV A=1 \\\r\n  B=2\r\nCOPY a.txt /x\r\n",
        ConfigHas("config/Env", "B=2"), OnlyFiles("x"),
    ),
    row("P1", "a byte order mark is removed from the first line", b"\xef\xbb\xbf# escape=`\nFROM scratch\nENV A=`\n1\n", ConfigHas("config/Env", "A=1")),
    row("P1 P17", "a line beyond 65535 bytes is an error", f"FROM scratch\nENV A={LONG}\n", Fails("dockerfile line greater than max allowed size of 65535")),
    row("P1", "a line may have 65535 bytes", f"FROM scratch\nENV A={'x' * 65_520}\n", ConfigHas("config/Env", f"A={'x' * 65_520}")),
    row("P1", "the last line may have no newline", "FROM scratch\nENV A=1", ConfigHas("config/Env", "A=1")),
    # Comments
    row("P2", "comments may be indented", "FROM scratch\n   # no\n\t# no\nENV A=1\n", history("ENV A=1")),
    row("P2", "a number sign inside a line is text", "FROM scratch\nENV A=1#2 B=#3\n", history("ENV A=1#2 B=#3")),
    row("P2", "a comment inside an instruction is removed", "FROM scratch\nENV A=1 \\\n  # B=2 \\\n  C=3\n", history("ENV A=1 C=3")),
    row("P2", "a comment ends at the end of its line", "FROM scratch\n# ENV A=1 \\\nENV B=2\n", history("ENV B=2")),
    # Continuation
    row("P3", "blanks may follow the escape character", "FROM scratch\nENV A=1 \\ \t \n B=2\n", history("ENV A=1 B=2")),
    row("P3", "two escape characters do not continue the line", "FROM alpine\nRUN printf %s > /x a\\\\\nENV B=2\n", ConfigHas("config/Env", "B=2"), HasFile("x", "a\\")),
    row(
        "P3 NoEmptyContinuation", "empty lines inside an instruction are skipped with a warning", "FROM scratch\nENV A=1 \\\n\n B=2\n",
        history("ENV A=1 B=2"), HasWarning("NoEmptyContinuation", "4"),
    ),
    row("P3", "leading blanks of a continuation line are kept", "FROM alpine\nRUN echo 'a\\\n   b' > /x\n", HasFile("x", "a   b\n")),
    row("P3", "a continuation on the last line is ignored", "FROM scratch\nENV A=1 \\\n", history("ENV A=1")),
    # Directives
    row(
        "P4 G29", "a syntax line selects another frontend", "# syntax=<registry>/none-such\nFROM scratch\n", Fails("none-such"),
        options={"build-arg:BUILDKIT_SYNTAX": "<registry>/none-such:at-all"},
    ),
    row("P4", "a syntax line may begin with //", "// syntax=127.0.0.1:1/none-such\nFROM scratch\n", Fails("none-such", "1")),
    row("P4", "a syntax line may follow a shebang line", "#!/usr/bin/env x\n# syntax=127.0.0.1:1/none-such\nFROM scratch\n", Fails("none-such", "2")),
    row("P4", "a JSON file may have a syntax member", '{"syntax": "127.0.0.1:1/none-such"}\n', Fails("none-such")),
    row("P4", "the syntax line may have arguments", "# syntax=127.0.0.1:1/none-such --and more\nFROM scratch\n", Fails("127.0.0.1:1/none-such:latest", "1")),
    row("P4", "a syntax line after an instruction is a comment", "FROM scratch\n# syntax=127.0.0.1:1/none-such\nENV A=1\n", history("ENV A=1")),
    row(
        "P5", "a backtick may be the escape character", "# escape=`\nFROM scratch\nENV A=1 `\n  B=C:\\d\nENV E=`$A\n",
        history("ENV A=1 B=C:\\d", "ENV E=$A"),
    ),
    row("P5", "the escape character must be a backslash or a backtick", "# escape=|\nFROM scratch\n", Fails("invalid escape token '|' does not match ` or \\")),
    row("P5", "the escape character is used in flags", "# escape=`\nFROM scratch\nCOPY --chmod=6`\n00 a.txt /x\n", HasFile("x", "a\n", mode=0o600)),
    row("P6", "a directive may have blanks around its parts", "#   ESCAPE   =   `\nFROM scratch\nENV A=`$B\n", history("ENV A=$B")),
    row("P6", "a directive after a comment is a comment", "# a comment\n# escape=`\nFROM scratch\nENV A=`$B\n", NoWarning("escape"), ConfigLacks("config/Env", "A=$B")),
    row("P6", "a directive after an empty line is a comment", "\n# escape=`\nFROM scratch\nENV A=`b\n", history("ENV A=`b")),
    row("P6", "an unknown directive ends the directives", "# colour=red\n# escape=`\nFROM scratch\nENV A=`b\n", history("ENV A=`b")),
    row("P6", "a directive must not be repeated", "# escape=`\n# escape=`\nFROM scratch\n", Fails("only one escape parser directive can be used")),
    row("P6", "a directive may skip checks", "# check=skip=MaintainerDeprecated\nFROM scratch\nMAINTAINER me\n", NoWarning(), Config("author", "me")),
    row("P6", "a directive may turn checks into errors", "# check=error=true\nFROM scratch\nMAINTAINER me\n", Fails("lint violation found for rules: MaintainerDeprecated")),
    # Instructions and flags
    row("P8", "instructions are case-insensitive", "from scratch\ncopy a.txt /x\n", HasFile("x", "a\n"), HasStep("[1/1] COPY a.txt /x")),
    row("P8 P17", "an unknown instruction is an error with a suggestion", "FROM scratch\nCPOY a /\n", Fails("dockerfile parse error on line 2: unknown instruction: CPOY (did you mean COPY?)", "2")),
    row("P8", "an unknown instruction without a similar one has no suggestion", "FROM scratch\nDEPLOY\n", Fails("unknown instruction: DEPLOY", "2")),
    row("P9", "a flag may be quoted", 'FROM scratch\nCOPY "--chmod=600" a.txt /x\n', Fails('"/--chmod=600": not found', "2")),
    row("P9", "a value of a flag may be quoted", 'FROM scratch\nCOPY --chmod="600" a.txt /x\n', HasFile("x", mode=0o600)),
    row("P9", "two dashes end the flags of an instruction", "FROM scratch\nCOPY -- a.txt /x\n", OnlyFiles("x")),
    row("P9", "a boolean flag may have no value", "FROM scratch\nCOPY --link a.txt /x\n", HasStep("[1/1] COPY --link a.txt /x")),
    row("P9", "a boolean value is case-insensitive", "FROM scratch\nCOPY --link=TRUE --parents=False dir/c.txt /x/\n", OnlyFiles("x/c.txt")),
    row("P9", "a boolean flag with another value is an error", "FROM scratch\nCOPY --link=maybe a.txt /x\n", Fails("expecting boolean value for flag --link, not: maybe", "2")),
    row("P9", "a text flag needs a value", "FROM scratch\nCOPY --chmod a.txt /x\n", Fails("missing a value on flag: --chmod", "2")),
    row("P9 P17", "an unknown flag is an error with a suggestion", "FROM scratch\nCOPY --chmd=600 a.txt /x\n", Fails("unknown flag: --chmd (did you mean chmod?)", "2")),
    row("P9", "a flag must not be repeated", "FROM scratch\nCOPY --chmod=600 --chmod=644 a.txt /x\n", Fails("duplicate flag specified: --chmod", "2")),
    row("P9", "a list flag may be repeated", "FROM scratch\nCOPY --exclude=*.md --exclude=sub dir /x\n", OnlyFiles("x/c.txt")),
    row("P9", "a flag after an argument is an argument", "FROM alpine\nRUN echo --mount=type=x > /x\n", HasFile("x", "--mount=type=x\n")),
    # Forms
    row("P10", "a JSON list is split into its strings", 'FROM scratch\nCMD ["a b", "c\\td"]\n', Config("config/Cmd", ["a b", "c\td"]), history('CMD ["a b" "c\\td"]')),
    row("P10", "JSON with single quotes is a command for the shell", "FROM scratch\nCMD ['a']\n", Config("config/Cmd", ["/bin/sh", "-c", "['a']"])),
    row("P10", "a JSON list of other values than strings is an error", "FROM scratch\nCMD [1]\n", Fails("when using JSON array syntax, arrays must be comprised of strings only", "2")),
    row("P10", "a list with a trailing comma is not JSON", 'FROM scratch\nCMD ["a",]\nENTRYPOINT ["a" , ]\n', Config("config/Cmd", ["/bin/sh", "-c", '["a",]']), Config("config/Entrypoint", ["/bin/sh", "-c", '["a" , ]'])),
    row("P10", "a list with an incomplete escape is not JSON", 'FROM scratch\nCMD ["\\u"]\nENTRYPOINT ["\\u12"]\n', Config("config/Cmd", ["/bin/sh", "-c", '["\\u"]']), Config("config/Entrypoint", ["/bin/sh", "-c", '["\\u12"]'])),
    row("P10", "sources in a JSON list may have blanks", 'FROM scratch\nCOPY ["a b.txt", "/x y"]\n', HasFile("x y", "1"), files={"a b.txt": "1"}),
    row("P10", "a list followed by text is split into words", 'FROM scratch\nVOLUME ["/a"] /b\n', Config("config/Volumes", {"[/a]": {}, "/b": {}})),
    row("P10", "an empty JSON list sets no command", "FROM scratch\nENTRYPOINT []\nCMD []\n", Config("config", {"Env": [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "WorkingDir": "/", "ArgsEscaped": True})),
    row("P11 P17", "quotes do not join words of COPY", 'FROM scratch\nCOPY "a b.txt" /x\n', Fails("unexpected end of statement while looking for matching double-quote", "2")),
    row("P11", "quotes join words of a pair", "FROM scratch\nENV A='x y' B=\"u v\" C=p\\ q\n", history("ENV A=x y B=u v C=p q")),
    row("P11 LegacyKeyValueFormat", "the legacy form is a name and the rest of the line", "FROM scratch\nENV A b  c=d\n", history("ENV A=b  c=d"), HasWarning("LegacyKeyValueFormat", "2")),
    row("P11", "a pair after a pair needs an equals sign", "FROM scratch\nENV A=1 B\n", Fails("Syntax error - can't find = in \"B\". Must be of the form: name=value", "2")),
    row("P11", "ARG accepts names and pairs", "FROM scratch\nARG A B=2 C='3 4'\nENV X=$A-$B-$C\n", history("ARG A B=2 C=3 4", "ENV X=-2-3 4")),
    # Heredocs
    row("P13 P14", "a heredoc becomes a file of its name", "FROM scratch\nCOPY <<one <<two /to/\n1\none\n2\ntwo\n", HasFile("to/one", "1\n", mode=0o644), HasFile("to/two", "2\n")),
    row("P13", "a dash removes leading tabs", "FROM scratch\nCOPY <<-E /x\n\ta\n\t\tb\n  c\n\tE\n", HasFile("x", "a\nb\n  c\n")),
    row("P13 P14", "a heredoc is expanded", "FROM scratch\nARG A=1\nCOPY <<E /x\n$A ${B:-2} \\$A\nE\n", HasFile("x", "1 2 $A\n")),
    row("P13", "a quoted delimiter prevents expansion", "FROM scratch\nARG A=1\nCOPY <<\"E\" <<'F' <<G'H' /\n$A\nE\n${A}\nF\n\\$A\nGH\n", HasFile("E", "$A\n"), HasFile("F", "${A}\n"), HasFile("GH", "\\$A\n")),
    row("P13", "a heredoc without end is an error", "FROM scratch\nCOPY <<E /x\na\n", Fails("unterminated heredoc", "2,3")),
    row("P13", "a heredoc as destination is an error", "FROM scratch\nCOPY a.txt <<E\nE\n", Fails("COPY cannot accept a heredoc as a destination", "2,3")),
    row("P13", "a heredoc in a JSON list is text", 'FROM scratch\nCMD ["cat", "<<E"]\n', Config("config/Cmd", ["cat", "<<E"])),
    row("P14", "a heredoc alone is the command", "FROM alpine\nRUN <<E\nA=1\necho $A > /x\nE\n", HasFile("x", "1\n"), HasStep("[2/2] RUN <<E (A=1...)")),
    row("P14", "a heredoc with a shebang is run as a script", "FROM alpine\nRUN <<E\n#!/bin/sh -e\necho $0 > /x\nE\n", HasFile("x", "/dev/pipes/E\n"), NoFile("dev/pipes/E")),
    row("P14", "a heredoc after a command is passed to the shell", "FROM alpine\nARG A=1\nRUN cat <<E > /x && cat <<'F' > /y\n$A\nE\n$A\nF\n", HasFile("x", "1\n"), HasFile("y", "$A\n")),
    row("P14", "a heredoc may have a file descriptor", "FROM alpine\nRUN cat 3<<E <&3 > /x\nthree\nE\n", HasFile("x", "three\n")),
    row("P14", "ADD accepts heredocs", "FROM scratch\nADD --chmod=600 <<E /x\nb\nE\n", HasFile("x", "b\n", mode=0o600)),
    # Descriptions and errors
    row(
        "P16", "comments above stages and arguments are descriptions",
        "# BASE is what all stand on\nARG BASE=scratch\n\n# final is the result\nFROM $BASE AS final\n",
        Metadata("result.json", "is what all stand on"), Metadata("result.json", "is the result"), options={"requestid": "frontend.outline"},
    ),
    row("P16", "a comment that does not begin with the name is not a description", "FROM scratch AS other\n# this one\nFROM scratch AS final\n", Metadata("result.json", '"final"'), options={"requestid": "frontend.targets"}),
    row("P17", "an error has all lines of its instruction", "FROM scratch\nCOPY \\\n --chmod=9 \\\n a.txt /x\n", Fails("invalid chmod parameter: '9'", "2,3,4")),
    row("P17 A8", "an unknown target is an error with a suggestion", "FROM scratch AS build\n", Fails('target stage "biuld" could not be found (did you mean build?)'), options={"target": "biuld"}),
    row("P17", "an unknown key of a mount is an error with a suggestion", "FROM alpine\nRUN --mount=type=cache,traget=/c true\n", Fails("unexpected key 'traget' in 'traget=/c' (did you mean target?)", "2")),
)  # fmt: skip
