r"""The Dockerfile language: parse text to instructions grouped in stages, without losing a byte.

Example:
    >>> from llbfront.dockerfile import Source, parse, parse_stages
    >>> tree = parse(Source("Dockerfile", b"FROM golang AS build\nRUN go build\n"))
    >>> [statement.keyword for statement in tree.statements]
    ['FROM', 'RUN']
    >>> arguments, stages = parse_stages(tree)
    >>> [(stage.name, stage.base.image) for stage in stages]
    [('build', 'golang')]

Source: frontend/dockerfile of BuildKit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llbfront.lazy_names import lazy_names

if TYPE_CHECKING:
    from llbfront.dockerfile.compose import Piece
    from llbfront.dockerfile.edit import replace_image, replace_range, replace_word
    from llbfront.dockerfile.instructions import (
        Add,
        Arg,
        Cmd,
        Copy,
        Entrypoint,
        Env,
        Expose,
        From,
        Healthcheck,
        Instruction,
        KeyValue,
        Label,
        Maintainer,
        Onbuild,
        Run,
        Shell,
        Stage,
        Stopsignal,
        User,
        Volume,
        Workdir,
    )
    from llbfront.dockerfile.onbuild import parse_trigger
    from llbfront.dockerfile.parser import parse
    from llbfront.dockerfile.stages import parse_stages
    from llbfront.dockerfile.statements import Directive, Dockerfile, Heredoc, Statement
    from llbfront.source import LineRange, Source, Span

__all__ = [
    "Add",
    "Arg",
    "Cmd",
    "Copy",
    "Directive",
    "Dockerfile",
    "Entrypoint",
    "Env",
    "Expose",
    "From",
    "Healthcheck",
    "Heredoc",
    "Instruction",
    "KeyValue",
    "Label",
    "LineRange",
    "Maintainer",
    "Onbuild",
    "Piece",
    "Run",
    "Shell",
    "Source",
    "Span",
    "Stage",
    "Statement",
    "Stopsignal",
    "User",
    "Volume",
    "Workdir",
    "parse",
    "parse_stages",
    "parse_trigger",
    "replace_image",
    "replace_range",
    "replace_word",
]

_NAMES = {
    "llbfront.dockerfile.compose": ("Piece",),
    "llbfront.dockerfile.edit": ("replace_image", "replace_range", "replace_word"),
    "llbfront.dockerfile.instructions": (
        "Add",
        "Arg",
        "Cmd",
        "Copy",
        "Entrypoint",
        "Env",
        "Expose",
        "From",
        "Healthcheck",
        "Instruction",
        "KeyValue",
        "Label",
        "Maintainer",
        "Onbuild",
        "Run",
        "Shell",
        "Stage",
        "Stopsignal",
        "User",
        "Volume",
        "Workdir",
    ),
    "llbfront.dockerfile.onbuild": ("parse_trigger",),
    "llbfront.dockerfile.parser": ("parse",),
    "llbfront.dockerfile.stages": ("parse_stages",),
    "llbfront.dockerfile.statements": ("Directive", "Dockerfile", "Heredoc", "Statement"),
    "llbfront.source": ("LineRange", "Source", "Span"),
}

__getattr__, __dir__ = lazy_names(__name__, {name: module for module, names in _NAMES.items() for name in names})
