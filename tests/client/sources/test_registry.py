"""Image configs straight from registries that give odd answers, or ask for passwords."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from llbfront.client.sources.registry import RegistryImages, parse_challenges
from llbfront.dockerfile2llb.resolved_plan import ResolvedImage
from llbfront.errors import ContextError, LlbfrontError
from llbfront.frontend.bridge import ImageRequest
from llbfront.http.client import HttpClient
from llbfront.oci import digest as digests
from llbfront.oci import platform as platforms
from llbfront.oci import reference
from llbfront.session.credentials import CredentialStore
from tests.http.servers import Answer, serve

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.http.servers import Question

AMD64 = platforms.parse("linux/amd64")
CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
MANIFEST = json.dumps({"config": {"digest": digests.of(CONFIG)}}).encode()
PAIR = base64.b64encode(b"ann:not-for-others").decode()


def look_up(
    host: str, folder: pathlib.Path, *, ref: str = "{host}/base:latest", logins: Any = None
) -> ResolvedImage | LlbfrontError:
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": PAIR}} if logins is None else logins}))
    images = RegistryImages(CredentialStore({"DOCKER_CONFIG": str(folder)}), http=HttpClient({}))
    (image,) = images.find([ImageRequest(ref.format(host=host), AMD64, "default", "")])
    assert image is not None
    return image


def contents(path: str) -> Answer:
    for end, body in (("manifests/latest", MANIFEST), (f"blobs/{digests.of(CONFIG)}", CONFIG), (digests.of(MANIFEST), MANIFEST)):
        if path.endswith(end):
            return Answer(200, body)
    return Answer(404)


def test_an_open_registry_is_given_no_password(tmp_path: pathlib.Path) -> None:
    with serve(lambda question: contents(question.path)) as registry:
        image = look_up(registry.host, tmp_path)
    assert isinstance(image, ResolvedImage)
    assert (image.digest, image.config) == (digests.of(MANIFEST), CONFIG)
    assert registry.passwords == []


def locked(question: Question) -> Answer:
    if question.authorization != f"Basic {PAIR}":
        return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="r"'})
    return contents(question.path)


def test_a_locked_registry_is_given_its_password(tmp_path: pathlib.Path) -> None:
    with serve(locked) as registry:
        assert isinstance(look_up(registry.host, tmp_path), ResolvedImage)
        wrong = {registry.host: {"auth": base64.b64encode(b"ann:wrong").decode()}}
        assert "authentication failed" in str(look_up(registry.host, tmp_path, logins=wrong))
        assert "has no credentials for it" in str(look_up(registry.host, tmp_path, logins={}))


def test_blobs_may_lie_elsewhere_but_the_password_does_not_go_there(tmp_path: pathlib.Path) -> None:
    def answer(question: Question) -> Answer:
        response = locked(question)
        return Answer(307, b"", {"Location": f"http://{store.host}{question.path}?signed"}) if response.status == 200 else response

    with (
        serve(lambda question: contents(question.path.partition("?")[0]), "127.0.0.2") as store,
        serve(answer) as registry,
    ):
        assert isinstance(look_up(registry.host, tmp_path), ResolvedImage)
    assert len(store.questions) == 2
    assert store.passwords == []


@pytest.mark.parametrize("challenge", ['Basic realm="r"', 'Bearer realm="http://{other}/token",service="s"'])
def test_a_redirect_target_does_not_get_the_password(tmp_path: pathlib.Path, challenge: str) -> None:
    def elsewhere(question: Question) -> Answer:
        if question.path.startswith("/token"):
            return Answer(200, b'{"token": "t"}')
        return Answer(401, b"", {"WWW-Authenticate": challenge.format(other=other.host)})

    with (
        serve(elsewhere, "127.0.0.2") as other,
        serve(lambda question: Answer(307, b"", {"Location": f"http://{other.host}{question.path}"})) as registry,
    ):
        image = look_up(registry.host, tmp_path)
    assert f"http://{other.host} answered 401" in str(image)
    assert other.passwords == []


def with_token(question: Question, body: bytes = b'{"token": "t"}') -> Answer:
    if question.path.startswith("/token"):
        return Answer(404) if question.method == "POST" else Answer(200, body)
    return contents(question.path) if question.authorization == "Bearer t" else Answer(401)


@pytest.mark.parametrize(
    "challenge",
    [
        'Bearer realm="http://{host}/token",service="s"',
        'bearer service="s", realm="http://{host}/token", scope="repository:base:pull"',
        "Bearer realm=http://{host}/token",
        'Basic realm="Bearer one, two", Bearer realm="http://{host}/token",error="invalid"',
        'Bearer realm="http://{host}/token", Basic realm="other"',
    ],
)
def test_tokens(tmp_path: pathlib.Path, challenge: str) -> None:
    def answer(question: Question) -> Answer:
        response = with_token(question)
        return Answer(401, b"", {"WWW-Authenticate": challenge.format(host=registry.host)}) if response.status == 401 else response

    with serve(answer) as registry:
        assert isinstance(look_up(registry.host, tmp_path), ResolvedImage)
    tokens = [question for question in registry.questions if question.path.startswith("/token")]
    assert [question.method for question in tokens] == ["POST", "GET"]
    assert tokens[1].authorization == f"Basic {PAIR}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Negotiate",
        "Bearer",
        'Bearer realm="',
        'Bearer realm="ftp://r.example"',
        'Bearer realm="http://r.example:99999/token"',
        'Bearer realm="http://[::1/token"',
        'Bearer realm="\x80"',
        "Basic",
        ", , ,",
        "=" * 1000,
    ],
)
def test_odd_challenges_are_one_line(tmp_path: pathlib.Path, header: str) -> None:
    def answer(question: Question) -> Answer:
        return Answer(401, b"", {"WWW-Authenticate": header})

    with serve(answer) as registry:
        image = look_up(registry.host, tmp_path)
    assert isinstance(image, LlbfrontError)
    assert str(image).startswith(f"failed to resolve source metadata for {registry.host}/base:latest: ")
    assert "\n" not in str(image)
    assert "not-for-others" not in str(image)


ODD: dict[bytes, str] = {
    b"": "it is empty",
    b"null": "config has no digest",
    b"[]": "it is not an object",
    b"{}": "config has no digest",
    b"\xff\xfe": "it is not JSON",
    b'{"config": null}': "config has no digest",
    b'{"config": []}': "config is not an object",
    b'{"config": {"digest": 5}}': "config.digest is not a string",
    b'{"config": {"digest": "../../etc"}}': "invalid checksum digest format",
    b'{"config": {"digest": "sha256:00"}}': "invalid checksum digest length",
    b'{"config": {"digest": "md5:00"}}': "unsupported digest algorithm",
    b'{"manifests": null}': "no match for platform",
    b'{"manifests": {}}': "manifests is not a list",
    b'{"manifests": [1]}': "manifests[0] is not an object",
    b'{"manifests": [null]}': "no match for platform",
    b'{"manifests": [{"platform": []}]}': "manifests[0].platform is not an object",
    b'{"manifests": [{"platform": {"os": 1}}]}': "platform.os is not a string",
    b'{"manifests": [{"platform": {"os.features": "a"}}]}': "os.features is not a list",
    b'{"manifests": [{"platform": {"os.features": [1]}}]}': "os.features is not a list of strings",
    b'{"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]}': "manifests[0] has no digest",
    b'{"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}, "digest": "x"}]}': "invalid checksum digest format",
    b'{"manifests": [{"platform": {"os": "\\ud800", "architecture": "amd64"}}]}': "no match for platform",
    b"[" * 100_000: "it is nested too deep",
    b'{"config":' * 300 + b"1" + b"}" * 300: "it is nested too deep",
    b'{"config": ' + b"1" * 10_000 + b"}": "it is not JSON",
    b"x" * (9 << 20): "has more than",
}


@pytest.mark.parametrize("manifest", ODD, ids=lambda manifest: repr(manifest[:60]))
def test_odd_manifests_are_one_line(tmp_path: pathlib.Path, manifest: bytes) -> None:
    with serve(lambda _: Answer(200, manifest)) as registry:
        image = look_up(registry.host, tmp_path)
    assert isinstance(image, LlbfrontError)
    assert str(image).startswith(f"failed to resolve source metadata for {registry.host}/base:latest: ")
    assert ODD[manifest] in str(image)
    assert "\n" not in str(image)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_content_is_checked_against_its_digest(tmp_path: pathlib.Path, algorithm: str) -> None:
    digest = f"{algorithm}:{'0' * {'sha256': 64, 'sha384': 96, 'sha512': 128}[algorithm]}"
    with serve(lambda _: Answer(200, MANIFEST)) as registry:
        image = look_up(registry.host, tmp_path, ref="{host}/base@" + digest)
    assert f"digest mismatch: the registry gave other content for {digest}" in str(image)


@pytest.mark.parametrize(("stated", "is_read"), [(0, True), (len(CONFIG), True), (len(CONFIG) - 1, False)])
def test_a_blob_is_not_read_beyond_its_size(tmp_path: pathlib.Path, stated: int, is_read: bool) -> None:
    with serve(lambda question: contents(question.path)) as registry:
        images = RegistryImages(CredentialStore({"DOCKER_CONFIG": str(tmp_path)}), http=HttpClient({}))
        ref = reference.parse(f"{registry.host}/base")
        if is_read:
            assert images.blob(ref, digests.of(CONFIG), size_bytes=stated) == CONFIG
            return
        with pytest.raises(ContextError, match=f"its answer has more than {stated} bytes"):
            images.blob(ref, digests.of(CONFIG), size_bytes=stated)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: Answer(404), "not found"),
        (lambda _: Answer(403), "answered 403 Forbidden"),
        (lambda _: Answer(418), "answered 418"),
        (lambda _: Answer(204), "answered 204"),
    ],
)
def test_refusals(tmp_path: pathlib.Path, answer: Callable[[Question], Answer], message: str) -> None:
    with serve(answer) as registry:
        assert message in str(look_up(registry.host, tmp_path))


def test_a_port_that_cannot_be(tmp_path: pathlib.Path) -> None:
    image = look_up("127.0.0.1:99999", tmp_path)
    assert str(image) == "failed to resolve source metadata for 127.0.0.1:99999/base:latest: invalid address"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Bearer realm="a",service="b"', {"bearer": {"realm": "a", "service": "b"}}),
        ("BASIC realm=x", {"basic": {"realm": "x"}}),
        ('Basic realm="a, Bearer realm=b", Bearer realm="c"', {"basic": {"realm": "a, Bearer realm=b"}, "bearer": {"realm": "c"}}),
        ('Digest realm="a"', {}),
        ("", {}),
        ('Bearer realm=""', {"bearer": {"realm": ""}}),
    ],
)
def test_challenges(header: str, expected: dict[str, dict[str, str]]) -> None:
    assert parse_challenges(header) == expected


def test_a_registry_behind_tls_gets_no_token_over_http() -> None:
    images = RegistryImages(CredentialStore({"DOCKER_CONFIG": "/none"}), http=HttpClient({}))
    with serve(with_token) as tokens:
        from llbfront.oci import reference
        from llbfront.session.credentials import Credentials

        ref, challenge = reference.parse("r.example/base"), {"realm": f"http://{tokens.host}/token"}
        assert images._token(ref, "https://r.example/v2/", challenge, Credentials("ann", "not-for-others")) == "t"
    assert tokens.passwords == []
    assert [question.method for question in tokens.questions] == ["GET"]
