"""Read limits of steps: `--ulimit`, `--shm-size` and `--resource`.

The functions for strings and those for typed values return fields of a BuildRequest.

Source: commands/build.go and util/buildflags/ulimit.go of docker/buildx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from llbfront import arguments
from llbfront.errors import OptionError
from llbfront.frontend.options import read_ulimit, ulimit
from llbfront.gostd.units import ram_in_bytes
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.llb.exec_settings import Ulimit

# Limits of steps, and the options of the frontend that they become. A cpuset may be "0", and no limit of 0 is one.
RESOURCES = {
    "memory": "memory", "memory-swap": "memswap", "cpu-shares": "cpushares", "cpu-period": "cpuperiod", "cpu-quota": "cpuquota",
    "cpuset-cpus": "cpusetcpus", "cpuset-mems": "cpusetmems",
}  # fmt: skip
_SIZES = ("memory", "memory-swap")
_CPUSETS = ("cpuset-cpus", "cpuset-mems")


def parse_ulimits(texts: Iterable[str]) -> tuple[str, ...]:
    """Read `TYPE=SOFT[:HARD]`; the last of a type counts."""
    return ulimit_options(map(read_ulimit, texts))


def ulimit_options(limits: Iterable[Ulimit]) -> tuple[str, ...]:
    """Return limits as the frontend reads them; the last of a type counts."""
    return tuple({limit.name: f"{limit.name}={limit.soft}:{limit.hard}" for limit in limits}.values())


def convert_ulimits(value: Any, name: str) -> tuple[str, ...]:
    """Return the limits of an argument: a mapping of types to a limit or to (soft, hard), or strings `TYPE=SOFT[:HARD]`."""
    if not isinstance(value, Mapping):
        return parse_ulimits(arguments.items(value, name, "a mapping of types to limits or strings TYPE=SOFT:HARD", arguments.text))
    return ulimit_options(
        ulimit(arguments.text(key, f"a name in {name}"), _limits(item, f"{name}[{key!r}]")) for key, item in value.items()
    )


def _limits(value: Any, name: str) -> list[str]:
    texts = arguments.items(value, name, "a limit or (soft, hard)", arguments.scalar, single=(str, int))
    return [part for text in texts for part in text.split(":")]


def parse_size(text: str, *, option: str = "size") -> int:
    """Read bytes such as `64m`, `1.5g`, `67108864`."""
    size_bytes = ram_in_bytes(text.strip())
    if size_bytes is None:
        raise OptionError(f"invalid {option} {text!r}", hint="use bytes or a unit, such as 64m or 1g")
    if size_bytes < 0:
        raise OptionError(f"invalid {option} {text!r}: it is too large")
    return size_bytes


def parse_resources(texts: Iterable[str]) -> dict[str, str]:
    """Read `KEY=VALUE` limits of steps, such as `memory=2g` or `cpuset-cpus=0-3`; see `resource_options`."""

    def entry(text: str) -> tuple[str, str]:
        key, _, value = (part.strip() for part in text.partition("="))
        return key, _resource(key, value, shown=repr(text))

    return _resource_options(map(entry, texts))


def resource_options(limits: Mapping[str, str]) -> dict[str, str]:
    """Return limits of steps, by the keys of `--resource`, as options of the frontend."""
    return _resource_options((key, _resource(key, value, shown=repr(f"{key}={value}"))) for key, value in limits.items())


def _resource_options(limits: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return checked limits by the names of the frontend's options; the last of a key counts, no limit of 0 is one."""
    return {RESOURCES[key]: value for key, value in dict(limits).items() if value and (value != "0" or key in _CPUSETS)}


def _resource(key: str, value: str, *, shown: str) -> str:
    if key not in RESOURCES:
        raise OptionError(
            f"invalid resource {shown}", hint=suggestion(key, RESOURCES) or f"one of {', '.join(RESOURCES)}, with a value"
        )
    if key in _CPUSETS:
        if not re.fullmatch(r"[0-9,-]*", value):
            raise OptionError(
                f"invalid resource {shown}: {value!r} is not a list of CPUs or nodes", hint="use a list such as 0-3 or 0,2"
            )
        return value
    number = int(value) if re.fullmatch(r"-?\d{1,18}", value, re.ASCII) else None
    if key in _SIZES and not (key == "memory-swap" and number == -1):
        number = parse_size(value, option=f"resource {key}")
    if number is None:
        raise OptionError(f"invalid resource {shown}: {value!r} is not a whole number")
    return str(number)
