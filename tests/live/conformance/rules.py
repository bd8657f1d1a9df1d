"""Rows of build checks: when each rule fires, on which line, and when it does not."""

from tests.live.conformance.row import Fails, Is, Json, Only, Quiet, Row, Told, Warns, row

LINT = {"requestid": "frontend.lint"}


def fires(
    rule: str,
    says: str,
    dockerfile: str,
    lines: str,
    detail: str = "",
    *,
    options: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
) -> Row:
    """A rule that fires while a build runs."""
    return row(rule, says, dockerfile, Warns(f"{rule}: {detail}", lines), options=options, files=files)


def silent(
    rule: str, says: str, dockerfile: str, *, options: dict[str, str] | None = None, files: dict[str, str] | None = None
) -> Row:
    """The same neighbourhood in which it does not."""
    return row(rule, says, dockerfile, Quiet(rule), options=options, files=files)


COPY = "COPY a.txt /\n"

ROWS = (
    fires("StageNameCasing", "a stage in capitals", f"FROM scratch AS Base\n{COPY}", "1", "Stage name 'Base' should be lowercase"),
    silent("StageNameCasing", "a stage in small letters", f"FROM scratch AS base\n{COPY}"),
    fires(
        "FromAsCasing", "as in small letters", f"FROM scratch as base\n{COPY}", "1", "'as' and 'FROM' keywords' casing do not match"
    ),
    silent("FromAsCasing", "both in small letters", f"from scratch as base\n{COPY}"),
    fires("NoEmptyContinuation", "an empty line inside an instruction", "FROM scratch\nCOPY a.txt \\\n\n /\n", "4"),
    silent("NoEmptyContinuation", "a comment inside an instruction", "FROM scratch\nCOPY a.txt \\\n# here\n /\n"),
    fires(
        "ConsistentInstructionCasing",
        "one of three is small",
        "FROM scratch\nCOPY a.txt /\ncopy b.txt /\n",
        "3",
        "Command 'copy' should match the case of the command majority (uppercase)",
    ),
    fires(
        "ConsistentInstructionCasing",
        "most are small",
        "from scratch\ncopy a.txt /\nCOPY b.txt /\n",
        "3",
        "Command 'COPY' should match the case of the command majority (lowercase)",
    ),
    silent("ConsistentInstructionCasing", "all are small", "from scratch\ncopy a.txt /\n"),
    fires(
        "DuplicateStageName",
        "a name again",
        f"FROM scratch AS a\n{COPY}FROM scratch AS a\n{COPY}",
        "3",
        'Duplicate stage name "a", stage names should be unique',
    ),
    silent("DuplicateStageName", "two names", f"FROM scratch AS a\n{COPY}FROM scratch AS b\n{COPY}"),
    fires(
        "ReservedStageName",
        "scratch",
        f"FROM alpine AS scratch\n{COPY}",
        "1",
        'Stage name should not use the same name as reserved stage "scratch"',
    ),
    fires(
        "ReservedStageName",
        "context",
        f"FROM scratch AS context\n{COPY}",
        "1",
        'Stage name should not use the same name as reserved stage "context"',
    ),
    silent("ReservedStageName", "another word", f"FROM scratch AS contexts\n{COPY}"),
    fires(
        "JSONArgsRecommended",
        "a command in shell form",
        f"FROM scratch\n{COPY}CMD run it\n",
        "3",
        "JSON arguments recommended for CMD",
    ),
    fires("JSONArgsRecommended", "an entry point in shell form", f"FROM scratch\n{COPY}ENTRYPOINT run it\n", "3"),
    silent("JSONArgsRecommended", "a list", f'FROM scratch\n{COPY}CMD ["run", "it"]\n'),
    silent("JSONArgsRecommended", "a shell of one's own", f'FROM scratch\n{COPY}SHELL ["/bin/bash", "-c"]\nCMD run it\n'),
    fires("MaintainerDeprecated", "MAINTAINER", f"FROM scratch\nMAINTAINER me\n{COPY}", "2"),
    silent("MaintainerDeprecated", "a label instead", f"FROM scratch\nLABEL org.opencontainers.image.authors=me\n{COPY}"),
    fires(
        "UndefinedArgInFrom",
        "a variable that no ARG declares",
        f"ARG BASE=scratch\nFROM ${{BASF:-scratch}}\n{COPY}",
        "2",
        "FROM argument 'BASF' is not declared (did you mean BASE?)",
    ),
    silent("UndefinedArgInFrom", "one that is declared", f"ARG BASE=scratch\nFROM $BASE\n{COPY}"),
    silent("UndefinedArgInFrom", "one that is always there", f"FROM --platform=$BUILDPLATFORM scratch\n{COPY}"),
    fires(
        "UndefinedVar",
        "a variable that nothing sets",
        f"FROM scratch\nENV WHERE=/x\nLABEL at=$WHEER\n{COPY}",
        "3",
        "Usage of undefined variable '$WHEER' (did you mean $WHERE?)",
    ),
    silent("UndefinedVar", "one that an ARG declares", f"FROM scratch\nARG WHERE\nLABEL at=$WHERE\n{COPY}"),
    silent("UndefinedVar", "one that the base sets", "FROM alpine\nLABEL at=$PATH\n"),
    fires(
        "UndefinedVar", "in what is copied", "FROM scratch\nCOPY a.txt$NOTHING /\n", "2", "Usage of undefined variable '$NOTHING'"
    ),
    fires(
        "WorkdirRelativePath",
        "the first directory is relative",
        f"FROM scratch\nWORKDIR app\n{COPY}",
        "2",
        'Relative workdir "app" can have unexpected results if the base image changes',
    ),
    silent("WorkdirRelativePath", "a later one is relative", f"FROM scratch\nWORKDIR /srv\nWORKDIR app\n{COPY}"),
    fires(
        "MultipleInstructionsDisallowed",
        "two commands",
        f'FROM scratch\n{COPY}CMD ["a"]\nCMD ["b"]\n',
        "3",
        "Multiple CMD instructions should not be used in the same stage",
    ),
    fires("MultipleInstructionsDisallowed", "two entry points", f'FROM scratch\n{COPY}ENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n', "3"),
    fires("MultipleInstructionsDisallowed", "two health checks", f"FROM scratch\n{COPY}HEALTHCHECK NONE\nHEALTHCHECK NONE\n", "3"),
    silent("MultipleInstructionsDisallowed", "one in each stage", f'FROM scratch AS a\n{COPY}CMD ["a"]\nFROM a\nCMD ["b"]\n'),
    fires(
        "LegacyKeyValueFormat",
        "ENV with a blank",
        f"FROM scratch\nENV key value\n{COPY}",
        "2",
        '"ENV key=value" should be used instead of legacy "ENV key value" format',
    ),
    fires("LegacyKeyValueFormat", "LABEL with a blank", f"FROM scratch\nLABEL key value\n{COPY}", "2"),
    silent("LegacyKeyValueFormat", "an equals sign", f"FROM scratch\nENV key=value\n{COPY}"),
    fires(
        "InvalidBaseImagePlatform", "a base for another machine", "FROM alpine\nENV a=b\n", "1", options={"platform": "linux/s390x"}
    ),
    silent("InvalidBaseImagePlatform", "a base for this one", "FROM alpine\nENV a=b\n"),
    fires(
        "RedundantTargetPlatform",
        "the platform that it is anyway",
        f"FROM --platform=$TARGETPLATFORM scratch\n{COPY}",
        "1",
        "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    ),
    silent("RedundantTargetPlatform", "that of the builder", f"FROM --platform=$BUILDPLATFORM scratch\n{COPY}"),
    fires(
        "SecretsUsedInArgOrEnv",
        "a password in the environment",
        f"FROM scratch\nENV DB_PASSWORD=x\n{COPY}",
        "2",
        'Do not use ARG or ENV instructions for sensitive data (ENV "DB_PASSWORD")',
    ),
    fires(
        "SecretsUsedInArgOrEnv",
        "a token as an argument",
        f"FROM scratch\nARG GITHUB_TOKEN\n{COPY}",
        "2",
        'Do not use ARG or ENV instructions for sensitive data (ARG "GITHUB_TOKEN")',
    ),
    silent(
        "SecretsUsedInArgOrEnv",
        "a file, a version, a public key",
        f"FROM scratch\nENV PASSWORD_FILE=x TOKEN_VERSION=1 PUBLIC_KEY=y\n{COPY}",
    ),
    fires(
        "InvalidDefaultArgInFrom",
        "a default that makes no image",
        f"ARG BASE\nFROM $BASE\n{COPY}",
        "2",
        "Default value for ARG $BASE results in empty or invalid base image name",
        options={"build-arg:BASE": "alpine"},
    ),
    silent("InvalidDefaultArgInFrom", "a default that does", f"ARG BASE=alpine\nFROM $BASE\n{COPY}"),
    fires(
        "FromPlatformFlagConstDisallowed",
        "a platform that does not follow the build",
        f"FROM --platform=linux/amd64 scratch AS base\n{COPY}",
        "1",
        'FROM --platform flag should not use constant value "linux/amd64"',
    ),
    silent(
        "FromPlatformFlagConstDisallowed",
        "the stage is called like it",
        f"FROM --platform=linux/amd64 scratch AS build_amd64\n{COPY}",
    ),
    row(
        "CopyIgnoredFile",
        "a file that the ignore file leaves out",
        f"FROM scratch\n{COPY}ADD dir /d\n",
        Json("result.json", "warnings/0/detail", 'Attempting to Add file "dir" that is excluded by .dockerignore'),
        Json("result.json", "warnings/0/location/ranges/0/start/line", 3),
        files={".dockerignore": "dir\n", "a.txt": "a\n", "dir/x": "x\n"},
        options=LINT,
    ),
    silent(
        "CopyIgnoredFile",
        "there are exceptions",
        f"FROM scratch\n{COPY}COPY di* /d/\n",
        files={".dockerignore": "dir\n!dir/x\n", "a.txt": "a\n", "dir/x": "x\n"},
    ),
    silent(
        "CopyIgnoredFile", "another file", f"FROM scratch\n{COPY}", files={".dockerignore": "dir\n", "a.txt": "a\n", "dir/x": "x\n"}
    ),
    fires(
        "ExposeProtoCasing",
        "a protocol in capitals",
        f"FROM scratch\n{COPY}EXPOSE 80/TCP\n",
        "3",
        "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
    ),
    silent("ExposeProtoCasing", "in small letters", f"FROM scratch\n{COPY}EXPOSE 80/tcp 90\n"),
    fires("ExposeInvalidFormat", "an address", f"FROM scratch\n{COPY}EXPOSE 127.0.0.1:80:80\n", "3"),
    fires("ExposeInvalidFormat", "a port of the host", f"FROM scratch\n{COPY}EXPOSE 8080:80\n", "3"),
    silent("ExposeInvalidFormat", "a range", f"FROM scratch\n{COPY}EXPOSE 80-82/udp\n"),
    fires(
        "InvalidDefinitionDescription",
        "a description that does not begin with the name, where it is asked for",
        f"# check=experimental=all\n# What it is for\nFROM scratch AS base\n{COPY}",
        "3",
        "Comment for FROM should follow the format: `# base <description>`",
    ),
    silent("InvalidDefinitionDescription", "it is not asked for", f"# What it is for\n\nFROM scratch AS base\n{COPY}"),
    silent(
        "InvalidDefinitionDescription",
        "it begins with the name",
        f"# check=experimental=all\n# base is what it is for\nFROM scratch AS base\n{COPY}",
    ),
    row("P6 S4 #20", "all rules are skipped", f"# check=skip=all\nFROM scratch as A\n{COPY}", Quiet()),
    row(
        "P6 #20",
        "the value ends at its first blank",
        f"# check=skip=StageNameCasing; error=true\nFROM scratch as A\n{COPY}",
        Fails("invalid check option"),
        has_own_words=True,
    ),
    row(
        "P6",
        "a comment above an instruction skips rules for it",
        f"FROM scratch\n# check=skip=LegacyKeyValueFormat\nENV a b\nENV c d\n{COPY}",
        Warns("LegacyKeyValueFormat", "4"),
    ),
    row(
        "P6",
        "findings are errors",
        f"# check=error=true\nFROM scratch as a\nENV c d\n{COPY}",
        # The reference lists the rules in an order that changes from build to build.
        Fails("lint violation found for rules: "),
        Fails("FromAsCasing"),
        Fails("LegacyKeyValueFormat"),
        has_own_words=True,
    ),
    row("P6", "an unknown key", f"# check=odd=1\nFROM scratch\n{COPY}", Fails("odd"), has_own_words=True),
    row(
        "#21 S4",
        "only the first platform is checked",
        "# check=skip=InvalidBaseImagePlatform\nFROM scratch\nARG TARGETARCH\nENV a $TARGETARCH\nCOPY a.txt /\n",
        Warns("LegacyKeyValueFormat", "4"),
        Is("linux/arm64:config/Env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "a=arm64"]),
        options={"platform": "linux/amd64,linux/arm64"},
    ),
    row(
        "S4",
        "checks as JSON, with what they are about",
        "FROM scratch as a\nCMD x\n",
        Json("result.json", "warnings/0/ruleName", "FromAsCasing"),
        Json("result.json", "warnings/0/location/ranges/0/start/line", 1),
        Json("result.json", "warnings/1/ruleName", "JSONArgsRecommended"),
        Told("result.statuscode", "1"),
        Told("result.txt", "FromAsCasing"),
        options=LINT,
    ),
    row("S4", "nothing to say", "FROM scratch\n", Told("result.statuscode", "0"), options=LINT),
    row(
        "S4",
        "an error is a part of the answer",
        "FROM scratch as a\nRUN --odd x\n",
        Told("result.json", "buildError"),
        options=LINT,
    ),
    row(
        "S4",
        "all stages are checked where no target is named",
        "FROM scratch AS a\nENV a b\nFROM scratch\nENV c=d\n",
        Json("result.json", "warnings/0/ruleName", "LegacyKeyValueFormat"),
        options=LINT,
    ),
    row(
        "S4",
        "and only those of the target where one is",
        "FROM scratch AS a\nENV a b\nFROM scratch AS b\nENV c=d\n",
        Json("result.json", "warnings", None),
        options={**LINT, "target": "b"},
    ),
    row(
        "#19 P16",
        "a blank line does not detach a description",
        f"# check=experimental=all\n# base is here\n\nFROM scratch AS base\n{COPY}",
        Quiet("InvalidDefinitionDescription"),
        Only("a.txt"),
    ),
)
