"""Dockerfiles with one more instruction: INCLUDE FILE stands for the instructions of another file of the build context.

    # syntax=registry.example/include
    FROM alpine
    INCLUDE common/packages.docker

Errors, warnings and failing steps are shown in the file they stand in. Included files may include.
"""

from collections.abc import Iterator

from llbfront.kit import Build, LlbfrontError, Source, Statement, located, parse


def frontend(build: Build) -> Iterator[Statement]:
    return included(build, build.source, ())


def included(build: Build, source: Source, above: tuple[str, ...]) -> Iterator[Statement]:
    for statement in parse(source).statements:
        if statement.keyword.upper() != "INCLUDE":
            yield statement
            continue
        with located(statement.span):
            _, *names = statement.original.split()
            if len(names) != 1:
                raise LlbfrontError("INCLUDE needs one file", hint="INCLUDE common.docker")
            if names[0] in above:
                raise LlbfrontError(f"{names[0]} includes itself: {' → '.join((*above, names[0]))}")
            yield from included(build, build.read(names[0]), (*above, names[0]))
