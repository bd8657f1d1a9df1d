"""Run a custom frontend: call the function with a bridge and return its result as the Dockerfile frontend does.

A Dockerfile that the function returns, as text, tree or pieces, is built like any Dockerfile: all options apply, all subrequests are
answered. A graph is marshalled for each platform and returned with an image config.

Source: frontend/gateway/grpcclient/client.go and frontend/dockerui/build.go of BuildKit.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import attrs

from llbfront import arguments, interrupts, llb
from llbfront.dockerfile.compose import Piece, compose
from llbfront.dockerfile.statements import Dockerfile, Statement
from llbfront.dockerfile2llb.emit import SbomTargets
from llbfront.dockerfile2llb.epoch import Epoch
from llbfront.dockerfile2llb.resolved_plan import empty_image
from llbfront.errors import ArgumentError, FrontendError, LlbfrontError, OptionError
from llbfront.frontend import contexts, forwarding
from llbfront.frontend.bridge import Returned
from llbfront.frontend.build import build_dockerfile, find_scanner, need_file_ops, solve_all
from llbfront.frontend.options import read_options
from llbfront.frontend.results import Outcome
from llbfront.frontend.subrequests.dispatch import UnsupportedSubrequest
from llbfront.gostd.strconv import parse_int
from llbfront.kit.api import Build, Image
from llbfront.source import Source
from llbfront.suggestions import suggestion

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Bridge
    from llbfront.frontend.options import Options
    from llbfront.kit.api import Frontend

NAME = "frontend"
HINT = "def frontend(build): …"
_CHANGING = frozenset(("exec.meta.base", "file.base"))
_RETURNS = "an Image, a state, or a Dockerfile as text, tree or parts"


def function_of(module: ModuleType, path: str) -> Frontend:
    """Return the function `frontend` of a module. Raises: OptionError."""
    function = getattr(module, NAME, None)
    if function is None:
        near = suggestion(NAME, [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")])
        raise OptionError(f"{path} has no function {NAME}", hint=near or HINT)
    if not callable(function):
        raise OptionError(f"{NAME} of {path} is not a function")
    return callback(function, f"{NAME} of {path}")


def callback(frontend: Frontend, name: str = NAME) -> Frontend:
    """Return the function of a frontend. Raises: ArgumentError if it is not a function, is asynchronous, or does not accept the build."""
    try:
        return arguments.callback(frontend, name, may_generate=True)
    except ArgumentError as error:
        code = getattr(inspect.unwrap(frontend), "__code__", None) if callable(frontend) else None
        place = _at("", code.co_filename, code.co_firstlineno).span if code else None
        raise error.evolve(hint=HINT, span=place) from error


def run(frontend: Frontend, bridge: Bridge) -> Returned:
    """Build with a frontend. Raises: LlbfrontError; FrontendError for a mistake of the frontend's."""
    callback(frontend)
    need_file_ops(bridge)
    options = read_options(bridge.options, bridge.platforms)
    if missing := forwarding.missing_cap(options.texts.get("frontend.caps", "")):
        raise missing
    context = contexts.find_context(bridge, options)
    requested = options.platforms or (None,)
    builds = [Build(bridge, options, context, platform or options.convert_options.build_platforms[0]) for platform in requested]
    result = _call(frontend, builds[0])
    if isinstance(result, Source):
        return build_dockerfile(bridge, options, context, attrs.evolve(builds[0].entry_or_empty, source=result))
    outcomes = [_outcome(bridge, options, builds[0], result)]
    for build in builds[1:]:
        result = _call(frontend, build)
        if isinstance(result, Source):
            raise FrontendError(f"the frontend gives a Dockerfile for {build.platform} and an image for other platforms")
        outcomes.append(_outcome(bridge, options, build, result))
    if "requestid" in options.texts:
        return _answer(options.texts["requestid"], bridge, outcomes[0])
    return solve_all(bridge, options, requested, outcomes, find_scanner(bridge, options))


def _call(frontend: Frontend, build: Build) -> Image | Source:
    """Call the function; a Dockerfile of any form becomes a source."""
    with _errors_with_place(frontend):
        with interrupts.immediate():
            value = frontend(build)
        match value:
            case Image():
                return value
            case llb.State():
                return Image(value)
            case Dockerfile():
                return compose(value.statements, build.entry_or_empty.source) if value.statements else value.source
            case Source():
                return value
            case str():
                return compose((value,), build.entry_or_empty.source)
            case Iterable() if not isinstance(value, bytes):
                return compose(_parts(value), build.entry_or_empty.source)
            case _:
                if inspect.iscoroutine(value):
                    value.close()  # else Python warns that it was never awaited
                raise FrontendError(f"the frontend gave {_kind(value)}", hint=f"it has to return {_RETURNS}")


def _parts(values: Iterable[object]) -> tuple[Statement | Piece | str, ...]:
    """Return the parts of a Dockerfile. Raises: FrontendError for a value of another type."""
    parts = []
    for value in values:
        if not isinstance(value, (Statement, Piece, str)):
            raise FrontendError(
                f"the frontend gave {_kind(value)} as a part of a Dockerfile", hint="parts are statements, Pieces and strings"
            )
        parts.append(value)
    return tuple(parts)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a value of the type {type(value).__name__}"


@contextlib.contextmanager
def _errors_with_place(frontend: Frontend) -> Iterator[None]:
    """Turn exceptions of a frontend into errors that name its line."""
    try:
        yield
    except LlbfrontError:
        raise
    except (Exception, SystemExit) as error:
        raise _mistake(error, getattr(frontend, "__module__", "")) from error


def _mistake(error: BaseException, module: str) -> FrontendError:
    where, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_globals.get("__name__") == module:
            where = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if where is None:
        return FrontendError(f"the frontend failed: {what}")
    return _at(what, *where)


def _at(message: str, path: str, line: int) -> FrontendError:
    """Return an error with its place in a Python file."""
    try:
        with open(path, "rb") as file:
            return FrontendError(message, span=Source(_shown(path), file.read(), "Python").at(line))
    except OSError:  # the file is gone, or its code came from elsewhere
        return FrontendError(f"{_shown(path)}:{line}: {message}")


def _shown(path: str) -> str:
    """Return the path of a module as its author knows it: relative to the current directory or, inside an image, to the packages."""
    packages = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for root in (packages, os.getcwd()):
        path = path.removeprefix(os.path.join(root, ""))
    return path


def _outcome(bridge: Bridge, options: Options, build: Build, returned: Image) -> Outcome:
    state, config, platform = returned.state, returned.config, build.platform
    epoch = _epoch(build.args.get("SOURCE_DATE_EPOCH", ""))
    config = attrs.evolve(
        config,
        env=tuple(f"{name}={value}" for name, value in state.env) or None if config.env is None else config.env,
        working_dir=config.working_dir or state.cwd,
        user=config.user or state.user,
        labels={**config.labels, **build.labels},
    )
    image = attrs.evolve(empty_image(platform), config=config, created=epoch.created if epoch else None)
    is_uncached = options.convert_options.is_uncached("")
    if is_uncached:
        state = llb.load(_uncached(llb.marshal(state, platform=platform, caps=bridge.llb_caps)))
    return Outcome(state, image, platform, SbomTargets({}, is_uncached), epoch=epoch)


def _uncached(definition: llb.Definition) -> llb.Definition:
    """Run every command and file op again; sources are not fetched again."""
    metadata = {
        digest: meta if meta.caps.isdisjoint(_CHANGING) else attrs.evolve(meta, ignore_cache=True)
        for digest, meta in definition.metadata.items()
    }
    return attrs.evolve(definition, metadata=metadata)


def _epoch(text: str) -> Epoch | None:
    seconds = parse_int(text) if text else None
    if text and seconds is None:
        raise OptionError(f"invalid SOURCE_DATE_EPOCH: {text}", hint="this frontend needs seconds since 1970")
    return None if seconds is None else Epoch.at(seconds)


def _answer(request: str, bridge: Bridge, outcome: Outcome) -> Returned:
    """Answer a subrequest about a graph without a Dockerfile: only the list of subrequests, and the graph itself."""
    if request == "frontend.subrequests.describe":
        metadata = importlib.import_module("llbfront.frontend.subrequests.describe").listed(())
    elif request == "frontend.convertllb":
        definition = llb.marshal(outcome.state, platform=outcome.platform, caps=bridge.llb_caps)
        metadata = importlib.import_module("llbfront.frontend.subrequests.graph").written(definition)
    else:
        raise UnsupportedSubrequest(request, hint="the frontend returns an image; this needs a frontend that returns a Dockerfile")
    return Returned(metadata={key: text.encode(errors="replace") for key, text in metadata.items()})
