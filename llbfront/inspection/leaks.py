"""Files that reach a build by mistake: what looks like a secret, and what git ignores.

Whether the content of such a file stays in the image is followed along COPY instructions and mounts. What a command does with a file
that it can read is not known.
"""

from __future__ import annotations

import itertools
import os
import posixpath
import re
import subprocess
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.files.reading import open_regular
from llbfront.gostd import filepath

if TYPE_CHECKING:
    from llbfront.inspection.graph import Graph, Node
    from llbfront.inspection.inputs import Inputs, StepInputs

__all__ = ["Leak", "find_leaks"]

SECRET, GIT_IGNORED = "secret", "git-ignored"
_SECRET_SUFFIXES = tuple(
    f".{suffix}".encode()
    for suffix in ["env", "pem", "key", "p12", "pfx", "jks", "keystore", "kdbx", "ppk", "ovpn", "tfstate", "tfvars"]
)
_SECRET_NAME = re.compile(
    rb"\.env\.(?!example|sample|template|dist)[^/]*|\.envrc|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?"
    rb"|\.npmrc|\.pypirc|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.htpasswd|\.git-credentials|\.s3cfg|\.boto|\.vault-token|\.terraformrc"
    rb"|\.dockercfg|kubeconfig|secring\.gpg"
    rb"|(?:client_)?secrets?\.(?:json|ya?ml|toml)|credentials(?:\.json|\.ya?ml|\.csv)?|service-?account[^/]*\.json"
)
_SECRET_PATH = re.compile(
    rb"(?:.*/)?(?:\.aws/credentials|\.docker/config\.json|\.kube/config|\.config/gcloud/.*|\.gnupg/.*|\.git/config)"
)
_PUBLIC = re.compile(rb"-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----")
_PRIVATE = b"PRIVATE KEY-----"
_KEY_SUFFIXES = (b".pem", b".key")
_PATH = attrgetter("path")
_HEAD_BYTES = 64 * 1024
_TIMEOUT_S = 60
_BASES = {"exec": "root", "file": "base", "merge": "layer", "diff": "upper"}


@attrs.frozen
class Leak:
    """A file that reaches a step and probably should not.

    Attributes:
        path: relative to the context.
        context: the name of the context.
        reason: `secret` for a name as secrets have, `git-ignored` for a file that git ignores.
        steps: the steps that read it.
        in_image: whether a layer of the image holds its content, by COPY instructions alone.
    """

    path: str
    context: str
    reason: str
    steps: tuple[StepInputs, ...] = attrs.field(repr=False)
    in_image: bool


@arguments.typed
def find_leaks(graph: Graph, inputs: Inputs) -> tuple[Leak, ...]:
    """Find secrets and files that git ignores among the inputs of a graph.

    A file that is both counts as a secret. Without git, or outside of a repository, no file is ignored.

    Args:
        graph: the graph.
        inputs: its inputs: `graph.inputs()`.

    Returns:
        The files, by context and path.
    """
    images = _Layers(graph)
    leaks = []
    for name, context in inputs.contexts.items():
        readers = [step for step in inputs.steps if step.context == name]
        lists = {id(step.entries): step.entries.paths for step in readers}
        paths = b"\0".join(itertools.chain.from_iterable(lists.values()))
        reasons = dict.fromkeys(ignored_by_git(context.root, paths), GIT_IGNORED)
        reasons |= dict.fromkeys((path for path in _with_secret_names(paths) if not _is_certificate(context.root, path)), SECRET)
        for path, reason in sorted(reasons.items()):
            steps = tuple(step for step in readers if any(stat.path == path for stat in step.stats))
            in_image = any(images.keep(step.node, os.fsdecode(path)) for step in steps)
            leaks.append(Leak(os.fsdecode(path), name, reason, steps, in_image))
    return tuple(leaks)


def ignored_by_git(root: str, paths: bytes) -> tuple[bytes, ...]:
    """Return those of the paths, which NUL separates, that git ignores and does not track; none without git or a repository."""
    command = ["git", "-C", root, "check-ignore", "-z", "--stdin"]
    try:
        done = subprocess.run(command, input=paths, capture_output=True, check=False, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(filter(None, done.stdout.split(b"\0")))


def _with_secret_names(paths: bytes) -> Iterator[bytes]:
    """Yield those of the paths, which NUL separates, that are named as secrets are. There may be very many, so each name is looked at once."""
    names = {name for name in set(paths.replace(b"/", b"\0").split(b"\0")) if _is_secret_name(name)}
    has_hidden = paths.startswith(b".") or b"/." in paths or b"\0." in paths
    for path in paths.split(b"\0") if names or has_hidden else ():
        if path[path.rfind(b"/") + 1 :] in names or _SECRET_PATH.fullmatch(path):
            yield path


def _is_secret_name(name: bytes) -> bool:
    return name.endswith(_SECRET_SUFFIXES) or _SECRET_NAME.fullmatch(name) is not None


def _is_certificate(root: str, path: bytes) -> bool:
    """Return whether a file of keys has only public ones."""
    if not path.endswith(_KEY_SUFFIXES):
        return False
    try:
        with open_regular(os.path.join(os.fsencode(root), path)) as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return _PUBLIC.search(head) is not None and _PRIVATE not in head


class _Layers:
    """The ops whose layers are in the image, and what is copied into them from others."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._chains: dict[int, frozenset[int]] = {}
        self._in_image = self._chain(graph.result.number) if graph.result else frozenset()
        self._copies = tuple(_copies(graph))

    def keep(self, node: Node, path: str) -> bool:
        """Return whether a layer of the image contains the file that an op reads at `path`."""
        copies = list(_copy_actions(node))
        named = [copy for copy in copies if _covers(copy, path)]  # none if a symlink leads to the path
        places = {place for copy in named or copies for place in _places(copy, path)}
        pending = [(node.number, place) for place in places]
        seen = set(pending)
        while pending:
            number, place = pending.pop()
            if number in self._in_image:
                return True
            for reader, source, copy in self._copies:
                if number in self._chain(source) and _covers(copy, place):
                    further = {(reader, copied) for copied in _places(copy, place)} - seen
                    seen |= further
                    pending += further
        return False

    def _chain(self, number: int) -> frozenset[int]:
        """Return the ops whose layers an op has, itself included."""
        if number not in self._chains:
            chain, pending = set[int](), [number]
            while pending:
                here = pending.pop()
                if here not in chain:
                    chain.add(here)
                    node = self._graph.node(here)
                    pending += [edge.number for edge in node.edges if _BASES.get(node.kind) in edge.role.split(" ")]
            self._chains[number] = frozenset(chain)
        return self._chains[number]


def _copies(graph: Graph) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for node in graph.nodes:
        for action in node.op.get("actions", ()) if node.kind == "file" else ():
            index = int(action.get("secondaryInput", 0))
            if "copy" in action and 0 <= index < len(node.edges):
                yield node.number, node.edges[index].number, action["copy"]


def _copy_actions(node: Node) -> Iterator[Mapping[str, Any]]:
    for action in node.op.get("actions", ()) if node.kind == "file" else ():
        if "copy" in action:
            yield action["copy"]


def _covers(copy: Mapping[str, Any], path: str) -> bool:
    """Return whether a copy may include a path: the copy names the path or one of its parents."""
    source = copy.get("src", "/").strip("/")
    if not source:
        return True
    names = path.strip("/").split("/")
    parents = ["/".join(names[:count]) for count in range(1, len(names) + 1)]
    if not filepath.has_wildcards(source):
        return source in parents
    return any(filepath.match(source, parent) for parent in parents)


def _places(copy: Mapping[str, Any], path: str) -> Iterator[str]:
    """Return where a path may be after a copy: at the destination, or below it with any part of the path."""
    destination = copy.get("dest", "/")
    names = path.strip("/").split("/")
    yield destination.strip("/")
    for count in range(len(names)):
        yield posixpath.join(destination, *names[count:]).strip("/")


def __dir__() -> list[str]:
    return sorted(__all__)
