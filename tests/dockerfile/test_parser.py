"""The parser: every byte comes back, and statements have the words, comments, heredocs and lines that they should."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbfront.dockerfile.parser import parse
from llbfront.dockerfile.statements import Directive, Dockerfile, Heredoc, Statement
from llbfront.errors import DockerfileError
from llbfront.source import LineRange, Source


def read(text: str | bytes) -> Dockerfile:
    return parse(Source("Dockerfile", text if isinstance(text, bytes) else text.encode()))


def only(text: str | bytes) -> Statement:
    (statement,) = read(text).statements
    return statement


FRAGMENTS = st.sampled_from([
    "FROM a\n", "FROM --platform=x a AS b\r\n", "RUN x \\\n", "  # in\n", "\n", " \t\n", "# syntax=a\n", "# escape=`\n", "COPY <<E /x\n",
    "body $x\n", "E\n", "\tE\n", "RUN <<-E\n", "x", " ", "`\n", "\\", "\ufeff", "ENV a=b 'c d'=e\n", "ENV 'a=\n", 'CMD ["a"]\r\r\n', "\u3000RUN é\n",
    "ONBUILD ", "ARG A\n", "HEALTHCHECK NONE\n", "\x0b", "\x1c", "\0",
])  # fmt: skip


@given(st.lists(st.one_of(FRAGMENTS.map(str.encode), st.binary(max_size=6)), min_size=1, max_size=12))
def test_whatever_parses_prints_the_same_bytes(fragments: list[bytes]) -> None:
    data = b"FROM a\n".join(fragments) or b"\n"
    try:
        dockerfile = read(data)
    except DockerfileError:
        return
    assert bytes(dockerfile) == data
    assert str(dockerfile) == data.decode("utf-8", "surrogateescape")


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_are_an_error(data: bytes) -> None:
    with contextlib.suppress(DockerfileError):
        assert bytes(read(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfFROM a\r\n\r\n# c\r\nRUN x \\\r\n  # in\r\n\r\n  y  \t\r\n\n\n",
        b"FROM a",
        b"\n\n  FROM a\n# end",
        b"FROM a\nLABEL x=\xff\xfe\n",
        b"# escape=`\nFROM a\nCOPY <<E <<-F /x\r\nbody \xe9\r\nE\r\n\t\tF\nRUN x `\n y",
        b"FROM a\n\\\n\nRUN x\n",
    ],
)
def test_lossless(data: bytes) -> None:
    assert bytes(read(data)) == data


def test_the_byte_order_mark_is_not_a_part_of_the_first_statement() -> None:
    statement = only(b"\xef\xbb\xbfFROM a\n")
    assert (statement.leading, statement.raw, statement.keyword) == ("\ufeff", "FROM a\n", "FROM")


def test_a_statement_knows_its_lines_and_its_text() -> None:
    text = "# one\n\nFROM a\n\nRUN x \\\n  # in\n\n  y\n# two\n"
    dockerfile = read(text)
    run = dockerfile.statements[1]
    assert run.range == LineRange(5, 8)
    assert run.original == "RUN x   y"
    assert run.args == ("x   y",)
    assert (run.leading, run.raw) == ("\n", "RUN x \\\n  # in\n\n  y\n")
    assert dockerfile.trailing == "# two\n"


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("RUN a  b", ("a  b",)),
        ("RUN", ()),
        ('RUN ["a", "b c"]', ("a", "b c")),
        ("RUN [ -f x ]", ("[ -f x ]",)),
        ("RUN ['a']", ("['a']",)),
        ("COPY a  b\tc", ("a", "b", "c")),
        ('COPY "a b" c', ('"a', 'b"', "c")),
        ('COPY ["a b", "c"]', ("a b", "c")),
        ("EXPOSE 80 443/tcp", ("80", "443/tcp")),
        ("ENV a=b c='d e'", ("a", "b", "=", "c", "'d e'", "=")),
        ("ENV a b  c=d", ("a", "b  c=d", "")),
        ("ENV a=b\\ c", ("a", "b\\ c", "=")),
        ('ENV a="b \\" c" d=', ("a", '"b \\" c"', "=", "d", "", "=")),
        ("ENV a=b \\", ("a", "b", "=")),
        ("ARG a b=c d='e f'", ("a", "b=c", "d='e f'")),
        ("USER  a b ", ("a b",)),
        ("HEALTHCHECK CMD a  b", ("CMD", "a  b")),
        ('HEALTHCHECK --retries=1 CMD ["a", "b"]', ("CMD", "a", "b")),
        ("ONBUILD COPY --link a b", ("COPY", "a", "b")),
        ("ONBUILD ENV a b", ("ENV", "a", "b", "")),
        ("LABEL a=b\u3000c=d", ("a", "b", "=", "c", "d", "=")),
        ("EXPOSE 80\u300081", ("80\u300081",)),
    ],
)
def test_words(line: str, args: tuple[str, ...]) -> None:
    assert only(line).args == args


def test_the_escape_directive_changes_continuations_and_words() -> None:
    dockerfile = read("# escape=`\nFROM a\nENV a=b` c\nRUN x \\\nRUN x `\n  y\n")
    assert dockerfile.escape == "`"
    assert [statement.original for statement in dockerfile.statements] == ["FROM a", "ENV a=b` c", "RUN x \\", "RUN x   y"]
    assert dockerfile.statements[1].args == ("a", "b` c", "=")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("RUN a \\\nb", ["RUN a b"]),
        ("RUN a \\ \t\nb", ["RUN a b"]),
        ("RUN a \\\\\nRUN b", ["RUN a \\\\", "RUN b"]),
        ("RUN a \\", ["RUN a "]),
        ("RUN a\\\n b", ["RUN a b"]),
        ("RUN a \\\n  # c\\\n  b", ["RUN a   b"]),
        ("# c \\\nRUN a", ["RUN a"]),
        ("RUN a # no comment\nRUN b", ["RUN a # no comment", "RUN b"]),
        ("\\\nRUN a", ["RUN a"]),
    ],
)
def test_continuations(text: str, lines: list[str]) -> None:
    assert [statement.original for statement in read(text).statements] == lines


def test_empty_lines_inside_a_statement_are_a_fact_for_lint() -> None:
    (warning,) = read("FROM a\nRUN x \\\n\n  y\nRUN z\n").warnings
    assert (warning.line, warning.text) == (4, "RUN x   y")


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("# a\n# b\nFROM x", ("a", "b")),
        ("# a\n\n# b\nFROM x", ("a", "b")),
        ("# a\n#\n# b\nFROM x", ("b",)),
        ("  # a\nFROM x", ("# a",)),
        ("# syntax=s\n# a\nFROM x", ("a",)),
        ("FROM x # a", ()),
    ],
)
def test_comments_belong_to_the_statement_below(text: str, comments: tuple[str, ...]) -> None:
    assert only(text).comments == comments


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        (
            "# syntax=a b\n#escape = `\n# CHECK=skip=all \nFROM a",
            [("syntax", "a b", 1), ("escape", "`", 2), ("check", "skip=all", 3)],
        ),
        ("# comment\n# syntax=a\nFROM a", []),
        ("\n# syntax=a\nFROM a", []),
        ("# other=a\n# syntax=a\nFROM a", []),
        ("FROM a\n# syntax=a\n", []),
        ("\ufeff# syntax=a\nFROM a", [("syntax", "a", 1)]),
        ("  # syntax=a\nFROM a", [("syntax", "a", 1)]),
    ],
)
def test_directives_stand_at_the_top(text: str, directives: list[tuple[str, str, int]]) -> None:
    dockerfile = read(text)
    assert dockerfile.directives == tuple(Directive(*directive) for directive in directives)
    assert dockerfile.directive("none") is None


@pytest.mark.parametrize(
    ("text", "heredocs"),
    [
        ("COPY <<E /x\na $b\nE\n", [Heredoc("E", "a $b\n")]),
        ("COPY <<'E' /x\na\nE", [Heredoc("E", "a\n", expand=False)]),
        ('RUN 3<<-"E F" cat\n\ta\n\tE F\n', [Heredoc("E F", "\ta\n", expand=False, chomp=True, descriptor=3)]),
        ("RUN << E cat\nE\n", [Heredoc("E")]),
        ("RUN <<E x\r\na\r\nE\r\n", [Heredoc("E", "a\r\n")]),
        ("ADD <<A <<B /x\nA\nb\nB\n", [Heredoc("A"), Heredoc("B", "b\n")]),
        ("ONBUILD RUN <<E\nx\nE\n", [Heredoc("E", "x\n")]),
        ('RUN ["<<E"]', []),
        ("ENV a=<<E", []),
        ("RUN echo '<<E'", []),
        ("RUN it's <<E", []),
        ("RUN <<$E\n$E\n", [Heredoc("$E")]),
        ('RUN <<"" x', []),
        ("RUN cat <<-", []),
    ],
)
def test_heredocs(text: str, heredocs: list[Heredoc]) -> None:
    assert list(only(text).heredocs) == heredocs


def test_the_body_of_a_heredoc_loses_leading_tabs_if_asked() -> None:
    assert Heredoc("E", "\ta\n \tb\n\t\tc\u2028\td\n", chomp=True).body == "a\n \tb\nc\u2028\td\n"
    assert Heredoc("E", "\ta\n").body == "\ta\n"


def test_flags_beyond_ascii_come_out_as_their_bytes() -> None:
    statement = only("COPY --chown=é é /x")
    assert statement.flags == ("--chown=Ã©",)
    assert statement.args == ("é", "/x")


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "RUN a b\n" * 20_000,
        "FROM a\nRUN " + "x \\\n" * 200_000 + "y",
        "FROM a\nRUN x \\\n" + "# c\n" * 200_000 + "y",
        "FROM a\n" + "# c\n" * 200_000,
        "FROM a\nENV " + "a=b \\\n" * 100_000 + "c=d",
        "FROM a\nRUN " + "--mount=a=b \\\n" * 50_000 + "y",
        "FROM a\nRUN " + "[[[[[[[[ \\\n" * 50_000,
        "FROM a\nRUN [" + '"a", \\\n' * 50_000 + "x]",
        "FROM a\n" + "ONBUILD \\\n" * 50_000 + "RUN x",
        "FROM a\nCOPY " + "<<E \\\n" * 10_000 + "/x\n" + "E\n" * 10_000,
    ],
    ids=["lines", "continued", "comments inside", "comments", "pairs", "flags", "brackets", "broken array", "triggers", "heredocs"],
)
def test_hostile_files_take_linear_time(text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 5
