"""Forms of paths, names, numbers and durations, as the reference has them."""

import pytest

from llbfront.dockerfile2llb import image_paths
from llbfront.dockerfile2llb.name_suggestions import NameSuggestions
from llbfront.dockerfile2llb.remote_sources import http_filename
from llbfront.dockerfile2llb.step_names import StepNames
from llbfront.errors import InvalidValue
from llbfront.llb.exec_settings import Env
from llbfront.oci.platform import Platform
from llbfront.suggestions import nearest


@pytest.mark.parametrize(
    ("cwd", "path", "os", "expected"),
    [
        ("/app", "b", "linux", "/app/b"),
        ("/app", "b/", "linux", "/app/b/"),
        ("/app", ".", "linux", "/app/"),
        ("/app", "", "linux", "/app/"),
        ("/app", "..", "linux", "/"),
        ("/app", "/x/.", "linux", "/x/./."),
        ("/app", "/x//y", "linux", "/x//y"),
        ("/app", "x/.", "linux", "/app/x/."),
        ("/app", "c:\\x\\y\\", "windows", "/x/y/"),
        ("/app", "d", "windows", "/app/d"),
    ],
)
def test_destinations(cwd: str, path: str, os: str, expected: str) -> None:
    assert image_paths.destination(cwd, path, os) == expected


@pytest.mark.parametrize("path", ["d:\\x", "c:", "\\\\server\\share"])
def test_windows_paths_off_the_system_drive_are_refused(path: str) -> None:
    with pytest.raises(InvalidValue):
        image_paths.destination("/", path, "windows")


@pytest.mark.parametrize(
    ("current", "path", "os", "expected"),
    [
        ("/", "a", "linux", "/a"),
        ("/a", "../b", "linux", "/b"),
        ("/a", "/b//c/", "linux", "/b//c/"),
        ("\\a", "b", "windows", "\\a\\b"),
    ],
)
def test_working_directories(current: str, path: str, os: str, expected: str) -> None:
    assert image_paths.workdir(current, path, os) == expected


def test_names_say_platform_stage_and_step() -> None:
    step_names = StepNames("build", 12, shows_platform=True)
    env = Env({"TARGETPLATFORM": "linux/arm64"})
    assert step_names.take("RUN x", Platform("linux", "amd64"), env) == "[linux/amd64->arm64 build  1/12] RUN x"
    assert step_names.take("RUN y", Platform("linux", "arm64"), env, is_trigger=True) == "[linux/arm64 build  2/12] ONBUILD RUN y"


def test_a_stage_without_steps_has_no_prefix() -> None:
    assert StepNames("", 0, shows_platform=True).take("FROM x", Platform("linux", "amd64")) == "FROM x"


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://h/a/x.tgz?y=z", "x.tgz"), ("https://h/", "__unnamed__"), ("https://h", "__unnamed__"), ("https://h/a/..", "..")],
)
def test_names_of_downloads(url: str, expected: str) -> None:
    assert http_filename(url) == expected


def test_many_names_give_the_suggestion_that_one_by_one_gives() -> None:
    env = {f"NAME{number}": "" for number in range(300)} | {"X" * 40: "", "PATH": ""}
    names = NameSuggestions()
    for word in ("NAMEE1", "NAM299", "PTH", "NAME", "Z", "X" * 39 + "Y", "NOTHING", "NAME7"):
        assert names.nearest(word, env) == nearest(word, env)
