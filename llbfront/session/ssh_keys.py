"""Private SSH keys that steps may use without an SSH agent.

`load` reads a key file; `KeyAgent` holds keys and answers the requests of the agent protocol: list the keys, sign with one. It holds the
keys in memory for one build and never sends them anywhere.

Source: RFC 9987 and RFC 8332 of the IETF for the protocol; session/sshforward/sshprovider of BuildKit for the forms of key files.
"""

from __future__ import annotations

import base64
import os
import stat
from typing import TYPE_CHECKING, Any

import attrs

from llbfront.errors import InvalidValue
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import reason
from llbfront.files.reading import read_bytes
from llbfront.optional_packages import install_command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    AskPassphrase = Callable[[str], str]
    """Ask the user for the passphrase of the key in a file."""

LIMIT_BYTES = 100 * 1024
ATTEMPTS = 3
LIST_KEYS, KEYS, SIGN, SIGNATURE, FAILURE = 11, 12, 13, 14, 5
RSA_SHA2_256, RSA_SHA2_512 = 2, 4
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PEM = b"PRIVATE KEY-----"
_PUBLIC = (b"ssh-", b"ecdsa-", b"sk-", b"-----BEGIN PUBLIC KEY", b"-----BEGIN RSA PUBLIC KEY", b"---- BEGIN SSH2 PUBLIC KEY")
_PUTTY = b"PuTTY-User-Key-File"


@attrs.frozen(eq=False)
class Key:
    """A private key. `public` is its public half as SSH encodes it; `private` is a key of the cryptography package."""

    public: bytes
    comment: str
    private: Any = attrs.field(repr=False)

    def sign(self, data: bytes, flags: int) -> bytes:
        """Return the signature of `data`, with the name of its algorithm in front."""
        kind = _text_at(self.public, 0)[0]
        if kind == b"ssh-ed25519":
            return _texts(kind, self.private.sign(data))
        if kind == b"ssh-rsa":
            return _rsa(self.private, data, flags)
        return _ecdsa(self.private, kind, data)


@attrs.frozen(eq=False)
class KeyAgent:
    """An SSH agent with a fixed set of keys."""

    keys: tuple[Key, ...]

    def answer(self, message: bytes) -> bytes:
        """Return the response to a request, both without their length prefix."""
        try:
            if message[:1] == bytes([LIST_KEYS]):
                keys = [_texts(key.public, key.comment.encode(errors="replace")) for key in self.keys]
                return bytes([KEYS]) + _uint32(len(keys)) + b"".join(keys)
            if message[:1] == bytes([SIGN]):
                return self._sign(message)
        except (ValueError, IndexError):
            pass
        return bytes([FAILURE])

    def _sign(self, message: bytes) -> bytes:
        public, position = _text_at(message, 1)
        data, position = _text_at(message, position)
        flags = int.from_bytes(message[position : position + 4], "big")
        key = next((key for key in self.keys if key.public == public), None)
        return bytes([FAILURE]) if key is None else bytes([SIGNATURE]) + _texts(key.sign(data, flags))


def load_key(path: str, *, ask_passphrase: AskPassphrase | None = None) -> Key:
    """Read a private key in the format of OpenSSH or in PEM.

    Args:
        path: the key file.
        ask_passphrase: called with a prompt when the key is encrypted; returns the passphrase. Without it encrypted keys are refused.

    Raises:
        InvalidValue: the file cannot be read, is not a private key, or is encrypted and no passphrase can be asked for.
    """
    data = _read(path)
    if data.lstrip().startswith(_PUBLIC):
        hint = f"give {path.removesuffix('.pub')}" if path.endswith(".pub") else "give the file without .pub"
        raise InvalidValue(f"the SSH key {path} is a public key, and a private one is needed", hint=hint)
    if data.startswith(_PUTTY):
        raise InvalidValue(f"the SSH key {path} has PuTTY's format", hint="convert it: puttygen KEY -O private-openssh -o NEW")
    if _PEM not in data:
        raise InvalidValue(f"{path} is neither the socket of an SSH agent nor a private SSH key")
    private = _decrypt(data, path, ask_passphrase)
    public = _public(private)
    if public is None:
        raise InvalidValue(f"the SSH key {path} has an unsupported type", hint="RSA, ECDSA and Ed25519 keys are supported")
    return Key(public, os.path.basename(path), private)


def _read(path: str) -> bytes:
    try:
        return read_bytes(path, limit_bytes=LIMIT_BYTES)
    except (OSError, ValueError) as error:
        raise InvalidValue(f"cannot read the SSH key {path}: {reason(error)}", hint=near_path_hint(path)) from None


def is_socket(path: str) -> bool:
    """Return whether a path is a socket. Raises: InvalidValue if there is nothing."""
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        hint = near_path_hint(path) or "name the socket of an agent or a private key"
        raise InvalidValue(f"the SSH agent {path} cannot be used: {reason(error)}", hint=hint) from None


def _decrypt(data: bytes, path: str, ask_passphrase: AskPassphrase | None) -> Any:
    try:
        return _decode(data, None)
    except _Encrypted:
        pass
    except InvalidValue:
        raise
    except ValueError as error:
        raise InvalidValue(f"the SSH key {path} cannot be read: {error}") from None
    if ask_passphrase is None:
        raise InvalidValue(f"the SSH key {path} has a passphrase", hint=f"add it to an SSH agent: ssh-add {path}")
    for _ in range(ATTEMPTS):
        try:
            return _decode(data, ask_passphrase(f"Enter passphrase for {path}: ").encode())
        except EOFError:
            raise InvalidValue(f"no passphrase was entered for the SSH key {path}") from None
        except InvalidValue:
            raise
        except ValueError:
            continue
    raise InvalidValue(f"the SSH key {path} cannot be read: wrong passphrase")


def _package_hint(module: str) -> str:
    return f"{install_command(module)}, or use an agent"


class _Encrypted(Exception):
    """The key has a passphrase, and none was given."""


def _decode(data: bytes, passphrase: bytes | None) -> Any:
    """Decode a key. Raises: _Encrypted, InvalidValue without a package that it needs, ValueError."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise InvalidValue("SSH keys need the cryptography package", hint=_package_hint("cryptography")) from None
    read = serialization.load_ssh_private_key if _OPENSSH in data else serialization.load_pem_private_key
    try:
        return read(data[data.index(b"-----BEGIN ") :], passphrase)
    except TypeError:  # the one signal for a passphrase that is missing
        raise _Encrypted from None
    except UnsupportedAlgorithm as error:
        if "bcrypt" in str(error):
            raise InvalidValue("SSH keys with a passphrase need the bcrypt package", hint=_package_hint("bcrypt")) from None
        raise ValueError(str(error).partition("\n")[0]) from None


def _public(private: Any) -> bytes | None:
    """Encode the public half of a key; None for a type that agents do not serve."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if not isinstance(private, (ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        return None
    try:
        line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except ValueError:  # a curve that SSH does not have
        return None
    return base64.b64decode(line.split()[1])


def _rsa(private: Any, data: bytes, flags: int) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    name: bytes = b"ssh-rsa"
    algorithm: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303  what clients without RFC 8332 ask for
    if flags & RSA_SHA2_256:
        name, algorithm = b"rsa-sha2-256", hashes.SHA256()
    elif flags & RSA_SHA2_512:
        name, algorithm = b"rsa-sha2-512", hashes.SHA512()
    return _texts(name, private.sign(data, PKCS1v15(), algorithm))


def _ecdsa(private: Any, kind: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    algorithm = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[private.curve.key_size]
    return _texts(kind, _texts(*map(_mpint, decode_dss_signature(private.sign(data, ec.ECDSA(algorithm))))))


def _uint32(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _mpint(value: int) -> bytes:
    """Encode a positive number without superfluous zeros, the first bit zero."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _texts(*parts: bytes) -> bytes:
    return b"".join([_uint32(len(part)) + part for part in parts])


def _text_at(data: bytes, position: int) -> tuple[bytes, int]:
    """Return the text at a position and the position after it. Raises: ValueError."""
    start = position + 4
    end = start + int.from_bytes(data[position:start], "big")
    if end > len(data) or start > len(data):
        raise ValueError("a string that ends too early")
    return data[start:end], end


def load_keys(paths: Sequence[str], *, ask_passphrase: AskPassphrase | None = None) -> KeyAgent:
    """Read several keys into one agent. Raises: InvalidValue."""
    return KeyAgent(tuple(load_key(path, ask_passphrase=ask_passphrase) for path in paths))
