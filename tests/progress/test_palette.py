import pytest

from llbfront.progress.palette import DEFAULTS, read_palette


def test_no_color_wins_over_all() -> None:
    palette = read_palette({"NO_COLOR": "1", "BUILDKIT_COLORS": "run=green"})
    assert not palette.has_colors
    assert palette.paint("error", "x") == "x"


def test_an_empty_no_color_counts_for_nothing() -> None:
    assert read_palette({"NO_COLOR": ""}).paint("error", "x") == "\x1b[31mx\x1b[0m"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("run=green", {"run": "32"}),
        ("RUN=Light-Cyan:error=255,90,0", {"run": "96", "error": "38;2;255;90;0"}),
        ('warning="1,2,3"', {"warning": "38;2;1;2;3"}),
        ("run=nocolour:error=1,2:cancel=256,0,0:other=red:=:run", {}),
        ("log=red", {}),
    ],
)
def test_colours_by_role(text: str, changed: dict[str, str]) -> None:
    assert read_palette({"BUILDKIT_COLORS": text}).codes == {**DEFAULTS, **changed}
