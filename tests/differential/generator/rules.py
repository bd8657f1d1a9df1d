"""The features that no table can mark because the reference decides them: its checks, seen by their warnings.

Source: features.md section 6.
"""

RULES = tuple(
    f"R {name}"
    for name in (
        "StageNameCasing", "FromAsCasing", "NoEmptyContinuation", "ConsistentInstructionCasing", "DuplicateStageName", "ReservedStageName",
        "JSONArgsRecommended", "MaintainerDeprecated", "UndefinedArgInFrom", "UndefinedVar", "WorkdirRelativePath", "MultipleInstructionsDisallowed",
        "LegacyKeyValueFormat", "InvalidBaseImagePlatform", "RedundantTargetPlatform", "SecretsUsedInArgOrEnv", "InvalidDefaultArgInFrom",
        "FromPlatformFlagConstDisallowed", "CopyIgnoredFile", "ExposeProtoCasing", "ExposeInvalidFormat", "InvalidDefinitionDescription",
    )
)  # fmt: skip
