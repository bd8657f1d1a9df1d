"""The first code that runs in a frontend image. `bundle` compiles it with the tables below filled and puts it in front of them all.

Enters: a table of modules, and what compiling patterns came to when the image was built. Leaves: an exit code.
Nothing here imports a module that the interpreter has not loaded already: finding files is a quarter of the time of a start.

Source: none.
"""

from __future__ import annotations

import _frozen_importlib as importlib_core
import _frozen_importlib_external as importlib_files
import marshal
import posix
import sys
from typing import Any

MODULES: Any = ()  # (name, is a package, code) each; packages without code are namespaces
EXTENSIONS: Any = ()  # (name, file)
PATTERNS: Any = ()  # (pattern, flags, what the compiler of patterns makes of it)
ENTRY = ""  # module:function


class Finder:
    """Modules of the table, loaded without a file system."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> Any:  # noqa: ARG004  the protocol of sys.meta_path
        if (found := _modules.get(name)) is not None:
            return importlib_core.ModuleSpec(name, _LOADER, origin=sys.argv[0], is_package=found[0])
        if (file := _extensions.get(name)) is not None:
            loader = importlib_files.ExtensionFileLoader(name, file)
            return importlib_files.spec_from_file_location(name, file, loader=loader)
        return None

    @staticmethod
    def create_module(spec: Any) -> None:
        """Leave making the module to the import system."""

    @staticmethod
    def exec_module(module: Any) -> None:
        if code := _modules[module.__name__][1]:
            exec(marshal.loads(code), module.__dict__)  # noqa: S102, S302  our own code
        if module.__name__ == "re._compiler":
            module.compile = _knowing(module.compile)


def _knowing(compile_pattern: Any) -> Any:
    """Return a compiler of patterns that has seen ours already."""
    known = {(type(pattern), pattern, flags): made for pattern, flags, made in PATTERNS}
    make = sys.modules["_sre"].compile

    def compile_known(pattern: Any, flags: int = 0) -> Any:
        made = known.get((type(pattern), pattern, flags))
        if made is None:
            return compile_pattern(pattern, flags)
        all_flags, code, groups, names, indices = made
        return make(pattern, all_flags, list(code), groups, dict(names), indices)

    return compile_known


def main() -> None:
    """Load the frontend, run it, and leave at once: taking everything apart would only cost time."""
    sys.meta_path.insert(0, Finder)
    module, _, function = ENTRY.partition(":")
    __import__(module)
    code = getattr(sys.modules[module], function)()
    sys.stdout.flush()
    sys.stderr.flush()
    posix._exit(code)  # noqa: SLF001


_LOADER: Any = Finder
_modules = {name: (is_package, code) for name, is_package, code in MODULES}
_extensions = dict(EXTENSIONS)

if ENTRY:
    main()
