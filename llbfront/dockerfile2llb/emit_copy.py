"""Convert COPY and ADD to file ops.

Each instruction becomes one FileOp with a copy action per source; `--link` adds a separate FileOp and a MergeOp.

Source: frontend/dockerfile/dockerfile2llb/convert_copy.go of BuildKit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.dockerfile.instructions import Add, Copy
from llbfront.dockerfile2llb import git_ref, image_paths
from llbfront.dockerfile2llb.remote_sources import git_state, http_filename
from llbfront.errors import DockerfileError, InvalidDigest
from llbfront.gostd.filepath import has_wildcards
from llbfront.gostd.path import join
from llbfront.gostd.strconv import quote
from llbfront.llb.op import OpMeta, ProgressGroup
from llbfront.oci import digest

if TYPE_CHECKING:
    from llbfront.dockerfile.statements import Heredoc
    from llbfront.dockerfile2llb.expansion_state import ExpandedStep
    from llbfront.dockerfile2llb.stage_builder import StageBuilder
    from llbfront.llb.state import State

_OCTAL = r"[0-7]+"
_SYMBOLIC = r"[augo]*(?:[-+=][rstwXxugo]*)+(?:,[augo]*(?:[-+=][rstwXxugo]*)+)*"
_INLINE = OpMeta(name="[internal] preparing inline document")
_MAX_MODE = 0o7777


def transfer(builder: StageBuilder, step: ExpandedStep, instruction: Add | Copy) -> None:
    """COPY and ADD."""
    files = _files(builder, step, instruction)
    copying = _Copying(builder, step, instruction, files)
    _emit(builder, step, instruction, tuple(copying.actions()), copying.name)
    builder.image_config.commit(*copying.history(), has_layer=True)


def _files(builder: StageBuilder, step: ExpandedStep, instruction: Add | Copy) -> State:
    if not step.sources:
        return builder.conversion.context
    if step.sources[0] == builder.plan.number:
        return builder.state
    source = builder.conversion.built_stages.get(step.sources[0])
    if source is None:
        origin = instruction.origin if isinstance(instruction, Copy) else ""
        raise DockerfileError(
            f"cannot copy from stage {quote(origin)}, it needs to be defined before current stage {quote(builder.step_names.label)}"
        )
    return source.state


class _Copying:
    """The copies of one instruction. `checksum` and `keep_git_dir` pass from one git source on to the next."""

    def __init__(self, builder: StageBuilder, step: ExpandedStep, instruction: Add | Copy, files: State) -> None:
        self.builder = builder
        self.instruction = instruction
        self.files = files
        self.reads_context = not step.sources
        self.os = builder.platform.os
        self.dest = image_paths.destination(builder.state.cwd, instruction.destination, self.os)
        builder.conversion.budget.count_history(len(self.dest))
        self.is_add = isinstance(instruction, Add)
        self.owner = self._owner()
        self.mode = _mode(instruction.chmod)
        self.checksum = instruction.checksum if isinstance(instruction, Add) else ""
        self.keep_git_dir = instruction.keep_git_dir if isinstance(instruction, Add) else None
        self.unpack = instruction.unpack if isinstance(instruction, Add) else None
        self.parents = isinstance(instruction, Copy) and instruction.parents
        self._check_checksum()
        self.name = builder.step_names.take(step.name, builder.platform, step.env, is_trigger=step.is_trigger)

    def _owner(self) -> llb.Owner | None:
        chown = self.instruction.chown
        owner = llb.Owner.parse(chown) if chown else None
        if owner and self.instruction.link and any(isinstance(part, str) and part for part in (owner.user, owner.group)):
            raise DockerfileError(
                f"--chown={chown}: user and group names can't be resolved when used with --link, use numeric uid[:gid] instead"
            )
        return owner

    def _check_checksum(self) -> None:
        if not self.checksum:
            return
        if len(self.instruction.sources) != 1:
            raise DockerfileError("checksum can't be specified for multiple sources")
        if not git_ref.is_http(self.instruction.sources[0]) and not git_ref.is_git(self.instruction.sources[0]):
            raise DockerfileError("checksum requires HTTP(S) or Git sources")

    def actions(self) -> Iterator[llb.Copy]:
        for source in self.instruction.sources:
            yield self._action(source)
        for heredoc in self.instruction.contents:
            yield self._inline(heredoc)

    def _action(self, source: str) -> llb.Copy:
        try:
            git = git_ref.parse(source)
        except git_ref.NotGit:
            git = None
        if git and not git.looks_local:
            return self._git(git)
        if git is None and source.startswith(("http://", "https://")):
            return self._http(source)
        return self._path(source)

    def _git(self, git: git_ref.GitSource) -> llb.Copy:
        if not self.is_add:
            raise DockerfileError("source can't be a git ref for COPY", hint="use ADD for git repositories")
        if None not in (self.keep_git_dir, git.keep_git_dir) and self.keep_git_dir != git.keep_git_dir:
            raise DockerfileError(
                "inconsistent keep-git-dir configuration", hint="--keep-git-dir and the URLs of one ADD must agree"
            )
        if self.checksum and git.checksum and self.checksum != git.checksum:
            raise DockerfileError(
                f"checksum mismatch {quote(self.checksum)} != {quote(git.checksum)}",
                hint="--checksum and the URLs of one ADD must agree",
            )
        self.keep_git_dir = self.keep_git_dir if git.keep_git_dir is None else git.keep_git_dir
        self.checksum = git.checksum or self.checksum
        git = attrs.evolve(git, keep_git_dir=self.keep_git_dir, checksum=self.checksum)
        state = git_state(git, advice=self.builder.conversion.options.git_advice, meta=OpMeta(name=self.name))
        return self._copy(state, "/")

    def _http(self, source: str) -> llb.Copy:
        if not self.is_add:
            raise DockerfileError("source can't be a URL for COPY", hint="use ADD for URLs")
        filename = http_filename(source)
        checksum = _checksum(self.checksum) if self.checksum else ""
        meta = self.builder.conversion.meta(self.name, description="")
        state = llb.http(source, filename=filename, checksum=checksum, meta=meta)
        return self._copy(state, filename, attempt_unpack=bool(self.unpack))

    def _path(self, source: str) -> llb.Copy:
        if self.reads_context:
            self.builder.find("CopyIgnoredFile", self.instruction, "Add" if self.is_add else "Copy", source)
        patterns: tuple[str, ...] = ()
        required: tuple[str, ...] = ()
        if self.parents:
            front, pivot, pattern = source.partition("/./")
            source, pattern = (front, pattern) if pivot else ("/", source)
            pattern = image_paths.source(pattern, self.os)
            patterns = (pattern.removeprefix("/"),)
            if not has_wildcards(source) and not has_wildcards(pattern):
                required = (image_paths.source(join(source, pattern), self.os),)
        return self._copy(
            self.files,
            image_paths.source(source, self.os),
            follow_symlink=True,
            dir_copy_contents=True,
            include_patterns=patterns,
            required_paths=required,
            attempt_unpack=self.is_add if self.unpack is None else self.unpack,
            allow_wildcard=True,
            allow_empty_wildcard=True,
        )

    def _inline(self, heredoc: Heredoc) -> llb.Copy:
        name = image_paths.without_drive(heredoc.name, self.os)
        data = heredoc.content.encode(errors="surrogateescape")
        state = llb.scratch().file(llb.Mkfile(name, data, 0o644), meta=_INLINE)
        return self._copy(state, image_paths.to_slash(name, self.os))

    def _copy(self, files: State, source: str, **options: bool | tuple[str, ...]) -> llb.Copy:
        return llb.Copy(
            files,
            source,
            self.dest,
            owner=self.owner,
            mode=self.mode,
            create_dest_path=True,
            exclude_patterns=self.instruction.excludes,
            **options,  # type: ignore[arg-type]  # flags are bool, patterns are tuples
        )

    def history(self) -> Iterator[str]:
        """Return the parts of the history line. Flags without influence on the result are left out."""
        instruction = self.instruction
        yield "ADD " if self.is_add else "COPY "
        if self.parents:
            yield "--parents "
        for flag, value in (("chown", instruction.chown), ("chmod", instruction.chmod)):
            if value:
                yield f"--{flag}={value} "
        for source in instruction.sources:
            yield from (source, " ")
        for heredoc in instruction.contents:
            yield f"<<{heredoc.name} "
        yield from (instruction.destination, " # buildkit")


def _checksum(text: str) -> str:
    try:
        return digest.parse(text)
    except InvalidDigest as error:
        raise InvalidDigest(
            error.message, hint=f"--checksum={text}; use sha256: and 64 hexadecimal digits in lower case"
        ) from error


def _mode(text: str) -> int | str | None:
    """Read --chmod: an octal number, or symbolic changes as chmod takes them."""
    if not text:
        return None
    if re.fullmatch(_OCTAL, text) and int(text, 8) <= _MAX_MODE:
        return int(text, 8)
    if text[0] in "0123456789":
        raise DockerfileError(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")
    if not re.fullmatch(_SYMBOLIC, text):
        raise DockerfileError("invalid syntax", hint=f"--chmod={text}; use for example 755 or u=rwX,go=rX")
    return text


def _emit(builder: StageBuilder, step: ExpandedStep, instruction: Add | Copy, actions: tuple[llb.Copy, ...], name: str) -> None:
    conversion, step_names = builder.conversion, builder.step_names
    meta = conversion.meta(name, instruction, ignore_cache=builder.is_uncached)
    if not (instruction.link and not instruction.chmod and conversion.caps.supports("mergeop")):
        builder.state = builder.state.file(*actions, meta=meta)
        return
    group = ProgressGroup(os.urandom(8).hex(), step_names.again(step.name, builder.platform, step.env, is_trigger=step.is_trigger))
    copied = llb.scratch().file(*actions, meta=attrs.evolve(meta, progress_group=attrs.evolve(group, weak=True)))
    if builder.state.output is None:
        builder.state = builder.state.with_output(copied.output)
        return
    linked = step_names.again(f"LINK {step.name}", builder.platform, step.env, is_trigger=step.is_trigger)
    merged = llb.merge(builder.state, copied, meta=attrs.evolve(meta, name=linked, progress_group=group))
    builder.state = builder.state.with_output(merged.output)
