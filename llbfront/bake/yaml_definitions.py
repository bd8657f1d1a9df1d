"""Read the YAML files among definitions: Compose files and Codefresh pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from llbfront.bake.codefresh.step_not_run import StepNotRun
from llbfront.bake.codefresh.steps import is_codefresh, read_codefresh
from llbfront.bake.compose.targets import compose_variables, is_compose, read_compose
from llbfront.bake.files import DefinitionFile, may_be_yaml
from llbfront.bake.relative_paths import Directories, of_compose
from llbfront.bake.target import Group, Target


@attrs.frozen
class YamlDefinitions:
    """What YAML files define.

    Attributes:
        targets, groups: by name.
        pipeline: the names of targets that are steps of a pipeline.
        not_run: the steps of pipelines that are not built.
        directories: the directories that paths of Compose files are relative to, by target.
        others: the files that are neither Compose files nor pipelines.
    """

    targets: dict[str, Target]
    groups: dict[str, Group]
    pipeline: list[str]
    not_run: list[StepNotRun]
    directories: dict[str, Directories]
    others: list[DefinitionFile]


def read_yaml(files: Iterable[DefinitionFile], variables: Mapping[str, str], environ: Mapping[str, str]) -> YamlDefinitions:
    """Read the pipelines and Compose files among `files`. Raises: BakeError."""
    files = list(files)
    pipelines = [file for file in files if is_codefresh(file)]
    files = [file for file in files if file not in pipelines]
    known = compose_variables(variables, environ) if any(map(may_be_yaml, files)) else {}
    compose_files = [file for file in files if is_compose(file, known)]
    others = [file for file in files if file not in compose_files]
    targets: dict[str, Target] = {}
    groups: dict[str, Group] = {}
    pipeline: list[str] = []
    not_run: list[StepNotRun] = []
    for file in pipelines:
        read = read_codefresh(file, variables, environ)
        targets |= read.targets
        groups |= read.groups
        pipeline += read.targets
        not_run += read.not_run
    directories: dict[str, Directories] = {}
    if compose_files:
        services, service_groups = read_compose(compose_files, known)
        targets |= services
        groups |= service_groups
        directories = of_compose(compose_files, services.values())
    return YamlDefinitions(targets, groups, pipeline, not_run, directories, others)
