"""Encode commands: an ExecOp with its mounts as pb.ExecOp.

Source: client/llb/exec.go of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.errors import GraphError
from llbfront.llb.exec_settings import NetMode, SecurityMode
from llbfront.llb.marshal_context import NO_INPUT, NO_OUTPUT
from llbfront.llb.mounts import Bind, Cache, Scratch, Tmpfs, has_output, mounted
from llbfront.llb.protowire import integer, integers, message, message_of, text, texts

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Env, ProxyEnv
    from llbfront.llb.marshal_context import Inputs
    from llbfront.llb.mounts import FilesystemMount, Secret, Ssh
    from llbfront.llb.ops import ExecOp

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SECRET, _SSH, _CACHE, _TMPFS = 1, 2, 3, 4  # pb.MountType


def encode_exec(op: ExecOp, inputs: Inputs) -> tuple[list[bytes], frozenset[str]]:
    """Return the packed pb.ExecOp in parts, and the capabilities that it needs. The parts of an environment are shared by commands.

    Raises: GraphError for a command without arguments.
    """
    if not op.args:
        # Parity: BuildKit sees this only now, and so not in a command that the result does not need
        raise GraphError("failed to marshal LLB definition: arguments are required", hint=op.meta.name)
    sockets = [(socket, _socket_target(socket, index)) for index, socket in enumerate(op.sockets)]
    mounts, output = [], 0
    for mount in op.mounts:
        gives = has_output(mount)
        mounts.append(message(2, _mount(mount, inputs.find(mounted(mount)), output if gives else NO_OUTPUT)))
        output += gives
    mounts += [message(2, _secret(secret)) for secret in op.secrets if secret.target is not None]
    mounts += [message(2, _socket(socket, target)) for socket, target in sockets]
    secret_env = [
        message(5, text(1, secret.id) + text(2, secret.env) + integer(3, secret.optional))
        for secret in op.secrets
        if secret.env is not None
    ]
    packed = message_of(1, _meta(op, inputs, _env(op, inputs, sockets[0][1] if sockets else None)))
    packed += mounts
    packed.append(
        integer(3, op.settings.network)
        + integer(4, op.settings.security)
        + b"".join(secret_env)
        + b"".join([message(6, text(1, name) + integer(2, optional)) for name, optional in op.devices])
    )
    return packed, _caps(op, inputs)


def _env(op: ExecOp, inputs: Inputs, socket: str | None) -> Env:
    """Return the environment with what the engine would not add: the socket of the SSH agent, and PATH for old engines."""
    env, context = op.settings.env, inputs.context
    if socket is not None and "SSH_AUTH_SOCK" not in env:
        env = env.set("SSH_AUTH_SOCK", socket)
    old = context.caps is not None and not context.caps.supports("exec.meta.setsdefaultpath")
    if old and context.platform.os != "windows" and "PATH" not in env:
        env = env.set("PATH", DEFAULT_PATH)
    return env


def _meta(op: ExecOp, inputs: Inputs, env: Env) -> list[bytes]:
    settings = op.settings
    packed = [texts(1, op.args), *inputs.context.pack_env(env)]
    packed.append(
        text(3, settings.cwd)
        + text(4, settings.user)
        + (message(5, _proxy(op.proxy)) if op.proxy is not None else b"")
        + b"".join([message(6, text(1, line.host) + text(2, line.ip)) for line in settings.extra_hosts])
        + text(7, settings.hostname)
        + b"".join(
            [message(9, text(1, limit.name) + integer(2, limit.soft) + integer(3, limit.hard)) for limit in settings.ulimits]
        )
        + text(10, settings.cgroup_parent)
        + integer(11, True)  # the engine is to remove the empty files and directories that it made to mount upon
        + integers(12, op.valid_exit_codes)
    )
    return packed


def _proxy(proxy: ProxyEnv) -> bytes:
    return (
        text(1, proxy.http_proxy)
        + text(2, proxy.https_proxy)
        + text(3, proxy.ftp_proxy)
        + text(4, proxy.no_proxy)
        + text(5, proxy.all_proxy)
    )


def _mount(mount: FilesystemMount, source: int, output: int) -> bytes:
    head = integer(1, source)
    if isinstance(mount, Scratch):
        return head + text(3, mount.target) + integer(4, output)
    if isinstance(mount, Tmpfs):
        kind = integer(6, _TMPFS) + message(19, integer(1, mount.size_bytes))
        return head + text(2, mount.selector) + text(3, mount.target) + integer(4, output) + integer(5, mount.readonly) + kind
    kind = integer(24, mount.content_cache) if isinstance(mount, Bind) else _cache(mount)
    return head + text(2, mount.selector) + text(3, mount.target) + integer(4, output) + integer(5, mount.readonly) + kind


def _cache(mount: Cache) -> bytes:
    return integer(6, _CACHE) + message(20, text(1, mount.id) + integer(2, mount.sharing))


def _secret(secret: Secret) -> bytes:
    opened = text(1, secret.id) + _access(secret)
    return integer(1, NO_INPUT) + text(3, secret.target or "") + integer(6, _SECRET) + message(21, opened)


def _socket(socket: Ssh, target: str) -> bytes:
    opened = text(1, socket.id) + _access(socket)
    return integer(1, NO_INPUT) + text(3, target) + integer(6, _SSH) + message(22, opened)


def _access(mount: Secret | Ssh) -> bytes:
    uid, gid, mode = (number & 0xFFFFFFFF for number in (mount.uid, mount.gid, mount.mode))
    return integer(2, uid) + integer(3, gid) + integer(4, mode) + integer(5, mount.optional)


def _socket_target(socket: Ssh, index: int) -> str:
    return socket.target or f"/run/buildkit/ssh_agent.{index}"


def _caps(op: ExecOp, inputs: Inputs) -> frozenset[str]:
    settings, caps = op.settings, inputs.context.caps
    needed = {
        "exec.meta.base": True,
        "exec.meta.setsdefaultpath": caps is not None and caps.supports("exec.meta.setsdefaultpath"),
        "exec.meta.ulimit": bool(settings.ulimits),
        "exec.meta.linux.resources": op.meta.linux_resources is not None,
        "exec.meta.network": settings.network is not NetMode.SANDBOX,
        "exec.meta.security": settings.security is SecurityMode.INSECURE,
        "exec.meta.proxyenv": op.proxy is not None,
        "exec.meta.cdi": bool(op.devices),
        "exec.validexitcode": bool(op.valid_exit_codes),
        "exec.mount.secret": bool(op.secrets),
        "exec.secretenv": any(secret.env is not None for secret in op.secrets),
        "exec.mount.ssh": bool(op.sockets),
    }
    required = {cap for cap, is_needed in needed.items() if is_needed}
    for mount in op.mounts:
        required.update(_mount_caps(mount))
    return frozenset(required)


def _mount_caps(mount: FilesystemMount) -> list[str]:
    if isinstance(mount, Scratch):
        return []
    caps = ["exec.mount.selector"] if mount.selector else []
    if isinstance(mount, Tmpfs):
        return [*caps, "exec.mount.tmpfs", *(("exec.mount.tmpfs.size",) if mount.size_bytes > 0 else ())]
    if isinstance(mount, Cache):
        return [*caps, "exec.mount.cache", "exec.mount.cache.sharing"]
    if mount.source.output is not None:
        caps.append("exec.mount.bind")
    if mount.content_cache:
        caps.append("exec.mount.cache.content")
    return caps
