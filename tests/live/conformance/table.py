"""All rows, and the ids that there must be rows for.

python -m tests.live.conformance.table     prints the rows of each id
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.conformance import (
    archives,
    configs,
    edge_cases,
    expansion,
    graph,
    handmade,
    instructions,
    lexing,
    malformed,
    mounts,
    options,
    protocol,
    remote,
    rules,
    stages,
    transfers,
)

if TYPE_CHECKING:
    from tests.live.conformance.row import Row

MODULES = (
    *(lexing, expansion, instructions, configs, transfers, mounts, stages, graph, handmade, edge_cases),
    *(options, remote, archives, malformed, protocol, rules),
)

# The ids of the specification's rows by section; sharp corners have the sign #.
SECTIONS = {
    "lexing": "P1 P2 P3 P4 P5 P6 P8 P9 P10 P11 P13 P14 P16 P17",
    "expansion": "V1 V3 V5 V6 V7 V8 V9 V10",
    "instructions": "I1 I2 I3 I4 I5 I7 I8 I9 I10 I11 I12 I13 I14 I15 I16 I17 I18",
    "mounts": "M-bind M-cache M-tmpfs M-secret M-ssh M-common M-network M-security M-device",
    "transfers": "C1 C2 C3 C4 C5 C6 C8 C9 C11 C12",
    "stages": "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A12 A14",
    "config": "H1 H4 H5 H6 H7",
    "options": ("O1 O2 O5 O7 O9 O11 O20 O22 O24 O27 O30 O34 O35 O37 O38 O39 O40 O43 O45 O46 O47 O48"),
    "contexts": "X1 X2 X3 X4 X5 X6 X7 X8 X10 X11 X14 X15 X16 X17 X18",
    "graph": "L1 L2 L3 L4 L5 L6 L7 L7b L8 L9 L10 L11 L12 L13 L14 L20 L21 L22 L23 L24 L25",
    "names": "N1 N2 N3 N6 N7",
    "protocol": "G1 G2 G3 G5 G6 G8 G10 G12 G20 G21 G22 G23 G24 G25 G26 G28 G29 G30 G31 G32 S1 S2 S3 S4 S5 S6",
    "rules": (
        "StageNameCasing FromAsCasing NoEmptyContinuation ConsistentInstructionCasing DuplicateStageName ReservedStageName "
        "JSONArgsRecommended MaintainerDeprecated UndefinedArgInFrom UndefinedVar WorkdirRelativePath "
        "MultipleInstructionsDisallowed LegacyKeyValueFormat InvalidBaseImagePlatform RedundantTargetPlatform "
        "SecretsUsedInArgOrEnv InvalidDefaultArgInFrom FromPlatformFlagConstDisallowed CopyIgnoredFile ExposeProtoCasing "
        "ExposeInvalidFormat InvalidDefinitionDescription"
    ),
    "corners": " ".join(f"#{number}" for number in range(1, 51)),
}
# Sections whose rows are all written.
WRITTEN = (
    "lexing",
    "expansion",
    "instructions",
    "mounts",
    "transfers",
    "stages",
    "config",
    "graph",
    "names",
    "corners",
    "options",
    "contexts",
    "protocol",
    "rules",
)

# Rows that have a test of their own, since they are about the conversation or about another engine.
APART = {
    "G10": "test_conversation.test_a_container_of_a_frontend",
    "G24": "test_conversation.test_references_by_id",
    "G30": "test_configured.test_a_list_of_frontends",
    "#34": "test_conversation.test_a_transfer_ends_with_both_sides_saying_so",
    "#35": "test_conversation.test_a_directory_is_exported_in_packets",
    "#36": "test_conversation.test_a_session_names_its_methods",
}


def rows() -> tuple[Row, ...]:
    return tuple(row for module in MODULES for row in module.ROWS)


def main() -> None:
    for section, ids in SECTIONS.items():
        print(f"{section}")
        for row_id in ids.split():
            print(f"  {row_id:4} {APART.get(row_id, '')}")
            for row in rows():
                if row_id in row.ids:
                    print(f"         {row.title}")
    print(f"{len(rows())} rows")


if __name__ == "__main__":
    main()
