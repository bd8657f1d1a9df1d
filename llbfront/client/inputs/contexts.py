"""Find what a build may read locally: the context, the Dockerfile and the named contexts.

`Inputs` holds directories by the names that the frontend uses, files in memory, OCI layouts, and the frontend options that refer to
them. Nothing else of this machine is offered to the engine.

Source: build/opt.go of docker/buildx (loadInputs).
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

import attrs

from llbfront.client.inputs.memory_context import UnclosedFile
from llbfront.errors import ContextError, OptionError
from llbfront.files.near_paths import files_below, near_path_hint
from llbfront.files.paths import STANDARD_STREAM, absolute_path, is_special, open_existing, reason
from llbfront.files.reading import Readable, Replay, read_file, read_start
from llbfront.files.writing import write_file
from llbfront.oci import digest
from llbfront.oci.index import digest_of, find_by_name, tags_of
from llbfront.printable import is_utf8
from llbfront.setting_names import setting, wording
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    import tempfile

    from llbfront.client.request.build_request import BuildRequest
    from llbfront.foreign_json import JsonObject

DEFAULT_NAME = "Dockerfile"
STDIN_DOCKERFILE = "stdin"  # the name of a Dockerfile from standard input
MAIN_CONTEXT = "the build context"
OWN_LOCALS = ("context", "dockerfile")  # names of the session's directories; named contexts with these names get an underscore
_SHOWN_FILES = 3
REMOTE = ("http://", "https://", "git://", "ssh://", "git@", "github.com/")
FRONTEND_CONTEXTS = ("docker-image://", "https://", "http://", "git://", "ssh://", "git@", "target:", "input:")
READ_LIMIT_BYTES = 16 * 1024 * 1024  # what an engine sends in one message


@attrs.frozen
class Inputs:
    """Everything local that the engine may ask for.

    `directories` maps names to absolute paths, `layouts` names of OCI stores to paths, `upload` is an archive to be streamed once
    under the URL that `options["context"]` holds. `temporary` holds what has to be removed after the build, `read_once` the contents
    of pipes by path.
    """

    directories: Mapping[str, str]
    options: Mapping[str, str]
    layouts: Mapping[str, str] = attrs.field(factory=dict)
    upload: tuple[str, Readable] | None = None
    shared_key: str = ""
    dockerfile: str = DEFAULT_NAME
    temporary: tuple[tempfile.TemporaryDirectory[str], ...] = ()
    read_once: dict[str, bytes] = attrs.field(factory=dict, repr=False)

    def read(self, name: str, path: str) -> bytes | None:
        """Read a file of an offered directory; None when it does not exist.

        Raises: ContextError when it cannot be read, NotImplementedError for a directory that is not local.
        """
        if name not in self.directories:
            raise NotImplementedError
        full = os.path.normpath(os.path.join(self.directories[name], path.lstrip("/")))
        if not full.startswith(os.path.join(self.directories[name], "")):
            raise ContextError(f"cannot read {path}: it is outside of the offered directory")
        if full in self.read_once:
            return self.read_once[full]
        try:
            data = read_start(full, READ_LIMIT_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise ContextError(f"cannot read {path}: {reason(error)}") from None
        if is_special(full):
            self.read_once[full] = data
        return data

    def close(self) -> None:
        for directory in self.temporary:
            directory.cleanup()


def gather(
    context: str | bytes | BinaryIO,
    *,
    dockerfile: str | bytes | None = None,
    named: Mapping[str, str] | None = None,
    stdin: BinaryIO | None = None,
    environ: Mapping[str, str] | None = None,
) -> Inputs:
    """Find what `context`, `dockerfile` and the named contexts stand for.

    Args:
        context: a directory, a URL, `-` for standard input, or a tar or Dockerfile in memory.
        dockerfile: a path, an http URL, `-`, or the bytes of a Dockerfile.
        named: paths, URLs, images and layouts by name.
        stdin: what `-` reads.
        environ: the environment, which may name proxies for an http URL.

    Raises:
        ContextError: a path does not exist, cannot be read, or is of the wrong kind.
        OptionError: the arguments contradict each other.
    """
    if context == STANDARD_STREAM and dockerfile == STANDARD_STREAM:
        raise OptionError("standard input cannot be both the context and the Dockerfile")
    if isinstance(dockerfile, str):
        fetched = fetch_dockerfile(dockerfile, environ)
        dockerfile = dockerfile if fetched is None else fetched
    if isinstance(dockerfile, bytes):
        inputs = _with_dockerfile(_without_dockerfile(context, stdin), dockerfile, DEFAULT_NAME)
    elif not isinstance(context, str):
        inputs = _from_stdin(UnclosedFile(context), dockerfile, shown="the context")
    elif context == STANDARD_STREAM:
        inputs = _from_stdin(stdin, dockerfile)
    elif is_remote(context):
        inputs = _from_url(context, dockerfile, stdin)
    else:
        inputs = _from_directory(context, dockerfile, stdin)
    with _closed_on_error(inputs):
        return with_named(inputs, named or {})


@contextlib.contextmanager
def _closed_on_error(inputs: Inputs) -> Iterator[None]:
    """Remove the temporary files of inputs that will not be used."""
    try:
        yield
    except BaseException:
        inputs.close()
        raise


def fetch_dockerfile(dockerfile: str, environ: Mapping[str, str] | None) -> bytes | None:
    """Fetch a Dockerfile that is named by an http URL; None for any other. Raises: ContextError."""
    if ("://" not in dockerfile and "@" not in dockerfile) or os.path.lexists(dockerfile):
        return None
    from llbfront.client.inputs import remote_dockerfile

    remote_dockerfile.refuse_git(dockerfile)
    return remote_dockerfile.fetch(dockerfile, environ) if remote_dockerfile.is_url(dockerfile) else None


def named_by(request: BuildRequest) -> Iterator[tuple[str, str]]:
    """Yield the paths that a request has read locally, with what they are."""
    if request.context == STANDARD_STREAM:
        yield STANDARD_STREAM, "the build context"
    if isinstance(request.file, str):
        yield request.file, "the Dockerfile"
    if request.source_policy is not None:
        yield request.source_policy, "the source policy"
    yield from ((secret.path, f"the secret {secret.id}") for secret in request.secrets if secret.path is not None)


def _without_dockerfile(context: str | bytes | BinaryIO, stdin: BinaryIO | None) -> Inputs:
    """Find the inputs of a context whose Dockerfile comes from elsewhere."""
    if not isinstance(context, str) or context == STANDARD_STREAM:
        stream = stdin if isinstance(context, str) else UnclosedFile(context)
        archive = _from_archive(_stream(stream))
        if archive is None:
            raise OptionError("the context is not a tar, and the Dockerfile is given separately")
        return archive
    if is_remote(context):
        return Inputs({}, {"context": context})
    root = readable_directory(context, MAIN_CONTEXT)
    return Inputs({"context": root}, {}, shared_key=_key_of(root))


def _key_of(path: str) -> str:
    """Return a key by which the engine recognises a directory that it has a copy of, without revealing its name."""
    return digest.of(path.encode(errors="surrogateescape")).removeprefix("sha256:")


def is_remote(context: str) -> bool:
    return context.startswith(REMOTE) and not os.path.isdir(context)


def _from_directory(context: str, dockerfile: str | None, stdin: BinaryIO | None) -> Inputs:
    root = readable_directory(context, MAIN_CONTEXT)
    shared_key = _key_of(root)
    if dockerfile == STANDARD_STREAM:
        return _with_dockerfile(Inputs({"context": root}, {}, shared_key=shared_key), _read(stdin), STDIN_DOCKERFILE)
    path = os.path.join(root, DEFAULT_NAME) if dockerfile is None else dockerfile
    shown = os.path.join(context, DEFAULT_NAME) if dockerfile is None else dockerfile
    path = _existing_dockerfile(
        path,
        shown=shown,
        hint=_hint_without_dockerfile(context) if dockerfile is None else _hint_of_file(context, dockerfile),
    )
    folder, name = os.path.split(absolute_path(path))
    if is_special(path) or not is_utf8(name):
        return _with_dockerfile(Inputs({"context": root}, {}, shared_key=shared_key), read_dockerfile(path), shown)
    return Inputs({"context": root, "dockerfile": folder}, {"filename": name}, shared_key=shared_key, dockerfile=name)


def _from_url(url: str, dockerfile: str | None, stdin: BinaryIO | None) -> Inputs:
    inputs = Inputs({}, {"context": url}, dockerfile=dockerfile or DEFAULT_NAME)
    if dockerfile == STANDARD_STREAM:
        return _with_dockerfile(inputs, _read(stdin), STDIN_DOCKERFILE)
    if dockerfile is not None and os.path.isabs(dockerfile):
        path = _existing_dockerfile(dockerfile, shown=dockerfile)
        folder, name = os.path.split(path)
        if is_special(path) or not is_utf8(name):
            return _with_dockerfile(inputs, read_dockerfile(path), dockerfile)
        return attrs.evolve(
            inputs, directories={"dockerfile": folder}, options={**inputs.options, "filename": name, "dockerfilekey": "dockerfile"}
        )
    return attrs.evolve(inputs, options={**inputs.options, "filename": dockerfile or DEFAULT_NAME})


def _from_stdin(stdin: Readable | None, dockerfile: str | None, *, shown: str = "standard input") -> Inputs:
    stream = _stream(stdin)
    if archive := _from_archive(stream, dockerfile):
        return archive
    if dockerfile is not None:
        raise OptionError(f"{shown} is a Dockerfile, and {setting('file')} names another one")
    data = _read(stream)
    empty = _temporary_directory("llbfront-empty-")
    return _with_dockerfile(Inputs({"context": empty.name}, {}, temporary=(empty,)), data, STDIN_DOCKERFILE)


def _stream(stdin: Readable | None) -> Replay:
    if stdin is None:
        raise ContextError("cannot read the build context from standard input: it is closed")
    return Replay(stdin)


def _from_archive(stream: Replay, dockerfile: str | None = None) -> Inputs | None:
    """Serve a tar as the context; None if the stream does not begin as one."""
    from llbfront.client.inputs.archives import archive_stream

    archive = archive_stream(stream)
    if archive is None:
        return None
    key = os.urandom(13).hex()
    options = {"context": f"http://buildkit-session/{key}", "filename": dockerfile or DEFAULT_NAME}
    return Inputs({}, options, upload=(f"/{key}", archive), dockerfile=dockerfile or DEFAULT_NAME)


def _with_dockerfile(inputs: Inputs, data: bytes, shown: str) -> Inputs:
    """Serve a Dockerfile that is not in the context from a separate directory."""
    with _closed_on_error(inputs):
        folder = _temporary_directory("llbfront-dockerfile-")
    inputs = attrs.evolve(
        inputs,
        directories={**inputs.directories, "dockerfile": folder.name},
        options={**inputs.options, "filename": DEFAULT_NAME, "dockerfilekey": "dockerfile"},
        dockerfile=shown,
        temporary=(*inputs.temporary, folder),
    )
    with _closed_on_error(inputs):
        write_file(os.path.join(folder.name, DEFAULT_NAME), data)
    return inputs


def _temporary_directory(prefix: str) -> tempfile.TemporaryDirectory[str]:
    import tempfile

    try:
        return tempfile.TemporaryDirectory(prefix=prefix)
    except OSError as error:
        raise ContextError(f"cannot make a temporary directory: {reason(error)}", hint="set TMPDIR to another directory") from None


def _read(stdin: Readable | None) -> bytes:
    """Read a Dockerfile from standard input."""
    if stdin is None:
        raise ContextError("cannot read the Dockerfile from standard input: it is closed")
    try:
        data = stdin.read(READ_LIMIT_BYTES + 1)
    except OSError as error:
        raise ContextError(f"cannot read the Dockerfile from standard input: {reason(error)}") from None
    if len(data) > READ_LIMIT_BYTES:
        raise ContextError(f"cannot read the Dockerfile from standard input: it is larger than {READ_LIMIT_BYTES} bytes")
    return data


def read_dockerfile(path: str) -> bytes:
    """Read a Dockerfile that is not a regular file, such as a pipe, or whose name cannot be sent. Raises: ContextError."""
    return read_file(path, "the Dockerfile", limit_bytes=READ_LIMIT_BYTES)


def _hint_of_file(context: str, dockerfile: str) -> str | None:
    """Return where the file is that `-f` names, if it is in the context."""
    inside = os.path.join(context, dockerfile)
    if not os.path.isfile(inside):
        return near_path_hint(inside, is_meant=os.path.isfile)
    return f"the path is relative to the current directory: {setting('file', inside)}"


def _hint_without_dockerfile(context: str) -> str:
    """Return how to name a Dockerfile, and the Dockerfiles in directories of a context that has none itself."""
    below = [os.path.normpath(path) for path in files_below(context, DEFAULT_NAME)]
    hint = f"name it with {setting('file', 'FILE')}"
    return f"{hint}; there is {', '.join(below[:_SHOWN_FILES])}" if below else hint


def _existing_dockerfile(path: str, *, shown: str, hint: str | None = None) -> str:
    if not os.path.lexists(path) and os.path.basename(path) == DEFAULT_NAME:
        lower = os.path.join(os.path.dirname(path), DEFAULT_NAME.lower())
        path = lower if os.path.lexists(lower) else path
    try:
        if not is_special(path):
            os.close(open_existing(path, os.O_RDONLY))
    except FileNotFoundError:
        raise ContextError(
            f"cannot read the Dockerfile {shown}: no such file", hint=near_path_hint(path, is_meant=os.path.isfile) or hint
        ) from None
    except (OSError, ValueError) as error:
        raise ContextError(f"cannot read the Dockerfile {shown}: {reason(error)}") from None
    return path


def refuse_absent(path: str) -> None:
    """Refuse a path of a directory or a Dockerfile where nothing is. Raises: ContextError."""
    if not os.path.lexists(path):
        said = wording(command="- reads a Dockerfile from standard input", library="a string has a line break")
        hint = said if " " in path else near_path_hint(path)
        raise ContextError(f"cannot read {path}: no such file or directory", hint=hint)


def readable_directory(path: str, what: str) -> str:
    """Return the absolute path of a directory that can be listed.

    Raises:
        ContextError: it is absent, no directory, or unreadable.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        text = "no such directory" if isinstance(error, FileNotFoundError) else reason(error)
        hint = _hint_of_text() if what == MAIN_CONTEXT and "\n" in path else near_path_hint(path, is_meant=os.path.isdir)
        raise ContextError(f"cannot read {what} {path}: {text}", hint=hint) from None
    if not stat.S_ISDIR(mode):
        kind = "a file, not a directory" if stat.S_ISREG(mode) else "not a directory"
        is_dockerfile = what == MAIN_CONTEXT and stat.S_ISREG(mode)
        hint = f"name a Dockerfile with {setting('file')}" if is_dockerfile else None
        raise ContextError(f"cannot read {what} {path}: it is {kind}", hint=hint)
    if not os.access(path, os.R_OK | os.X_OK):
        raise ContextError(f"cannot read {what} {path}: permission denied")
    return absolute_path(path)


def _hint_of_text() -> str:
    """Return how to give the text of a Dockerfile that was given as a path."""
    return wording(command="-f - reads a Dockerfile from standard input", library="pass the text of a Dockerfile with file")


def with_named(inputs: Inputs, named: Mapping[str, str]) -> Inputs:
    """Add named contexts. Raises: ContextError."""
    directories, options, layouts = dict(inputs.directories), dict(inputs.options), dict(inputs.layouts)
    for name, value in named.items():
        if value.startswith(FRONTEND_CONTEXTS):
            options[f"context:{name}"] = value
        elif value.startswith("oci-layout://"):
            path, reference = _layout(value.removeprefix("oci-layout://"), name)
            layouts[name] = path
            options[f"context:{name}"] = f"oci-layout://{name}@{reference}"
        else:
            local = f"_{name}" if name in OWN_LOCALS else name
            directories[local] = readable_directory(value, f"the build context {name} from")
            options[f"context:{name}"] = f"local:{local}"
            options[f"sharedkey:localdir:{local}"] = _key_of(directories[local])
    return attrs.evolve(inputs, directories=directories, options=options, layouts=layouts)


def _layout(value: str, name: str) -> tuple[str, str]:
    """Split `path[:tag][@digest]` of an OCI layout; without a digest, look the tag (default `latest`) up in its index."""
    path, at, digest = value.partition("@")
    tag = "latest"
    if not os.path.isdir(path) and ":" in path:
        path, _, tag = path.rpartition(":")
    root = readable_directory(path, f"the OCI layout {name}")
    return root, digest if at else _digest_of_tag(root, tag)


def checked_layout(root: str) -> str:
    """Return the directory of an OCI layout. Raises: ContextError if it is none."""
    _manifests_of(root)
    return root


def _manifests_of(root: str) -> tuple[JsonObject, ...]:
    from llbfront.session.oci_layout import Layout

    try:
        return tuple(Layout(root).manifests())
    except ContextError as error:
        raise ContextError(f"cannot read the OCI layout {root}: {error.message}") from None


def _digest_of_tag(root: str, tag: str) -> str:
    manifests = _manifests_of(root)
    descriptor = find_by_name(manifests, tag)
    if descriptor is None and len(manifests) == 1 and tag == "latest":
        (descriptor,) = manifests
    if descriptor is not None:
        return digest_of(descriptor)
    tags = tags_of(manifests)
    hint = suggestion(tag, tags) or (f"its tags are {', '.join(tags)}" if tags else "name its image by digest: PATH@sha256:…")
    raise ContextError(f"the OCI layout {root} has no image tagged {tag}", hint=hint)
