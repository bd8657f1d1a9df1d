"""Resolve paths inside Linux and Windows images: make them absolute, clean them and remove drive letters.

Source: util/system/path.go of BuildKit.
"""

from __future__ import annotations

from llbfront.errors import InvalidValue
from llbfront.gostd.path import join
from llbfront.gostd.strconv import quote

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def to_slash(path: str, os: str) -> str:
    """Turn the separators of `os` into slashes."""
    return path.replace("\\", "/") if os == "windows" else path


def is_absolute(path: str, os: str) -> bool:
    """Return whether a path is absolute; a path on another drive than C: is not."""
    try:
        return without_drive(path, os).startswith("/")
    except InvalidValue:
        return False


def absolute(parent: str, path: str, os: str, *, keep_slash: bool) -> str:
    """Make a path absolute against `parent`. Only what is joined is cleaned: an absolute Linux path stays as written.

    With `keep_slash` a trailing `/` or `/.` survives. Raises: InvalidValue for a path off the system drive.
    """
    typed = path = to_slash(path, os)
    parent = _taken_off(to_slash(parent, os) or "/", os, keep_slash=keep_slash)
    if not is_absolute(parent, os):
        parent = join("/", parent)
    path = _taken_off(path or parent, os, keep_slash=keep_slash)
    if not is_absolute(path, os):
        path = join(parent, path)
    if keep_slash:
        if typed.endswith("/") and not path.endswith("/"):
            path += "/"
        elif typed.endswith("/."):
            path += "." if path == "/" else "/."
    return to_slash(path, os)


def without_drive(path: str, os: str, *, keep_slash: bool = False) -> str:
    """Remove the drive C: from a Windows path and clean it; Linux paths are returned unchanged."""
    if os != "windows":
        return path
    if len(path) == 2 and path[1] == ":":
        raise InvalidValue(f"No relative path specified in {quote(path)}")
    if to_slash(path[:2], os) == "//":
        raise InvalidValue("UNC paths are not supported")
    drive, colon, rest = path.partition(":")
    if colon and drive.lower() != "c":
        raise InvalidValue("The specified path is not on the system drive (C:)")
    return _clean(to_slash(rest if colon else path, os), keep_slash=keep_slash)


def _taken_off(path: str, os: str, *, keep_slash: bool) -> str:
    try:
        return without_drive(path, os, keep_slash=keep_slash)
    except InvalidValue as error:
        raise InvalidValue(f"removing drive letter: {error.message}") from error


def _clean(path: str, *, keep_slash: bool) -> str:
    """Parity: the slash after a name of one byte is lost."""
    cleaned = join(path) or "."
    return f"{cleaned}/" if keep_slash and len(cleaned.encode()) > 1 and path.endswith("/") else cleaned


def workdir(current: str, path: str, os: str) -> str:
    """Return the working directory after `WORKDIR path`, in the separators of `os`."""
    try:
        directory = absolute(current, path, os, keep_slash=False)
    except InvalidValue as error:
        raise InvalidValue(f"normalizing workdir: normalizing working directory: {error.message}") from error
    return directory.replace("/", "\\") if os == "windows" else directory


def source(path: str, os: str) -> str:
    """Return the absolute source path of COPY or ADD."""
    try:
        return absolute("/", path, os, keep_slash=False)
    except InvalidValue as error:
        raise InvalidValue(f"removing drive letter: {error.message}") from error


def destination(cwd: str, path: str, os: str) -> str:
    """Return the absolute destination of COPY or ADD. A trailing `/` or `/.` is kept."""
    path = _taken_off(path, os, keep_slash=True)
    if is_absolute(path, os):
        return absolute("/", path, os, keep_slash=True)
    return absolute(cwd, "./" if path in {"", "."} else path, os, keep_slash=True)


def last_element(path: str) -> str:
    """Return the last element of a path, `/` for the root."""
    return path.rstrip("/").rpartition("/")[2] or path[:1]


def rooted(path: str) -> str:
    """Return a path relative to the root of its context."""
    return join("/", path)
