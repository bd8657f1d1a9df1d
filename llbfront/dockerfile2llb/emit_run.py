"""Convert RUN to an ExecOp with mounts, network, devices and limits.

Source: dispatchRun and convert_run*.go, convert_secrets.go, convert_ssh.go in frontend/dockerfile/dockerfile2llb of BuildKit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import attrs

from llbfront import llb
from llbfront.dockerfile.heredocs import parse_heredoc
from llbfront.dockerfile.mounts import MountType, Sharing
from llbfront.dockerfile2llb import image_paths
from llbfront.dockerfile2llb.image_paths import last_element, rooted
from llbfront.errors import DockerfileError, MountError
from llbfront.gostd.path import join
from llbfront.gostd.strconv import quote
from llbfront.llb.exec_settings import NetMode, SecurityMode
from llbfront.llb.op import OpMeta

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Run
    from llbfront.dockerfile.mounts import Mount
    from llbfront.dockerfile2llb.expansion_state import ExpandedStep
    from llbfront.dockerfile2llb.stage_builder import StageBuilder
    from llbfront.llb.mounts import Mount as LlbMount
    from llbfront.llb.state import State

_PIPES = "/dev/pipes/"
_NETWORKS = {"default": None, "none": NetMode.NONE, "host": NetMode.HOST}
_SECURITY = {"sandbox": SecurityMode.SANDBOX, "insecure": SecurityMode.INSECURE}
_SHARING = {
    None: llb.Sharing.SHARED,
    Sharing.SHARED: llb.Sharing.SHARED,
    Sharing.PRIVATE: llb.Sharing.PRIVATE,
    Sharing.LOCKED: llb.Sharing.LOCKED,
}
_INLINE = OpMeta(name="[internal] preparing inline document")


def run(builder: StageBuilder, step: ExpandedStep, instruction: Run) -> None:
    """RUN."""
    conversion, options, caps = builder.conversion, builder.conversion.options, builder.conversion.caps
    args, script = _command(builder, instruction)
    mounts = [script] if script else []
    mounts.extend(_mounts(builder, step))
    if options.shm_size_bytes > 0 and caps.supports("exec.mount.tmpfs.size"):
        mounts.append(llb.Tmpfs("/dev/shm", options.shm_size_bytes))  # noqa: S108  the engine's own
    name = builder.step_names.take(step.name, builder.state.platform, step.env, is_trigger=step.is_trigger)
    meta = conversion.meta(name, instruction, description=instruction.text, ignore_cache=builder.is_uncached)
    if options.linux_resources and caps.supports("exec.meta.linux.resources"):
        meta = attrs.evolve(meta, linux_resources=options.linux_resources)
    devices = ((device.name, not device.required) for device in instruction.devices)
    state = builder.state
    if state.settings.env is not step.env:
        state = attrs.evolve(state, settings=attrs.evolve(state.settings, env=step.env))
    builder.state = state.run(
        args or None,
        mounts=mounts,
        proxy=conversion.proxy,
        devices=devices if caps.supports("exec.meta.cdi") else (),
        network=_NETWORKS[instruction.network],
        security=_SECURITY[instruction.security],
        cgroup_parent=options.cgroup_parent if options.cgroup_parent and caps.supports("exec.meta.cgroup.parent") else None,
        extra_hosts=options.extra_hosts,
        ulimits=options.ulimits if caps.supports("exec.meta.ulimit") else (),
        meta=meta,
    ).root
    words = [part for word in args for part in (word, " ")]
    builder.image_config.commit("RUN ", *step.declared, *words, "# buildkit" if args else " # buildkit", has_layer=True)


def _command(builder: StageBuilder, instruction: Run) -> tuple[tuple[str, ...], LlbMount | None]:
    """Return the words of the command, and the mount of its script if the heredoc is a script with an interpreter line."""
    args, script = instruction.args, None
    if instruction.heredocs:
        if len(args) != 1 or not instruction.is_shell:
            raise DockerfileError(f"parsing produced an invalid run command: {args}")
        if parse_heredoc(args[0]):
            document = instruction.heredocs[0]
            if document.body.startswith("#!") and builder.image_config.start.os != "windows":
                files = llb.scratch().file(llb.Mkfile(f"/{document.name}", _bytes(document.body), 0o755), meta=_INLINE)
                script = llb.Bind(_PIPES, files, selector="/", readonly=True)
                args = (join(_PIPES, document.name),)
            else:
                args = (document.body,)
        else:
            args = ("".join((args[0], *(f"\n{document.content}{document.name}" for document in instruction.heredocs))),)
    return builder.with_shell(args) if instruction.is_shell else args, script


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _mounts(builder: StageBuilder, step: ExpandedStep) -> Iterator[LlbMount]:
    for mount, number in zip(step.mounts, step.sources, strict=True):
        emit = _SPECIAL.get(mount.type)
        yield emit(builder, mount) if emit else _directory(builder, mount, number)


def _directory(builder: StageBuilder, mount: Mount, number: int) -> LlbMount:
    """Return a mount of files: bind, cache or tmpfs."""
    files = _files(builder, mount, number)
    target = mount.target
    if not target.startswith("/"):
        target = join("/", builder.state.cwd, target)
    if target == "/":
        hint = "use a directory other than the root" if mount.target else "add target=…"
        raise MountError(f"invalid mount target {quote(target)}", hint=hint)
    builder.conversion.budget.count_history(len(target))
    selector = rooted(mount.source) if rooted(mount.source) != "/" else ""
    if mount.type is MountType.TMPFS:
        return llb.Tmpfs(target, mount.size_bytes, readonly=mount.readonly, selector=selector)
    if not selector and (mount.uid, mount.gid, mount.mode) != (None, None, None):
        files, selector = _with_owner(files, mount), "/cache"
    if mount.type is MountType.CACHE:
        key = f"{builder.conversion.options.cache_namespace}/{mount.id or join(mount.target) or '.'}"
        return llb.Cache(target, id=key, sharing=_SHARING[mount.sharing], source=files, selector=selector, readonly=mount.readonly)
    output = not (not mount.readonly and builder.conversion.caps.supports("exec.mount.bind.readwrite-nooutput"))
    return llb.Bind(target, files, selector=selector, readonly=mount.readonly, output=output)


def _files(builder: StageBuilder, mount: Mount, number: int) -> State:
    if mount.type is not MountType.CACHE and not mount.origin:
        return builder.conversion.context
    if number == builder.plan.number:
        return builder.state
    source = builder.conversion.built_stages.get(number)
    if source is None:
        raise MountError(
            f"cannot mount from stage {quote(mount.origin or 'scratch')} to {quote(mount.target)}, stage needs to be defined before current command"
        )
    return source.state


def _with_owner(files: State, mount: Mount) -> State:
    owner = llb.Owner(mount.uid or 0, mount.gid or 0)
    mkdir = llb.Mkdir("/cache", 0o755 if mount.mode is None else mount.mode, owner=owner)
    return files.file(mkdir, meta=OpMeta(name="[internal] setting cache mount permissions"))


def _secret(builder: StageBuilder, mount: Mount) -> LlbMount:
    is_windows = builder.platform.os == "windows"
    target = image_paths.to_slash(mount.target, builder.platform.os)
    key = mount.source or mount.id or last_element(target)
    if not key:
        raise MountError("one of source, target required", hint="add id=NAME")
    example = f"e.g. --mount=type=secret,id={key},target=C:/path/to/secret"
    if is_windows and target and not image_paths.is_absolute(target, "windows"):
        raise MountError(f"secret target {quote(target)} must be an absolute path with forward slashes on Windows, {example}")
    if mount.env is None and not target:
        if is_windows:
            raise MountError(f"secret target is required on Windows, {example}")
        target = f"/run/secrets/{last_element(key)}"
    return llb.Secret(
        key,
        target=target or None,
        env=mount.env,
        uid=mount.uid or 0,
        gid=mount.gid or 0,
        mode=0o400 if mount.mode is None else mount.mode,
        optional=not mount.required,
    )


def _ssh(_building: StageBuilder, mount: Mount) -> LlbMount:
    if mount.source:
        raise MountError("ssh does not support source", hint="add id=NAME")
    return llb.Ssh(
        mount.id,
        target=mount.target or None,
        uid=mount.uid or 0,
        gid=mount.gid or 0,
        mode=0o600 if mount.mode is None else mount.mode,
        optional=not mount.required,
    )


_SPECIAL: dict[MountType, Callable[[StageBuilder, Mount], LlbMount]] = {MountType.SECRET: _secret, MountType.SSH: _ssh}
