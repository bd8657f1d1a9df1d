"""What of `typing` a class needs while the program runs, without `typing` itself, whose loading takes 3 of an untouched build's 75 ms.

Type checkers see the originals. Everything else of `typing` is imported for them alone, below `if TYPE_CHECKING`.

Source: none.
"""

from __future__ import annotations

__all__ = ("Generic", "Protocol", "TypeVar", "dataclass_transform", "overload")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Generic, Protocol, TypeVar, dataclass_transform, overload
else:

    class Generic:
        """A class of a type yet to be said."""

        def __class_getitem__(cls, _: object) -> type:
            return cls

    class Protocol:
        """A class that says what others have to be able to do."""

    def TypeVar(name: str, **_: object) -> str:  # noqa: N802
        """Stand for a type yet to be said."""
        return name

    def dataclass_transform(**_: object) -> Callable[[type], type]:
        """Say how a class makes its fields."""
        return lambda made: made

    def overload(made: Callable[..., object]) -> Callable[..., object]:
        """Give one of several types of a function."""
        return made
