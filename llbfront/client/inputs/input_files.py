"""Name the local files that a build reads, and refuse to overwrite one of them with a result."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from llbfront.client.inputs.contexts import DEFAULT_NAME, is_remote
from llbfront.errors import OptionError
from llbfront.files.paths import STANDARD_STREAM, identity, is_regular, real_path
from llbfront.files.reading import read_start

if TYPE_CHECKING:
    from llbfront.client.request.build_request import BuildRequest

OCI_LAYOUT = "oci-layout://"
_IGNORE = ".dockerignore"
_RESULT_LIMIT_BYTES = 16 * 1024 * 1024
_IMAGE_ID = re.compile(rb"\s*(sha\d+:\S{0,128}\s*)?")  # empty, an image id, or a placeholder such as sha256:TODO
_REF = re.compile(rb"\s*([0-9a-z]{25}\s*)?")  # empty, or the ref of a build
_RESULT_KEYS = re.compile(r"(containerimage|llbfront\.build|buildx\.build)\..+|image\.name|cache\.manifest")


def refuse_overwriting(request: BuildRequest, outputs: Iterable[tuple[str, str]], others: Iterable[tuple[str, str]] = ()) -> None:
    """Refuse outputs that would overwrite a file that the build reads.

    Args:
        request: what to build.
        outputs: paths of files that will be written, with what they are.
        others: paths of other files that are read, with descriptions.

    Raises:
        OptionError: naming both.
    """
    outputs = [(path, what) for path, what in outputs if is_regular(path)]
    if not outputs:
        return
    names = {identity(path): what for path, what in (*others, *_files(request)) if is_regular(path)}
    stores = [(real_path(path), what) for path, what in _stores(request)]
    for path, what in outputs:
        read = names.get(identity(path)) or next((name for root, name in stores if _is_inside(path, root)), None)
        if read is not None:
            raise OptionError(f"{what} would replace {read}: {path}", hint="name another file")


def refuse_other_content(request: BuildRequest, path: str, flag: str) -> None:
    """Refuse to write a result over a file of a build context, unless that file is empty or the result of an earlier build.

    Args:
        request: what to build.
        path: the result file, which may not exist.
        flag: `--iidfile`, `--metadata-file` or `--ref-file`.

    Raises:
        OptionError: the file holds something else, or cannot be read.
    """
    roots = [real_path(root) for root in _directories(request)]
    if is_regular(path) and any(_is_inside(path, root) for root in roots) and not _is_result(path, flag):
        raise OptionError(f"{flag} would replace a file of the build context: {path}", hint="name another file, or remove it first")


def _is_result(path: str, flag: str) -> bool:
    try:
        data = read_start(path, _RESULT_LIMIT_BYTES)
    except OSError:
        return False
    return _IS_RESULT[flag](data)


def _is_metadata(data: bytes) -> bool:
    if not data.strip():
        return True
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and (not document or _has_result(document) or all(map(_has_result, document.values())))


def _has_result(value: object) -> bool:
    """Return whether a JSON value is the metadata of one build, which a file of `bake` holds for each target."""
    return isinstance(value, dict) and any(map(_RESULT_KEYS.fullmatch, value))


_IS_RESULT: dict[str, Callable[[bytes], bool]] = {
    "--iidfile": lambda data: _IMAGE_ID.fullmatch(data) is not None,
    "--metadata-file": _is_metadata,
    "--ref-file": lambda data: _REF.fullmatch(data) is not None,
}


def dockerfile_paths(file: object, directories: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths that a Dockerfile and ignore files may have, with what they are.

    Args:
        file: what was named as the Dockerfile, None for the usual names. Other values than a path are ignored.
        directories: the contexts.
    """
    paths = [file] if isinstance(file, str) and file != STANDARD_STREAM else []
    for root in directories:
        yield os.path.join(root, _IGNORE), "the ignore file"
        paths += [os.path.join(root, name) for name in (DEFAULT_NAME, DEFAULT_NAME.lower()) if file is None]
    for path in paths:
        yield path, "the Dockerfile"
        yield path + _IGNORE, "the ignore file"


def _files(request: BuildRequest) -> Iterator[tuple[str, str]]:
    yield from dockerfile_paths(request.file, _directories(request))
    yield from ((secret.path, f"the secret {secret.id}") for secret in request.secrets if secret.path is not None)
    if request.source_policy is not None:
        yield request.source_policy, "the source policy"


def _directories(request: BuildRequest) -> Iterator[str]:
    """Yield the directories that are contexts."""
    for value in (request.context, *request.build_contexts.values()):
        if isinstance(value, str) and value != STANDARD_STREAM and not is_remote(value) and os.path.isdir(value):
            yield value


def _stores(request: BuildRequest) -> Iterator[tuple[str, str]]:
    """Yield the directories whose files must not be touched, caches and OCI layouts, with what their files are."""
    for cache in (*request.cache_from, *request.cache_to):
        if cache.type == "local":
            yield cache.attrs.get("src") or cache.attrs["dest"], "a file of the cache"
    for name, value in request.build_contexts.items():
        if isinstance(value, str) and value.startswith(OCI_LAYOUT):
            path = value.removeprefix(OCI_LAYOUT).partition("@")[0]
            yield path if os.path.isdir(path) else path.rpartition(":")[0], f"a file of the OCI layout {name}"


def _is_inside(path: str, root: str) -> bool:
    return real_path(path).startswith(os.path.join(root, ""))
