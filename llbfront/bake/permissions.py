"""Find the permissions that targets need and that were not granted: paths outside of the working directory, agents, entitlements.

A permission is a string as `--allow` takes it, such as `fs.read=../app` or `network.host`.

Source: bake/entitlements.go of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from llbfront.bake.overrides import Override
from llbfront.bake.remote import RemoteContexts, local_path
from llbfront.bake.target import Target
from llbfront.client.sources.remote_files import is_remote
from llbfront.errors import BakeError
from llbfront.files.paths import absolute_path, descriptor_of, real_path
from llbfront.gostd.strconv import parse_bool
from llbfront.suggestions import suggestion

READ, WRITE, READ_WRITE = "fs.read", "fs.write", "fs"
SSH, DEVICE, DELETE = "ssh", "device", "buildx.local.delete"
HOST_NETWORK, INSECURE = "network.host", "security.insecure"
NAMES = (HOST_NETWORK, INSECURE, SSH, DEVICE, DELETE, READ, WRITE, READ_WRITE, "image", "image.push", "image.load")
ANY = "*"
DESCRIPTIONS = {
    HOST_NETWORK: "steps that use the network of the host",
    INSECURE: "privileged steps, which can change the system",
    SSH: "the default SSH agent",
    DEVICE: "devices",
    DELETE: "deletion of files in local outputs",
}
_PATH_DESCRIPTIONS = {READ: "reading", WRITE: "writing", READ_WRITE: "reading and writing"}


def describe(permission: str) -> str:
    """Return what a permission is for."""
    name, _, value = permission.partition("=")
    return (
        f"{_PATH_DESCRIPTIONS[name]} {value}"
        if name in _PATH_DESCRIPTIONS
        else DESCRIPTIONS[name] + (f": {value}" if value else "")
    )


def check_names(permissions: Iterable[str]) -> None:
    """Refuse a permission that does not exist. Raises: BakeError."""
    for permission in permissions:
        name, equals, _ = permission.partition("=")
        if name not in NAMES:
            raise BakeError(f"unknown entitlement {permission}", hint=suggestion(name, NAMES) or f"one of {', '.join(NAMES)}")
        if equals and name in {HOST_NETWORK, INSECURE, SSH, DELETE}:
            raise BakeError(f"{name} does not accept a value")


def missing(needed: Iterable[str], allowed: Iterable[str], environ: Mapping[str, str], *, is_remote_definition: bool) -> list[str]:
    """Return the permissions that are needed and not granted, with paths as a user would write them.

    Args:
        needed: what targets need.
        allowed: what `--allow` and overrides give; the working directory is allowed without that.
        environ: the environment, which may turn off the checks of paths.
        is_remote_definition: whether the definition came from elsewhere.

    Raises:
        BakeError: a variable holds no boolean.
    """
    needed, allowed = set(needed), [*allowed, f"{READ_WRITE}={absolute_path('.')}"]
    others = {text for text in needed if "=" not in text or text.startswith(DEVICE)}
    lacking = sorted(text for text in others if not {text, text.partition("=")[0]} & set(allowed))
    if not _checks_paths(environ, is_remote_definition=is_remote_definition):
        return [text for text in lacking if text != SSH]
    reads, writes = (_outside(_values(needed, {name}), _values(allowed, {name, READ_WRITE})) for name in (READ, WRITE))
    both = reads & writes
    paths = [(READ_WRITE, both), (READ, reads - both), (WRITE, writes - both)]
    return [*lacking, *(f"{name}={_relative(path)}" for name, group in paths for path in sorted(group))]


def _checks_paths(environ: Mapping[str, str], *, is_remote_definition: bool) -> bool:
    """Return whether paths and agents need a permission."""
    checks = not (is_remote_definition and _flag(environ, "BAKE_ALLOW_REMOTE_FS_ACCESS", default=False))
    return _flag(environ, "BUILDX_BAKE_ENTITLEMENTS_FS", default=checks)


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    if name not in environ:
        return default
    value = parse_bool(environ[name])
    if value is None:
        raise BakeError(f"{name} is {environ[name]!r}", hint="use true or false")
    return value


def _values(permissions: Iterable[str], names: set[str]) -> list[str]:
    pairs = (text.partition("=") for text in permissions)
    return [value for name, equals, value in pairs if name in names and equals]


def _outside(paths: Iterable[str], allowed: Iterable[str]) -> set[str]:
    """Return the existing parts of paths that are not below an allowed path, without paths that are below another one.

    docker buildx also asks for the directory of a file or directory that is allowed by name and does not exist.
    """
    allowed = set(allowed)
    if ANY in allowed:
        return set()
    roots = {real_path(path) for path in allowed}
    outside = {_existing(path) for path in paths if not any(_is_below(real_path(path), root) for root in roots)}
    return {path for path in outside if not any(path != other and _is_below(path, other) for other in outside)}


def _existing(path: str) -> str:
    """Return the part of a path that exists, without symbolic links; an open descriptor under the name that it has in each process."""
    if descriptor_of(path) is not None:
        return path
    path = real_path(path)
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return path


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))


def _relative(path: str) -> str:
    """Return a path relative to the working directory, if it is not far from it."""
    relative = os.path.relpath(path, real_path("."))
    return path if relative.startswith("../..") else relative


def needed_permissions(targets: Iterable[Target], remote: RemoteContexts | None, environ: Mapping[str, str]) -> set[str]:
    """Return the permissions that targets need; paths may be inside of the working directory."""
    return {permission for target in targets for permission in _needed(target, remote, environ)}


def _needed(target: Target, remote: RemoteContexts | None, environ: Mapping[str, str]) -> Iterator[str]:
    for entitlement in target.entitlements or []:
        if entitlement.partition("=")[0] in {HOST_NETWORK, INSECURE, DEVICE}:
            yield entitlement.partition(",")[0]
    for path in (*_contexts(target, remote), *_sources(target, environ)):
        yield f"{READ}={path}"
    for path in _destinations(target):
        yield f"{WRITE}={path}"
    if any(not ssh.paths for ssh in target.ssh or []):
        yield SSH
    if any(output.type == "local" and output.attrs.get("mode") == "delete" for output in target.outputs or []):
        yield DELETE


def _contexts(target: Target, remote: RemoteContexts | None) -> Iterator[str]:
    """Return the local contexts and the local Dockerfile."""
    context, dockerfile = target.context or ".", target.dockerfile or "Dockerfile"
    for path in (context, *(target.contexts or {}).values()):
        if path.startswith("oci-layout://"):
            yield path.removeprefix("oci-layout://").partition("@")[0]
        elif _is_local(path, remote):
            yield local_path(path)
    if target.dockerfile_inline is None and not is_remote(dockerfile):
        if dockerfile.startswith("cwd://"):
            yield local_path(dockerfile)
        elif _is_local(context, remote):
            yield os.path.join(local_path(context), dockerfile)


def _is_local(path: str, remote: RemoteContexts | None) -> bool:
    if is_remote(path) or path.startswith(("target:", "docker-image:")):
        return False
    return remote is None or not remote.is_inside(path)


def _sources(target: Target, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that secrets, keys and caches are read from."""
    for secret in target.secrets or []:
        if path := secret.path(environ):
            yield path
    for ssh in target.ssh or []:
        yield from ssh.paths
    for cache in target.cache_from or []:
        if cache.type == "local" and "src" in cache.attrs:
            yield cache.attrs["src"]


def _destinations(target: Target) -> Iterator[str]:
    yield from (output.dest for output in target.outputs or [] if output.is_written_here)
    yield from (cache.attrs["dest"] for cache in target.cache_to or [] if cache.type == "local" and "dest" in cache.attrs)


def implied_permissions(target: Target, overrides: Mapping[tuple[str, str], Override]) -> set[str]:
    """Return the permissions that overrides of a target imply: those for paths that the user named on the command line."""
    keys = {key for key, _ in overrides}
    implied: set[str] = set()
    if "output" in keys:
        implied |= {f"{WRITE}={output.dest}" for output in target.outputs or [] if output.dest}
    if "cache-to" in keys:
        implied |= {f"{WRITE}={cache.attrs['dest']}" for cache in target.cache_to or [] if "dest" in cache.attrs}
    if "cache-from" in keys:
        implied |= {f"{READ}={cache.attrs['src']}" for cache in target.cache_from or [] if "src" in cache.attrs}
    if "ssh" in keys:
        implied |= {f"{READ}={path}" for ssh in target.ssh or [] for path in ssh.paths}
    if "secret" in keys:
        implied |= {f"{READ}={secret.src}" for secret in target.secrets or [] if secret.src and _is_chosen(secret.id, overrides)}
    if "entitlement" in keys:
        values = overrides["entitlement", ""].values
        implied |= {name for name in values if name in {HOST_NETWORK, INSECURE}}
    return implied


def _is_chosen(secret: str, overrides: Mapping[tuple[str, str], Override]) -> bool:
    """Return whether an override names a secret."""
    from llbfront.bake.target_attributes import Secret, read_texts

    listed = overrides.get(("secret", ""))
    return ("secret", secret) in overrides or (listed is not None and secret in {s.id for s in read_texts(Secret, listed.values)})
