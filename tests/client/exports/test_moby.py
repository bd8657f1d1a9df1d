"""What outputs become when the builder is a docker engine."""

import base64
import json

import pytest

from llbfront.client.buildflags import exporters
from llbfront.client.buildflags.exporters import LOAD, Export
from llbfront.client.exports import moby
from llbfront.errors import OptionError
from llbfront.session.credentials import Credentials


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        (Export("image", {"name": "a"}), Export("moby", {"name": "a"})),
        (Export("docker", {"name": "a", "context": "far"}, LOAD), Export("moby", {"name": "a"})),
        (Export("local", {}, "out"), Export("local", {}, "out")),
        (Export("tar", {}, "out.tar"), Export("tar", {}, "out.tar")),
    ],
)
def test_images_become_those_of_docker(export: Export, expected: Export) -> None:
    assert moby.adapted((export,), has_manifests=False) == (expected,)


def test_archives_need_the_image_store_of_containerd() -> None:
    for kind in ("oci", "docker"):
        archive = Export(kind, {}, "a.tar")
        assert moby.adapted((archive,), has_manifests=True) == (archive,)
        with pytest.raises(OptionError, match=f"this docker engine cannot make an output type={kind}"):
            moby.adapted((archive,), has_manifests=False)


def test_push_by_digest_is_refused() -> None:
    with pytest.raises(OptionError, match="cannot push by digest"):
        moby.adapted((Export("image", {"push": "true", "push-by-digest": "true"}),), has_manifests=False)


def test_who_pushes() -> None:
    (pushed,) = moby.adapted((Export("image", {"push": "true"}),), has_manifests=False)
    assert moby.is_pushed_by_us(pushed, has_manifests=False)
    assert not moby.is_pushed_by_us(pushed, has_manifests=True)
    assert not moby.is_pushed_by_us(Export("moby", {"push": "false"}), has_manifests=False)


def test_a_login_names_its_server() -> None:
    text = moby.login("docker.io", Credentials("ali", "baba"))
    assert json.loads(base64.urlsafe_b64decode(text)) == {
        "username": "ali",
        "password": "baba",
        "serveraddress": "https://index.docker.io/v1/",
    }
    assert json.loads(base64.urlsafe_b64decode(moby.login("r.test", Credentials()))) == {"serveraddress": "r.test"}


def test_no_output_is_the_default_and_cacheonly_is_none() -> None:
    image = (Export("image"),)
    assert exporters.plan((), tags=("a",), push=False, load=False, default=image) == (Export("image", {"name": "a"}),)
    assert exporters.plan((Export("cacheonly"),), tags=("a",), push=False, load=False, default=image) == ()
    assert exporters.plan((Export("local", {}, "out"),), tags=(), push=False, load=False, default=image)[0].type == "local"
