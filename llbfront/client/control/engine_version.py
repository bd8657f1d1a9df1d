"""Refuse what an engine is too old for and would ignore without a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llbfront.client.control.workers import list_workers
from llbfront.errors import OptionError

if TYPE_CHECKING:
    from llbfront.rpc.channel import Channel

FREE_SPACE, SEVERAL_OUTPUTS, PROXY_NETWORK = (0, 17), (0, 13), (0, 31)
OWN_BUILD = (0, 0)  # `v0.0.0+unknown`: it may be of any time


def require(channel: Channel, since: tuple[int, int], feature: str, *, accepts_own_builds: bool = True) -> None:
    """Refuse a feature if a worker is older than the version that brought it.

    Args:
        channel: the engine.
        since: the first version that has the feature.
        feature: what errors call it.
        accepts_own_builds: whether an engine passes that does not tell its version.

    Raises:
        OptionError: the engine is too old.
    """
    for worker in list_workers(channel):
        version = _version(worker.info.version)
        is_unknown = version in {(), OWN_BUILD}
        if version < since and not (is_unknown and accepts_own_builds):
            raise OptionError(f"this engine is too old for {feature}", hint=f"it needs BuildKit {since[0]}.{since[1]} or newer")


def _version(text: str) -> tuple[int, ...]:
    match = re.match(r"v?(\d+)\.(\d+)", text)
    return tuple(map(int, match.groups())) if match else ()
