"""The directories of the XDG Base Directory Specification (version 0.8) that belong to llbfront.

`platformdirs` is not used here: every build looks for the private engine, and importing it takes 20 ms; it reads only the environment of
the process, accepts relative paths, which the specification has ignored, and places the runtime directory elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

DATA = ("XDG_DATA_HOME", ".local/share")
CACHE = ("XDG_CACHE_HOME", ".cache")
STATE = ("XDG_STATE_HOME", ".local/state")


def directory(environ: Mapping[str, str], kind: tuple[str, str]) -> str:
    """Return the directory of llbfront for data, cache or state, by a variable and the place below the home without it."""
    variable, fallback = kind
    value = environ.get(variable, "")
    base = value if os.path.isabs(value) else os.path.join(environ.get("HOME") or os.path.expanduser("~"), fallback)
    return os.path.join(base, "llbfront")
