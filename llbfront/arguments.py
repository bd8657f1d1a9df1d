"""Check and convert the arguments of the library's functions, where a call comes in.

Each function takes a value and the name of the argument, and returns the value in the one form that the rest of the code uses. A value
that can be understood in only one way is accepted: a path object for a path, an int for a string value, one string for a list of
texts. Any other value raises ArgumentError, which names the argument and says what it takes. Messages show types, never values: an
argument may be a secret.

`typed` applies them to the arguments of a function, `checked` to the fields of a class:

    @attrs.frozen(field_transformer=arguments.checked)
    class Mkdir:
        path: str = attrs.field(converter=arguments.path)    # takes paths, too
        parents: bool = False                                # the annotation says what it takes
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from llbfront.errors import ArgumentError
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    import attrs

T = TypeVar("T")
EnumT = TypeVar("EnumT", bound=Enum)
P = ParamSpec("P")
R = TypeVar("R")
Convert = Callable[[Any, str], Any]
"""A converter: takes a value and the name of its argument."""

_HINTS = {
    bool: 'write "true" or "false"',
    float: 'write a string, such as "1.10"',
    bytes: "decode it first",
}


def refuse(name: str, takes: str, value: object, *, hint: str | None = None) -> ArgumentError:
    """Return the error for a value of a type that the argument does not take."""
    kind = "None" if value is None else f"a value of the type {type(value).__name__}"
    return ArgumentError(f"{name} takes {takes}, not {kind}", hint=hint)


def text(value: str, name: str = "value") -> str:
    """Return a string as a plain str."""
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)  # of a member of an enum, its value
    raise refuse(name, "a string", value, hint=_HINTS.get(type(value)))


def optional_text(value: str | None, name: str = "value") -> str | None:
    """Return a string, or None."""
    return None if value is None else text(value, name)


def path(value: str | os.PathLike[str], name: str = "path") -> str:
    """Return the text of a path."""
    if type(value) is str:
        return value
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    raise refuse(name, "a path", value)


def optional_path(value: str | os.PathLike[str] | None, name: str = "path") -> str | None:
    """Return the text of a path, or None."""
    return None if value is None else path(value, name)


def local_path(value: str | os.PathLike[str], name: str = "path") -> str:
    """Return the text of a path on this machine, which the system can look up."""
    text = path(value, name)
    if fault := path_fault(text):
        raise ArgumentError(f"{name} is not a path: {fault}")
    return text


def optional_local_path(value: str | os.PathLike[str] | None, name: str = "path") -> str | None:
    """Return the text of a path on this machine, or None."""
    return None if value is None else local_path(value, name)


def path_fault(text: str) -> str | None:
    """Return why a string cannot be a path of any file system here, None if it can."""
    if "\0" in text:
        return "it holds a NUL character"
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return "it holds a character that cannot be encoded"
    return None


def scalar(value: str | int | os.PathLike[str], name: str = "value") -> str:
    """Return a string, an int or a path as text.

    A bool and a float are refused: True may stand for `true`, `True` or `1`, and the float 1.10 is 1.1.
    """
    if type(value) is str:
        return value
    if isinstance(value, os.PathLike):
        return path(value, name)
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return text(value)
    raise refuse(name, "a string or an int", value, hint=_HINTS.get(type(value)))


def integer(value: int, name: str = "value") -> int:
    """Return an int."""
    if type(value) is int:
        return value
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return int(value)
    raise refuse(name, "an int", value)


def optional_integer(value: int | None, name: str = "value") -> int | None:
    """Return an int, or None."""
    return None if value is None else integer(value, name)


def flag(value: bool | None, name: str = "value") -> bool:
    """Return a bool; None is False. A string is refused, since any but the empty one would count as true."""
    if value is None or isinstance(value, bool):
        return bool(value)
    raise refuse(name, "True or False", value)


def optional_flag(value: bool | None, name: str = "value") -> bool | None:
    """Return a bool, or None."""
    return None if value is None else flag(value, name)


def callback(value: T, name: str, *, may_be_async: bool = False, may_generate: bool = False) -> T:
    """Return a function that is called with one argument. Raises: ArgumentError for one that cannot be, or would do nothing.

    may_be_async: the function is awaited where it is a coroutine function.
    may_generate: what a generator function yields is read.
    """
    if not callable(value):
        raise refuse(name, "a function", value)
    functions = (value, type(value).__call__)
    if not may_be_async and any(map(inspect.iscoroutinefunction, functions)):
        raise asynchronous(name)
    if any(map(inspect.isasyncgenfunction, functions)) or (not may_generate and any(map(inspect.isgeneratorfunction, functions))):
        raise ArgumentError(f"{name} is a generator function, which does nothing when it is called", hint="use no yield in it")
    try:
        inspect.signature(value).bind(None)
    except TypeError as error:
        raise ArgumentError(f"{name} must take one positional argument: {error}") from None
    except ValueError:  # a builtin function without a signature
        pass
    return value


def asynchronous(name: str) -> ArgumentError:
    """Return the error for an async function where a plain one is called."""
    return ArgumentError(f"{name} is asynchronous, which is for llbfront.aio", hint="give a plain function, or use llbfront.aio")


def items(
    value: Any,
    name: str,
    takes: str,
    convert: Callable[[Any, str], T],
    *,
    single: type | tuple[type, ...] = str,
) -> tuple[T, ...]:
    """Return the converted items of an iterable.

    A value of a type in `single` is one item, None means no items. The items of a set are sorted, since its order is random. A file is
    refused, although it is an iterable of its lines.
    """
    if value is None:
        return ()
    if isinstance(value, single):
        return (convert(value, name),)
    if is_file(value):
        raise refuse(name, takes, value, hint="a file is not read here")
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping)) or not isinstance(value, Iterable):
        raise refuse(name, takes, value)
    converted = [convert(item, f"{name}[{number}]") for number, item in enumerate(value)]
    return tuple(sorted(converted, key=repr) if isinstance(value, AbstractSet) else converted)


def is_file(value: object) -> bool:
    """Return whether a value is an open file, or something that is read or written like one."""
    return not isinstance(value, os.PathLike) and (hasattr(value, "read") or hasattr(value, "write"))


def texts(value: Iterable[str] | None, name: str = "value") -> tuple[str, ...]:
    """Return strings. One string is one item."""
    if type(value) is tuple and (not value or all(type(item) is str for item in value)):
        return value
    return items(value, name, "a string or a list of strings", text)


def paths(value: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None, name: str = "value") -> tuple[str, ...]:
    """Return the strings of paths. One path is one item."""
    return items(value, name, "a path or a list of paths", path, single=(str, os.PathLike))


def listed(value: Iterable[str] | None, name: str = "value") -> tuple[str, ...]:
    """Return strings that may also be given as one string with commas: `a,b` is two items."""
    return tuple([part for item in texts(value, name) for part in item.split(",") if part])


def words(value: Iterable[str | int | os.PathLike[str]], name: str = "value") -> tuple[str, ...]:
    """Return the words of a command, which may be ints and paths. A set is refused, since its order is random."""
    if type(value) is tuple and all(type(item) is str for item in value):
        return value
    if isinstance(value, AbstractSet):
        raise refuse(name, "a string or a list of words", value)
    return items(value, name, "a string or a list of words", scalar)


def assignments(value: Mapping[str, str | int | os.PathLike[str]] | None, name: str = "value") -> dict[str, str]:
    """Return a mapping of names to strings, which may be given as ints and paths."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise refuse(name, 'a mapping such as {"NAME": "value"}', value)
    return {text(key, f"a name in {name}"): scalar(item, f"{name}[{key!r}]") for key, item in value.items()}


def attributes(value: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return attributes of an output, a cache and the like as texts: True is `true`, None is left out."""
    return {
        text(key, f"a name in {name}"): str(item).lower() if isinstance(item, bool) else scalar(item, f"{name}[{key!r}]")
        for key, item in value.items()
        if item is not None
    }


def member(value: EnumT | str, kind: type[EnumT], name: str = "value") -> EnumT:
    """Return a member of an enum, which may be given by its name in any letter case."""
    if isinstance(value, kind):
        return value
    names = [member.name.lower() for member in kind]
    if not isinstance(value, str):
        raise refuse(name, f"one of {', '.join(names)}", value)
    if value.lower() not in names:
        raise ArgumentError(f"{name} cannot be {value!r}", hint=suggestion(value, names) or f"one of {', '.join(names)}")
    return kind[value.upper()]


# Where values of public classes come from, for those who give a function another value.
_ORIGINS = {
    "Dockerfile": "llbfront.dockerfile.parse returns one",
    "From": "llbfront.dockerfile.parse_stages returns stages, whose `base` is one",
    "Graph": "llbfront.convert and BuildResult.graph return one",
    "Inputs": "Graph.inputs returns one",
    "RecordedBuild": "llbfront.RecordedBuilds reads them",
    "Source": 'such as Source("Dockerfile", data)',
    "Statement": "the statements of a Dockerfile are some",
}


def _instance(kind: str) -> Convert:
    """Return a check that a value is of a class. The class is known by its name, since its module need not be loaded."""

    def check(value: object, name: str) -> object:
        if kind not in {base.__name__ for base in type(value).__mro__}:
            article = "an" if kind[0] in "AEIO" else "a"
            raise refuse(name, f"{article} {kind}", value, hint=_ORIGINS[kind])
        return value

    return check


def _convert(annotation: str) -> Convert | None:
    name = annotation.rpartition(".")[2]
    return _instance(name) if name in _ORIGINS else _BY_ANNOTATION.get(annotation)


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function check the arguments whose annotations are plain types, or classes that other functions return."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    annotations = {name: kind for name, kind in function.__annotations__.items() if name != "return"}
    converts = {name: convert for name, kind in annotations.items() if (convert := _convert(kind))}

    def read(name: str, value: object) -> object:
        return converts[name](value, name) if name in converts else value

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        placed: list[Any] = [read(name, value) for name, value in zip(names, args, strict=False)]
        named: dict[str, Any] = {name: read(name, value) for name, value in kwargs.items()}
        return function(*placed, *args[len(names) :], **named)  # type: ignore[arg-type]  # of the same number and names

    return call


_BY_ANNOTATION: dict[object, Convert] = {
    "str": text,
    "str | None": optional_text,
    "int": integer,
    "int | None": optional_integer,
    "bool": flag,
    "bool | None": optional_flag,
}


# Types whose values a function returns as they are: graphs make many values, so that a call less counts.
_UNCHANGED: dict[Convert, tuple[type, ...]] = {
    text: (str,),
    optional_text: (str, type(None)),
    integer: (int,),
    optional_integer: (int, type(None)),
    flag: (bool,),
    optional_flag: (bool, type(None)),
    path: (str,),
    optional_path: (str, type(None)),
}


def checked(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Make attrs convert the fields of a class with the functions of this module, so that errors name the field."""
    return [_checked(field) for field in fields]


def _checked(field: attrs.Attribute[Any]) -> attrs.Attribute[Any]:
    convert: Convert | None = field.converter or _BY_ANNOTATION.get(field.type)  # type: ignore[assignment]  # here it is a function
    if convert is None:
        return field

    # attrs shows the annotation of a converter's first parameter in the signature of the class.
    accepted = next(iter(convert.__annotations__.values())) if field.converter else str(field.type)
    return field.evolve(converter=_converter(convert, accepted))


@functools.cache
def _converter(convert: Convert, accepted: str) -> attrs.Converter[Any, Any]:
    """Return the converter of the fields that a function converts. accepted: the annotation of what it takes."""
    import attrs  # 20 ms that `--help` does not need

    unchanged = _UNCHANGED.get(convert, ())

    def convert_field(value: Any, field: attrs.Attribute[Any]) -> Any:
        return value if type(value) in unchanged else convert(value, field.name)

    convert_field.__annotations__ = {"value": accepted}
    return attrs.Converter(convert_field, takes_field=True)
