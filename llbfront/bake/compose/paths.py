"""Make the paths of a Compose model relative to the directory of its file.

Source: paths/resolve.go of compose-spec/compose-go.
"""

from __future__ import annotations

import os
from typing import Any

from llbfront.bake.yaml_document import copied

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:")


def rebase(model: dict[str, Any], directory: str) -> dict[str, Any]:
    """Return the model with the contexts, secrets and environment files of its services relative to the working directory."""
    rebased = dict(model)
    if isinstance(model.get("services"), dict):
        rebased["services"] = {name: _service(service, directory) for name, service in model["services"].items()}
    if isinstance(model.get("secrets"), dict):
        rebased["secrets"] = {name: _with_path(secret, "file", directory) for name, secret in model["secrets"].items()}
    return rebased


def _service(service: Any, directory: str) -> Any:
    if not isinstance(service, dict):
        return service
    rebased = copied(service)
    if isinstance(service.get("build"), str):
        rebased["build"] = {"context": context_path(service["build"], directory)}
    elif isinstance(service.get("build"), dict):
        rebased["build"] = _build(service["build"], directory)
    if "env_file" in service:
        files = service["env_file"]
        files = files if isinstance(files, list) else [files]
        rebased["env_file"] = [
            local_path(item, directory) if isinstance(item, str) else _with_path(item, "path", directory) for item in files
        ]
    return rebased


def _build(build: dict[str, Any], directory: str) -> dict[str, Any]:
    rebased = copied(build)
    if isinstance(build.get("context", "."), str):
        rebased["context"] = context_path(build.get("context", "."), directory)
    keys = build.get("ssh")
    if isinstance(keys, list):
        pairs = (str(item).partition("=") for item in keys)
        keys = {name: path if equals else None for name, equals, path in pairs}
    if isinstance(keys, dict):
        rebased["ssh"] = {name: local_path(path, directory) if isinstance(path, str) else path for name, path in keys.items()}
    contexts = build.get("additional_contexts")
    if isinstance(contexts, list):
        pairs = (str(item).partition("=") for item in contexts)
        contexts = {name: path for name, _, path in pairs}
    if isinstance(contexts, dict):
        rebased["additional_contexts"] = {
            name: context_path(value, directory) if isinstance(value, str) else value for name, value in contexts.items()
        }
    return rebased


def _with_path(value: Any, key: str, directory: str) -> Any:
    if isinstance(value, dict) and isinstance(value.get(key), str):
        return {**value, key: local_path(value[key], directory)}
    return value


def context_path(path: str, directory: str) -> str:
    """Make a context relative to a directory. URLs and images are returned unchanged."""
    return path if "://" in path or path.startswith(_REMOTE) else local_path(path, directory)


def local_path(path: str, directory: str) -> str:
    """Make a path relative to a directory."""
    path = os.path.expanduser(path) if path.startswith("~") else path
    if not path or os.path.isabs(path):
        return path
    return os.path.normpath(os.path.join(directory, path))
