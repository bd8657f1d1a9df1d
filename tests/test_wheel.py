"""The built wheel in an empty virtual environment: it works, it is whole, and type checkers see its types."""

import pathlib
import subprocess
import sys
import zipfile

import pytest

from llbfront.engine.download import run_download
from tests.support.bases.packages import cache

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).parent.parent
USER_CODE = """\
import llbfront
import llbfront.kit

def build(path: str) -> str | None:
    with llbfront.connect() as engine:
        result = engine.build(path, tags=["app"], output="out")
        reveal_type(result)
        return result.digest

def frontend(build: llbfront.kit.Build) -> llbfront.kit.Image:
    return build.image(build.source.text)
"""


def run(*command: object, cwd: pathlib.Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("wheel")
    completed = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    assert completed.returncode == 0, completed.stderr
    return next(folder.glob("llbfront-*.whl"))


@pytest.fixture(scope="module")
def python(wheel: pathlib.Path) -> pathlib.Path:
    """An interpreter with the wheel and what it requires, which is downloaded once and kept."""
    home, kept = wheel.parent / "empty", cache() / "wheels"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    install = (home / "bin/pip", "install", "--quiet", "--no-index", "--find-links", kept, wheel)
    installed = run(*install, cwd=wheel.parent)
    if installed.returncode != 0:
        fetched = run_download([str(home / "bin/pip"), "download", "--quiet", "--dest", str(kept), str(wheel)], cwd=wheel.parent)
        (kept / wheel.name).unlink(missing_ok=True)
        installed = run(*install, cwd=wheel.parent)
        assert installed.returncode == 0, f"this test needs the package index once: {fetched.stdout}{installed.stderr}"
    return home / "bin/python"


def test_the_wheel_holds_every_file_of_the_package(wheel: pathlib.Path) -> None:
    committed = subprocess.run(["git", "ls-files", "llbfront"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert set(committed) <= set(zipfile.ZipFile(wheel).namelist())


def test_the_command_works_where_nothing_else_is_installed(python: pathlib.Path, tmp_path: pathlib.Path) -> None:
    helped = run(python.parent / "llbfront", "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert "build an image from a Dockerfile" in helped.stdout
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    completed = run(python.parent / "llbfront", "build", "--addr", "unix:///none.sock", ".", cwd=tmp_path)
    assert completed.returncode == 3, completed.stderr
    assert completed.stderr.startswith("llbfront: no engine at unix:///none.sock: no such socket"), completed.stderr


def test_frontend_images_are_made_of_the_installed_package(python: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.py").write_text("def frontend(build): ...\n")
    script = (
        "import os; from llbfront.cli import frontend; from llbfront.cli.main import Parser; parser = Parser(); frontend.add_arguments(parser)\n"
        "request = frontend.request_of(parser.parse_args(['image', 'mine.py']))\n"
        "print(os.path.isfile(request.file), os.path.isfile(request.file + '.dockerignore'), sorted(request.build_contexts))\n"
        "print(os.path.relpath(request.file, request.context))"
    )
    completed = run(python, "-c", script, cwd=tmp_path)
    assert completed.stdout == "True True ['frontend']\nllbfront/kit/Dockerfile\n", completed.stderr


def test_type_checkers_see_the_types(python: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "user.py").write_text(USER_CODE)
    checked = run(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "user.py", cwd=tmp_path)
    assert 'Revealed type is "llbfront.client.result.BuildResult"' in checked.stdout, checked.stdout + checked.stderr
    assert checked.returncode == 0, checked.stdout
