"""The global scope: automatic platform arguments and the ARGs before the first FROM.

Source: frontend/dockerfile/dockerfile2llb (platform.go, buildMetaArgs in convert.go) of BuildKit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from llbfront.dockerfile.word_expansion import expand
from llbfront.dockerfile2llb.facts import ArgUse
from llbfront.dockerfile2llb.limits import Budget
from llbfront.dockerfile2llb.name_suggestions import NameSuggestions
from llbfront.dockerfile2llb.places import span_of
from llbfront.errors.llbfront_error import located
from llbfront.llb.exec_settings import ProxyEnv

if TYPE_CHECKING:
    from llbfront.dockerfile.instructions import Arg
    from llbfront.dockerfile.statements import Dockerfile
    from llbfront.dockerfile2llb.convert_options import ConvertOptions

EPOCH = "SOURCE_DATE_EPOCH"


@attrs.frozen(eq=False)
class Scope:
    """The global environment and the facts about the ARGs that made it. `build_args` are those still in force."""

    env: Mapping[str, str]
    args: Mapping[str, ArgUse]
    build_args: Mapping[str, str]

    @cached_property
    def names(self) -> Mapping[str, None]:
        """Every name that a FROM may use, declared with a value or without."""
        return dict.fromkeys((*self.env, *self.args))

    @cached_property
    def budget(self) -> Budget:
        """The budget that FROM lines use."""
        return Budget()

    @cached_property
    def index(self) -> NameSuggestions:
        """An index of the names, for suggestions."""
        return NameSuggestions()


def automatic(options: ConvertOptions, target: str) -> dict[str, str]:
    """Return the arguments that need no ARG before FROM; build arguments override them."""
    build, target_platform = options.build_platforms[0], options.platform
    values = {
        "BUILDPLATFORM": build.short,
        "BUILDOS": build.os,
        "BUILDOSVERSION": build.os_version,
        "BUILDARCH": build.architecture,
        "BUILDVARIANT": build.variant,
        "TARGETPLATFORM": str(target_platform),
        "TARGETOS": target_platform.os,
        "TARGETOSVERSION": target_platform.os_version,
        "TARGETARCH": target_platform.architecture,
        "TARGETVARIANT": target_platform.variant,
        "TARGETSTAGE": target or "default",
    }
    return {key: options.build_args.get(key, value) for key, value in values.items()}


def declare(dockerfile: Dockerfile, instructions: Iterable[Arg], env: Mapping[str, str], build_args: Mapping[str, str]) -> Scope:
    """Read the global ARGs on top of the automatic arguments. A default may name arguments above it."""
    values = dict(env)
    args: dict[str, ArgUse] = {}
    budget = Budget()
    for instruction in instructions:
        with located(span_of(dockerfile.source, instruction.range)):
            for definition in instruction.definitions:
                value, needs = definition.value, frozenset[str]()
                if definition.key in build_args:
                    value = build_args[definition.key]
                elif value is not None:
                    expanded = expand(value, values, escape=dockerfile.escape)
                    budget.count_expansion(expanded.cost, expanded.steps)
                    value, needs = expanded.text, _needs(definition.key, frozenset(expanded.matched), args)
                if value is not None:
                    values.pop(definition.key, None)
                    values[definition.key] = value
                args[definition.key] = ArgUse(definition.key, value or "", definition.description, instruction.range, needs)
    return Scope(values, args, build_args)


def _needs(key: str, matched: frozenset[str], args: Mapping[str, ArgUse]) -> frozenset[str]:
    if key not in matched:
        return matched
    return (matched - {key}) | (args[key].needs if key in args else frozenset())


def epoch_text(scope: Scope) -> str | None:
    """Return the value of SOURCE_DATE_EPOCH, or None if it is not set. An empty global default counts as not set."""
    return scope.build_args.get(EPOCH, scope.env.get(EPOCH) or None)


def with_epoch(scope: Scope, seconds: int | None) -> Scope:
    """Set SOURCE_DATE_EPOCH to the resolved epoch, or to nothing, wherever it was set."""
    build_args, env = dict(scope.build_args), dict(scope.env)
    for values in (build_args, env):
        if EPOCH not in values:
            continue
        if seconds is None:
            del values[EPOCH]
        elif values is env:
            del values[EPOCH]
            values[EPOCH] = str(seconds)
        else:
            values[EPOCH] = str(seconds)
    return Scope(env, scope.args, build_args)


_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")


def proxy_settings(build_args: Mapping[str, str]) -> ProxyEnv | None:
    """Return the proxy variables among build arguments, in upper or lower case. Of several spellings the last in byte order counts."""
    proxies = {key.lower(): build_args[key] for key in sorted(build_args) if key.lower() in _PROXIES}
    return ProxyEnv(**proxies) if proxies else None
