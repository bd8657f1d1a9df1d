"""What docker's configuration says about a registry."""

import base64
import json
import os
import pathlib
import threading
import time

import pytest

from llbfront.errors import LlbfrontError
from llbfront.files import reading
from llbfront.session import credential_helper as helpers
from llbfront.session.credentials import Credentials, CredentialStore, Notice


def store(folder: pathlib.Path, config: object, **environ: str) -> CredentialStore:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return CredentialStore({"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:{os.environ['PATH']}", **environ})


def encoded(pair: str) -> dict[str, str]:
    return {"auth": base64.b64encode(pair.encode()).decode()}


def helper(folder: pathlib.Path, name: str, script: str) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_nothing_is_known_without_a_config(tmp_path: pathlib.Path) -> None:
    assert CredentialStore({"DOCKER_CONFIG": str(tmp_path)}).find("r.example") == Credentials()


def test_entries_of_the_file(tmp_path: pathlib.Path) -> None:
    auths = {
        "r.example:5000": encoded("me:p:w"),
        "https://url.example/v1/": encoded("you:pw"),
        "https://index.docker.io/v1/": encoded("hub:pw"),
        "token.example": {"identitytoken": "t"},
    }
    known = store(tmp_path, {"auths": auths})
    assert known.find("r.example:5000") == Credentials("me", "p:w")
    assert known.find("url.example") == Credentials("you", "pw")
    assert known.find("registry-1.docker.io") == Credentials("hub", "pw")
    assert known.find("token.example").secret == "t"
    assert known.find("other.example") == Credentials()


def test_a_helper_is_asked_once(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "test", f'read host; echo asked >> {tmp_path}/log; echo "{{\\"Username\\":\\"u\\",\\"Secret\\":\\"$host\\"}}"')
    known = store(tmp_path, {"credHelpers": {"r.example": "test"}, "credsStore": "none"})
    assert known.find("r.example") == Credentials("u", "r.example")
    assert known.find("r.example") == Credentials("u", "r.example")
    assert (tmp_path / "log").read_text() == "asked\n"


def test_a_helper_may_hold_an_identity_token_or_nothing(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "token", 'echo \'{"Username":"<token>","Secret":"t"}\'')
    helper(tmp_path, "empty", "echo credentials not found in native keychain; exit 1")
    known = store(tmp_path, {"credHelpers": {"a": "token"}, "credsStore": "empty", "auths": {"b": encoded("u:p")}})
    assert known.find("a") == Credentials(identity_token="t")
    assert known.find("b") == Credentials("u", "p")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot read the docker config .*config.json: it is not JSON"),
        ("[]", "it is not an object"),
        ("1", "it is not an object"),
        ("[" * 100_000, "nested too deep"),
        ('{"auths": ' + '{"a":' * 300 + "1" + "}" * 301, "nested too deep"),
        (b"\xef\xbb\xbf{}", "it is not JSON"),
        ({"auths": []}, "auths is not an object"),
        ({"auths": {"r": []}}, r'auths\["r"\] is not an object'),
        ({"auths": {"r": {"auth": 5}}}, "auth is not a string"),
        ({"auths": {"r": {"auth": "%%%"}}}, "auth is damaged"),
        ({"auths": {"r": {"auth": "/////w=="}}}, "auth is damaged"),
        ({"auths": {"r": {"auth": "bm9jb2xvbg=="}}}, "is not base64 of USER:PASSWORD"),
        ({"auths": {"r": {"identitytoken": {}}}}, "identitytoken is not a string"),
        ({"credHelpers": []}, "credHelpers is not an object"),
        ({"credHelpers": {"r": 1}}, "credHelpers is not an object of strings"),
        ({"credsStore": 1}, "credsStore is not a string"),
        ({"credsStore": "a\0b"}, "is not installed"),
    ],
)
def test_an_odd_config_is_one_line(tmp_path: pathlib.Path, config: object, message: str) -> None:
    if isinstance(config, bytes):
        (tmp_path / "config.json").write_bytes(config)
        known = CredentialStore({"DOCKER_CONFIG": str(tmp_path), "PATH": os.environ["PATH"]})
    else:
        known = store(tmp_path, config)
    with pytest.raises(LlbfrontError, match=message) as caught:
        known.find("r")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "config", ["", " \n", "null", "{}", "{} and more", '{"auths": null, "credHelpers": null, "credsStore": null}']
)
def test_a_config_without_settings(tmp_path: pathlib.Path, config: str) -> None:
    assert store(tmp_path, config).find("r") == Credentials()


def test_names_of_the_config_match_in_any_case(tmp_path: pathlib.Path) -> None:
    assert store(tmp_path, {"Auths": {"r": {"AUTH": encoded("u:p")["auth"]}}}).find("r") == Credentials("u", "p")


@pytest.mark.parametrize("kind", ["directory", "pipe", "endless", "unreadable"])
def test_a_config_that_is_not_a_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(reading, "WRITER_PATIENCE_S", 0.1)
    path = tmp_path / "config.json"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to("config.json")
    with pytest.raises(LlbfrontError, match=r"cannot read the docker config .*config\.json: ") as caught:
        CredentialStore({"DOCKER_CONFIG": str(tmp_path)}).find("r")
    assert "\n" not in str(caught.value)


def test_a_config_that_is_the_null_device(tmp_path: pathlib.Path) -> None:
    (tmp_path / "config.json").symlink_to("/dev/null")
    assert CredentialStore({"DOCKER_CONFIG": str(tmp_path)}).find("r") == Credentials()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'token expired: run vault login'; exit 1", "failed for r: token expired: run vault login"),
        ("echo 'no session' >&2; exit 2", "failed for r: no session"),
        ("exit 3", "failed for r: exit code 3"),
        ('echo \'{"Username":"u","Secret":"my-secret"}\'; exit 3', "exit code 3"),
        ("kill -9 $$", "exit code -9"),
        ("printf '\\377\\376 no'; exit 1", "failed for r: \ufffd\ufffd no"),
        ("printf 'one\\ntwo\\tthree'; exit 1", "failed for r: one two three"),
        ("echo my-secret", "gave no valid credentials for r: it is not JSON"),
        ("echo '[\"my-secret\"]'", "it is not an object"),
        ("echo '{\"Username\":1}'", "Username is not a string"),
        ('echo \'{"Secret":["my-secret"]}\'', "Secret is not a string"),
        ("printf '\\377\\376'", "it is not JSON"),
        ("exit 0", "it is empty"),
        ("head -c 200000 /dev/zero | tr '\\0' '['", "nested too deep"),
        ("yes my-secret", "was ended: its output has more than"),
        ("yes my-secret >&2; exit 1", "was ended: it did not answer"),
    ],
)
def test_what_a_helper_says_is_shown_on_one_line(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    monkeypatch.setattr(helpers, "TIMEOUT_S", 3.0 if ">&2; exit 1" in script else 20.0)
    helper(tmp_path, "odd", script)
    with pytest.raises(LlbfrontError) as caught:
        store(tmp_path, {"credsStore": "odd"}).find("r")
    text = str(caught.value)
    assert text.startswith("docker-credential-odd ")
    assert message in text
    assert f"(it is named by credsStore in {tmp_path}/config.json)" in text
    assert "\n" not in text
    assert "my-secret" not in text or ">&2" in script


def test_a_helper_that_is_missing_or_cannot_run_names_its_key(tmp_path: pathlib.Path) -> None:
    (tmp_path / "docker-credential-data").write_text("")
    (tmp_path / "docker-credential-lost").write_text("#!/no/such/interpreter\n")
    (tmp_path / "docker-credential-lost").chmod(0o755)
    (tmp_path / "docker-credential-junk").write_text("not a program\n")
    (tmp_path / "docker-credential-junk").chmod(0o755)
    for name, message in (
        ("absent", "docker-credential-absent is not installed"),
        ("data", "docker-credential-data is not executable"),
        ("lost", "docker-credential-lost cannot be run: no such file or directory"),
        ("junk", "docker-credential-junk cannot be run: exec format error"),
        ("../data", "docker-credential-../data is not installed"),
    ):
        with pytest.raises(LlbfrontError, match=message) as caught:
            store(tmp_path, {"credHelpers": {"r": name}}).find("r")
        assert caught.value.hint == f'it is named by credHelpers["r"] in {tmp_path}/config.json'


def test_an_empty_helper_means_the_file(tmp_path: pathlib.Path) -> None:
    known = store(tmp_path, {"credHelpers": {"r": ""}, "credsStore": "absent", "auths": {"r": encoded("u:p")}})
    assert known.find("r") == Credentials("u", "p")


def test_a_registry_token_of_the_file_stays_beside_a_helper(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "test", 'echo \'{"Username":"u","Secret":"s"}\'')
    known = store(tmp_path, {"credsStore": "test", "auths": {"r": {"registrytoken": "t"}}})
    assert known.find("r") == Credentials("u", "s", registry_token="t")


def is_running(pid: int) -> bool:
    """Return whether a process still runs a second after it should have ended."""
    deadline = time.monotonic() + 1
    while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        if pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return pathlib.Path(f"/proc/{pid}").exists()


def pid_of(path: pathlib.Path) -> int:
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return int(path.read_text())


def test_a_helper_that_hangs_is_ended_with_its_children(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(helpers, "QUIET_S", 0.2)
    helper(
        tmp_path,
        "hangs",
        f"echo call >> {tmp_path}/calls; echo 'enter code 12' >&2; sleep 300 & echo $! > {tmp_path}/pid; trap '' TERM; wait; wait",
    )
    notices: list[Notice] = []
    known = CredentialStore(store(tmp_path, {"credsStore": "hangs"})._environ, notify=notices.append)
    with pytest.raises(LlbfrontError, match="was ended: it did not answer within 1 seconds: enter code 12"):
        known.find("r")
    assert not is_running(pid_of(tmp_path / "pid"))
    assert [(notice.text, notice.is_done) for notice in notices] == [
        ("waiting for docker-credential-hangs: enter code 12", False),
        ("waiting for docker-credential-hangs: enter code 12", True),
    ]
    with pytest.raises(LlbfrontError, match="did not answer"):
        known.find("r")
    assert (tmp_path / "calls").read_text() == "call\n"


def test_closing_the_store_ends_a_helper(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "hangs", f"sleep 300 & echo $! > {tmp_path}/pid; wait")
    known = store(tmp_path, {"credsStore": "hangs"})
    failures: list[BaseException] = []

    def look_up() -> None:
        try:
            known.find("r")
        except LlbfrontError as error:
            failures.append(error)

    thread = threading.Thread(target=look_up)
    thread.start()
    pid = pid_of(tmp_path / "pid")
    assert is_running(pid)
    known.close()
    assert not is_running(pid)
    thread.join(5)
    assert len(failures) == 1


def test_children_that_a_helper_leaves_behind_are_ended(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "leaves", f'sleep 300 & echo $! > {tmp_path}/pid; echo \'{{"Username":"u","Secret":"s"}}\'')
    begun = time.monotonic()
    assert store(tmp_path, {"credsStore": "leaves"}).find("r") == Credentials("u", "s")
    assert time.monotonic() - begun < 10
    assert not is_running(pid_of(tmp_path / "pid"))


def test_a_store_that_was_closed_asks_no_helper(tmp_path: pathlib.Path) -> None:
    helper(tmp_path, "slow", "sleep 300")
    known = store(tmp_path, {"credsStore": "slow"})
    known.close()
    begun = time.monotonic()
    with pytest.raises(LlbfrontError):
        known.find("r")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("text", "expected", "notices"),
    [
        ({"auths": {"r": encoded("env:e")}}, Credentials("env", "e"), 0),
        ({"AUTHS": {"r": encoded("env:e")}}, Credentials("env", "e"), 0),
        ({"auths": {"other": encoded("env:e")}}, Credentials("file", "f"), 0),
        ({}, Credentials("file", "f"), 0),
        ("", Credentials("file", "f"), 0),
        ({"auths": {"r": {"auth": ""}}}, Credentials("file", "f"), 1),
        ({"auths": {"r": {"username": "env"}}}, Credentials("file", "f"), 1),
        ({"auths": {"r": encoded("env:e")}, "credsStore": "x"}, Credentials("file", "f"), 1),
        ({"auths": {"r": encoded("nocolon")}}, Credentials("file", "f"), 1),
        ({"auths": []}, Credentials("file", "f"), 1),
        ("[]", Credentials("file", "f"), 1),
        ("{", Credentials("file", "f"), 1),
        ('{"auths": {}} {}', Credentials("file", "f"), 1),
    ],
)
def test_the_variable_is_read_as_docker_reads_it(tmp_path: pathlib.Path, text: object, expected: Credentials, notices: int) -> None:
    told: list[Notice] = []
    known = store(tmp_path, {"auths": {"r": encoded("file:f")}})
    environ = {**known._environ, "DOCKER_AUTH_CONFIG": text if isinstance(text, str) else json.dumps(text)}
    assert CredentialStore(environ, notify=told.append).find("r") == expected
    assert len(told) == notices
    assert all(notice.text.startswith("DOCKER_AUTH_CONFIG is ignored: ") for notice in told)


@pytest.mark.parametrize("host", ["", "a\nb", "a b", "ä.example", "x" * 10_000, "\0"])
def test_an_invalid_host_is_refused(tmp_path: pathlib.Path, host: str) -> None:
    with pytest.raises(LlbfrontError, match="not a registry host"):
        store(tmp_path, {"credsStore": "absent"}).find(host)


@pytest.mark.parametrize(
    ("host", "known"), [("registry-1.docker.io", True), ("docker.io", True), ("index.docker.io", True), ("hub.docker.io", False)]
)
def test_docker_hub_has_one_entry(tmp_path: pathlib.Path, host: str, known: bool) -> None:
    credentials = store(tmp_path, {"auths": {"https://index.docker.io/v1/": encoded("u:p")}}).find(host)
    assert credentials == (Credentials("u", "p") if known else Credentials())


def test_secrets_are_not_shown(tmp_path: pathlib.Path) -> None:
    assert repr(Credentials("me", "pw", "pw-token", "pw-registry")) == "Credentials(username='me')"
