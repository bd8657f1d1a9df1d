"""Packing a frontend: what foreign code imports comes along, wherever it does; what the image cannot have is said."""

import marshal
import pathlib
import subprocess
import sys
import sysconfig
from types import CodeType

import pytest

BUNDLE = pathlib.Path(__file__).parents[2] / "llbfront/kit/bundle.py"


def bundle(folder: pathlib.Path, text: str) -> subprocess.CompletedProcess[str]:
    """Pack a module for an image that has all extensions of this interpreter but two."""
    (folder / "mine.py").write_text(text)
    (folder / "dynload").mkdir(exist_ok=True)
    for file in pathlib.Path(sysconfig.get_path("stdlib"), "lib-dynload").glob("*.so"):
        if not file.name.startswith(("_ctypes.", "_decimal.")):
            (folder / "dynload" / file.name).symlink_to(file)
    words: list[str | pathlib.Path] = ["--path", folder, "--dynload", folder / "dynload", "mine:main", folder / "out.pyc"]
    return subprocess.run([sys.executable, "-I", BUNDLE, *words], capture_output=True, text=True, check=False)


def modules(file: pathlib.Path) -> dict[str, CodeType]:
    """The modules in a packed file, by name."""
    packed = marshal.loads(file.read_bytes()[16:])
    (table,) = (
        each
        for each in packed.co_consts
        if isinstance(each, tuple) and each and isinstance(each[0], tuple) and isinstance(each[0][1], bool)
    )
    return {name: marshal.loads(code) for name, _, code in table if code}


@pytest.mark.parametrize("text", ["import csv\ndef main():\n    return 0\n", "def main():\n    import csv\n    return 0\n"])
def test_an_import_inside_a_function_is_one(tmp_path: pathlib.Path, text: str) -> None:
    done = bundle(tmp_path, text)
    assert done.returncode == 0, done.stderr
    assert {"mine", "csv"} <= modules(tmp_path / "out.pyc").keys()
    assert "unittest" not in modules(tmp_path / "out.pyc")


def test_what_a_module_in_the_interpreter_imports_comes_along(tmp_path: pathlib.Path) -> None:
    assert bundle(tmp_path, "import importlib.util\ndef main():\n    return 0\n").returncode == 0
    assert "importlib._abc" in modules(tmp_path / "out.pyc")


def test_foreign_code_keeps_assertions_and_texts(tmp_path: pathlib.Path) -> None:
    assert bundle(tmp_path, '"""Mine."""\ndef main():\n    assert main.__doc__ is None\n    return 0\n').returncode == 0
    assert "Mine." in modules(tmp_path / "out.pyc")["mine"].co_consts


def test_a_module_without_its_extension_is_used_as_it_will_be(tmp_path: pathlib.Path) -> None:
    done = bundle(tmp_path, "import decimal\ndef main():\n    return 0\n")
    assert done.returncode == 0, done.stderr
    assert "_pydecimal" in modules(tmp_path / "out.pyc")


@pytest.mark.parametrize(
    ("name", "message"),
    [("ctypes", "the image has no _ctypes, which is not Python"), ("no_such_package", "No module named 'no_such_package'")],
)
def test_what_cannot_be_had_is_said(tmp_path: pathlib.Path, name: str, message: str) -> None:
    done = bundle(tmp_path, f"import {name}\ndef main():\n    return 0\n")
    assert (done.returncode, done.stderr) == (1, f"bundle: {message}\n")
