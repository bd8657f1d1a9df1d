"""Values: classes whose annotated names are their fields, with all methods shared.

    class Point(Value):
        x: int
        y: int = 0
        notes: list[str] = field(factory=list, kw_only=True)

Enters: the body of a class. Leaves: a frozen class to make instances of by position or name, compared and hashed by its fields,
shown without fields that hold their defaults, matched by position, and known to type checkers. `Shown` is the same but compares by identity.

attrs and dataclasses compile four functions for every class whenever a program starts. Of the 190 ms of processor time that an
untouched build took, 80 went there; here a class costs a fiftieth of that, and an instance about a microsecond more. What there is
to check about a call holds for all calls of its form, and so is checked once.

Source: none; the words are those of attrs and PEP 681.
"""

from __future__ import annotations

from operator import attrgetter

from llbfront.hints import dataclass_transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeVar

    Form = tuple[tuple[str, ...], Mapping[str, Any], tuple[tuple[str, Callable[[], Any]], ...], bool]

    InstanceT = TypeVar("InstanceT", bound="Shown")


_ABSENT: Any = object()


class Field:
    """What a class says about one of its fields."""

    __slots__ = ("default", "factory", "is_compared", "is_shown", "kw_only")

    def __init__(self, default: Any) -> None:
        self.default = default
        self.factory: Callable[[], Any] | None = None
        self.kw_only: bool | None = None
        self.is_compared = self.is_shown = True


def field(
    *,
    default: Any = _ABSENT,
    factory: Callable[[], Any] | None = None,
    kw_only: bool | None = None,
    eq: bool = True,
    repr: bool = True,  # noqa: A002  (the word of attrs and dataclasses)
) -> Any:
    """Say more about a field than its default. `eq=False`: comparison leaves it out; `repr=False`: so does `repr`."""
    made = Field(default)
    made.factory, made.kw_only, made.is_compared, made.is_shown = factory, kw_only, eq, repr
    return made


_PLAIN = Field(_ABSENT)


class FrozenError(AttributeError):
    """A field of a frozen instance was assigned to."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Shown:
    """Compare by identity, hide in `repr` the fields that hold their defaults.

    `kw_only`: the fields of this class are given by name unless they say otherwise. `frozen=False`: they may be assigned to.
    """

    fields_: ClassVar[Mapping[str, Field]] = {}
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _named: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[Mapping[str, Any]] = {}
    _factories: ClassVar[Mapping[str, Callable[[], Any]]] = {}
    _forms: ClassVar[dict[tuple[int | str, ...], Form]] = {}

    def __init_subclass__(cls, *, kw_only: bool = False, frozen: bool = True) -> None:
        fields, named, defaults, factories = dict(cls.fields_), set(cls._named), dict(cls._defaults), dict(cls._factories)
        for name, annotation in cls.__annotations__.items():
            if annotation[:8] == "ClassVar":
                continue
            if name in fields:  # said anew: it moves to the end
                for known in (fields, defaults, factories):
                    known.pop(name, None)
                named.discard(name)
            given = cls.__dict__.get(name, _ABSENT)
            one = _PLAIN
            if type(given) is Field:
                delattr(cls, name)
                one, given = given, given.default
                if one.factory is not None:
                    factories[name] = one.factory
            elif given is _ABSENT and isinstance(getattr(cls, name, None), property):
                raise TypeError(f"the field {name} of {cls.__name__} is a property of one of its bases, which would hide it")
            fields[name] = one
            if given is not _ABSENT:
                defaults[name] = given
            if kw_only if one.kw_only is None else one.kw_only:
                named.add(name)
        cls.fields_, cls._named, cls._defaults, cls._factories = fields, frozenset(named), defaults, factories
        cls.__match_args__ = tuple([name for name in fields if name not in named] if named else fields)  # type: ignore[misc]  # mypy has its own
        cls._forms = {}
        if not frozen:
            cls.__setattr__ = object.__setattr__  # type: ignore[method-assign, assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        try:
            names, defaults, factories, is_checked = cls._forms[(len(args), *kwargs)]
        except KeyError:
            names, defaults, factories, is_checked = cls._forms[(len(args), *kwargs)] = _form(cls, args, kwargs)
        values = self.__dict__
        values.update(zip(names, args))  # noqa: B905  of one length
        if kwargs:
            values.update(kwargs)
        if defaults:
            values.update(defaults)
        for name, factory in factories:
            values[name] = factory()
        if is_checked:
            self.__post_init__()

    def __post_init__(self) -> None:
        """Check what was given; overridden where needed."""

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenError(f"{type(self).__name__}.{name} cannot be assigned to")

    def __delattr__(self, name: str) -> None:
        raise FrozenError(f"{type(self).__name__}.{name} cannot be deleted")

    def __repr__(self) -> str:
        usual = {**self._defaults, **{name: factory() for name, factory in self._factories.items()}}
        shown = [
            f"{name}={value!r}"
            for name, one in self.fields_.items()
            if one.is_shown and (value := getattr(self, name)) != usual.get(name, _ABSENT)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class Value(Shown):
    """Compare by type and fields."""

    key_: ClassVar[attrgetter[Any]] = attrgetter("__class__")  # for classes without fields

    def __init_subclass__(cls, *, kw_only: bool = False, frozen: bool = True) -> None:
        super().__init_subclass__(kw_only=kw_only, frozen=frozen)
        if names := [name for name, one in cls.fields_.items() if one.is_compared]:
            cls.key_ = attrgetter(*names)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self.key_(self) == self.key_(other)

    def __hash__(self) -> int:
        return hash(self.key_(self))


def evolve(instance: InstanceT, **changes: object) -> InstanceT:
    """Return a copy with some fields changed. Raises TypeError for a name that is no field."""
    fields, values = instance.fields_, instance.__dict__
    if not changes.keys() <= fields.keys():
        raise TypeError(f"{type(instance).__name__} has no field {min(changes.keys() - fields.keys())}")
    made = object.__new__(type(instance))
    made.__dict__.update(
        values if len(values) == len(fields) else {name: values[name] for name in fields}
    )  # without what is cached
    made.__dict__.update(changes)
    made.__post_init__()
    return made


def _twice(cls: type[Shown], args: tuple[object, ...], kwargs: dict[str, object]) -> bool:
    return not kwargs.keys().isdisjoint(cls.__match_args__[: len(args)])


def _form(cls: type[Shown], args: tuple[object, ...], kwargs: dict[str, object]) -> Form:
    """What calls with as many arguments, and the same names, have in common. Raises TypeError where they do not fit the class."""
    names = cls.__match_args__[: len(args)]
    given = {*names, *kwargs}
    defaults = {name: value for name, value in cls._defaults.items() if name not in given}
    factories = tuple([(name, factory) for name, factory in cls._factories.items() if name not in given])
    if (
        len(names) + len(kwargs) + len(defaults) + len(factories) != len(cls.fields_)
        or len(names) < len(args)
        or not given <= cls.fields_.keys()
    ):
        raise TypeError(_complaint(cls, args, kwargs))
    return names, defaults, factories, cls.__post_init__ is not Shown.__post_init__


def _complaint(cls: type[Shown], args: tuple[object, ...], kwargs: dict[str, object]) -> str:
    """Say what is wrong with the arguments for a new instance."""
    placed = cls.__match_args__[: len(args)]
    if len(args) > len(placed):
        return f"{cls.__name__} takes {len(placed)} arguments by position, not {len(args)}"
    if unknown := kwargs.keys() - cls.fields_.keys():
        return f"{cls.__name__} has no field {min(unknown)}"
    if _twice(cls, args, kwargs):
        return f"{cls.__name__} got a field twice: {min(kwargs.keys() & set(placed))}"
    missing = [name for name in cls.fields_ if name not in {*placed, *kwargs, *cls._defaults, *cls._factories}]
    return f"{cls.__name__} needs {', '.join(missing)}"
