"""Describe ops and image configs in words, as short strings by name.

Names are taken from the Dockerfile and the command line where possible: `environment MODE`, `mount /cache`, `USER`.

Source: solver/pb/ops.proto of BuildKit and the image config of the OCI image specification for what there is to say.
"""

from __future__ import annotations

import binascii
import json
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from llbfront.inspection.graph import Node

    Facts = Iterator[tuple[str, str | dict[str, str]]]

_SHELL = ("/bin/sh", "-c")
_UNSET = -1
# Over which connection a directory is read, and which earlier copy the engine compares it with; neither changes what is read.
SESSION_ATTRIBUTES = ("local.session", "local.unique", "local.sharedkeyhint")
EXCLUDE_PATTERNS = "exclude patterns"  # of a local directory, the rules of the ignore file
_ATTRIBUTES = {
    "local.includepattern": "include patterns",
    "local.excludepatterns": EXCLUDE_PATTERNS,
    "local.followpaths": "followed paths",
    "git.fullurl": "URL",
}
_ACTION_WORDS = {
    "src": "source",
    "dest": "destination",
    "modeStr": "mode",
    "timestamp": "time",
    "oldpath": "target",
    "newpath": "path",
    "data": "content",
    "makeParents": "parents",
    "includePatterns": "include patterns",
    "excludePatterns": "exclude patterns",
    "requiredPaths": "required paths",
    "followSymlink": "follow links",
    "dirCopyContents": "contents of directories",
    "allowWildcard": "wildcards",
    "allowEmptyWildcard": "wildcards without a match",
    "allowNotFound": "may be absent",
    "createDestPath": "create the destination",
    "attemptUnpackDockerCompatibility": "unpack archives",
    "alwaysReplaceExistingDestPaths": "replace the destination",
}
_CONFIG_WORDS = {
    "User": "USER",
    "WorkingDir": "WORKDIR",
    "StopSignal": "STOPSIGNAL",
    "ExposedPorts": "EXPOSE",
    "Volumes": "VOLUME",
    "Cmd": "CMD",
    "Entrypoint": "ENTRYPOINT",
    "Shell": "SHELL",
    "OnBuild": "ONBUILD",
    "ArgsEscaped": "escaped arguments",
}


def describe_node(node: Node) -> dict[str, str | dict[str, str]]:
    """Return the facts of an op by name, without its inputs. Each file action is a mapping."""
    facts: dict[str, str | dict[str, str]] = {"platform": node.platform} if node.platform else {}
    return facts | describe_op(node.kind, node.op)


def describe_op(kind: str, op: Mapping[str, Any]) -> dict[str, str | dict[str, str]]:
    """Return what the members of an op of some kind say."""
    return dict(_KINDS[kind](op)) if kind in _KINDS else {}


def describe_config(image: Mapping[str, Any]) -> dict[str, str | dict[str, str]]:
    """Return what an image config says, except its layers and history."""
    config = image.get("config") or {}
    return dict([*_image(image), *_config(config)])


def command(args: list[str]) -> str:
    """Return a command as a shell shows it; of the shell form, the text for the shell."""
    if tuple(args[:-1]) == _SHELL:
        return args[-1]
    return shlex.join(args)


def _source(op: Mapping[str, Any]) -> Facts:
    scheme, _, rest = op.get("identifier", "").partition("://")
    yield ("image", rest) if scheme == "docker-image" else ("source", op.get("identifier", ""))
    for key, value in op.get("attrs", {}).items():
        if key not in SESSION_ATTRIBUTES:
            yield _ATTRIBUTES.get(key, key.rpartition(".")[2]), value


def _exec(op: Mapping[str, Any]) -> Facts:
    meta = op.get("meta", {})
    yield "command", command(meta.get("args", []))
    yield "directory", meta.get("cwd", "")
    yield "network", op.get("network", "sandbox").lower()
    yield "security", op.get("security", "sandbox").lower()
    for key, word in (("user", "user"), ("hostname", "host name"), ("cgroupParent", "cgroup parent")):
        if key in meta:
            yield word, meta[key]
    for entry in meta.get("env", ()):
        name, _, value = entry.partition("=")
        yield f"environment {name}", value
    for key, value in meta.get("proxyEnv", {}).items():
        yield f"proxy {key}", value
    for host in meta.get("extraHosts", ()):
        yield f"host {host.get('Host', '')}", host.get("IP", "")
    for limit in meta.get("ulimit", ()):
        yield f"limit {limit.get('Name', '')}", f"{limit.get('Soft', 0)}:{limit.get('Hard', 0)}"
    if "validExitCodes" in meta:
        yield "valid exit codes", ", ".join(map(str, meta["validExitCodes"]))
    for secret in op.get("secretenv", ()):
        yield f"secret in {secret.get('name', '')}", _words(secret, "name")
    for device in op.get("cdiDevices", ()):
        yield f"device {device.get('name', '')}", _words(device, "name") or "required"
    for mount in op.get("mounts", ()):
        yield f"mount {mount.get('dest', '')}", _mount(mount)


def _mount(mount: Mapping[str, Any]) -> str:
    kind = mount.get("mountType", "BIND").lower()
    words = [f"from {mount['selector']}"] if "selector" in mount else []
    words += [_words(mount[key]) for key in ("TmpfsOpt", "cacheOpt", "secretOpt", "SSHOpt") if key in mount]
    words += ["read-only"] if mount.get("readonly") else []
    words += [f"content cache {mount['contentCache'].lower()}"] if "contentCache" in mount else []
    return ", ".join([kind, *filter(None, words)])


def _words(values: Mapping[str, Any], *hidden: str) -> str:
    """Return members as `id k, mode 0400, optional`."""
    words = []
    for key, value in values.items():
        if key not in hidden:
            words.append(key if value is True else f"{key.lower()} {_member(key, value)}")
    return ", ".join(words)


def _member(key: str, value: Any) -> str:
    if key == "mode":
        return f"{value:04o}"
    return value.lower() if key == "sharing" else str(value)


def _file(op: Mapping[str, Any]) -> Facts:
    for number, action in enumerate(op.get("actions", ()), 1):
        kind = next((key for key in action if isinstance(action[key], dict)), "nothing")
        values = {_ACTION_WORDS.get(key, key): _action_value(key, value) for key, value in action.get(kind, {}).items()}
        yield kind if number == 1 else f"{kind} {number}", {word: value for word, value in values.items() if value is not None}


def _action_value(key: str, value: Any) -> str | None:
    """Return a member of a file action as text; None for one that says nothing."""
    if key == "owner":
        return ":".join(_owner(value[part]) for part in ("user", "group") if part in value)
    if str(value) == str(_UNSET) and key in {"mode", "timestamp"}:
        return None
    if key == "mode":
        return f"{value:04o}"
    if key == "data":
        return _content(value)
    if isinstance(value, list):
        return ", ".join(value)
    return "yes" if value is True else str(value)


def _owner(owner: Mapping[str, Any]) -> str:
    return str(owner["byName"].get("name", "")) if "byName" in owner else str(owner.get("byID", 0))


def _content(data: str) -> str:
    raw = binascii.a2b_base64(data)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"{len(raw)} bytes, base64 {data}"


def _passthrough(op: Mapping[str, Any]) -> Facts:
    yield "name", op.get("id", "")


def _build(op: Mapping[str, Any]) -> Facts:
    for key, value in op.get("attrs", {}).items():
        yield key.rpartition(".")[2], value


_KINDS: dict[str, Callable[[Mapping[str, Any]], Facts]] = {
    "source": _source,
    "exec": _exec,
    "file": _file,
    "passthrough": _passthrough,
    "build": _build,
}


def _image(image: Mapping[str, Any]) -> Facts:
    yield "platform", "/".join(str(image[key]) for key in ("os", "architecture", "variant") if image.get(key))
    for key, word in (("os.version", "OS version"), ("author", "MAINTAINER"), ("created", "created")):
        if image.get(key):
            yield word, str(image[key])
    if image.get("os.features"):
        yield "OS features", ", ".join(image["os.features"])


def _config(config: Mapping[str, Any]) -> Facts:
    for key, value in config.items():
        if key == "Env":
            for name, _, item in (entry.partition("=") for entry in value or ()):
                yield f"ENV {name}", item
        elif key == "Labels":
            for name, item in (value or {}).items():
                yield f"LABEL {name}", item
        elif key == "Healthcheck":
            for name, item in (value or {}).items():
                yield f"HEALTHCHECK {name.lower()}", _json(item)
        elif value:
            yield _CONFIG_WORDS.get(key, key), _config_value(value)


def _config_value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(sorted(value))
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
