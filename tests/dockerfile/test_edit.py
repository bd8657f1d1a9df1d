"""Changes of one word leave every other byte as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.dockerfile.edit import replace_image, replace_word
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import DockerfileError
from llbfront.source import Source


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM old\n", "FROM NEW\n"),
        ("from  old  AS b", "from  NEW  AS b"),
        (
            "\ufeff\r\n# c\r\n  FROM --platform=old \\\r\n # in\r\n\told \\\r\n as b\r\n",
            "\ufeff\r\n# c\r\n  FROM --platform=old \\\r\n # in\r\n\tNEW \\\r\n as b\r\n",
        ),
        ("\ufeffFROM old\n", "\ufeffFROM NEW\n"),
        ("# escape=`\nFROM `\nold\nRUN old\n", "# escape=`\nFROM `\nNEW\nRUN old\n"),
        ("FROM o\\\nld AS old\n", "FROM NEW AS old\n"),
        ("FROM --platform=é old\n", "FROM --platform=é NEW\n"),
        ("FROM\told\n\n\nRUN <<E\nFROM old\nE\n", "FROM\tNEW\n\n\nRUN <<E\nFROM old\nE\n"),
    ],
)
def test_another_image(before: str, after: str) -> None:
    dockerfile = parse(Source("Dockerfile", before.encode()))
    _, (stage,) = parse_stages(dockerfile)
    changed = replace_image(dockerfile, stage.base, "NEW")
    assert bytes(changed) == after.encode()
    assert parse_stages(changed)[1][0].base.image == "NEW"


def test_a_word_of_the_second_statement() -> None:
    dockerfile = parse(Source("Dockerfile", b"FROM a\nCOPY --link x \\\n  y /z\nUSER u\n"))
    changed = replace_word(dockerfile, dockerfile.statements[1], 1, "other")
    assert bytes(changed) == b"FROM a\nCOPY --link x \\\n  other /z\nUSER u\n"


def test_a_word_that_is_not_there_or_breaks_the_file_is_refused() -> None:
    dockerfile = parse(Source("Dockerfile", b"FROM a\nCOPY x y\n"))
    with pytest.raises(IndexError):
        replace_word(dockerfile, dockerfile.statements[0], 1, "x")
    with pytest.raises(DockerfileError, match="unterminated heredoc"):
        replace_word(dockerfile, dockerfile.statements[1], 0, "<<E")


@given(
    st.lists(st.sampled_from([" ", "\t", " \\\n", " \\\r\n  ", " \\\n# c\n "]), min_size=3, max_size=3),
    st.sampled_from(["", "# x\n", "\n\n", "\ufeff"]),
    st.sampled_from(["", " \n", "\r\nRUN x\r\n", "\n# end"]),
)
def test_any_blanks_around_the_image_stay(gaps: list[str], head: str, tail: str) -> None:
    text = "{}FROM{}{}{}AS{}b{}".format(head, gaps[0], "{}", gaps[1], gaps[2], tail)
    dockerfile = parse(Source("Dockerfile", text.format("a:1").encode()))
    _, (stage,) = parse_stages(dockerfile)
    assert bytes(replace_image(dockerfile, stage.base, "b@c")) == text.format("b@c").encode()
