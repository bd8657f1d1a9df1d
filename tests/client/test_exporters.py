"""What -o, -t, --push and --load mean together."""

import os

import pytest

from llbfront.client import exporters
from llbfront.client.exporters import LOAD, STDOUT, Export
from llbfront.errors import ExportError, OptionError


@pytest.mark.parametrize(
    ("text", "export"),
    [
        ("out", Export("local", {}, "out")),
        ("-", Export("tar", {}, STDOUT)),
        ("type=local,dest=out", Export("local", {}, "out")),
        ("type=tar,dest=out.tar", Export("tar", {}, "out.tar")),
        ("type=image,name=r/a,push=true", Export("image", {"name": "r/a", "push": "true"})),
        ('type=image,"name=r/a,r/b"', Export("image", {"name": "r/a,r/b"})),
        ("TYPE=oci,Dest=a.tar,annotation.Key=v", Export("oci", {"annotation.key": "v"}, "a.tar")),
        ("type=cacheonly", Export("cacheonly")),
    ],
)
def test_outputs_are_read(text: str, export: Export) -> None:
    assert exporters.parse(text) == export


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dest=out", "type is required"),
        ("type=lokal,dest=out", "did you mean local"),
        ("type=local", "needs a directory"),
        ("type=image,dest=out", "takes no dest"),
        ("type=oci,nonsense", "'nonsense' is not key=value"),
        ("type=oci,tar=false", "needs a directory"),
    ],
)
def test_bad_outputs_are_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        exporters.parse(text)
    assert "\n" not in str(caught.value)


def test_tags_name_images_but_not_files() -> None:
    made = exporters.plan((Export("local", {}, "out"), Export("oci", {}, "a.tar")), tags=("r/a", "r/b"), push=False, load=False)
    assert [dict(export.attrs) for export in made] == [{}, {"name": "r/a,r/b"}]


def test_push_makes_an_image_output_and_pushes_the_one_that_is_there() -> None:
    (alone,) = exporters.plan((), tags=("r/a",), push=True, load=False)
    assert alone == Export("image", {"push": "true", "name": "r/a"})
    (given,) = exporters.plan((Export("image", {"compression": "zstd"}),), tags=("r/a",), push=True, load=False)
    assert given.attrs == {"push": "true", "compression": "zstd", "name": "r/a"}


def test_push_without_a_name_is_refused() -> None:
    with pytest.raises(OptionError, match="nothing to push the image as"):
        exporters.plan((), tags=(), push=True, load=False)


def test_outputs_without_destination_go_where_docker_sends_them() -> None:
    made = exporters.plan((Export("docker"), Export("oci"), Export("cacheonly")), tags=(), push=False, load=False)
    assert [export.dest for export in made] == [LOAD, STDOUT]


def test_load_is_a_docker_output() -> None:
    assert exporters.plan((), tags=("a",), push=False, load=True) == (Export("docker", {"name": "a"}, LOAD),)


def test_two_stores_are_refused() -> None:
    store = Export("oci", {"tar": "false"}, "out")
    with pytest.raises(OptionError, match="only one output"):
        exporters.plan((store, store), tags=(), push=False, load=False)


def test_destinations_are_checked_before_the_build(tmp_path: os.PathLike[str]) -> None:
    root = os.fspath(tmp_path)
    file = os.path.join(root, "file")
    with open(file, "w", encoding="utf-8"):
        pass
    good = (Export("local", {}, f"{root}/new/deep"), Export("tar", {}, f"{root}/a.tar"), Export("local", {}, root))
    exporters.check_destinations(good, stdout_is_terminal=True)
    for export, message in (
        (Export("local", {}, file), "it is a file, not a directory"),
        (Export("tar", {}, root), "it is a directory"),
        (Export("tar", {}, f"{root}/none/a.tar"), "there is no directory"),
        (Export("tar", {}, STDOUT), "refusing to write a tar file to the terminal"),
    ):
        with pytest.raises(ExportError, match=message):
            exporters.check_destinations((export,), stdout_is_terminal=True)
