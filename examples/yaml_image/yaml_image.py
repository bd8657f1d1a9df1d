"""Images described in a few lines of YAML.

    # syntax=registry.example/yaml-image
    base: alpine
    env: {LANG: C.UTF-8}
    run:
      - mkdir -p /srv
    files:
      pages: /srv/pages
    cmd: [httpd, -f, -h, /srv/pages]

`base` must be there, anything else may be left out. `files` are paths of the build context and where they go.
"""

from typing import NamedTuple

import yaml

from llbfront import llb
from llbfront.kit import Build, Image, LlbfrontError, Source, Span, evolve, located, suggestion

TEXT, LIST, MAPPING = yaml.ScalarNode, yaml.SequenceNode, yaml.MappingNode
FIELDS = {"base": TEXT, "env": MAPPING, "run": LIST, "files": MAPPING, "cmd": LIST}
NOUNS = {TEXT: "text", LIST: "list", MAPPING: "mapping"}


def frontend(build: Build) -> Image:
    fields = read(build.source)
    base = build.image(fields["base"][0].value)
    state = base.state.with_env({entry.name: entry.value for entry in fields["env"]})
    for command in fields["run"]:
        meta = build.step(f"run {command.value}", command.span)
        state = state.run(("/bin/sh", "-c", command.value), meta=meta).root
    context = build.files(*(entry.name for entry in fields["files"])) if fields["files"] else llb.scratch()
    for path, target, span in fields["files"]:
        copy = llb.Copy(context, path, target, dir_copy_contents=True, create_dest_path=True)
        state = state.file(copy, meta=build.step(f"files {path}", span))
    cmd = tuple(word.value for word in fields["cmd"])
    return Image(state, evolve(base.config, cmd=cmd or base.config.cmd))


class Entry(NamedTuple):
    """A name with a value, or a text, which is both."""

    name: str
    value: str
    span: Span


def read(source: Source) -> dict[str, list[Entry]]:
    """The entries of each field. Raises LlbfrontError at the line that is wrong."""
    entries: dict[str, list[Entry]] = {name: [] for name in FIELDS}
    for key, node in pairs(compose(source)):
        with located(source.at(key.start_mark.line + 1)):
            if key.value not in FIELDS:
                raise LlbfrontError(f"unknown field: {key.value}", hint=suggestion(key.value, FIELDS))
            if not isinstance(node, FIELDS[key.value]):
                raise LlbfrontError(f"{key.value} has to be a {NOUNS[FIELDS[key.value]]}")
            for name, value in pairs(node):
                if not isinstance(value, TEXT):
                    raise LlbfrontError(f"{key.value} holds only texts", span=source.at(value.start_mark.line + 1))
                entries[key.value].append(Entry(name.value, value.value, source.at(name.start_mark.line + 1)))
    if not entries["base"]:
        raise LlbfrontError("there is no base", span=source.at(1), hint="base: alpine")
    return entries


def compose(source: Source) -> yaml.Node:
    try:
        root = yaml.compose(source.text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LlbfrontError(error.problem or "this is not YAML", span=source.at(line)) from None
    if not isinstance(root, MAPPING):
        raise LlbfrontError("there are no fields", span=source.at(1))
    return root


def pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    match node:
        case yaml.MappingNode():
            return list(node.value)
        case yaml.SequenceNode():
            return [(each, each) for each in node.value]
        case _:
            return [(node, node)]
