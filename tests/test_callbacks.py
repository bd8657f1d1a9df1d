"""Functions that the library calls: those that cannot be called, or would do nothing, are refused before anything runs."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from llbfront import arguments, connect, kit, rules, testing
from llbfront.errors import ArgumentError, LlbfrontError, RuleError
from llbfront.kit import loading


async def coroutine(_: object) -> None:
    """Be awaited."""


def generator(_: object) -> Iterator[None]:
    yield


async def async_generator(_: object) -> AsyncIterator[None]:
    yield


def no_argument() -> None:
    """Take nothing."""


def two_arguments(_: object, __: object) -> None:
    """Take too much."""


def keyword_only(*, event: object) -> None:
    """Take no positional argument."""


class CoroutineObject:
    async def __call__(self, _: object) -> None:
        """Be awaited."""


class GeneratorObject:
    def __call__(self, _: object) -> Iterator[None]:
        yield


class Plain:
    def __call__(self, _: object) -> None:
        """Be called."""

    def method(self, _: object) -> None:
        """Be called."""


ACCEPTED = [lambda _: None, [].append, print, functools.partial(two_arguments, 1), Plain(), Plain().method, lambda *_: None]
NOT_FUNCTIONS = ["text", 1, ["list"], None]
WRONG_ARITY = [no_argument, two_arguments, keyword_only, lambda: None, functools.partial(no_argument)]
GENERATORS = [generator, functools.partial(generator), GeneratorObject()]
ASYNC = [coroutine, functools.partial(coroutine), CoroutineObject()]
ASYNC_GENERATORS = [async_generator, functools.partial(async_generator)]


@pytest.mark.parametrize("function", ACCEPTED)
def test_functions_of_one_argument_are_accepted(function: Any) -> None:
    assert arguments.callback(function, "on_event") is function


@pytest.mark.parametrize("function", [*NOT_FUNCTIONS, *WRONG_ARITY, *GENERATORS, *ASYNC, *ASYNC_GENERATORS])
def test_others_are_refused(function: Any) -> None:
    with pytest.raises(ArgumentError, match="on_event"):
        arguments.callback(function, "on_event")


@pytest.mark.parametrize("function", [*ACCEPTED, *ASYNC])
def test_async_functions_are_accepted_where_they_are_awaited(function: Any) -> None:
    assert arguments.callback(function, "on_event", may_be_async=True) is function


@pytest.mark.parametrize("function", [*WRONG_ARITY, *GENERATORS, *ASYNC_GENERATORS])
def test_generators_are_refused_where_functions_are_awaited(function: Any) -> None:
    with pytest.raises(ArgumentError, match="on_event"):
        arguments.callback(function, "on_event", may_be_async=True)


@pytest.mark.parametrize("function", [*NOT_FUNCTIONS, *WRONG_ARITY, *GENERATORS, *ASYNC, *ASYNC_GENERATORS])
def test_report_of_connect(function: Any) -> None:
    with pytest.raises(ArgumentError, match="report"):
        connect("unix:///nowhere", report=function)


@pytest.mark.parametrize("function", [*WRONG_ARITY, *ASYNC, *ASYNC_GENERATORS])
def test_frontends(function: Any) -> None:
    with pytest.raises(ArgumentError, match="frontend"):
        loading.runner_of(function)
    with pytest.raises(LlbfrontError, match="frontend"):
        testing.build(function, {"Dockerfile": "FROM scratch\n"})


def test_a_frontend_may_generate_parts() -> None:
    def frontend(_: kit.Build) -> Iterator[str]:
        yield "FROM scratch\n"
        yield "COPY a /\n"

    assert testing.build(frontend, {"Dockerfile": "", "a": ""}).graphs


@pytest.mark.parametrize("function", [no_argument, two_arguments, coroutine, async_generator])
def test_rules(function: Any) -> None:
    with pytest.raises(RuleError, match="the rule NoLatest"):
        rules.rule("NoLatest", "description")(function)
