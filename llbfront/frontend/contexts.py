"""Load the main build context and the Dockerfile in it: local, from git, from the web, or an input of the solve.

Source: frontend/dockerui/context.go, ReadEntrypoint and dockerIgnorePatterns in frontend/dockerui/config.go of BuildKit.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.dockerfile2llb import git_ref
from llbfront.dockerfile2llb.image_paths import last_element
from llbfront.dockerfile2llb.remote_sources import git_state
from llbfront.dockerfile2llb.resolved_plan import LocalSource
from llbfront.errors import ContextError, LlbfrontError
from llbfront.frontend.files import MissingFile, TooLarge, check_size, read_file
from llbfront.frontend.ignorefile import IGNORE, IgnoreFile
from llbfront.fsutil.archive import sniff
from llbfront.gostd.path import join
from llbfront.gostd.strconv import parse_bool
from llbfront.llb.op import OpMeta

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Reference
    from llbfront.frontend.options import Options
    from llbfront.source import Source

DOCKERFILE = "Dockerfile"
_SNIFFED = 1024


@attrs.frozen(eq=False)
class MainContext:
    """Where the context and the Dockerfile are. A state is None where a local directory of that name is meant."""

    local: str = "context"
    dockerfile_local: str = "dockerfile"
    filename: str = DOCKERFILE
    state: llb.State | None = None
    dockerfile: llb.State | None = None
    source: llb.State | None = None
    archive: Reference | None = None
    archive_name: str = ""


@attrs.frozen(eq=False)
class Entry:
    """The content of the Dockerfile, the digest of the vertex that it was read from, and its ignore file, if there is one."""

    source: Source
    digest: str
    ignore: bytes | None


def find_context(bridge: Bridge, options: Options) -> MainContext:
    """Find out what the context is. Asks the engine only where the context is a file on the web, or may be an input."""
    texts = options.texts
    context = MainContext(
        dockerfile_local=texts.get("dockerfilekey", "dockerfile"),
        filename=texts.get("filename", DOCKERFILE),
    )
    where = texts.get(texts.get("contextkey", "context"), "")
    try:
        context = _git_context(context, git_ref.parse(where), where, options)
    except git_ref.NotGit:
        if where.startswith(("http://", "https://")):
            context = _http_context(context, where, bridge)
        elif bridge.caps.supports("frontend.inputs"):
            context = _input_context(context, bridge, force_local="dockerfilekey" in texts)
    if context.state is not None and "contextsubdir" in texts:
        copy = llb.Copy(context.state, texts["contextsubdir"], "/", dir_copy_contents=True)
        context = attrs.evolve(context, state=llb.scratch().file(copy))
    return attrs.evolve(context, dockerfile=None) if "dockerfilekey" in texts else context


def git_context(git: git_ref.GitSource, text: str, *, keep: bool, mtime: str, advice: bool) -> llb.State:
    """Return the files of a git source that is a context. An mtime in its URL takes precedence over `mtime`."""
    git = attrs.evolve(git, keep_git_dir=keep or bool(git.keep_git_dir))
    meta = OpMeta(name=f"[internal] load git source {text}")
    return git_state(git, advice=advice, mtime=git.mtime or mtime, meta=meta)


def _git_context(context: MainContext, git: git_ref.GitSource, text: str, options: Options) -> MainContext:
    args = options.convert_options.build_args
    keep = bool(parse_bool(args.get("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "")))
    mtime = "commit" if args.get("SOURCE_DATE_EPOCH") else ""
    state = git_context(git, text, keep=keep, mtime=mtime, advice=options.convert_options.git_advice)
    return attrs.evolve(context, state=state, dockerfile=state, source=state)


def _http_context(context: MainContext, text: str, bridge: Bridge) -> MainContext:
    """Return the context for a file from the web: the content of an archive, else the file as the Dockerfile."""
    source = llb.http(text, filename="context", meta=OpMeta(name="[internal] load remote build context"))
    (ref,) = bridge.solve([llb.marshal(source, caps=bridge.caps)])
    if ref is None:
        raise LlbfrontError("failed to resolve httpcontext")
    try:
        beginning = ref.read_file("context", limit=_SNIFFED)
    except LlbfrontError as error:
        raise error.prefixed("failed to read downloaded context") from error
    if sniff(beginning) is None:
        return attrs.evolve(context, filename="context", state=source, dockerfile=source, source=source)
    unpacked = llb.scratch().file(llb.Copy(source, "/context", "/", attempt_unpack=True))
    return attrs.evolve(context, state=unpacked, dockerfile=unpacked, source=source, archive=ref, archive_name="context")


def _input_context(context: MainContext, bridge: Bridge, *, force_local: bool) -> MainContext:
    inputs = bridge.inputs()
    if not force_local and context.dockerfile_local in inputs:
        context = attrs.evolve(context, dockerfile=llb.load(inputs[context.dockerfile_local]))
    return attrs.evolve(context, state=llb.load(inputs["context"])) if "context" in inputs else context


def read_dockerfile(bridge: Bridge, options: Options, context: MainContext) -> Entry:
    """Read the Dockerfile and the ignore file with its name."""
    name = context.filename
    state = context.dockerfile
    if state is None:
        names = [name, f"{name}{IGNORE}"]
        if last_element(name) == DOCKERFILE:
            names.append(_lower(name))
        state = _local_files(
            context.dockerfile_local,
            options.session(context.dockerfile_local, bridge.session_id),
            names,
            hint=context.dockerfile_local,
            vertex=f"[internal] load build definition from {name}",
        )
    definition = llb.marshal(state, caps=bridge.caps)
    reader = _Reader(bridge, definition, context.dockerfile_local if context.dockerfile is None else None)
    try:
        data = _read_either(reader, name)
    except LlbfrontError as error:
        raise error.prefixed(f"failed to {'resolve' if reader.is_unsolved else 'read'} dockerfile") from error
    try:
        ignore = reader.read(f"{name}{IGNORE}")
    except ContextError:  # it is there and cannot be read
        raise
    except LlbfrontError:
        ignore = None
    return Entry(llb.SourceMap(name, data, definition=definition), definition.digests[-2] if definition.digests else "", ignore)


def read_file_of(bridge: Bridge, options: Options, context: MainContext, path: str) -> llb.SourceMap:
    """Read a file of the main context. Raises: LlbfrontError."""
    local = context.local if context.state is None else None
    state = context.state or _local_files(
        context.local,
        options.session(context.local, bridge.session_id),
        [path],
        hint=context.local,
        vertex=f"[internal] load {path}",
    )
    definition = llb.marshal(state, caps=bridge.caps)
    return llb.SourceMap(path, _Reader(bridge, definition, local).read(path), definition=definition)


def _lower(name: str) -> str:
    return join(posixpath.dirname(name), DOCKERFILE.lower())


def _read_either(reader: _Reader, name: str) -> bytes:
    """Read the Dockerfile; where the common name is asked for, its lower-case form is tried, too."""
    try:
        return reader.read(name)
    except TooLarge:
        raise
    except LlbfrontError:
        if last_element(name) != DOCKERFILE:
            raise
        try:
            return reader.read(_lower(name))
        except LlbfrontError:
            pass
        raise


class _Reader:
    """Files of a local directory, read right here if the bridge can, else out of a solved definition."""

    def __init__(self, bridge: Bridge, definition: llb.Definition, local: str | None, *, evaluate: bool = False) -> None:
        self.bridge = bridge
        self.definition = definition
        self.local = local
        self.evaluate = evaluate
        self.is_unsolved = False  # the engine could not solve what is read from
        self._ref: Reference | None = None

    def read(self, path: str) -> bytes:
        if self.local is not None:
            try:
                data = self.bridge.local_file(self.local, path)
            except NotImplementedError:
                self.local = None
            else:
                if data is None:
                    raise MissingFile(path)
                check_size(len(data), path)
                return data
        if self._ref is None:
            self.is_unsolved = True
            (self._ref,) = self.bridge.solve([self.definition], evaluate=self.evaluate)
            self.is_unsolved = False
        if self._ref is None:
            raise MissingFile(path)
        return read_file(self._ref, path)


def _local_files(name: str, session: str, paths: list[str], *, hint: str, vertex: str) -> llb.State:
    return llb.local(name, session=session, follow_paths=paths, shared_key_hint=hint, differ="none", meta=OpMeta(name=vertex))


def read_ignore(bridge: Bridge, options: Options, context: MainContext, entry: Entry) -> IgnoreFile:
    """Read the ignore file of a local context: the one with the name of the Dockerfile, else the one in the root of the context."""
    if context.state is not None:
        return IgnoreFile()
    if entry.ignore is not None:
        return IgnoreFile.parse(entry.ignore, f"{context.filename}{IGNORE}")
    session = options.session(context.local, bridge.session_id)
    hint = f"{context.local}-{IGNORE}"
    state = _local_files(context.local, session, [IGNORE], hint=hint, vertex=f"[internal] load {IGNORE}")
    return _ignore_file(bridge, state, context.local)


def _ignore_file(bridge: Bridge, state: llb.State, local: str, *, evaluate: bool = False) -> IgnoreFile:
    reader = _Reader(bridge, llb.marshal(state, caps=bridge.caps), local, evaluate=evaluate)
    try:
        data = reader.read(IGNORE)
    except ContextError:  # it is there and cannot be read
        raise
    except LlbfrontError:
        if reader.is_unsolved:
            raise
        return IgnoreFile()
    return IgnoreFile.parse(data)


def named_local(bridge: Bridge, options: Options, name: str, key: str, shared_key: str) -> LocalSource:
    """Return a local directory that is a named context, with the patterns of its ignore file."""
    session = options.session(name, bridge.session_id)
    state = _local_files(name, session, [IGNORE], hint=f"context:{key}-{IGNORE}", vertex=f"[context {key}] load {IGNORE}")
    ignore = _ignore_file(bridge, state, name, evaluate=True)  # so a directory that is not there is missed here
    return LocalSource(name, session, f"context:{key}-{shared_key}", ignore.patterns, f"[context {key}] load from client")


def files_of(bridge: Bridge, options: Options, context: MainContext, excludes: tuple[str, ...]) -> llb.State | LocalSource:
    """Return the main context in the form that the conversion takes."""
    if context.state is not None:
        return context.state
    session = options.session(context.local, bridge.session_id)
    return LocalSource(context.local, session, context.local, excludes, "[internal] load build context")
