"""Pack a frontend: one function and all modules that it may import → one file that an interpreter runs.

    python3 -I bundle.py --path SOURCES --path PACKAGES --dynload DIRECTORY MODULE:FUNCTION OUTPUT.pyc

Enters: directories to import from, and the directory of the image's own extension modules (which may be those of another machine).
Leaves: compiled modules, ours without texts of documentation and assertions, beside the code of `boot`. The same input gives the same
bytes.
It runs on a bare interpreter, of the version that the image will have.

Source: none.
"""

from __future__ import annotations
import __future__

import argparse
import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import marshal
import os
import pkgutil
import re._compiler as pattern_compiler  # type: ignore[import-not-found]
import sys
import types
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Imported by modules of ours or of the standard library for occasions that a frontend does not have.
UNUSED = frozenset(
    ("_aix_support", "_bootsubprocess", "_pydecimal", "argparse", "asyncio", "concurrent", "csv", "ctypes", "doctest", "email",
     "grpc", "http", "importlib.metadata", "importlib.resources", "llbfront.cli", "llbfront.client", "llbfront.engine", "llbfront.progress",
     "llbfront.session", "llbfront.transport.connect", "llbfront.transport.network", "llbfront.transport.sockets", "logging",
     "multiprocessing", "nacl", "optparse", "pathlib", "pdb", "pickle", "pydoc", "ssl", "subprocess", "sysconfig", "tempfile",
     "unittest", "urllib", "xml", "zipfile")
)  # fmt: skip
_FORGOTTEN = frozenset(("ast", "dis", "inspect", "linecache", "textwrap", "tokenize", "typing"))  # what packing uses also
ALSO = ("bz2", "gzip", "lzma")  # what tarfile imports when it meets them
ENCODINGS = ("__init__", "aliases", "ascii", "latin_1", "utf_8")
_HEADER = importlib.util.MAGIC_NUMBER + bytes(12)


def main(arguments: list[str] | None = None) -> int:
    """Pack a frontend into a file."""
    parser = argparse.ArgumentParser(prog="bundle", description="Pack a frontend into one file.")
    parser.add_argument("--path", action="append", default=[], metavar="DIRECTORY", help="where to import from, may be repeated")
    parser.add_argument("--dynload", required=True, metavar="DIRECTORY", help="extension modules of the image")
    parser.add_argument("--at", metavar="DIRECTORY", help="where that directory is in the image (default: the same)")
    parser.add_argument("--home", metavar="DIRECTORY", help="where to put what an interpreter reads before anything else")
    parser.add_argument("entry", metavar="MODULE:FUNCTION")
    parser.add_argument("output", metavar="OUTPUT")
    options = parser.parse_args(arguments)
    extensions = find_extensions(options.dynload, options.at or options.dynload)
    sys.path[:0] = options.path
    try:
        made = pack(options.entry, extensions)
    except ImportError as error:
        print(f"bundle: {error}", file=sys.stderr)  # noqa: T201
        return 1
    with open(options.output, "wb") as file:
        file.write(made)
    if options.home:
        write_home(options.home)
    print(f"{options.output}: {len(made)} bytes")  # noqa: T201
    return 0


def write_home(directory: str) -> None:
    """Write what an interpreter wants of its library before our code can answer for it: a place named os.pyc, and encodings."""
    os.makedirs(os.path.join(directory, "encodings"), exist_ok=True)
    with open(os.path.join(directory, "os.pyc"), "wb"):
        pass
    for name in ENCODINGS:
        source = os.path.join(os.path.dirname(os.__file__), "encodings", f"{name}.py")
        with open(source, "rb") as file, open(os.path.join(directory, "encodings", f"{name}.pyc"), "wb") as target:
            target.write(_HEADER + marshal.dumps(compile(file.read(), f"encodings/{name}.py", "exec", optimize=2)))


def pack(entry: str, extensions: dict[str, str]) -> bytes:
    """Return the file: the header of a .pyc and the code of `boot`, its tables filled."""
    before = sys.modules.keys() - _FORGOTTEN
    sys.meta_path.insert(0, OnlyThese(extensions))
    patterns = record(entry)
    import_all()
    found = closure(entry.partition(":")[0], sys.modules.keys() - before, extensions)
    tables = {
        "MODULES": tuple((name, is_package, code) for name, (is_package, code) in sorted(found.items())),
        "EXTENSIONS": tuple(sorted(extensions.items())),
        "PATTERNS": tuple(patterns[key] for key in sorted(patterns, key=repr)),
        "ENTRY": entry,
    }
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot.py")
    with open(here, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign | ast.Assign):
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            if isinstance(target, ast.Name) and target.id in tables:
                statement.value = ast.copy_location(ast.Constant(cast("str", tables[target.id])), target)
    tree.body = [each for each in tree.body if not (isinstance(each, ast.ImportFrom) and each.module in {"typing", "__future__"})]
    return _HEADER + marshal.dumps(compile(tree, "boot.py", "exec", __future__.annotations.compiler_flag, optimize=2))


def find_extensions(directory: str, at: str) -> dict[str, str]:
    """Return the extension modules below a directory, by name: `package/_module.abi3.so` is package._module."""
    found = {}
    for folder, _, files in os.walk(directory):
        for file in files:
            if file.endswith(".so"):
                path = os.path.relpath(os.path.join(folder, file), directory)
                found[path.partition(".")[0].replace("/", ".")] = os.path.join(at, path)
    return found


class OnlyThese(importlib.abc.MetaPathFinder):
    """Lets packing find no extension module that the image will not have, so that modules do without it here as they will there."""

    def __init__(self, extensions: dict[str, str]) -> None:
        self.extensions = extensions

    def find_spec(self, name: str, path: Any, target: Any = None) -> None:
        del target
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found and name not in self.extensions and (found.origin or "").endswith(".so"):
            raise ModuleNotFoundError(f"the image has no {name}, which is not Python", name=name)


def is_foreign(name: str) -> bool:
    """Say whether a module is neither ours nor of the standard library, but of a frontend of somebody's own, or taken along by it."""
    return name.partition(".")[0] not in {*sys.stdlib_module_names, *sys.builtin_module_names, "llbfront", "__main__"}


def import_all() -> None:
    """Import what foreign modules name inside their functions, too, so that all which that loads is known to be wanted."""
    done: set[str] = set()
    while todo := [name for name in sorted(sys.modules) if name not in done and is_foreign(name)]:
        done.update(todo)
        for name in todo:
            spec = sys.modules[name].__spec__
            if spec is None or not (spec.origin or "").endswith(".py"):
                continue
            with open(cast("str", spec.origin), "rb") as file:
                wanted = _imports(ast.parse(file.read()), cast("str", spec.parent), has_functions=True)
            for each in wanted:
                with contextlib.suppress(Exception):  # a name that is no module, or one for other occasions
                    importlib.import_module(each)


def record(entry: str) -> dict[tuple[Any, int], Any]:
    """Run a function, which finds nobody to talk to, and return what compiling patterns came to meanwhile."""
    patterns: dict[tuple[Any, int], Any] = {}
    compile_pattern, core = pattern_compiler.compile, pattern_compiler._sre  # noqa: SLF001

    def recording(pattern: Any, flags: int = 0) -> Any:
        def make(text: Any, all_flags: int, code: list[int], groups: int, names: dict[str, int], indices: Any) -> Any:
            plain = int(all_flags), tuple(map(int, code)), groups, tuple(names.items()), indices
            patterns[pattern, flags] = (pattern, flags, plain)
            return core.compile(text, all_flags, code, groups, names, indices)

        pattern_compiler._sre = types.SimpleNamespace(**{**vars(core), "compile": make})  # noqa: SLF001
        try:
            return compile_pattern(pattern, flags)
        finally:
            pattern_compiler._sre = core  # noqa: SLF001

    for name in _FORGOTTEN & sys.modules.keys():
        del sys.modules[name]
    pattern_compiler.compile = recording
    try:
        module, _, function = entry.partition(":")
        _alone(getattr(importlib.import_module(module), function))
    finally:
        pattern_compiler.compile = compile_pattern
    return patterns


def _alone(function: Callable[[], object]) -> None:
    """Call a function with nothing to read, and what it writes unheard."""
    kept = [os.dup(number) for number in range(3)]
    with open(os.devnull, "r+b", buffering=0) as nothing:
        for number in range(3):
            os.dup2(nothing.fileno(), number)
        try:
            function()
        finally:
            for number, fd in enumerate(kept):
                os.dup2(fd, number)
                os.close(fd)


def closure(entry: str, loaded: Iterable[str], extensions: dict[str, str]) -> dict[str, tuple[bool, bytes]]:
    """Return all modules that importing and running a module may load, with their code: (is a package, code) by name.

    `loaded`: those that are known to be loaded, even by extension modules, which cannot be read here. Of the standard library only what its modules import at once; of everything else also what functions import.
    """
    found: dict[str, tuple[bool, bytes]] = {}
    certain = frozenset(loaded)
    todo, seen = [entry, *certain, *ALSO], set(found)
    while todo:
        name = todo.pop()
        if name in seen or (_is_unused(name) and name not in certain):
            continue
        seen.add(name)
        spec = _find(name)
        if spec is None or spec.origin == "built-in":
            continue
        if spec.origin == "frozen":  # in the interpreter, but not what it imports
            todo.extend(_frozen_imports(name))
            continue
        todo.extend(name.rpartition(".")[0:1] if "." in name else ())
        if name in extensions:
            continue
        if spec.origin is None:  # a namespace
            found[name] = (True, b"")
        elif spec.origin.endswith(".py"):
            with open(spec.origin, "rb") as file:
                text = file.read()
            label = f"{name.replace('.', '/')}.py"
            found[name] = (
                spec.submodule_search_locations is not None,
                marshal.dumps(compile(text, label, "exec", optimize=0 if is_foreign(name) else 2)),
            )
            package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
            if name.startswith(("llbfront.frontend", "llbfront.pb")):  # of which some are imported by names that are computed
                todo.extend(f"{name}.{each.name}" for each in pkgutil.iter_modules(spec.submodule_search_locations or ()))
            todo.extend(_imports(ast.parse(text), package, has_functions=name.partition(".")[0] not in sys.stdlib_module_names))
    return found


def _is_unused(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in UNUSED for length in range(1, len(parts) + 1))


def _find(name: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def _frozen_imports(name: str) -> list[str]:
    """Return what a module of the interpreter itself imports, as its source in the library tells."""
    base = os.path.join(os.path.dirname(os.__file__), name.replace(".", "/"))
    path, package = (f"{base}/__init__.py", name) if os.path.isdir(base) else (f"{base}.py", name.rpartition(".")[0])
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return _imports(ast.parse(file.read()), package, has_functions=False)


def _imports(tree: ast.AST, package: str, *, has_functions: bool) -> list[str]:
    """Return all names that may be modules which a tree imports, those for type checkers left out."""
    names: list[str] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            todo.extend(node.orelse)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not has_functions:
            continue
        elif isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".") if package else []
            base = (
                ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [node.module])]) if node.level else node.module
            )
            names.append(base or "")
            names.extend(f"{base}.{alias.name}" for alias in node.names)
        else:
            todo.extend(ast.iter_child_nodes(node))
    return [name for name in names if name]


if __name__ == "__main__":
    sys.exit(main())
