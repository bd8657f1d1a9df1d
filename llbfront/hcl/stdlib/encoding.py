"""Functions that encode, decode and hash.

Source: encoding and crypto of hashicorp/go-cty-funcs; cty/function/stdlib/json.go and csv.go of zclconf/go-cty.
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import uuid
from urllib.parse import quote_plus

from llbfront.hcl.functions import Function, FunctionError, function, nullable
from llbfront.hcl.stdlib.arguments import whole
from llbfront.hcl.types import NUMBER, STRING, object_of
from llbfront.hcl.values import Value, list_value, object_value, parse_json, string, to_json
from llbfront.optional_packages import install_command

_NAMESPACES = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500}


def _hash(algorithm: str) -> Function:
    @function(STRING)
    def hashed(str: Value) -> Value:  # noqa: A002  the name that messages give it
        return string(hashlib.new(algorithm, str.data.encode(), usedforsecurity=False).hexdigest())

    return hashed


@function(STRING)
def base64_encode(str: Value) -> Value:  # noqa: A002
    return string(base64.b64encode(str.data.encode()).decode())


@function(STRING)
def base64_decode(str: Value) -> Value:  # noqa: A002
    try:
        return string(base64.b64decode(str.data.replace("\n", "").replace("\r", ""), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError) as error:
        raise FunctionError(f"failed to decode base64 data: {error}") from None


@function(STRING)
def url_encode(str: Value) -> Value:  # noqa: A002
    return string(quote_plus(str.data))


@function(nullable())
def json_encode(val: Value) -> Value:
    return string(to_json(val))


@function(STRING)
def json_decode(str: Value) -> Value:  # noqa: A002
    try:
        return parse_json(str.data)
    except (ValueError, RecursionError) as error:
        raise FunctionError(f"not valid JSON: {error}", 0) from None


@function(STRING)
def csv_decode(str: Value) -> Value:  # noqa: A002
    rows = [row for row in csv.reader(io.StringIO(str.data), strict=True) if row]
    if not rows:
        raise FunctionError("missing header line")
    header = rows[0]
    if len(set(header)) != len(header):
        raise FunctionError("duplicate column name")
    if any(len(row) != len(header) for row in rows):
        raise FunctionError("CSV parse error: wrong number of fields")
    type_ = object_of(dict.fromkeys(header, STRING))
    return list_value(
        [object_value({name: string(cell) for name, cell in zip(header, row, strict=True)}) for row in rows[1:]], type_
    )


@function()
def uuid_v4() -> Value:
    return string(str(uuid.uuid4()))


@function(STRING, STRING)
def uuid_v5(namespace: Value, name: Value) -> Value:
    try:
        space = _NAMESPACES.get(namespace.data) or uuid.UUID(namespace.data)
    except ValueError:
        raise FunctionError(f"uuidv5() doesn't support namespace {namespace.data}") from None
    return string(str(uuid.uuid5(space, name.data)))


@function(STRING, STRING)
def rsa_decrypt(ciphertext: Value, privatekey: Value) -> Value:
    try:
        from cryptography.hazmat.primitives.asymmetric import padding, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise FunctionError(f"the package cryptography is needed: {install_command('cryptography')}") from None
    try:
        key = load_pem_private_key(privatekey.data.encode(), None)
        encrypted = base64.b64decode(ciphertext.data, validate=True)
    except (ValueError, TypeError) as error:
        raise FunctionError(f"cannot read the key or the text: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise FunctionError("the key is not an RSA key", 1)
    try:
        return string(key.decrypt(encrypted, padding.PKCS1v15()).decode())
    except ValueError as error:
        raise FunctionError(f"failed to decrypt: {error}") from None


BCRYPT_MAX_BYTES = 72
BCRYPT_COST, BCRYPT_MIN_COST, BCRYPT_MAX_COST = 10, 4, 31


@function(STRING, variadic=NUMBER)
def bcrypt(str: Value, *cost: Value) -> Value:  # noqa: A002
    try:
        import bcrypt as library
    except ImportError:
        raise FunctionError(f"the package bcrypt is needed: {install_command('bcrypt')}") from None
    if len(cost) > 1:
        raise FunctionError("bcrypt() takes no more than two arguments")
    rounds = whole(cost[0], 1) if cost else BCRYPT_COST
    if rounds > BCRYPT_MAX_COST:
        raise FunctionError(f"the cost {rounds} is not between {BCRYPT_MIN_COST} and {BCRYPT_MAX_COST}", 1)
    password = str.data.encode()
    if len(password) > BCRYPT_MAX_BYTES:
        raise FunctionError(f"the password is longer than {BCRYPT_MAX_BYTES} bytes", 0)
    salt = library.gensalt(rounds if rounds >= BCRYPT_MIN_COST else BCRYPT_COST, prefix=b"2a")
    return string(library.hashpw(password, salt).decode())


FUNCTIONS: dict[str, Function] = {
    **{name: _hash(name) for name in ("md5", "sha1", "sha256", "sha512")},
    "base64encode": base64_encode, "base64decode": base64_decode, "urlencode": url_encode, "jsonencode": json_encode,
    "jsondecode": json_decode, "csvdecode": csv_decode, "uuidv4": uuid_v4, "uuidv5": uuid_v5, "rsadecrypt": rsa_decrypt,
    "bcrypt": bcrypt,
}  # fmt: skip
