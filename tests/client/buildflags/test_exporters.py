"""`--output`, `--tag`, `--push` and `--load`: the exporters of a request, and values that are refused."""

import os
import pathlib

import pytest

from llbfront.client.buildflags import exporters
from llbfront.client.buildflags.exporters import LOAD, Export
from llbfront.errors import ExportError, InvalidReference, OptionError
from llbfront.files.paths import STANDARD_STREAM


@pytest.mark.parametrize(
    ("text", "export"),
    [
        ("out", Export("local", {}, "out")),
        ("-", Export("tar", {}, STANDARD_STREAM)),
        ("type=local,dest=out", Export("local", {}, "out")),
        ("type=tar,dest=out.tar", Export("tar", {}, "out.tar")),
        ("type=image,name=r/a,push=true", Export("image", {"name": "r/a", "push": "true"})),
        ('type=image,"name=r/a,r/b"', Export("image", {"name": "r/a,r/b"})),
        ("TYPE=oci,Dest=a.tar,annotation.Key=v", Export("oci", {"annotation.key": "v"}, "a.tar")),
        ("type=cacheonly", Export("cacheonly")),
    ],
)
def test_outputs_are_read(text: str, export: Export) -> None:
    assert exporters.parse_export(text) == export


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dest=out", "type is required"),
        ("type=lokal,dest=out", "did you mean local"),
        ("type=local", "needs a directory"),
        ("type=image,dest=out", "takes no dest"),
        ("type=oci,nonsense", "'nonsense' is not key=value"),
        ("type=oci,tar=false", "needs a directory"),
        ("type=local,dest=", "needs a directory"),
        ("type=local,dest=-", "needs a directory, not standard output"),
        ("type=oci,tar=false,dest=-", "needs a directory, not standard output"),
    ],
)
def test_bad_outputs_are_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        exporters.parse_export(text)
    assert "\n" not in str(caught.value)


def test_tags_name_images_but_not_files() -> None:
    exports = exporters.plan((Export("local", {}, "out"), Export("oci", {}, "a.tar")), tags=("r/a", "r/b"), push=False, load=False)
    assert [dict(export.attrs) for export in exports] == [{}, {"name": "r/a,r/b"}]


def test_push_makes_an_image_output_and_pushes_the_one_that_is_there() -> None:
    (alone,) = exporters.plan((), tags=("r/a",), push=True, load=False)
    assert alone == Export("image", {"push": "true", "unpack": "false", "name": "r/a"})
    (export,) = exporters.plan((Export("image", {"compression": "zstd"}),), tags=("r/a",), push=True, load=False)
    assert export.attrs == {"push": "true", "unpack": "false", "compression": "zstd", "name": "r/a"}
    (refused,) = exporters.plan((Export("image", {"push": "false", "unpack": "true"}),), tags=("r/a",), push=True, load=False)
    assert refused.attrs == {"push": "true", "unpack": "true", "name": "r/a"}


def test_push_without_a_name_is_refused() -> None:
    with pytest.raises(OptionError, match="there is no name to push the image as"):
        exporters.plan((), tags=(), push=True, load=False)


def test_outputs_without_destination_go_where_docker_sends_them() -> None:
    exports = exporters.plan((Export("docker"), Export("oci"), Export("cacheonly")), tags=(), push=False, load=False)
    assert [export.dest for export in exports] == [LOAD, STANDARD_STREAM]


def test_load_is_a_docker_output() -> None:
    assert exporters.plan((), tags=("a",), push=False, load=True) == (Export("docker", {"name": "a"}, LOAD),)


def test_two_stores_are_refused() -> None:
    stores = (Export("oci", {"tar": "false"}, "one"), Export("oci", {"tar": "false"}, "two"))
    with pytest.raises(OptionError, match="only one output"):
        exporters.plan(stores, tags=(), push=False, load=False)


def test_tags_win_over_the_names_of_outputs() -> None:
    (export,) = exporters.plan((Export("image", {"name": "r/other"}),), tags=("r/a",), push=False, load=False)
    assert export.attrs == {"name": "r/a"}


@pytest.mark.parametrize(
    "attributes",
    [{"push": "true"}, {"push": "1"}, {"push": "T"}, {"push": "true", "push-by-digest": "true"}, {"push": "true", "name": ""}],
)
def test_an_output_that_is_pushed_needs_a_name(attributes: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="there is no name to push the image as"):
        exporters.plan((Export("image", attributes),), tags=(), push=False, load=False)
    exporters.plan((Export("image", attributes),), tags=("r/a",), push=False, load=False)


@pytest.mark.parametrize(
    "attributes",
    [{"push": "true", "name": "*"}, {"push": "true", "dangling-name-prefix": "r/a"}, {"push": "false"}, {"name": "r/a,r/b:1"}],
)
def test_names_may_come_from_elsewhere(attributes: dict[str, str]) -> None:
    assert exporters.plan((Export("image", attributes),), tags=(), push=False, load=False)[0].attrs == attributes


@pytest.mark.parametrize("name", ["UPPER/case", "Upper", "a b", "", "a,b", "r/a:", ":tag", "r/a@sha256:12", "-a", "a//b", "r/A"])
def test_names_that_no_image_can_have_are_refused(name: str) -> None:
    with pytest.raises(InvalidReference, match="invalid image name"):
        exporters.check_name(name)


@pytest.mark.parametrize("name", ["a", "r.example/a:1", "R.example/a", "UPPER:443/case", "localhost/a", f"a@sha256:{'0' * 64}"])
def test_names_that_images_have_are_taken(name: str) -> None:
    exporters.check_name(name)


SAME = {
    "directories": (Export("local", {}, "out"), Export("local", {}, "./out/")),
    "a file twice": (Export("tar", {}, "x"), Export("oci", {}, "./x")),
    "through a symlink": (Export("tar", {}, "x"), Export("tar", {}, "link")),
    "a store and a directory": (Export("local", {}, "out"), Export("oci", {"tar": "false"}, "out")),
    "standard output": (Export("tar", {}, "-"), Export("tar", {}, "-")),
    "standard output by default": (Export("tar"), Export("oci")),
    "standard output by name": (Export("tar", {}, "-"), Export("tar", {}, "/dev/stdout")),
    "a docker engine": (Export("docker"), Export("docker")),
}


@pytest.mark.parametrize("name", SAME)
def test_two_outputs_to_one_destination_are_refused(name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("x")
    with pytest.raises(OptionError, match="cannot both be written to|load the image into the same"):
        exporters.plan(SAME[name], tags=(), push=False, load=False)


def test_outputs_to_different_destinations_are_taken() -> None:
    outputs = (Export("local", {}, "a"), Export("local", {}, "b"), Export("tar", {}, "/dev/null"), Export("oci", {}, "/dev/null"))
    assert len(exporters.plan(outputs, tags=(), push=False, load=True)) == 5


def test_destinations_are_checked_before_the_build(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    root = os.fspath(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("new/deep")
    os.mkfifo(tmp_path / "pipe")
    file = os.path.join(root, "file")
    with open(file, "w", encoding="utf-8"):
        pass
    good = (
        Export("local", {}, f"{root}/dangling"),
        Export("tar", {}, f"{root}/pipe"),
        Export("local", {}, f"{root}/new/deep"),
        Export("tar", {}, f"{root}/a.tar"),
        Export("local", {}, root),
    )
    exporters.check_destinations(good)
    for export, message in (
        (Export("local", {}, file), "it is a file, not a directory"),
        (Export("local", {}, f"{root}/pipe"), "it is not a directory"),
        (Export("local", {}, f"{root}/loop"), "too many levels of symbolic links"),
        (Export("local", {}, f"{root}/file/sub"), "not a directory"),
        (Export("tar", {}, f"{root}/loop"), "too many levels of symbolic links"),
        (Export("tar", {}, root), "it is a directory"),
        (Export("tar", {}, f"{root}/none/a.tar"), "there is no directory"),
        (Export("tar", {}, STANDARD_STREAM), "refusing to write the tar output to the terminal"),
    ):
        with pytest.raises(ExportError, match=message):
            exporters.check_destinations((export,))


def test_a_docker_archive_cannot_hold_attestations_or_several_platforms() -> None:
    archive = (Export("docker", {}, "a.tar"),)
    exporters.refuse_archives(archive, is_attested=False, has_platforms=False)
    with pytest.raises(OptionError, match="a docker archive cannot hold attestations"):
        exporters.refuse_archives(archive, is_attested=True, has_platforms=False)
    with pytest.raises(OptionError, match="a docker archive cannot hold the images of several platforms"):
        exporters.refuse_archives(archive, is_attested=False, has_platforms=True)
