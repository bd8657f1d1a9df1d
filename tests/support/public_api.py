"""The public names of llbfront and their signatures, as tests/data/public_api.txt holds them: `python -m tests.support.public_api` writes it."""

from __future__ import annotations

import enum
import importlib
import inspect
import pathlib
import types
from collections.abc import Iterator
from typing import Any

import attrs

MODULES = (
    "llbfront", "llbfront.aio", "llbfront.bake", "llbfront.dockerfile", "llbfront.errors", "llbfront.inspection", "llbfront.kit", "llbfront.llb", "llbfront.rules",
    "llbfront.testing",
)  # fmt: skip
SNAPSHOT = pathlib.Path(__file__).parents[1] / "data/public_api.txt"


def public_names() -> dict[str, Any]:
    """All public names with what they are."""
    return {
        f"{name}.{key}": getattr(module, key)
        for name in MODULES
        for module in [importlib.import_module(name)]
        for key in module.__all__
    }


def methods_of(value: type) -> dict[str, Any]:
    """The public methods and properties of a class, those of our base classes included."""
    ours = [base for base in reversed(value.__mro__) if base.__module__.startswith("llbfront") and not issubclass(base, enum.Enum)]
    members = {key: member for base in ours for key, member in vars(base).items() if not key.startswith("_")}
    kinds = (types.FunctionType, property, classmethod, staticmethod)
    return {key: member for key, member in members.items() if isinstance(member, kinds) or hasattr(member, "func")}


def describe() -> str:
    """Return a line for each public name and each of its methods."""
    return "".join(f"{line}\n" for name, value in public_names().items() for line in _lines(name, value))


def is_alias(value: object) -> bool:
    """Whether a public name is a union of types, which has no docstring of its own."""
    return isinstance(value, types.UnionType) or value is object


def _lines(name: str, value: Any) -> Iterator[str]:
    if is_alias(value):
        yield f"{name} = {' | '.join(each.__name__ for each in getattr(value, '__args__', ())) or '…'}"
    elif not inspect.isclass(value):
        yield f"{name}{_signature(value)}"
    elif issubclass(value, enum.Enum):
        yield f"class {name}: {', '.join(f'{member.name} = {member.value!r}' for member in value)}"
    else:
        yield f"class {name}{_signature(value)}"
        inherited = methods_of(value.__bases__[0]) if issubclass(value, BaseException) else {}
        for key, method in methods_of(value).items():
            if key not in inherited:
                yield f"    {key}{'' if isinstance(method, property) or hasattr(method, 'func') else _signature(getattr(value, key))}"


@attrs.frozen(repr=False)
class _Shown:
    """A text that signatures show as it is."""

    text: str

    def __repr__(self) -> str:
        return self.text


def _signature(value: Any) -> str:
    signature = inspect.signature(value)
    parameters = [
        parameter.replace(
            annotation=_Shown(parameter.annotation) if isinstance(parameter.annotation, str) else parameter.annotation,
            default=parameter.default if parameter.default is inspect.Parameter.empty else _Shown(_default(parameter.default)),
        )
        for parameter in signature.parameters.values()
    ]
    returned = signature.return_annotation
    shown = signature.replace(parameters=parameters, return_annotation=_Shown(returned) if isinstance(returned, str) else returned)
    return str(shown).replace("-> None", "").rstrip() if inspect.isclass(value) else str(shown)


def _default(value: object) -> str:
    if value is attrs.NOTHING:
        return "…"
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    text = repr(value)
    return text if len(text) < 30 and " at 0x" not in text else "…"


if __name__ == "__main__":
    SNAPSHOT.write_text(describe())
