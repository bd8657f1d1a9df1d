"""Read bake files and evaluate them together.

Source: bake/bake.go and bake/hcl.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from llbfront.bake.codefresh.step_not_run import StepNotRun
from llbfront.bake.evaluation import BLOCKS, Evaluator
from llbfront.bake.files import DefinitionFile, may_be_yaml
from llbfront.bake.relative_paths import Directories, rebase
from llbfront.bake.target import Group, Target
from llbfront.bake.unknown_names import UnknownName, unknown_names
from llbfront.bake.variables import ListedVariable
from llbfront.errors import BakeError, HclError
from llbfront.hcl.jsonbody import body_of, parse_json_file
from llbfront.hcl.parser import parse_file
from llbfront.hcl.ranges import HclFile, Range, hcl_error, read_file
from llbfront.hcl.structure import Block, Body

NESTED = {"variable": {"validation": 0}}


@attrs.define
class Definition:
    """The targets and groups of all files, before overrides and inheritance.

    `unknown` are the names that nothing reads. `pipeline` names the targets of pipelines. `default_contexts` are the contexts of targets without one, by name, where these are not the working directory.
    """

    targets: dict[str, Target] = attrs.Factory(dict)
    groups: dict[str, Group] = attrs.Factory(dict)
    variables: list[ListedVariable] = attrs.Factory(list)
    not_run: list[StepNotRun] = attrs.Factory(list)
    default_contexts: dict[str, str] = attrs.Factory(dict)
    pipeline: list[str] = attrs.Factory(list)
    unknown: list[UnknownName] = attrs.Factory(list)


def read_definition(
    files: Iterable[DefinitionFile],
    builtins: Mapping[str, str],
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    has_relative_paths: bool = False,
) -> Definition:
    """Parse and evaluate files.

    Args:
        files: HCL, JSON and Compose files, and pipelines.
        builtins: the built-in variables, which files cannot change.
        variables: values of variables from the command line.
        environ: the environment that variables may come from.
        has_relative_paths: whether contexts are relative to the directories of their files.

    Raises:
        BakeError: a file cannot be read; HclError says where it is wrong.
    """
    try:
        definition, directories = _read_definition(files, builtins, variables, environ)
    except RecursionError:
        raise BakeError("the definition is nested too deep") from None
    if has_relative_paths:
        definition.default_contexts = rebase(definition.targets, directories)
    return definition


def _read_definition(
    files: Iterable[DefinitionFile],
    builtins: Mapping[str, str],
    variables: Mapping[str, str],
    environ: Mapping[str, str],
) -> tuple[Definition, dict[str, Directories]]:
    files = list(files)
    definition = Definition()
    directories: dict[str, Directories] = {}
    if any(map(may_be_yaml, files)):
        from llbfront.bake.yaml_definitions import read_yaml  # here: most definitions are HCL or JSON

        found = read_yaml(files, variables, environ)
        definition = Definition(found.targets, found.groups, not_run=found.not_run, pipeline=found.pipeline)
        files, directories = found.others, found.directories
    bodies = [parse_body(file) for file in files]
    if bodies:

        def value_of(name: str) -> str | None:
            return variables.get(name, environ.get(name))

        evaluator = Evaluator(_merged(bodies), builtins, value_of, directories)
        evaluated = evaluator.run(definition.targets.values(), definition.groups.values())
        definition = Definition(
            evaluated.targets,
            evaluated.groups,
            evaluated.variables.listed(),
            definition.not_run,
            pipeline=definition.pipeline,
            unknown=[name for body in bodies for name in unknown_names(body)],
        )
    for group in definition.groups.values():
        group.targets = list(dict.fromkeys(group.targets))
    return definition, directories


def parse_body(file: DefinitionFile) -> Body:
    """Parse a file in HCL or JSON syntax. The name decides, otherwise both are tried. Raises: HclError."""
    source = read_file(file.name, file.data)
    if file.name.endswith(".json"):
        return _json_body(source)
    try:
        return _checked(parse_file(source))
    except HclError:
        if file.name.endswith(".hcl"):
            raise
        try:
            return _json_body(source)
        except HclError:
            pass
        raise


def _json_body(source: HclFile) -> Body:
    return _checked(body_of(parse_json_file(source), BLOCKS, NESTED))


def _checked(body: Body) -> Body:
    """Refuse blocks with a wrong number of labels."""
    for block in body.blocks:
        if block.type in BLOCKS and len(block.labels) != 1:
            raise _bad_labels(block)
    return body


def _bad_labels(block: Block) -> HclError:
    if not block.labels:
        return hcl_error(f"Missing name for {block.type}: All {block.type} blocks must have 1 labels (name).", block.source_range)
    source_range = block.label_ranges[1]
    return hcl_error(f"Extraneous label for {block.type}: Only 1 labels (name) are expected for {block.type} blocks.", source_range)


def _merged(bodies: list[Body]) -> Body:
    """Join the bodies of several files."""
    attributes = {name: attribute for body in bodies for name, attribute in body.attributes.items()}
    blocks = [block for body in bodies for block in body.blocks]
    source_range = bodies[0].source_range
    return Body(attributes, blocks, Range(source_range.file, source_range.start, source_range.start))
