"""Read `--allow`.

The functions for strings and those for typed values return fields of a BuildRequest.

Source: util/buildflags/entitlements.go of docker/buildx.
"""

from __future__ import annotations

from collections.abc import Iterable

from llbfront.errors import OptionError
from llbfront.suggestions import suggestion

ENTITLEMENTS = ("network.host", "security.insecure", "device")
LOCAL_DELETE = "buildx.local.delete"  # suppresses a question of buildx, which llbfront never asks


def parse_entitlements(texts: Iterable[str]) -> tuple[str, ...]:
    """Read `network.host`, `security.insecure`, `device[=NAME]`."""
    for text in texts:
        name, equals, _ = text.partition("=")
        if name not in {*ENTITLEMENTS, LOCAL_DELETE} or (equals and name != "device"):
            known = (*ENTITLEMENTS, LOCAL_DELETE)
            raise OptionError(f"unknown entitlement {text}", hint=suggestion(name, known) or f"one of {', '.join(known)}")
    return tuple(dict.fromkeys(text for text in texts if text != LOCAL_DELETE))
