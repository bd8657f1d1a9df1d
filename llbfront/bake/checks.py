"""Check a resolved target before anything is built.

Source: bake/bake.go (toBuildOpt) and build/opt.go of docker/buildx.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

from llbfront.bake.files import LOCAL
from llbfront.bake.remote import check_dockerfile, is_over_ssh
from llbfront.bake.target import Target
from llbfront.bake.target_attributes import Output, Secret, Ssh
from llbfront.client.buildflags import image_annotations, limits
from llbfront.client.sources.remote_files import is_remote
from llbfront.errors import BakeError, LlbfrontError
from llbfront.files.reading import read_file
from llbfront.gostd import path as gopath
from llbfront.oci import platform

if TYPE_CHECKING:
    from llbfront.client.sources.remote_files import RemoteFiles

PRIVATE_KEY = b"-----BEGIN "


def clean_context(target: Target, remote: RemoteFiles | None = None) -> None:
    """Write the context of a target in its shortest form. Raises: BakeError for standard input.

    The context of a remote definition stays relative to it, unless it begins with `cwd://`.
    """
    if target.context == "-":
        raise BakeError(f"target {target.name}: context from stdin not allowed in bake")
    if target.dockerfile == "-":
        raise BakeError(f"target {target.name}: dockerfile from stdin not allowed in bake")
    context = "." if target.context is None else target.context
    if not is_remote(context) and not (remote and context.startswith(LOCAL)):
        context = gopath.clean(context.removeprefix(LOCAL))
    target.context = context
    if remote is not None:
        check_dockerfile(context, target.dockerfile or "Dockerfile", remote)


def check_target(target: Target, environ: Mapping[str, str]) -> None:
    """Refuse what no build could take. Raises: BakeError."""
    try:
        for text in target.platforms or []:
            for part in text.split(","):
                if part.lower() != "local":
                    platform.parse(part)
        for secret in target.secrets or []:
            _check_secret(secret, environ)
        for ssh in target.ssh or ([Ssh("default")] if is_over_ssh(target.context or "") else []):
            _check_ssh(ssh.id, ssh.paths, environ)
        for output in target.outputs or []:
            _check_destination(output)
        image_annotations.parse_annotations(target.annotations or [])
        limits.parse_ulimits(target.ulimits or [])
        limits.parse_resources(f"{name}={value}" for name, value in (target.resources or {}).items())
        if target.shm_size is not None:
            limits.parse_size(target.shm_size, option="shm-size")
    except LlbfrontError as error:
        raise BakeError(f"target {target.name}: {error.message}", hint=error.hint) from None


def _check_secret(secret: Secret, environ: Mapping[str, str]) -> None:
    if not secret.id:
        raise BakeError("secret missing ID")
    path = secret.path(environ)
    if path and not os.path.exists(path):
        raise BakeError(f"the file {path} of the secret {secret.id} does not exist")


def _check_ssh(id_: str, paths: list[str], environ: Mapping[str, str]) -> None:
    if not paths and not environ.get("SSH_AUTH_SOCK"):
        raise BakeError(f"there is no SSH agent for {id_ or 'default'}", hint="SSH_AUTH_SOCK is not set")
    for path in paths or [environ["SSH_AUTH_SOCK"]]:
        if not os.path.exists(path):
            raise BakeError(f"the SSH socket or key {path} does not exist")
        if os.path.isdir(path):
            raise BakeError(f"the SSH socket or key {path} is a directory")
        if os.path.isfile(path) and PRIVATE_KEY not in read_file(path, f"the SSH key {path}"):
            raise BakeError(f"{path} is neither an SSH socket nor a private key")


def _check_destination(output: Output) -> None:
    dest = output.dest
    if output.is_directory and not dest:
        raise BakeError(f"dest is required for {output.type} exporter")
    if output.is_directory and dest == "-":
        raise BakeError(f"dest cannot be stdout for {output.type} exporter")
    if not output.is_written_here:
        return
    try:
        is_directory = stat.S_ISDIR(os.stat(dest).st_mode)
    except (OSError, ValueError):
        return
    if output.is_directory and not is_directory:
        raise BakeError(f"destination directory {dest} is a file")
    if not output.is_directory and is_directory:
        raise BakeError(f"destination file {dest} is a directory")
