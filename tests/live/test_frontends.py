"""The example frontends on a real engine: run by llbfront, and as images that a `# syntax=` line names. Both give the same result."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from llbfront.engine.download import run_download
from tests.live.conformance.servers import files_of
from tests.live.conftest import missing
from tests.live.test_image import CAPS, Built, events, image, read  # noqa: F401  (image is a fixture)
from tests.support.bases.packages import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.live.conftest import Engine
    from tests.support.bases import Registry

ROOT = pathlib.Path(__file__).parents[2]
INCLUDE = ROOT / "examples/include/include.py"
YAML = ROOT / "examples/yaml_image/yaml_image.py"
PACKAGE = "PyYAML==6.0.4"
REQUIREMENTS = ROOT / "llbfront/kit/requirements.txt"

COMMON = "# what all images have\nRUN echo common > /common\nINCLUDE shared/user.docker\n"
USER = "ENV HOME=/tmp\nUSER 7\n"
IMAGE = """\
base: alpine
env:
  GREETING: hello
run:
  - echo $GREETING > /said
  - mkdir /srv
files:
  pages: /srv/pages
cmd: [httpd, -f, -h, /srv/pages]
"""


def llbfront(engine: Engine, *words: object, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llbfront", *map(str, words), "--addr", engine.address]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environ)


def make_image(engine: Engine, name: str, *words: object) -> str:
    process = llbfront(engine, "frontend", "image", *words, "-t", name, "--push", "--progress", "plain")
    if process.returncode and ("apt-get" in process.stderr or "pip install" in process.stderr):
        missing(f"the image needs packages of Debian and of the Python package index: {process.stderr[-1000:]}")
    assert process.returncode == 0, process.stderr
    return name


@pytest.fixture(scope="module")
def packages(
    image: str,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Serve the Python packages of frontend images to pip from a local index. The engine has the packages of Debian."""
    wheels = cache() / f"wheels-of-images-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    if not wheels.exists():
        temporary = wheels.with_suffix(f".{os.getpid()}")
        platform = ("--platform", f"manylinux2014_{os.uname().machine}", "--python-version", "3.11", "--only-binary", ":all:")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(temporary), *platform]
        run_download([*command, "--requirement", str(REQUIREMENTS), PACKAGE]).check_returncode()
        temporary.rename(wheels)
    settings = tmp_path_factory.mktemp("pip") / "pip.conf"
    with files_of(wheels) as url, pytest.MonkeyPatch.context() as patch:
        settings.write_text(f"[global]\nno-index = true\nfind-links = {url}\n")
        patch.setenv("PIP_CONFIG_FILE", str(settings))
        yield


@pytest.fixture(scope="module")
def include_image(engine: Engine, registry: Registry, packages: None) -> str:
    return make_image(engine, f"{registry.address}/include:test", INCLUDE)


@pytest.fixture(scope="module")
def yaml_image(engine: Engine, registry: Registry, packages: None) -> str:
    return make_image(engine, f"{registry.address}/yaml-image:test", YAML, "--with", PACKAGE)


@pytest.fixture
def context(tmp_path: pathlib.Path) -> Callable[[str, str], pathlib.Path]:
    """A function that writes a build context with one file to build and returns its directory."""

    def write(name: str, text: str) -> pathlib.Path:
        directory = tmp_path / "app"
        (directory / "shared").mkdir(parents=True, exist_ok=True)
        (directory / "pages").mkdir(exist_ok=True)
        (directory / "pages/index.html").write_text("page\n")
        (directory / "shared/common.docker").write_text(COMMON)
        (directory / "shared/user.docker").write_text(USER)
        (directory / name).write_text(text)
        return directory

    return write


def by_image(engine: Engine, place: pathlib.Path, name: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Build a file with buildctl, by the frontend that its first line names."""
    return engine.buildctl(
        "build", "--frontend", "dockerfile.v0", "--opt", f"filename={name}", "--local", f"context={place}",
        "--local", f"dockerfile={place}", *words, check=check,
    )  # fmt: skip


def build_both_ways(
    engine: Engine, place: pathlib.Path, out: pathlib.Path, frontend: pathlib.Path, name: str
) -> tuple[Built, Built]:
    through = by_image(engine, place, name, "--output", f"type=oci,dest={out}/1.tar", "--progress", "rawjson", "--no-cache")
    here = llbfront(
        engine, "build", "--frontend", frontend, "-f", place / name, place,
        "-o", f"type=oci,dest={out}/2.tar", "--progress", "rawjson", "--no-cache",
    )  # fmt: skip
    assert here.returncode == 0, here.stderr
    return Built(events(through.stderr), *read(out / "1.tar")), Built(events(here.stderr), *read(out / "2.tar"))


def test_includes_build_the_same_as_inline_text(
    engine: Engine, include_image: str, context: Callable[[str, str], pathlib.Path], tmp_path: pathlib.Path
) -> None:
    place = context(
        "Dockerfile", f"# syntax={include_image}\nFROM alpine\nINCLUDE shared/common.docker\nRUN echo $HOME > /tmp/home\n"
    )
    through, here = build_both_ways(engine, place, tmp_path, INCLUDE, "Dockerfile")
    (place / "Inline").write_text("FROM alpine\nRUN echo common > /common\nENV HOME=/tmp\nUSER 7\nRUN echo $HOME > /tmp/home\n")
    words = ("--output", f"type=oci,dest={tmp_path}/3.tar", "--progress", "rawjson", "--no-cache")
    inline = by_image(engine, place, "Inline", *words)
    reference = Built(events(inline.stderr), *read(tmp_path / "3.tar"))
    for other in (through, here):
        assert other.config == reference.config
        assert other.files == reference.files
        assert {name: digest for name, digest in other.digests.items() if name in reference.digests} == reference.digests


def test_yaml_builds_the_same_locally_and_as_an_image(
    engine: Engine, yaml_image: str, context: Callable[[str, str], pathlib.Path], tmp_path: pathlib.Path
) -> None:
    place = context("image.yaml", f"# syntax={yaml_image}\n{IMAGE}")
    through, here = build_both_ways(engine, place, tmp_path, YAML, "image.yaml")
    assert here.config == through.config
    assert here.files == through.files
    (config,) = here.config.values()
    assert config["config"]["Cmd"] == ["httpd", "-f", "-h", "/srv/pages"]
    assert {"run mkdir /srv", "run echo $GREETING > /said", "files pages"} <= here.digests.keys() & through.digests.keys()
    assert here.digests["run mkdir /srv"] == through.digests["run mkdir /srv"]
    assert any(name.endswith("/srv/pages/index.html") for name in here.files)


def test_images_for_two_platforms(
    engine: Engine, yaml_image: str, context: Callable[[str, str], pathlib.Path], tmp_path: pathlib.Path
) -> None:
    place = context("image.yaml", f"# syntax={yaml_image}\nbase: alpine\nfiles: {{pages: /pages}}\n")
    by_image(
        engine, place, "image.yaml", "--opt", "platform=linux/amd64,linux/arm64", "--output", f"type=oci,dest={tmp_path}/1.tar"
    )
    here = llbfront(
        engine, "build", "--frontend", YAML, "-f", place / "image.yaml", place,
        "--platform", "linux/amd64,linux/arm64", "-o", f"type=oci,dest={tmp_path}/2.tar",
    )  # fmt: skip
    assert here.returncode == 0, here.stderr
    assert read(tmp_path / "1.tar") == read(tmp_path / "2.tar")


def test_a_moved_include_stays_cached(engine: Engine, context: Callable[[str, str], pathlib.Path]) -> None:
    place = context("Dockerfile", "FROM alpine\nINCLUDE shared/common.docker\n")
    words = ("build", "--frontend", INCLUDE, place, "--progress", "plain")
    assert llbfront(engine, *words).returncode == 0
    (place / "moved.docker").write_text("\n\n# other words\nRUN echo common > /common\n")
    (place / "Dockerfile").write_text("FROM alpine\n\nINCLUDE moved.docker\n")
    lines = llbfront(engine, *words).stderr.splitlines()
    (number,) = (line.split()[0] for line in lines if line.endswith("RUN echo common > /common"))
    assert f"{number} CACHED" in lines


WRONG = [
    ("RNU x\n", "unknown instruction: RNU", 1),
    ("# fails\nRUN exit 7\n", "exit code: 7", 2),
    ("\n\nINCLUDE shared/nothing\n", "cannot read shared/nothing of the build context", 3),
    ("INCLUDE shared/common.docker\n", "shared/common.docker includes itself", 1),
]


@pytest.mark.parametrize(("text", "message", "line"), WRONG)
def test_an_error_in_an_included_file_shows_its_line(
    engine: Engine, include_image: str, context: Callable[[str, str], pathlib.Path], text: str, message: str, line: int
) -> None:
    place = context("Dockerfile", f"# syntax={include_image}\nFROM alpine\nINCLUDE shared/common.docker\n")
    (place / "shared/user.docker").write_text(text)
    marked = f"{line} | >>> {text.splitlines()[line - 1]}\n"
    through = by_image(engine, place, "Dockerfile", "--progress", "plain", check=False).stderr
    assert f"shared/user.docker:{line}\n" in through and marked in through, through
    assert message in through.rstrip().splitlines()[-1]
    here = llbfront(engine, "build", "--frontend", INCLUDE, place, "--progress", "quiet")
    assert here.returncode == 1
    assert here.stderr.startswith(f"llbfront: shared/user.docker:{line}: "), here.stderr
    assert marked in here.stderr


def test_an_error_in_yaml_shows_its_line(engine: Engine, yaml_image: str, context: Callable[[str, str], pathlib.Path]) -> None:
    text = f"# syntax={yaml_image}\n{IMAGE}"
    for wrong, line, marked in (
        (text.replace("echo", "exit 3;"), 6, "  - exit 3; $GREETING"),
        (text.replace("env:", "evn:"), 3, "evn:"),
    ):
        place = context("image.yaml", wrong)
        through = by_image(engine, place, "image.yaml", "--progress", "plain", check=False).stderr
        assert f"image.yaml:{line}\n" in through and f"{line} | >>> {marked}" in through, through
        here = llbfront(engine, "build", "--frontend", YAML, "-f", place / "image.yaml", place, "--progress", "quiet")
        assert f"llbfront: image.yaml:{line}: " in here.stderr and f"{line} | >>> {marked}" in here.stderr, here.stderr


def test_an_exception_in_a_frontend_is_one_error(
    engine: Engine, registry: Registry, include_image: str, context: Callable[[str, str], pathlib.Path], tmp_path: pathlib.Path
) -> None:
    mine = tmp_path / "mistaken.py"
    mine.write_text("def frontend(build):\n    return build.nothing\n")
    name = make_image(engine, f"{registry.address}/mistaken:test", mine)
    place = context("Dockerfile", f"# syntax={name}\nFROM alpine\n")
    through = by_image(engine, place, "Dockerfile", check=False).stderr
    assert "AttributeError: 'Build' object has no attribute 'nothing'" in through.rstrip().splitlines()[-1]
    assert "\nmistaken.py:2\n" in through
    assert ">>>     return build.nothing" in through
    here = llbfront(engine, "build", "--frontend", mine, place, "--progress", "quiet")
    assert here.stderr.startswith(f"llbfront: {mine}:2: AttributeError: 'Build' object has no attribute 'nothing'\n")
    assert "2 | >>>     return build.nothing\n" in here.stderr and "Traceback" not in here.stderr
    assert here.returncode == 1


def test_a_missing_package_is_named(engine: Engine, include_image: str) -> None:
    process = llbfront(engine, "frontend", "image", YAML, "--progress", "quiet")
    assert process.returncode == 1
    assert process.stderr == f"llbfront: {YAML} cannot be made an image: No module named 'yaml' (--with PACKAGE adds packages)\n"


@pytest.mark.parametrize("words", [("build", "--frontend"), ("frontend", "image")])
def test_an_invalid_frontend_is_reported_in_one_line(engine: Engine, words: tuple[str, ...], tmp_path: pathlib.Path) -> None:
    (tmp_path / "none.py").write_text("x = 1\n")
    for file, message in (
        ("none.py", "none.py has no function frontend"),
        ("lost.py", "cannot read the frontend lost.py: no such file"),
    ):
        process = llbfront(engine, *words, file, cwd=tmp_path)
        assert process.returncode == 2
        assert process.stderr.startswith(f"llbfront: {message}") and process.stderr.count("\n") == 1


def test_the_image_lists_its_capabilities_and_is_reproducible(engine: Engine, yaml_image: str, tmp_path: pathlib.Path) -> None:
    words = ("frontend", "image", YAML, "--with", PACKAGE, "-o", f"type=oci,dest={tmp_path}/image.tar")
    assert llbfront(engine, *words, "--metadata-file", tmp_path / "first.json").returncode == 0
    configs, files = read(tmp_path / "image.tar")
    (config,) = configs.values()
    assert config["config"]["Labels"]["moby.buildkit.frontend.caps"].count(",") == len(CAPS) - 1
    assert any(name.endswith("/dist-packages/yaml/__init__.py") for name in files)
    assert (tmp_path / "image.tar").stat().st_size < 15_000_000  # PyYAML comes with a compiled parser
    again = llbfront(engine, *words[:-1], f"type=oci,dest={tmp_path}/again.tar", "--metadata-file", tmp_path / "second.json")
    assert again.returncode == 0, again.stderr
    first, second = (json.loads((tmp_path / f"{name}.json").read_text())["containerimage.digest"] for name in ("first", "second"))
    assert first == second


SLOW_TO_END = """\
import atexit
import time

atexit.register(time.sleep, 2)


def frontend(build):
    return "FROM scratch\\nCOPY image /\\n"
"""


def test_the_result_of_a_frontend_that_exits_slowly_is_used(
    engine: Engine, registry: Registry, packages: None, context: Callable[[str, str], pathlib.Path], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW_TO_END)
    name = make_image(engine, f"{registry.address}/slow:test", tmp_path / "slow.py")
    place = context("image", f"# syntax={name}\n")
    by_image(engine, place, "image", "--output", f"type=local,dest={tmp_path}/out")
    assert (tmp_path / "out/image").is_file()
