"""Load a custom frontend: the function `frontend` of a Python file."""

from __future__ import annotations

import ast
import functools
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from llbfront import arguments
from llbfront.errors import FrontendLoadError, OptionError
from llbfront.files.near_paths import near_path_hint
from llbfront.files.paths import is_regular
from llbfront.files.reading import read_file
from llbfront.kit.run import HINT, NAME, callback, function_of, run
from llbfront.source import Source
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge, Returned
    from llbfront.kit.api import Frontend


def check(path: str | os.PathLike[str]) -> None:
    """Look for the function `frontend` in a file without running it, since what it imports may be elsewhere.

    Raises: OptionError, FrontendLoadError.
    """
    path = _existing(path)
    data = read_file(path, "the frontend")
    try:
        body = ast.parse(data, path).body
    except SyntaxError as error:
        raise _failure(error, path) from None
    names = {name for statement in body for name in _named(statement)}
    if NAME not in names:
        raise OptionError(f"{path} has no function {NAME}", hint=suggestion(NAME, sorted(names)) or HINT)


def _named(statement: ast.stmt) -> list[str]:
    """Return the names that a statement defines and that may be functions."""
    match statement:
        case ast.FunctionDef():
            return [statement.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name for alias in statement.names]
        case ast.Assign():
            return [target.id for target in statement.targets if isinstance(target, ast.Name)]
        case _:
            return []


def load_frontend(path: str | os.PathLike[str]) -> Frontend:
    """Import a file as Python would run it, so that it can import modules next to it, and return its function `frontend`.

    Raises: OptionError if there is no such file or function; FrontendLoadError for one that fails while it is imported.
    """
    path = _existing(path)
    return function_of(_module(path), path)


def runner(path: str | os.PathLike[str]) -> Callable[[Bridge], Returned]:
    """Load a frontend, ready to build over a bridge. Raises what `load_frontend` raises."""
    return functools.partial(run, load_frontend(path))


def runner_of(frontend: Any) -> Callable[[Bridge], Returned]:
    """Return a frontend, a function or the path of a Python file, ready to build over a bridge. Raises what `load_frontend` raises."""
    if callable(frontend):
        return functools.partial(run, callback(frontend))
    if not isinstance(frontend, (str, os.PathLike)):
        raise arguments.refuse("frontend", "a function or the path of a Python file", frontend)
    return runner(arguments.local_path(frontend, "frontend"))


def _existing(path: str | os.PathLike[str]) -> str:
    path = os.path.normpath(os.fspath(path))
    if os.path.isdir(path) or not path.endswith(".py"):
        raise OptionError(f"the frontend {path} is not a Python file")
    if not os.path.exists(path):
        raise OptionError(f"cannot read the frontend {path}: no such file", hint=near_path_hint(path, is_meant=os.path.isfile))
    if not is_regular(path):
        raise OptionError(f"the frontend {path} is not a regular file")
    return path


def _module(path: str) -> ModuleType:
    name = os.path.basename(path).removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    directory = os.path.dirname(os.path.abspath(path))
    if directory not in sys.path:
        sys.path.insert(0, directory)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        raise _failure(error, path) from error
    return module


def _failure(error: BaseException, path: str) -> FrontendLoadError | OptionError:
    """Return where in the file its import failed."""
    if isinstance(error, OSError):
        return OptionError(f"cannot read the frontend {path}: {(error.strerror or str(error)).lower()}")
    names = {path, os.path.abspath(path)}
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in names]
    if isinstance(error, SyntaxError) and error.filename in names:
        lines = [error.lineno]
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    span = None
    if lines and lines[-1]:
        with open(path, "rb") as file:
            span = Source(path, file.read(), "Python").at(lines[-1])
    return FrontendLoadError(f"{type(error).__name__}: {what}", span=span)
