"""Turn the build steps of a Codefresh pipeline into targets.

Steps may stand inside parallel steps and other maps of steps. Steps of other types are listed as not run.

Source: the documentation of Codefresh pipelines (steps, build step).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from llbfront.bake import target_attributes
from llbfront.bake.codefresh.conditions import decide
from llbfront.bake.codefresh.git_variables import git_variables
from llbfront.bake.codefresh.step_not_run import StepNotRun
from llbfront.bake.codefresh.variables import expand
from llbfront.bake.files import DefinitionFile
from llbfront.bake.target import Group, Target
from llbfront.bake.target_attributes import Cache, Secret, Ssh
from llbfront.bake.yaml_document import Mapping as Document
from llbfront.bake.yaml_document import read_documents, text_of
from llbfront.errors import BakeError
from llbfront.errors.llbfront_error import located
from llbfront.gostd.strconv import parse_bool

CHECKOUT = re.compile(r"^(?:\$\{\{\s*main_clone\s*\}\}|/codefresh/volume/\$\{\{\s*CF_REPO_NAME\s*\}\})(?:/|$)")
DEFAULT_TAG = "${{CF_BRANCH_TAG_NORMALIZED}}"
CLONE_TYPES = {"git-clone"}


@attrs.define
class Pipeline:
    """The targets and groups of a pipeline, and the steps that are not run."""

    targets: dict[str, Target] = attrs.Factory(dict)
    groups: dict[str, Group] = attrs.Factory(dict)
    not_run: list[StepNotRun] = attrs.Factory(list)


def is_codefresh(file: DefinitionFile) -> bool:
    """Return whether a YAML file is a pipeline: it has steps and no services."""
    name = os.path.basename(file.name).lower()
    if not name.endswith((".yml", ".yaml")) and name != "-":
        return False
    try:
        documents = read_documents(file)
    except BakeError:
        return name.startswith("codefresh")
    return any(isinstance(document, dict) and "steps" in document and "services" not in document for document in documents)


def read_codefresh(file: DefinitionFile, variables: Mapping[str, str], environ: Mapping[str, str]) -> Pipeline:
    """Read a pipeline. Raises: BakeError at the line that is wrong."""
    document = next((mapping for mapping in read_documents(file) if isinstance(mapping, dict) and "steps" in mapping), None)
    if document is None:
        raise BakeError(f"{file.name}: there are no steps")
    known = {**git_variables(os.path.dirname(file.name)), **environ, **variables}
    reader = _Reader(known)
    names = reader.read(document)
    pipeline = reader.pipeline
    pipeline.groups.setdefault("default", Group("default", names))
    return pipeline


class _Reader:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.pipeline = Pipeline()
        self._clones: set[str] = set()

    def read(self, holder: Mapping[str, Any]) -> list[str]:
        """Read the steps of a pipeline or of a parallel step; return the names of their targets."""
        return [name for key, step, span in _steps(holder) for name in self._step(key, step, span)]

    def _step(self, key: str, step: Any, span: Any) -> list[str]:
        if not isinstance(step, dict):
            raise BakeError(f"the step {key} must be a mapping", span=span)
        step = {name.replace("-", "_"): value for name, value in step.items()}  # old files write image-name
        runs = decide(step.get("when"), self.variables)
        type_ = _type_of(step)
        if runs is False:
            self._skip(key, "its condition does not hold")
        elif "steps" in step:
            names = self.read(step)
            self.pipeline.groups[_target_name(key)] = Group(_target_name(key), names)
            return names
        elif type_ == "build":
            with located(span):
                target = self._target(_target_name(key), step)
            if runs is None:
                target.description = "built only if its condition holds, which depends on unknown variables"
            self.pipeline.targets[target.name] = target
            return [target.name]
        else:
            if type_ in CLONE_TYPES:
                self._clones.add(key)
            self._skip(key, f"steps of type {type_} are not run")
        return []

    def _skip(self, key: str, reason: str) -> None:
        self.pipeline.not_run.append(StepNotRun(key, reason))

    def _text(self, value: Any) -> str:
        return expand(str(value) if isinstance(value, str) else text_of(value), self.variables)

    def _texts(self, value: Any) -> list[str]:
        """Return strings from a list, one string, or a mapping."""
        if value is None:
            return []
        if isinstance(value, dict):
            return [f"{name}={self._text(item)}" for name, item in value.items()]
        return [self._text(item) for item in value] if isinstance(value, list) else [self._text(value)]

    def _target(self, name: str, step: Mapping[str, Any]) -> Target:
        dockerfile = step.get("dockerfile")
        inline = dockerfile.get("content") if isinstance(dockerfile, dict) else None
        return Target(
            name,
            context=self._directory(step.get("working_directory")),
            dockerfile=None if inline is not None or dockerfile is None else self._text(dockerfile),
            dockerfile_inline=None if inline is None else self._text(inline),
            args=self._arguments(step.get("build_arguments")) or None,
            tags=self._tags(step) or None,
            target=self._text(step["target"]) if step.get("target") else None,
            platforms=[part.strip() for text in self._texts(step.get("platform")) for part in text.split(",")] or None,
            no_cache=True if parse_bool(text_of(step.get("no_cache", "false"))) else None,
            cache_from=target_attributes.read_texts(Cache, self._texts(step.get("cache_from"))) or None,
            cache_to=target_attributes.read_texts(Cache, self._texts(step.get("cache_to"))) or None,
            secrets=target_attributes.read_texts(Secret, self._texts(step.get("secrets"))) or None,
            ssh=target_attributes.read_texts(Ssh, self._texts(step.get("ssh"))) or None,
        )

    def _directory(self, value: Any) -> str:
        """Return the directory of a step. The checkout is the working directory."""
        text = "." if value is None else text_of(value)
        text = CHECKOUT.sub("", text)
        for clone in self._clones:
            text = re.sub(rf"^\$\{{\{{\s*{re.escape(clone)}\s*\}}\}}(?:/|$)", "", text)
        return os.path.normpath(self._text(text) or ".")

    def _arguments(self, value: Any) -> dict[str, str | None]:
        pairs = (text.partition("=") for text in self._texts(value))
        arguments = {name: text if equals else self.variables.get(name) for name, equals, text in pairs}
        return {name: text for name, text in arguments.items() if text is not None}

    def _tags(self, step: Mapping[str, Any]) -> list[str]:
        image = self._text(step.get("image_name") or "")
        if not image:
            return []
        tags = [*self._texts(step.get("tag")), *self._texts(step.get("tags"))]
        if not tags and ":" in image.rsplit("/", 1)[-1].replace("${{", "").replace("::", ""):
            return [image]
        return list(dict.fromkeys(f"{image}:{tag}" for tag in tags or [self._text(DEFAULT_TAG)]))


def _steps(holder: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the names, steps and places of a map of steps."""
    steps = holder.get("steps")
    if isinstance(steps, list):
        for number, step in enumerate(steps, 1):
            name = step.get("name") if isinstance(step, dict) else None
            yield str(name or f"step-{number}"), step, getattr(step, "span", None)
        return
    if steps is None:
        return
    if not isinstance(steps, dict):
        raise BakeError("steps must be a mapping", span=holder.span_of("steps") if isinstance(holder, Document) else None)
    for name, step in steps.items():
        yield name, step, steps.span_of(name) if isinstance(steps, Document) else None


def _type_of(step: Mapping[str, Any]) -> str:
    """Return the type of a step. A step without a type runs commands, unless it names the image that it builds."""
    if step.get("type"):
        return str(step["type"])
    return "build" if "image_name" in step and "commands" not in step and "image" not in step else "freestyle"


def _target_name(key: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "_", key)
