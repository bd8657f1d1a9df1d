"""Check a resolved target before anything is built.

Source: bake/bake.go (toBuildOpt) and build/opt.go of docker/buildx.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from llbfront.bake.target import Target
from llbfront.client.buildflags import flags
from llbfront.dockerfile2llb.git_ref import is_git, is_http
from llbfront.errors import BakeError, LlbfrontError
from llbfront.gostd import path as gopath
from llbfront.oci import platform

LOCAL = "cwd://"


def clean_context(target: Target) -> None:
    """Write the context of a target in its shortest form. Raises BakeError for standard input."""
    if target.context == "-":
        raise BakeError(f"target {target.name}: context from stdin not allowed in bake")
    if target.dockerfile == "-":
        raise BakeError(f"target {target.name}: dockerfile from stdin not allowed in bake")
    context = "." if target.context is None else target.context
    target.context = context if is_http(context) or is_git(context) else gopath.clean(context.removeprefix(LOCAL))


def check_target(target: Target, environ: Mapping[str, str]) -> None:
    """Refuse what no build could take. Raises BakeError."""
    try:
        for text in target.platforms or []:
            for part in text.split(","):
                if part.lower() != "local":
                    platform.parse(part)
        for secret in target.secrets or []:
            _check_secret(secret.id, secret.src, secret.env, environ)
        for ssh in target.ssh or []:
            _check_ssh(ssh.id, ssh.paths, environ)
        for output in target.outputs or []:
            _check_destination(output.type, output.dest, output.attrs)
        flags.read_annotations(target.annotations or [])
        flags.read_ulimits(target.ulimits or [])
        flags.read_resources(f"{name}={value}" for name, value in (target.resources or {}).items())
        if target.shm_size is not None:
            flags.read_size(target.shm_size, option="shm-size")
    except LlbfrontError as error:
        raise BakeError(f"target {target.name}: {error.message}", hint=error.hint) from None


def _check_secret(id_: str, src: str, env: str, environ: Mapping[str, str]) -> None:
    if not id_:
        raise BakeError("secret missing ID")
    path = src or ("" if env or id_ in environ else id_)
    if path and not os.path.exists(path):
        raise BakeError(f"the file {path} of the secret {id_} does not exist")


def _check_ssh(id_: str, paths: list[str], environ: Mapping[str, str]) -> None:
    if not paths and not environ.get("SSH_AUTH_SOCK"):
        raise BakeError(f"there is no SSH agent for {id_ or 'default'}", hint="SSH_AUTH_SOCK is not set")
    for path in paths:
        if not os.path.exists(path):
            raise BakeError(f"the SSH socket or key {path} does not exist")
        if os.path.isdir(path):
            raise BakeError(f"the SSH socket or key {path} is a directory")


def _check_destination(type_: str, dest: str, attributes: Mapping[str, str]) -> None:
    is_directory = type_ == "local" or (type_ in {"oci", "docker"} and attributes.get("tar", "").lower() in {"false", "0", "f"})
    if is_directory and not dest:
        raise BakeError(f"dest is required for {type_} exporter")
    if is_directory and dest == "-":
        raise BakeError(f"dest cannot be stdout for {type_} exporter")
    try:
        exists_as_directory = stat.S_ISDIR(os.stat(dest).st_mode) if dest not in {"", "-"} else is_directory
    except (OSError, ValueError):
        return
    if is_directory and not exists_as_directory:
        raise BakeError(f"destination directory {dest} is a file")
    if type_ in {"tar", "oci", "docker"} and not is_directory and dest not in {"", "-"} and exists_as_directory:
        raise BakeError(f"destination file {dest} is a directory")
