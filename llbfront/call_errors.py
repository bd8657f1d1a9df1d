"""Explain calls of public functions whose arguments do not fit the signature."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from llbfront.errors import ArgumentError
from llbfront.suggestions import suggestion

# Other libraries' names for the address of an engine.
_ADDRESSES = frozenset(("addr", "base_url", "builder", "endpoint", "host", "socket", "url"))
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
                raise _wrong_call(function, kwargs, error, example) from None

        return call

    return decorate


def _wrong_call(function: Callable[..., object], named: Iterable[str], error: TypeError, example: str) -> ArgumentError:
    """Return the error for a call that does not fit a signature: its unknown argument, else what Python says."""
    import inspect  # only needed for the error

    known = tuple(name for name in inspect.signature(function).parameters if name != "self")
    for name in named:
        if name not in known:
            near = "use address" if "address" in known and name in _ADDRESSES else suggestion(name, known)
            return ArgumentError(f"{function.__name__} has no argument {name}", hint=near or f"for example {example}")
    return ArgumentError(str(error).rpartition(".")[2], hint=f"for example {example}")
