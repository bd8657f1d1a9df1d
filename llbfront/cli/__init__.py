"""The command line: one module per command group, each loaded only when its command runs; `command` is the program.

A small build takes 70 ms. Left alone, Python would spend 2 of them on argparse's translations, 3 on looking for our modules in many places
and 1 on looking for garbage while they load, and 13 more on taking everything down at the end.

Source: none.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

GARBAGE_THRESHOLD = 50_000
INTERRUPTED = 130


def command() -> NoReturn:
    """The program `llbfront`: run one command and leave."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    sys.meta_path.insert(0, _Beside)
    try:
        _load_argparse()
        from llbfront.cli import streams
        from llbfront.cli.main import main

        streams.prepare()
    except KeyboardInterrupt:  # nothing has been done yet; later ones are reported by `main`
        os._exit(INTERRUPTED)
    try:
        code = main()
    except SystemExit as leaving:  # --help and --version
        code = leaving.code if isinstance(leaving.code, int) else 0
    os._exit(streams.finish(code))


class _Beside:
    """Finds a module of ours in the folder of its package, the only place where it can be."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> Any:  # noqa: ARG004  (the protocol)
        if path is None or not name.startswith("llbfront."):
            return None
        file = f"{path[0]}/{name.rpartition('.')[2]}.py"
        if not os.path.exists(file):
            return None
        ours: Any = __spec__
        spec = type(ours)(name, type(ours.loader)(name, file), origin=file)
        spec.has_location = True
        return spec


def _load_argparse() -> None:
    """Load argparse without gettext, which would look for its texts in another language on a hundred paths; ours have one."""
    if "gettext" in sys.modules:
        return
    texts: Any = type(sys)("gettext")
    texts.gettext, texts.ngettext = str, lambda one, several, count: one if count == 1 else several
    sys.modules["gettext"] = texts
    import argparse  # noqa: F401  (whoever asks for it next finds it loaded)

    del sys.modules["gettext"]
