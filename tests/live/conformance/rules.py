"""Rows of build checks: when each rule fires, on which line, and when it does not.

A row is named for its rule, or for the ids of behaviours that table.py groups into sections.
"""

from tests.live.conformance.row import Config, Fails, HasWarning, Metadata, MetadataJson, NoWarning, OnlyFiles, Row, row

LINT = {"requestid": "frontend.lint"}


def fires(
    rule: str,
    title: str,
    dockerfile: str,
    lines: str,
    detail: str = "",
    *,
    options: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
) -> Row:
    """A rule that fires while a build runs."""
    return row(rule, title, dockerfile, HasWarning(f"{rule}: {detail}", lines), options=options, files=files)


def silent(
    rule: str, title: str, dockerfile: str, *, options: dict[str, str] | None = None, files: dict[str, str] | None = None
) -> Row:
    """A row in which the rule does not fire."""
    return row(rule, title, dockerfile, NoWarning(rule), options=options, files=files)


COPY = "COPY a.txt /\n"

ROWS = (
    fires(
        "StageNameCasing", "an upper-case stage name", f"FROM scratch AS Base\n{COPY}", "1", "Stage name 'Base' should be lowercase"
    ),
    silent("StageNameCasing", "a lower-case stage name", f"FROM scratch AS base\n{COPY}"),
    fires(
        "FromAsCasing",
        "a lower-case `as` after an upper-case FROM",
        f"FROM scratch as base\n{COPY}",
        "1",
        "'as' and 'FROM' keywords' casing do not match",
    ),
    silent("FromAsCasing", "`from` and `as` in lower case", f"from scratch as base\n{COPY}"),
    fires("NoEmptyContinuation", "an empty line inside an instruction", "FROM scratch\nCOPY a.txt \\\n\n /\n", "4"),
    silent("NoEmptyContinuation", "a comment inside an instruction", "FROM scratch\nCOPY a.txt \\\n# here\n /\n"),
    fires(
        "ConsistentInstructionCasing",
        "one of three keywords is in lower case",
        "FROM scratch\nCOPY a.txt /\ncopy b.txt /\n",
        "3",
        "Command 'copy' should match the case of the command majority (uppercase)",
    ),
    fires(
        "ConsistentInstructionCasing",
        "most keywords are in lower case",
        "from scratch\ncopy a.txt /\nCOPY b.txt /\n",
        "3",
        "Command 'COPY' should match the case of the command majority (lowercase)",
    ),
    silent("ConsistentInstructionCasing", "all keywords are in lower case", "from scratch\ncopy a.txt /\n"),
    fires(
        "DuplicateStageName",
        "a repeated stage name",
        f"FROM scratch AS a\n{COPY}FROM scratch AS a\n{COPY}",
        "3",
        'Duplicate stage name "a", stage names should be unique',
    ),
    silent("DuplicateStageName", "two different stage names", f"FROM scratch AS a\n{COPY}FROM scratch AS b\n{COPY}"),
    fires(
        "ReservedStageName",
        "a stage with the reserved name scratch",
        f"FROM alpine AS scratch\n{COPY}",
        "1",
        'Stage name should not use the same name as reserved stage "scratch"',
    ),
    fires(
        "ReservedStageName",
        "a stage with the reserved name context",
        f"FROM scratch AS context\n{COPY}",
        "1",
        'Stage name should not use the same name as reserved stage "context"',
    ),
    silent("ReservedStageName", "a stage name that is not reserved", f"FROM scratch AS contexts\n{COPY}"),
    fires(
        "JSONArgsRecommended",
        "a command in shell form",
        f"FROM scratch\n{COPY}CMD run it\n",
        "3",
        "JSON arguments recommended for CMD",
    ),
    fires("JSONArgsRecommended", "an entry point in shell form", f"FROM scratch\n{COPY}ENTRYPOINT run it\n", "3"),
    silent("JSONArgsRecommended", "a command in exec form", f'FROM scratch\n{COPY}CMD ["run", "it"]\n'),
    silent(
        "JSONArgsRecommended", "a command in shell form after SHELL", f'FROM scratch\n{COPY}SHELL ["/bin/bash", "-c"]\nCMD run it\n'
    ),
    fires("MaintainerDeprecated", "an author in MAINTAINER", f"FROM scratch\nMAINTAINER me\n{COPY}", "2"),
    silent(
        "MaintainerDeprecated", "a label instead of MAINTAINER", f"FROM scratch\nLABEL org.opencontainers.image.authors=me\n{COPY}"
    ),
    fires(
        "UndefinedArgInFrom",
        "a variable that no ARG declares",
        f"ARG BASE=scratch\nFROM ${{BASF:-scratch}}\n{COPY}",
        "2",
        "FROM argument 'BASF' is not declared (did you mean BASE?)",
    ),
    silent("UndefinedArgInFrom", "a declared variable in FROM", f"ARG BASE=scratch\nFROM $BASE\n{COPY}"),
    silent("UndefinedArgInFrom", "a predefined variable in FROM", f"FROM --platform=$BUILDPLATFORM scratch\n{COPY}"),
    fires(
        "UndefinedVar",
        "an undefined variable",
        f"FROM scratch\nENV WHERE=/x\nLABEL at=$WHEER\n{COPY}",
        "3",
        "Usage of undefined variable '$WHEER' (did you mean $WHERE?)",
    ),
    silent("UndefinedVar", "a variable that an ARG declares", f"FROM scratch\nARG WHERE\nLABEL at=$WHERE\n{COPY}"),
    silent("UndefinedVar", "a variable that the base sets", "FROM alpine\nLABEL at=$PATH\n"),
    fires(
        "UndefinedVar",
        "an undefined variable in COPY",
        "FROM scratch\nCOPY a.txt$NOTHING /\n",
        "2",
        "Usage of undefined variable '$NOTHING'",
    ),
    fires(
        "WorkdirRelativePath",
        "the first directory is relative",
        f"FROM scratch\nWORKDIR app\n{COPY}",
        "2",
        'Relative workdir "app" can have unexpected results if the base image changes',
    ),
    silent("WorkdirRelativePath", "a later directory is relative", f"FROM scratch\nWORKDIR /srv\nWORKDIR app\n{COPY}"),
    fires(
        "MultipleInstructionsDisallowed",
        "two commands",
        f'FROM scratch\n{COPY}CMD ["a"]\nCMD ["b"]\n',
        "3",
        "Multiple CMD instructions should not be used in the same stage",
    ),
    fires("MultipleInstructionsDisallowed", "two entry points", f'FROM scratch\n{COPY}ENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n', "3"),
    fires("MultipleInstructionsDisallowed", "two health checks", f"FROM scratch\n{COPY}HEALTHCHECK NONE\nHEALTHCHECK NONE\n", "3"),
    silent(
        "MultipleInstructionsDisallowed", "one command in each stage", f'FROM scratch AS a\n{COPY}CMD ["a"]\nFROM a\nCMD ["b"]\n'
    ),
    fires(
        "LegacyKeyValueFormat",
        "ENV with a space",
        f"FROM scratch\nENV key value\n{COPY}",
        "2",
        '"ENV key=value" should be used instead of legacy "ENV key value" format',
    ),
    fires("LegacyKeyValueFormat", "LABEL with a space", f"FROM scratch\nLABEL key value\n{COPY}", "2"),
    silent("LegacyKeyValueFormat", "ENV with an equals sign", f"FROM scratch\nENV key=value\n{COPY}"),
    fires(
        "InvalidBaseImagePlatform",
        "a base for another platform",
        "FROM alpine\nENV a=b\n",
        "1",
        options={"platform": "linux/s390x"},
    ),
    silent("InvalidBaseImagePlatform", "a base for the right platform", "FROM alpine\nENV a=b\n"),
    fires(
        "RedundantTargetPlatform",
        "FROM --platform=$TARGETPLATFORM",
        f"FROM --platform=$TARGETPLATFORM scratch\n{COPY}",
        "1",
        "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    ),
    silent("RedundantTargetPlatform", "FROM --platform=$BUILDPLATFORM", f"FROM --platform=$BUILDPLATFORM scratch\n{COPY}"),
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
        "a default with an invalid image name",
        f"ARG BASE\nFROM $BASE\n{COPY}",
        "2",
        "Default value for ARG $BASE results in empty or invalid base image name",
        options={"build-arg:BASE": "alpine"},
    ),
    silent("InvalidDefaultArgInFrom", "a default with a valid image name", f"ARG BASE=alpine\nFROM $BASE\n{COPY}"),
    fires(
        "FromPlatformFlagConstDisallowed",
        "a constant platform",
        f"FROM --platform=linux/amd64 scratch AS base\n{COPY}",
        "1",
        'FROM --platform flag should not use constant value "linux/amd64"',
    ),
    silent(
        "FromPlatformFlagConstDisallowed",
        "a stage named after its constant platform",
        f"FROM --platform=linux/amd64 scratch AS build_amd64\n{COPY}",
    ),
    row(
        "CopyIgnoredFile",
        "an ignored file in COPY",
        f"FROM scratch\n{COPY}ADD dir /d\n",
        MetadataJson("result.json", "warnings/0/detail", 'Attempting to Add file "dir" that is excluded by .dockerignore'),
        MetadataJson("result.json", "warnings/0/location/ranges/0/start/line", 3),
        files={".dockerignore": "dir\n", "a.txt": "a\n", "dir/x": "x\n"},
        options=LINT,
    ),
    silent(
        "CopyIgnoredFile",
        "an ignore file with exceptions",
        f"FROM scratch\n{COPY}COPY di* /d/\n",
        files={".dockerignore": "dir\n!dir/x\n", "a.txt": "a\n", "dir/x": "x\n"},
    ),
    silent(
        "CopyIgnoredFile",
        "a file that is not ignored",
        f"FROM scratch\n{COPY}",
        files={".dockerignore": "dir\n", "a.txt": "a\n", "dir/x": "x\n"},
    ),
    fires(
        "ExposeProtoCasing",
        "an upper-case protocol",
        f"FROM scratch\n{COPY}EXPOSE 80/TCP\n",
        "3",
        "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
    ),
    silent("ExposeProtoCasing", "a lower-case protocol", f"FROM scratch\n{COPY}EXPOSE 80/tcp 90\n"),
    fires("ExposeInvalidFormat", "EXPOSE with an address", f"FROM scratch\n{COPY}EXPOSE 127.0.0.1:80:80\n", "3"),
    fires("ExposeInvalidFormat", "EXPOSE with a port of the host", f"FROM scratch\n{COPY}EXPOSE 8080:80\n", "3"),
    silent("ExposeInvalidFormat", "EXPOSE with a range", f"FROM scratch\n{COPY}EXPOSE 80-82/udp\n"),
    fires(
        "InvalidDefinitionDescription",
        "a description without the name, with the rule switched on",
        f"# check=experimental=all\n# What it is for\nFROM scratch AS base\n{COPY}",
        "3",
        "Comment for FROM should follow the format: `# base <description>`",
    ),
    silent(
        "InvalidDefinitionDescription",
        "a description without the name, with the rule off by default",
        f"# What it is for\nFROM scratch AS base\n{COPY}",
    ),
    silent(
        "InvalidDefinitionDescription",
        "a description with the name",
        f"# check=experimental=all\n# base is what it is for\nFROM scratch AS base\n{COPY}",
    ),
    row("P6 S4 #20", "all rules are skipped", f"# check=skip=all\nFROM scratch as A\n{COPY}", NoWarning()),
    row(
        "P6 #20",
        "the value of the check directive ends at its first space",
        f"# check=skip=StageNameCasing; error=true\nFROM scratch as A\n{COPY}",
        Fails("invalid check option"),
        differs_in_wording=True,
    ),
    row(
        "P6",
        "a comment above an instruction skips rules for it",
        f"FROM scratch\n# check=skip=LegacyKeyValueFormat\nENV a b\nENV c d\n{COPY}",
        HasWarning("LegacyKeyValueFormat", "4"),
    ),
    row(
        "P6",
        "findings are errors",
        f"# check=error=true\nFROM scratch as a\nENV c d\n{COPY}",
        # BuildKit lists the rules in an order that changes from build to build.
        Fails("lint violation found for rules: "),
        Fails("FromAsCasing"),
        Fails("LegacyKeyValueFormat"),
        differs_in_wording=True,
    ),
    row(
        "P6",
        "an unknown key of the check directive is an error",
        f"# check=odd=1\nFROM scratch\n{COPY}",
        Fails("odd"),
        differs_in_wording=True,
    ),
    row(
        "#21 S4",
        "only the first platform is checked",
        "# check=skip=InvalidBaseImagePlatform\nFROM scratch\nARG TARGETARCH\nENV a $TARGETARCH\nCOPY a.txt /\n",
        HasWarning("LegacyKeyValueFormat", "4"),
        Config("linux/arm64:config/Env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "a=arm64"]),
        options={"platform": "linux/amd64,linux/arm64"},
    ),
    row(
        "S4",
        "lint returns JSON with lines",
        "FROM scratch as a\nCMD x\n",
        MetadataJson("result.json", "warnings/0/ruleName", "FromAsCasing"),
        MetadataJson("result.json", "warnings/0/location/ranges/0/start/line", 1),
        MetadataJson("result.json", "warnings/1/ruleName", "JSONArgsRecommended"),
        Metadata("result.statuscode", "1"),
        Metadata("result.txt", "FromAsCasing"),
        options=LINT,
    ),
    row("S4", "lint of a file without findings", "FROM scratch\n", Metadata("result.statuscode", "0"), options=LINT),
    row(
        "S4",
        "lint returns a build error as part of its result",
        "FROM scratch as a\nRUN --odd x\n",
        Metadata("result.json", "buildError"),
        options=LINT,
    ),
    row(
        "S4",
        "lint checks all stages without a target",
        "FROM scratch AS a\nENV a b\nFROM scratch\nENV c=d\n",
        MetadataJson("result.json", "warnings/0/ruleName", "LegacyKeyValueFormat"),
        options=LINT,
    ),
    row(
        "S4",
        "lint checks only the stages of a target",
        "FROM scratch AS a\nENV a b\nFROM scratch AS b\nENV c=d\n",
        MetadataJson("result.json", "warnings", None),
        options={**LINT, "target": "b"},
    ),
    row(
        "#19 P16",
        "an empty line does not detach a description",
        f"# check=experimental=all\n# base is here\n\nFROM scratch AS base\n{COPY}",
        NoWarning("InvalidDefinitionDescription"),
        OnlyFiles("a.txt"),
    ),
)
