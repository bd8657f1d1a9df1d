"""Make contexts relative to the directories of the files that define them, as BUILDX_BAKE_FILE_RELATIVE_PATHS asks.

Source: bake/bake.go (rebaseContextPaths) of docker/buildx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import attrs

from llbfront.bake.files import DefinitionFile
from llbfront.bake.remote import NO_PATHS
from llbfront.bake.target import Target
from llbfront.client.sources.remote_files import is_remote
from llbfront.errors import BakeError
from llbfront.gostd import path as gopath
from llbfront.gostd.strconv import parse_bool
from llbfront.hcl.expressions import Traversal
from llbfront.hcl.structure import Attribute, Block

VARIABLE = "BUILDX_BAKE_FILE_RELATIVE_PATHS"


@attrs.define
class Directories:
    """The directories that the contexts of a target are relative to.

    Attributes:
        default: the directory of a target without a context.
        context: the directory of the context.
        reference: the target whose context it takes, with its directory.
        contexts: the directories of named contexts, by name.
    """

    default: str
    context: str | None = None
    reference: str | None = None
    contexts: dict[str, str] = attrs.Factory(dict)

    def updated(self, later: Directories) -> Directories:
        """Return the directories of the target after a later block that defines it again."""
        has_context = later.context is not None
        return Directories(
            later.default,
            later.context if has_context else self.context,
            later.reference if has_context else self.reference,
            {**self.contexts, **later.contexts},
        )


def is_enabled(environ: Mapping[str, str]) -> bool:
    """Return whether contexts are relative to the files that define them. Raises: BakeError for a value that is not a boolean."""
    text = environ.get(VARIABLE, "").strip()
    value = parse_bool(text) if text else False
    if value is None:
        raise BakeError(f"{VARIABLE} is {text!r}", hint="use true or false")
    return value


def of_block(block: Block, target: Target) -> Directories:
    """Return the directories of a target that a block defines."""
    directory = _directory(block.source_range.file.source.filename)
    attribute = block.body.attributes.get("context")
    contexts = dict.fromkeys(target.contexts or {}, directory) if "contexts" in block.body.attributes else {}
    if attribute is None:
        return Directories(directory, contexts=contexts)
    return Directories(directory, directory, _referenced_target(attribute), contexts)


def of_compose(files: list[DefinitionFile], targets: Iterable[Target]) -> dict[str, Directories]:
    """Return the directories of the targets of Compose files: the directory of the first file."""
    directory = _directory(files[0].name)
    return {
        target.name: Directories(
            directory, None if target.context is None else directory, contexts=dict.fromkeys(target.contexts or {}, directory)
        )
        for target in targets
    }


def rebase(targets: Mapping[str, Target], directories: Mapping[str, Directories]) -> dict[str, str]:
    """Make the contexts of targets relative to the command. Return the default context of each target, for those that set and inherit none."""
    for name, own in directories.items():
        target = targets[name]
        if target.context is not None and (directory := _context_directory(own, directories)) is not None:
            target.context = _joined(directory, target.context)
        target.contexts = target.contexts and {
            key: _joined(own.contexts[key], path) if key in own.contexts else path for key, path in target.contexts.items()
        }
    return {name: _joined(own.default, ".") or "." for name, own in directories.items()}


def _context_directory(own: Directories, directories: Mapping[str, Directories]) -> str | None:
    other = directories.get(own.reference or "")
    if other is None:
        return own.context
    return other.default if other.context is None else other.context


def _directory(file: str) -> str:
    return "" if file in {"", "-"} or is_remote(file) else os.path.dirname(file) or "."


def _joined(directory: str, path: str) -> str:
    if not directory or not path or os.path.isabs(path) or path.startswith(NO_PATHS) or is_remote(path):
        return path
    return gopath.join(directory, path)


def _referenced_target(attribute: Attribute) -> str | None:
    """Return the name of the target if an expression is its context, such as `target.app.context`, else None."""
    expression = attribute.expression
    if not isinstance(expression, Traversal) or expression.name != "target" or len(expression.steps) != 2:
        return None
    target, field = expression.steps
    if field.name != "context":
        return None
    return target.name if target.key is None else str(target.key.data)
