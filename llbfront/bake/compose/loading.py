"""Load Compose files into one model: interpolated, with what they include and extend, merged.

Source: loader, override and paths of compose-spec/compose-go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import attrs

from llbfront.bake.compose.checking import check_references
from llbfront.bake.compose.interpolation import substitute
from llbfront.bake.compose.merging import merge
from llbfront.bake.compose.paths import rebase
from llbfront.bake.dotenv import parse_dotenv
from llbfront.bake.files import DOTENV, DefinitionFile, is_file, read_local
from llbfront.bake.yaml_document import Mapping as Document
from llbfront.bake.yaml_document import Timestamp, copied, read_documents
from llbfront.errors import BakeError
from llbfront.errors.llbfront_error import located

Model = dict[str, Any]


@attrs.frozen
class Loader:
    """Loads files relative to a directory, with variables. `including` and `extending` are what is under way, to find circles."""

    directory: str
    variables: Mapping[str, str]
    including: tuple[str, ...] = ()

    def load(self, files: list[DefinitionFile]) -> Model:
        """Merge files into one model. Raises: BakeError."""
        model: Model = {}
        for file in files:
            for document in read_documents(file):
                model = self._add(model, document, file)
        return rebase(model, self.directory)

    def _add(self, model: Model, document: Any, file: DefinitionFile) -> Model:
        if not isinstance(document, dict):
            raise BakeError(f"{file.name}: top-level object must be a mapping")
        interpolated = interpolate(document, self.variables)
        check_references(interpolated)
        for included in interpolated.get("include") or []:
            interpolated = self._include(interpolated, included, file)
        _apply_resets(model, interpolated)
        self._extend_all(interpolated, file)
        merged: Model = merge(model, interpolated, ())
        return merged

    def _include(self, model: Model, entry: Any, file: DefinitionFile) -> Model:
        """Add the models of files that a file includes; what the file defines itself must not be there, too."""
        entry = {"path": entry} if isinstance(entry, str) else entry
        paths = entry.get("path") if isinstance(entry, dict) else None
        names = [paths] if isinstance(paths, str) else paths or []
        if not names:
            raise BakeError(f"{file.name}: include needs a path")
        full = [os.path.join(self.directory, name) for name in names]
        if full[0] in self.including:
            raise BakeError(f"include cycle detected: {' include '.join((*self.including, full[0]))}")
        project = entry.get("project_directory") or os.path.dirname(names[0])
        directory = os.path.join(self.directory, project)
        # Parity: paths are relative to the directory above one that does not exist.
        existing = directory if os.path.isdir(directory) else os.path.join(self.directory, os.path.dirname(project))
        loader = Loader(existing, self._included_variables(entry, directory), (*self.including, full[0]))
        included = loader.load([read_local(name) for name in full])
        return {
            **model,
            **{kind: _joined(kind, included.get(kind) or {}, model.get(kind) or {}) for kind in ("services", "secrets")},
        }

    def _included_variables(self, entry: Mapping[str, Any], directory: str) -> dict[str, str]:
        names = entry.get("env_file") or []
        names = [os.path.join(self.directory, name) for name in ([names] if isinstance(names, str) else names)]
        if not names and is_file(os.path.join(directory, DOTENV)):
            names = [os.path.join(directory, DOTENV)]
        variables = dict(self.variables)
        for name in names:
            variables = {**parse_dotenv(name, read_local(name).data, variables), **variables}
        return variables

    def _extend_all(self, model: Model, file: DefinitionFile) -> None:
        services = model.get("services")
        if isinstance(services, dict):
            for name in list(services):
                services[name] = self._extended(name, services, file, self.directory, ())

    def _extended(self, name: str, services: Model, file: DefinitionFile, directory: str, path: tuple[tuple[str, str], ...]) -> Any:
        """Return a service merged with the services that it extends. Files that it names are relative to the directory."""
        service = services.get(name)
        if not isinstance(service, dict) or not service.get("extends"):
            return service
        if (file.name, name) in path:
            raise BakeError(f"Circular reference with extends in {file.name}: service {name}")
        extends = service["extends"]
        base_name = extends if isinstance(extends, str) else extends.get("service")
        base_path = "" if isinstance(extends, str) else extends.get("file") or ""
        base_file, base_services = self._base(base_path, file, services, directory)
        if not isinstance(base_services, dict) or base_name not in base_services:
            raise BakeError(f'cannot extend service "{name}" in {base_file.name}: service "{base_name}" not found')
        below = os.path.dirname(base_path)
        base = self._extended(base_name, base_services, base_file, os.path.join(directory, below), (*path, (file.name, name)))
        if base_path:
            base = rebase({"services": {base_name: base}}, below)["services"][base_name]
        own = {key: value for key, value in service.items() if key != "extends"}
        return _overridden(base or {}, service, own, ("services", name))

    def _base(self, path: str, file: DefinitionFile, services: Model, directory: str) -> tuple[DefinitionFile, Any]:
        """Return the file that a service extends a service of, and the services there."""
        if not path:
            return file, services
        base_file = read_local(os.path.join(directory, path))
        model: Model = {}
        for document in read_documents(base_file):
            if isinstance(document, dict):
                interpolated = interpolate(document, self.variables)
                check_references(interpolated)
                model = merge(model, interpolated, ())
        return base_file, model.get("services")


def _joined(kind: str, included: Model, own: Model) -> Model:
    """Add the resources of an included file to a file. Resources of the file itself take precedence."""
    same = {name for name in included if name in own and included[name] == own[name]}
    merged = {
        name: _overridden(included[name], own[name], own[name], (kind, name))
        for name in included
        if name in own and name not in same
    }
    return {**included, **own, **merged}


def _overridden(base: Any, document: Any, own: Any, path: tuple[str, ...]) -> Any:
    """Merge values over a copy of a base, without what tags of the document remove from that."""
    model = _copied(base)
    _apply_resets(model, document)
    return merge(model, own, path)


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """Replace variables in all strings of a document. Raises: BakeError at the line of the text."""
    if isinstance(value, Document):
        result = value.copy()
        for key, item in value.items():
            with located(value.span_of(key)):
                result[key] = interpolate(item, variables)
        return result
    if isinstance(value, list):
        return [interpolate(item, variables) for item in value]
    return substitute(value, variables) if isinstance(value, str) and not isinstance(value, Timestamp) else value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        result = copied(value)
        for key, item in value.items():
            result[key] = _copied(item)
        return result
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _apply_resets(model: Any, document: Any) -> None:
    """Remove from a model what `!reset` and `!override` of a later document name."""
    if not isinstance(document, Document) or not isinstance(model, dict):
        return
    for key in document.tags:
        model.pop(key, None)
    for key, value in document.items():
        _apply_resets(model.get(key), value)
