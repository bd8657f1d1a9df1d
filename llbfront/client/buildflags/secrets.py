"""Parse secrets: `--secret` strings and arguments of the library become SecretSource values.

Source: util/buildflags/secrets.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from llbfront import arguments
from llbfront.client.buildflags import csv
from llbfront.errors import ArgumentError, ContextError, OptionError
from llbfront.short_repr import ShortRepr
from llbfront.suggestions import suggestion

_FLAG_KEYS = ("id", "src", "env", "type")
_MAPPING_KEYS = (*_FLAG_KEYS, "value")
_ALIASES = {"source": "src", "path": "src"}


def _value(value: bytes | str | None, name: str = "value") -> bytes | None:
    """Return the value of a secret as bytes."""
    if isinstance(value, str):
        return value.encode(errors="surrogateescape")
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise arguments.refuse(name, "bytes or a string", value)


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class SecretSource(ShortRepr):
    """A secret, and where its content comes from: a file, an environment variable, or a value in memory.

    A file and a variable are read only when a step asks for the secret. A value is never shown.

    Args:
        id: the name by which steps mount the secret.
        path: the file that holds it.
        env: the environment variable that holds it.
        value: the content; a string is encoded as UTF-8.
    """

    id: str
    path: str | None = attrs.field(default=None, converter=arguments.optional_local_path)
    env: str | None = None
    value: bytes | None = attrs.field(default=None, repr=False, converter=_value)

    def __attrs_post_init__(self) -> None:
        sources = [name for name in ("path", "env", "value") if getattr(self, name) is not None]
        if not self.id:
            raise OptionError("a secret needs an id")
        if len(sources) != 1:
            fault = f"has several sources: {' and '.join(sources)}" if sources else "has no source"
            raise OptionError(f"the secret {self.id} {fault}", hint="use one of path, env and value")
        if self.value is not None:
            _check_size(self.id, len(self.value))


def parse_secret(text: str, *, environ: Mapping[str, str]) -> SecretSource:
    """Read one `--secret`: `id=NAME[,src=FILE][,env=VAR][,type=file|env]`.

    Without file or variable, the variable called like the id is taken, if it is set, else the file of that name.

    Raises:
        OptionError: an unknown key, no id, or both a file and a variable.
        ContextError: the file or the variable does not exist, or the file is larger than an engine takes.
    """
    return _from_keys(csv.pairs(text, option="secret"), _FLAG_KEYS, shown=csv.shown(text), environ=environ)


def convert_secret(
    value: str | Mapping[str, Any] | SecretSource, name: str, *, environ: Mapping[str, str] | None = None
) -> SecretSource:
    """Read a secret of any form: a string as `--secret` takes it, a mapping with the same keys and `value`, or a SecretSource.

    Raises: what `parse_secret` raises. No message holds a value.
    """
    environ = os.environ if environ is None else environ
    if isinstance(value, SecretSource):
        return checked_secret(value, environ)
    if isinstance(value, str):
        return parse_secret(value, environ=environ)
    if not isinstance(value, Mapping):
        raise arguments.refuse(name, "strings, mappings and SecretSource values", value)
    if "id" not in value:
        raise ArgumentError(f"{name} has a mapping without an id", hint='such as {"id": "token", "env": "TOKEN"}')
    keys = {key: item for key, item in value.items() if key != "value" and item is not None}
    shown = arguments.text(value["id"], f"{name}['id']")
    if value.get("value") is None:
        return _from_keys(arguments.attributes(keys, name), _MAPPING_KEYS, shown=shown, environ=environ)
    _check_keys(keys, _MAPPING_KEYS, shown=shown)
    if extra := keys.keys() - {"id"}:
        raise OptionError(f"the secret {shown} has a value and {min(extra)}", hint="use one source")
    return SecretSource(shown, value=value["value"])


def _check_keys(keys: Iterable[str], known: Sequence[str], *, shown: str) -> None:
    """Refuse keys that are not known. Raises: OptionError."""
    if unknown := set(keys) - {*known, *_ALIASES}:
        hint = suggestion(min(unknown), known) or f"keys are {', '.join(known)}"
        raise OptionError(f"invalid secret {shown}: unknown key {min(unknown)}", hint=hint)


def _from_keys(values: Mapping[str, str], known: Sequence[str], *, shown: str, environ: Mapping[str, str]) -> SecretSource:
    _check_keys(values, known, shown=shown)
    keys = {_ALIASES.get(key, key): value for key, value in values.items()}
    kind, name, path, env = keys.get("type"), keys.get("id", ""), keys.get("src"), keys.get("env")
    if kind not in {None, "file", "env"}:
        raise OptionError(f"invalid secret {shown}: unknown type {kind}", hint="use file or env")
    if kind == "env" and env is None:
        path, env = None, path
    if path is not None and env is not None:
        raise OptionError(f"invalid secret {shown}: it names both a file and a variable")
    name = name or (os.path.basename(path) if path else env or "")
    if not name:
        raise OptionError(f"invalid secret {shown}: it has no id")
    is_unsaid = path is None and env is None
    if is_unsaid:
        path, env = (None, name) if kind == "env" or (kind is None and name in environ) else (name, None)
    try:
        return checked_secret(SecretSource(name, path, env), environ)
    except ContextError as error:
        if is_unsaid and kind is None:
            error.add_hint(f"the variable {name} is not set either")
        raise


def checked_secret(secret: SecretSource, environ: Mapping[str, str]) -> SecretSource:
    """Return a secret whose source exists. Raises: ContextError."""
    if secret.env is not None and secret.env not in environ:
        raise ContextError(f"cannot read the secret {secret.id}: the variable {secret.env} is not set")
    if secret.path is not None:
        from llbfront.session.secrets import check_file

        check_file(secret.id, secret.path)
    return secret


def _check_size(name: str, size_bytes: int) -> None:
    from llbfront.session.secrets import LIMIT_BYTES

    if size_bytes > LIMIT_BYTES:
        raise ContextError(f"the secret {name} has {size_bytes} bytes; engines take at most {LIMIT_BYTES}")
