"""A Dockerfile put together from several files means what it says, and its places are those of the files."""

import pytest

from llbfront.dockerfile.compose import Piece, compose
from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.stages import parse_stages
from llbfront.errors import DockerfileError
from llbfront.source import Source

MAIN = Source("Dockerfile", b"# syntax=x\n# escape=`\n\n# the base\nFROM a\nRUN b\n")
OTHER = Source("other", b"\xef\xbb\xbf# from elsewhere\nRUN <<E\nfirst\nE\nENV c=d")


def places(source: Source) -> list[str]:
    return [f"{statement.original} {statement.span}" for statement in parse(source).statements]


def test_statements_of_two_files() -> None:
    (base, last) = parse(MAIN).statements
    composed = compose((base, *parse(OTHER).statements, last), MAIN)
    assert composed.text == "# syntax=x\n# escape=`\n\n# the base\nFROM a\n# from elsewhere\nRUN <<E\nfirst\nE\nENV c=d\nRUN b\n"
    assert places(composed) == ["FROM a Dockerfile:5", "RUN <<E other:2", "ENV c=d other:5", "RUN b Dockerfile:6"]
    assert parse(composed).statements[1].comments == ("from elsewhere",)


def test_all_statements_of_one_file_are_that_file() -> None:
    assert compose(parse(MAIN).statements, MAIN).data == MAIN.data


def test_directives_stay_on_top_whatever_comes_first() -> None:
    composed = compose(parse(OTHER).statements, MAIN)
    assert parse(composed).escape == "`"
    assert composed.text.startswith("# syntax=x\n# escape=`\n# from elsewhere\nRUN")


def test_a_piece_stands_for_lines_of_any_language() -> None:
    yaml = Source("image.yaml", b"base: a\nrun:\n- b\n- c\n", "YAML")
    composed = compose(("FROM a", Piece("RUN b \\\n && c\nRUN d\n", yaml.at(3, 4))), yaml)
    assert places(composed) == ["FROM a image.yaml (generated):1", "RUN b  && c image.yaml:3", "RUN d image.yaml:3"]
    assert [part.start for part in composed.at(2).ranges] == [3, 4]


def test_lines_of_two_files_are_shown_in_the_file_of_the_first() -> None:
    (base, last) = parse(MAIN).statements
    composed = compose((base, *parse(OTHER).statements, last), MAIN)
    assert str(composed.at(10, 11)) == "other:5"
    assert [part.start for part in composed.at(5, 10, 11).ranges] == [5, 6]


def test_composing_again_keeps_the_places() -> None:
    once = compose((parse(MAIN).statements[0], *parse(OTHER).statements), MAIN)
    assert places(compose(parse(once).statements, once)) == ["FROM a Dockerfile:5", "RUN <<E other:2", "ENV c=d other:5"]


def test_an_error_names_the_file_of_its_line() -> None:
    wrong = Source("wrong", b"RUN a\nRUN --nope b\n")
    composed = compose((parse(MAIN).statements[0], *parse(wrong).statements), MAIN)
    with pytest.raises(DockerfileError) as caught:
        parse_stages(parse(composed))
    assert str(caught.value).startswith("wrong:2: unknown flag: --nope")


def test_a_file_with_another_escape_character_is_refused() -> None:
    other = Source("other", b"RUN a \\\n  b\n")
    with pytest.raises(DockerfileError, match="other:1: this statement has another meaning"):
        compose((*parse(MAIN).statements, *parse(other).statements), MAIN)
