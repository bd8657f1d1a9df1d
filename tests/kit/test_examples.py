"""The worked examples, tested as their readers would test frontends of their own: with `llbfront.testing`."""

import pytest

from examples.include.include import frontend as include
from examples.yaml_image.yaml_image import frontend as yaml_image
from llbfront import testing
from llbfront.errors import LlbfrontError

MAIN = "# syntax=x\nFROM alpine AS a\nINCLUDE common/tools\nINCLUDE common/last\n"
TOOLS = "# tools\nRUN apk add make\nINCLUDE common/user\n"
FILES = {"Dockerfile": MAIN, "common/tools": TOOLS, "common/user": "USER 7\n", "common/last": 'CMD ["make"]'}
INLINE = '# syntax=x\nFROM alpine AS a\n# tools\nRUN apk add make\nUSER 7\nCMD ["make"]\n'


def test_included_files_mean_what_they_mean_in_place() -> None:
    built = testing.build(include, FILES)
    plain = testing.build(testing.dockerfile, {"Dockerfile": INLINE})
    assert [node.digest for node in built.graph.nodes] == [node.digest for node in plain.graph.nodes]
    assert built.image == plain.image


def test_the_graph_names_the_included_file() -> None:
    assert str(testing.build(include, FILES).graph) == (
        "#2 exec  [2/2] RUN apk add make  common/tools:2\n"
        "#1 source  [1/2] FROM docker.io/library/alpine:latest  linux/amd64  Dockerfile:2\n"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"common/user": "\nUSR 7\n"}, "common/user:2: unknown instruction: USR (did you mean USER?)"),
        ({"common/last": "CMD x\nCOPY --from=b a\n"}, "common/last:2: COPY requires at least two arguments"),
        ({"common/last": "RUN --mount=type=nope x"}, 'common/last:1: unsupported mount type "nope"'),
        ({"common/last": "RUN <<E\nx\n"}, "common/last:1: unterminated heredoc"),
        (
            {"common/user": "INCLUDE common/tools\n"},
            "common/user:1: common/tools includes itself: common/tools → common/user → common/tools",
        ),
        ({"common/last": "#\nINCLUDE lost\n"}, "common/last:2: cannot read lost of the build context: no such file or directory"),
        ({"common/last": "INCLUDE\n"}, "common/last:1: INCLUDE needs one file (INCLUDE common.docker)"),
        ({"common/last": ""}, "common/last: the Dockerfile cannot be empty"),
        ({"Dockerfile": MAIN + "RNU x\n"}, "Dockerfile:5: unknown instruction: RNU (did you mean RUN?)"),
    ],
)
def test_errors_name_the_file_and_its_own_line(changed: dict[str, str], message: str) -> None:
    with pytest.raises(LlbfrontError) as caught:
        testing.build(include, {**FILES, **changed})
    assert str(caught.value).startswith(message)


def test_warnings_name_the_included_file() -> None:
    files = {**FILES, "common/last": "\nENV a b\n"}
    (warning,) = testing.build(include, files).warnings
    assert warning.text.endswith("format (line 2)") and str(warning.span) == "common/last:2"
    assert "common/last:2\n" in testing.ask(include, "frontend.lint", files)["result.txt"]


def test_a_file_may_be_included_twice() -> None:
    built = testing.build(include, {"Dockerfile": "FROM alpine\nINCLUDE a\nINCLUDE a\n", "a": "RUN x\n"})
    assert [node.lines for node in built.graph.nodes] == ["Dockerfile:1", "a:1", "a:1"]


def test_the_word_include_inside_a_document_is_text() -> None:
    files = {"Dockerfile": "FROM alpine\nCOPY <<E /x\nINCLUDE nothing\nE\n"}
    built, plain = (testing.build(frontend, files) for frontend in (include, testing.dockerfile))
    assert [node.digest for node in built.graph.nodes] == [node.digest for node in plain.graph.nodes]


IMAGE = """\
base: alpine
env: {LANG: C.UTF-8}
run:
  - mkdir -p /srv
files:
  pages: /srv/pages
cmd: [httpd, -f]
"""


def test_an_image_of_yaml() -> None:
    built = testing.build(yaml_image, {"image.yaml": IMAGE}, filename="image.yaml")
    assert str(built.graph) == (
        "#4 file  files pages  image.yaml:6\n"
        "├─ #3 source  [internal] load build context\n"
        "#2 exec  run mkdir -p /srv  image.yaml:4\n"
        "#1 source  FROM docker.io/library/alpine:latest  linux/amd64\n"
    )
    assert built.config["Cmd"] == ["httpd", "-f"]
    assert built.config["Env"][-1] == "LANG=C.UTF-8"


def test_the_base_is_enough() -> None:
    assert len(testing.build(yaml_image, {"image.yaml": "base: alpine\n"}, filename="image.yaml").graph.nodes) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# x\nbase: a\nrunn: []\n", "image.yaml:3: unknown field: runn (did you mean run?)"),
        ("base: [a]\n", "image.yaml:1: base has to be a text"),
        ("base: a\nrun: x\n", "image.yaml:2: run has to be a list"),
        ("base: a\nrun:\n  - x\n  - {y: z}\n", "image.yaml:4: run holds only texts"),
        ("base: a\nrun: [\n", "image.yaml:3: expected the node content, but found '<stream end>'"),
        ("env: {}\n", "image.yaml:1: there is no base (base: alpine)"),
        ("- base\n", "image.yaml:1: there are no fields"),
    ],
)
def test_errors_name_the_line_of_the_yaml(text: str, message: str) -> None:
    with pytest.raises(LlbfrontError) as caught:
        testing.build(yaml_image, {"image.yaml": text}, filename="image.yaml")
    assert str(caught.value) == message
