"""Every command and flag of docker buildx and buildctl is the same, or the table says how it differs and why."""

from __future__ import annotations

import pytest

from llbfront.cli.foreign_commands import EQUIVALENTS
from tests.parity import page
from tests.parity.help_text import Flag, read
from tests.parity.table import EXTENDED, NOT_APPLICABLE, OTHER, SAME, Row, recorded, rows, stale

ROWS = tuple(rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.command} {row.flag}".strip())
def test_each_command_and_flag_is_the_same_or_explained(row: Row) -> None:
    assert row.kind in {SAME, EXTENDED, OTHER, NOT_APPLICABLE}, row.note
    assert row.note or row.kind == SAME


def test_the_table_names_nothing_that_the_peers_do_not_have() -> None:
    assert stale() == []


def test_the_page_is_that_of_the_table() -> None:
    assert page.PAGE.read_text() == page.text(), "make parity"


def test_the_recorded_help_is_read_whole() -> None:
    texts = recorded()
    assert {"docker buildx bake", "docker buildx history inspect attachment", "buildctl debug logs"} <= set(texts)
    assert Flag(("-t", "--tag"), has_value=True) in texts["docker buildx build"].flags
    assert Flag(("-f", "--filter"), has_value=True) in texts["buildctl du"].flags
    assert Flag(("--no-cache",), has_value=False) in texts["buildctl build"].flags
    assert Flag(("--addr",), has_value=True) in texts["buildctl"].flags + texts["buildctl"].global_flags
    assert len(ROWS) > 150


def test_a_help_text() -> None:
    help_text = read(
        "Text\n\nUsage:\n  x\n\nAvailable Commands:\n  a  does\n  help  Help\n\nFlags:\n  -h, --help  h\n  -q, --quiet  be\n      --x string  y\n"
    )
    assert help_text.commands == ("a",)
    assert help_text.flags == (Flag(("-q", "--quiet"), has_value=False), Flag(("--x",), has_value=True))


def test_every_refused_command_is_known_to_the_command_itself() -> None:
    refused = {
        row.command.split(" ")[-1]
        for row in ROWS
        if not row.flag and row.kind == NOT_APPLICABLE and row.command.count(" ") == 2 and row.command.startswith("docker")
    }
    assert refused <= set(EQUIVALENTS)
