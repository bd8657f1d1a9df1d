"""Explain calls of public functions whose arguments do not fit the signature.

Source: none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def explained_calls(example: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise ArgumentError, with an example of a right call, for arguments that do not fit its signature."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:  # raised inside of the function
                    raise
                from llbfront.client import foreign_arguments  # only needed for the error

                raise foreign_arguments.wrong_call(function, kwargs, error, example) from None

        return call

    return decorate
