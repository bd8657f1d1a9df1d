"""The function of a Python file is found, with or without running the file; what is wrong with the file is one line."""

import pathlib

import pytest

from llbfront import testing
from llbfront.errors import LlbfrontError
from llbfront.kit.loading import check, load_frontend


def written(folder: pathlib.Path, text: str, name: str = "mine.py") -> pathlib.Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_function_that_imports_its_neighbour(tmp_path: pathlib.Path) -> None:
    written(tmp_path, "BASE = 'alpine'\n", "neighbour_of_mine.py")
    path = written(tmp_path, "from neighbour_of_mine import BASE\n\ndef frontend(build):\n    return f'FROM {BASE}'\n")
    check(path)
    assert testing.build(load_frontend(path), {}).made_up == ("docker.io/library/alpine:latest",)


@pytest.mark.parametrize(
    "text", ["def frontend(b): ...\n", "from x import y as frontend\n", "frontend = print\n", "import frontend\n"]
)
def test_all_ways_to_name_a_function_are_seen(tmp_path: pathlib.Path, text: str) -> None:
    check(written(tmp_path, text))


@pytest.mark.parametrize("look", [check, load_frontend])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "mine.py has no function frontend (def frontend(build): …)"),
        ("def frontent(b): ...\n", "mine.py has no function frontend (did you mean frontent?)"),
        ("x =\n", "mine.py:1: SyntaxError: invalid syntax"),
    ],
)
def test_a_file_without_the_function(tmp_path: pathlib.Path, text: str, message: str, look: object) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LlbfrontError) as caught:
        look(path)  # type: ignore[operator]
    assert str(caught.value) == f"{tmp_path}/{message}"


@pytest.mark.parametrize("look", [check, load_frontend])
def test_a_path_that_is_not_a_file(tmp_path: pathlib.Path, look: object) -> None:
    for path, message in (
        (tmp_path, "is not a Python file"),
        (tmp_path / "x.py", "cannot read the frontend .*/x.py: no such file"),
    ):
        with pytest.raises(LlbfrontError, match=message):
            look(path)  # type: ignore[operator]


def test_a_file_that_fails_while_it_is_imported(tmp_path: pathlib.Path) -> None:
    for text, message in (
        ("\nimport no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero"),
        ("\nraise SystemExit('enough')\n", "SystemExit: enough"),
    ):
        path = written(tmp_path, text)
        with pytest.raises(LlbfrontError) as caught:
            load_frontend(path)
        assert str(caught.value) == f"{path}:2: {message}"


def test_errors_name_the_file_as_the_user_wrote_it(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text, line in (("\nimport no_such_module\n", "2: ModuleNotFoundError"), ("x =\n", "1: SyntaxError")):
        written(tmp_path, text)
        with pytest.raises(LlbfrontError, match=f"^mine.py:{line}"):
            load_frontend("mine.py")
    written(tmp_path, "def frontend(build):\n    return build.nothing\n")
    with pytest.raises(LlbfrontError, match=r"^mine\.py:2: AttributeError"):
        testing.build(load_frontend("mine.py"), {})


def test_something_else_of_that_name(tmp_path: pathlib.Path) -> None:
    with pytest.raises(LlbfrontError, match=r"frontend of .*/mine\.py is not a function"):
        load_frontend(written(tmp_path, "frontend = 3\n"))
