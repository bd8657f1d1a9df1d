"""The rules as data: name, description, page and message format.

Source: frontend/dockerfile/linter/ruleset.go of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from llbfront.gostd.strconv import quote

_PAGES = "https://docs.docker.com/go/dockerfile/rule/"


@attrs.frozen(eq=False)
class Rule:
    """A check. `message` makes the text out of the arguments of a finding; experimental rules are off by default."""

    name: str
    description: str
    message: Callable[..., str]
    is_experimental: bool = False
    is_documented: bool = True

    @property
    def url(self) -> str:
        """The page that explains the rule, empty where there is none."""
        if not self.is_documented:
            return ""
        words = "".join(f"-{letter.lower()}" if self._starts_word(at) else letter for at, letter in enumerate(self.name))
        return f"{_PAGES}{words.lower().lstrip('-')}/"

    def _starts_word(self, at: int) -> bool:
        """Words begin with a capital that follows, or is followed by, a small letter: `JSONArgs` is `json-args`."""
        name = self.name
        return name[at].isupper() and (not name[at - 1].isupper() or name[at + 1 : at + 2].islower())


def _near(suggested: str, sign: str = "") -> str:
    return f" (did you mean {sign}{suggested}?)" if suggested else ""


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "StageNameCasing",
            "Stage names should be lowercase",
            lambda stage: f"Stage name '{stage}' should be lowercase",
        ),
        Rule(
            "FromAsCasing",
            "The 'as' keyword should match the case of the 'from' keyword",
            lambda start, word: f"'{word}' and '{start}' keywords' casing do not match",
        ),
        Rule(
            "NoEmptyContinuation",
            "Empty continuation lines will become errors in a future release",
            lambda: "Empty continuation line",
        ),
        Rule(
            "ConsistentInstructionCasing",
            "All commands within the Dockerfile should use the same casing (either upper or lower)",
            lambda keyword, case: f"Command '{keyword}' should match the case of the command majority ({case})",
        ),
        Rule(
            "DuplicateStageName",
            "Stage names should be unique",
            lambda stage: f"Duplicate stage name {quote(stage)}, stage names should be unique",
        ),
        Rule(
            "ReservedStageName",
            "Reserved words should not be used as stage names",
            lambda stage: f"Stage name should not use the same name as reserved stage {quote(stage)}",
        ),
        Rule(
            "JSONArgsRecommended",
            "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
            lambda keyword: f"JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals",
        ),
        Rule(
            "MaintainerDeprecated",
            "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
            lambda: "Maintainer instruction is deprecated in favor of using label",
        ),
        Rule(
            "UndefinedArgInFrom",
            "FROM command must use declared ARGs",
            lambda name, near: f"FROM argument '{name}' is not declared{_near(near)}",
        ),
        Rule(
            "WorkdirRelativePath",
            "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image"
            " changes",
            lambda path: f"Relative workdir {quote(path)} can have unexpected results if the base image changes",
        ),
        Rule(
            "UndefinedVar",
            "Variables should be defined before their use",
            lambda name, near: f"Usage of undefined variable '${name}'{_near(near, '$')}",
        ),
        Rule(
            "MultipleInstructionsDisallowed",
            "Multiple instructions of the same type should not be used in the same stage",
            lambda keyword: (
                f"Multiple {keyword} instructions should not be used in the same stage because only the last one will be used"
            ),
        ),
        Rule(
            "LegacyKeyValueFormat",
            "Legacy key/value format with whitespace separator should not be used",
            lambda keyword: f'"{keyword} key=value" should be used instead of legacy "{keyword} key value" format',
        ),
        Rule(
            "InvalidBaseImagePlatform",
            "Base image platform does not match expected target platform",
            lambda image, expected, actual: (
                f"Base image {image} was pulled with platform {quote(actual)}, expected {quote(expected)} for current build"
            ),
            is_documented=False,
        ),
        Rule(
            "RedundantTargetPlatform",
            "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
            lambda typed: f"Setting platform to predefined {typed} in FROM is redundant as this is the default behavior",
        ),
        Rule(
            "SecretsUsedInArgOrEnv",
            "Sensitive data should not be used in the ARG or ENV commands",
            lambda keyword, name: f"Do not use ARG or ENV instructions for sensitive data ({keyword} {quote(name)})",
        ),
        Rule(
            "InvalidDefaultArgInFrom",
            "Default value for global ARG results in an empty or invalid base image name",
            lambda image: f"Default value for ARG {image} results in empty or invalid base image name",
        ),
        Rule(
            "FromPlatformFlagConstDisallowed",
            "FROM --platform flag should not use a constant value",
            lambda platform: f"FROM --platform flag should not use constant value {quote(platform)}",
        ),
        Rule(
            "CopyIgnoredFile",
            "Attempting to Copy file that is excluded by .dockerignore",
            lambda verb, path: f"Attempting to {verb} file {quote(path)} that is excluded by .dockerignore",
        ),
        Rule(
            "InvalidDefinitionDescription",
            "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not"
            " intended to be a description comment, add an empty line or comment between the instruction and the comment.",
            lambda keyword, name: f"Comment for {keyword} should follow the format: `# {name} <description>`",
            is_experimental=True,
        ),
        Rule(
            "ExposeProtoCasing",
            "Protocol in EXPOSE instruction should be lowercase",
            lambda port: f"Defined protocol '{port}' in EXPOSE instruction should be lowercase",
        ),
        Rule(
            "ExposeInvalidFormat",
            "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
            lambda port: f"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'",
        ),
    )
}
