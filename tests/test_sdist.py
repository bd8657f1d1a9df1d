"""The source distribution: it holds every committed file, and its tests run where it is unpacked."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tarfile

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = pathlib.Path(__file__).parent.parent
TESTS = ("tests/llb", "tests/oci", "tests/dockerfile/test_parser.py", "tests/test_documents.py::test_links_lead_to_files")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("sdist")
    command = (sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder), str(ROOT))
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (archive,) = folder.glob("llbfront-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def test_it_holds_every_committed_file(unpacked: pathlib.Path) -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not in a git repository")
    names = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file() or path.is_symlink()}
    assert len(names) > 500
    assert set(done.stdout.splitlines()) - names == set()
    assert not [name for name in names if name.startswith((".venv", "build/", "dist/")) or name.endswith(".pyc")]


def test_its_tests_run(unpacked: pathlib.Path) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)
    done = subprocess.run(command, cwd=unpacked, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_its_metadata_has_the_version_and_the_classifiers(unpacked: pathlib.Path) -> None:
    import llbfront

    text = (unpacked / "PKG-INFO").read_text()
    assert f"\nVersion: {llbfront.__version__}\n" in text
    assert "Classifier: Programming Language :: Python :: 3.14" in text
    assert f"## {llbfront.__version__} (" in (unpacked / "CHANGELOG.md").read_text()
