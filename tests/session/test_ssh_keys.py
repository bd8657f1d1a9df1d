"""Private keys that steps use without an agent: key files, and the agent protocol, spoken to OpenSSH's own programs."""

from __future__ import annotations

import base64
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from llbfront.errors import InvalidValue
from llbfront.rpc.services.ssh import SSHMethods
from llbfront.session.bytes_message import decode_bytes, encode_bytes
from llbfront.session.ssh import Ssh, SshAgent, agent
from llbfront.session.ssh_keys import FAILURE, LIMIT_BYTES, RSA_SHA2_256, RSA_SHA2_512, KeyAgent, load_key, load_keys
from tests.session.calls import Peer

Private = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PASSPHRASE = "open sesame"
FORMATS = {
    "openssh": (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH),
    "pkcs8": (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8),
    "traditional": (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL),
}
PRIVATE: dict[str, Private] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "rsa": rsa.generate_private_key(65537, 2048),
    "ecdsa256": ec.generate_private_key(ec.SECP256R1()),
    "ecdsa384": ec.generate_private_key(ec.SECP384R1()),
    "ecdsa521": ec.generate_private_key(ec.SECP521R1()),
}


def encode(key: Private, form: str = "openssh", passphrase: str = "") -> bytes:
    encryption = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return key.private_bytes(*FORMATS[form], encryption)


def public_line(key: Private) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)


@pytest.fixture
def write(tmp_path: pathlib.Path) -> Callable[..., str]:
    def write(data: bytes, name: str = "key") -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("kind", PRIVATE)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_keys_of_all_kinds_and_formats_are_read(write: Callable[..., str], kind: str, form: str, passphrase: str) -> None:
    if kind == "ed25519" and form == "traditional":
        pytest.skip("Ed25519 has no traditional format")
    path = write(encode(PRIVATE[kind], form, passphrase))
    if passphrase:
        with pytest.raises(InvalidValue, match="has a passphrase") as refused:
            load_key(path)
        assert refused.value.hint == f"add it to an SSH agent: ssh-add {path}"
    key = load_key(path, ask_passphrase=lambda _: PASSPHRASE)
    assert base64.b64encode(key.public) == public_line(PRIVATE[kind]).split()[1]
    assert "PRIVATE" not in repr(key) and PASSPHRASE not in repr(key)


def test_a_passphrase_is_asked_for_three_times(write: Callable[..., str]) -> None:
    path = write(encode(PRIVATE["ed25519"], passphrase=PASSPHRASE))
    prompts: list[str] = []
    answers = iter(["wrong", PASSPHRASE])

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return next(answers)

    assert load_key(path, ask_passphrase=ask).public
    assert prompts == [f"Enter passphrase for {path}: "] * 2
    with pytest.raises(InvalidValue, match="wrong passphrase"):
        load_key(path, ask_passphrase=lambda _: "wrong")


def test_a_prompt_that_is_closed_names_the_key(write: Callable[..., str]) -> None:
    path = write(encode(PRIVATE["ed25519"], passphrase=PASSPHRASE))

    def close(_: str) -> str:
        raise EOFError

    with pytest.raises(InvalidValue, match="no passphrase was entered for the SSH key ") as refused:
        load_key(path, ask_passphrase=close)
    assert path in str(refused.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (public_line(PRIVATE["rsa"]), "is a public key, and a private one is needed"),
        (public_line(PRIVATE["ecdsa256"]), "is a public key, and a private one is needed"),
        (b"PuTTY-User-Key-File-3: ssh-ed25519\n", "has PuTTY's format"),
        (b"", "is neither the socket of an SSH agent nor a private SSH key"),
        (b"hello\n", "is neither the socket of an SSH agent nor a private SSH key"),
        (encode(PRIVATE["ed25519"])[:120], "cannot be read"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "cannot be read"),
        (x25519.X25519PrivateKey.generate().private_bytes(*FORMATS["pkcs8"], serialization.NoEncryption()), "unsupported type"),
        (encode(ec.generate_private_key(ec.SECP256K1()), "pkcs8"), "unsupported type"),
        (b"x" * (LIMIT_BYTES + 1), f"it is larger than {LIMIT_BYTES} bytes"),
    ],
)
def test_other_files_are_refused_in_one_line(write: Callable[..., str], data: bytes, message: str) -> None:
    path = write(data)
    with pytest.raises(InvalidValue) as refused:
        load_key(path)
    assert message in str(refused.value) and path in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_opened_are_named(tmp_path: pathlib.Path) -> None:
    for name, message in (("gone", "no such file or directory"), (".", "is a directory")):
        with pytest.raises(InvalidValue, match=message):
            load_key(str(tmp_path / name))
        with pytest.raises(InvalidValue, match=message):
            agent([str(tmp_path / name)])


def test_what_an_agent_is_made_of(write: Callable[..., str], tmp_path: pathlib.Path) -> None:
    first, second = write(encode(PRIVATE["rsa"]), "a"), write(encode(PRIVATE["ed25519"]), "b")
    key_agent = agent([first, second])
    assert isinstance(key_agent, KeyAgent)
    assert [key.comment for key in key_agent.keys] == ["a", "b"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path := str(tmp_path / "s"))
        assert agent([path]) == SshAgent(path)
        for paths in ([path, first], [first, path], [path, path]):
            with pytest.raises(InvalidValue, match="cannot be combined with others"):
                agent(paths)
    with pytest.raises(InvalidValue, match="raw=true needs one"):
        agent([first], is_raw=True)


@pytest.fixture
def served(tmp_path: pathlib.Path) -> Iterator[Callable[[KeyAgent], dict[str, str]]]:
    """Serve an agent on a socket; the value is the environment of a program that uses it."""
    threads: list[threading.Thread] = []

    def serve(key_agent: KeyAgent) -> dict[str, str]:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path := str(tmp_path / "agent.sock"))
        listener.listen()
        listener.settimeout(10)

        def run() -> None:
            with listener:
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection, connection.makefile("rb") as stream:
                        while size := stream.read(4):
                            answer = key_agent.answer(stream.read(int.from_bytes(size, "big")))
                            connection.sendall(len(answer).to_bytes(4, "big") + answer)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return {**os.environ, "SSH_AUTH_SOCK": path}

    yield serve
    assert all(thread.is_alive() for thread in threads)


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs OpenSSH")
@pytest.mark.parametrize("kind", PRIVATE)
def test_openssh_lists_and_verifies(
    write: Callable[..., str], served: Callable[[KeyAgent], dict[str, str]], tmp_path: pathlib.Path, kind: str
) -> None:
    environ = served(
        load_keys([write(encode(PRIVATE[kind]), "mine"), write(encode(ed25519.Ed25519PrivateKey.generate()), "other")])
    )
    listed = subprocess.run(["ssh-add", "-l"], env=environ, capture_output=True, text=True, check=True)
    assert [line.split()[2] for line in listed.stdout.splitlines()] == ["mine", "other"]
    (tmp_path / "mine.pub").write_bytes(public_line(PRIVATE[kind]) + b"\n")
    (tmp_path / "allowed").write_bytes(b"me " + public_line(PRIVATE[kind]) + b"\n")
    (tmp_path / "text").write_text("sign this")
    sign = ["ssh-keygen", "-Y", "sign", "-n", "file", "-f", "mine.pub", "text"]
    (tmp_path / "mine").unlink()  # only the agent has the key now
    subprocess.run(sign, cwd=tmp_path, env=environ, capture_output=True, check=True)
    verify = ["ssh-keygen", "-Y", "verify", "-n", "file", "-f", "allowed", "-I", "me", "-s", "text.sig"]
    done = subprocess.run(verify, cwd=tmp_path, input="sign this", capture_output=True, text=True, check=True)
    assert done.stdout.startswith('Good "file" signature')


def text(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    ("flags", "name"), [(0, b"ssh-rsa"), (RSA_SHA2_256, b"rsa-sha2-256"), (RSA_SHA2_512, b"rsa-sha2-512"), (6, b"rsa-sha2-256")]
)
def test_rsa_signs_with_the_hash_that_is_requested(write: Callable[..., str], flags: int, name: bytes) -> None:
    keys = load_keys([write(encode(PRIVATE["rsa"]))])
    answer = keys.answer(b"\x0d" + text(keys.keys[0].public) + text(b"data") + flags.to_bytes(4, "big"))
    assert answer[:1] == b"\x0e" and answer[5:].startswith(text(name))


@pytest.mark.parametrize(
    "request_",
    [b"", b"\x01", b"\x13", b"\x11" + text(b"k"), b"\x0d", b"\x0d\xff\xff\xff\xff", b"\x0d" + text(b"x") + text(b"y") + b"\0" * 4],
)
def test_everything_else_fails(write: Callable[..., str], request_: bytes) -> None:
    assert load_keys([write(encode(PRIVATE["ed25519"]))]).answer(request_) == bytes([FAILURE])


def test_a_step_is_answered_over_the_session(write: Callable[..., str]) -> None:
    peer = Peer(Ssh({"": load_keys([write(encode(PRIVATE["ed25519"]))])}).services(), SSHMethods.ForwardAgent.path)
    whole = text(b"\x13") + text(b"\x0b")
    for part in (whole[:3], whole[3:7], whole[7:]):
        peer.send(b"".join(encode_bytes(part)))
    assert b"".join(map(decode_bytes, peer.take())).startswith(text(b"\x05") + b"\0\0\0")
    peer.handler.on_half_close()
    assert peer.call.status == (0, "")


def test_an_oversized_request_ends_the_connection(write: Callable[..., str]) -> None:
    peer = Peer(Ssh({"": load_keys([write(encode(PRIVATE["ed25519"]))])}).services(), SSHMethods.ForwardAgent.path)
    peer.send(b"".join(encode_bytes(b"\xff\xff\xff\xff\x0b")))
    assert peer.call.status is not None and peer.call.status[0] == 2


def test_missing_cryptography_is_named(monkeypatch: pytest.MonkeyPatch, write: Callable[..., str]) -> None:
    path = write(encode(PRIVATE["ed25519"]))
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    message = "SSH keys need the cryptography package (pip install cryptography, or use an agent)"
    with pytest.raises(InvalidValue, match=f"^{re.escape(message)}$"):
        load_key(path)


def test_missing_bcrypt_is_named_and_no_wrong_passphrase(monkeypatch: pytest.MonkeyPatch, write: Callable[..., str]) -> None:
    path = write(encode(PRIVATE["ed25519"], passphrase=PASSPHRASE))

    def load(_: bytes, passphrase: bytes | None) -> None:
        if passphrase is None:
            raise TypeError("Key is password-protected, but password was not provided.")
        raise UnsupportedAlgorithm("Need bcrypt module")

    monkeypatch.setattr(serialization, "load_ssh_private_key", load)
    message = "SSH keys with a passphrase need the bcrypt package (pip install bcrypt, or use an agent)"
    with pytest.raises(InvalidValue, match=f"^{re.escape(message)}$"):
        load_key(path, ask_passphrase=lambda _: PASSPHRASE)
