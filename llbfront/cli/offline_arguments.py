"""Arguments that the offline commands share: the Dockerfile, the options of a build, and where image configs come from.

Source: commands/build.go (--call) of docker/buildx.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from llbfront.cli import engine_flags, headings
from llbfront.cli.assumed_configs import DEPENDENCE, Dependence, can_matter
from llbfront.cli.dockerfile_options import add_dockerfile_options
from llbfront.cli.output import say, say_notice
from llbfront.cli.platform_warnings import warn_of_platforms
from llbfront.client.inputs.contexts import DEFAULT_NAME, fetch_dockerfile
from llbfront.client.inputs.input_files import dockerfile_paths
from llbfront.client.request import environment
from llbfront.client.request.build_request import BuildRequest
from llbfront.client.request.converters import parse_assignments
from llbfront.dockerfile2llb.unused_arguments import misspelt_arguments
from llbfront.errors import GraphError, GraphFileError, LlbfrontError, OptionError
from llbfront.files.paths import STANDARD_STREAM, identity, is_regular, is_special
from llbfront.files.reading import read_file, read_standard_input, refuse_same_input
from llbfront.files.writing import check_output, refuse_same_output, write_file
from llbfront.frontend import image_configs
from llbfront.frontend.offline import Images
from llbfront.inspection.formats import Graph, is_graph
from llbfront.printable import hide_credentials
from llbfront.scripting import dockerfile_query
from llbfront.source import Source

if TYPE_CHECKING:
    from llbfront.cli.main import Parser
    from llbfront.frontend.offline import ImageSource
    from llbfront.scripting import DockerfileQuery

ENGINE, REGISTRY = "engine", "registry"
# What only some commands have: files that they read or write.
_OTHER_FILES = {"before": None, "after": None, "progress": None, "rules": (), "output": None, "depfile": None}
# Options that decide about a conversion, by attribute: of no use where the graph is known.
_CONVERSION_FLAGS = {
    "file": "--file", "target": "--target", "build_arg": "--build-arg", "build_context": "--build-context", "platform": "--platform",
    "images": "--images", "strict": "--strict", "write_images": "--write-images",
}  # fmt: skip
GRAPH_PATH_HELP = "a directory, a Dockerfile, a saved graph, or - for any but a directory on standard input (default: .)"


def add_arguments(command: Parser, *, path_help: str) -> None:
    """Add PATH and the options of a conversion to a command."""
    command.usage = "%(prog)s [FLAG ...] [PATH]"
    command.add_argument("path", nargs="?", default=".", metavar="PATH", help=path_help)
    add_conversion_options(command)


def add_conversion_options(command: Parser) -> None:
    """Add the options of a conversion to a command."""
    command.set_defaults(**_OTHER_FILES)
    add_dockerfile_options(command)
    command.under(headings.INPUT).add_argument(
        "--platform", metavar="OS/ARCH", help="the platform to convert for (default: that of this machine)"
    )
    add = command.under(headings.CONFIGS).add_argument
    add(
        "--images",
        action="append",
        default=[],
        metavar="SOURCE",
        help="where image configs come from: a file, `engine`, or `registry`; the first that knows an image wins; else a default config is assumed",
    )
    add("--strict", action="store_true", help="fail where a default image config would be assumed")
    add("--write-images", metavar="FILE", help="write the image configs that were looked up, for --images FILE")
    engine_flags.add_address(command, "the engine of --images engine")


def text_of(parsed: argparse.Namespace) -> bytes | None:
    """Return the Dockerfile or graph that standard input holds or `-f` names by a URL; None for files. Raises: ContextError."""
    if parsed.path == STANDARD_STREAM and parsed.file is not None:
        raise OptionError("standard input is the Dockerfile, and --file names another one")
    refuse_same_input([(parsed.path, "PATH"), *_named_inputs(parsed)])
    if parsed.file is not None and (fetched := fetch_dockerfile(parsed.file, os.environ)) is not None:
        return fetched
    if STANDARD_STREAM not in {parsed.path, parsed.file}:
        return None
    return read_standard_input()


def _named_inputs(parsed: argparse.Namespace) -> Iterator[tuple[str, str]]:
    if parsed.file is not None:
        yield parsed.file, "the Dockerfile"
    yield from ((name, "the image configs") for name in parsed.images if name not in {ENGINE, REGISTRY})


@contextlib.contextmanager
def open_query(parsed: argparse.Namespace, text: bytes | None, *, command: str) -> Iterator[DockerfileQuery]:
    """Yield the query of the arguments; afterwards report assumed configs that matter to a command, and write those that were looked up."""
    _refuse_graph(parsed, text)
    with images_of(parsed) as images:
        query = query_of(parsed, text, images)
        yield query
    warn_of_assumed(images, DEPENDENCE[command], query.dockerfile())


def _refuse_graph(parsed: argparse.Namespace, text: bytes | None) -> None:
    """Refuse a saved graph in place of a Dockerfile. Raises: OptionError."""
    path = parsed.path if parsed.file is None else parsed.file
    data = read_file(path, "the file") if text is None and is_regular(path) else text
    if data is not None and is_graph(data):
        shown = hide_credentials(path) if "://" in path else path
        name = "standard input" if path == STANDARD_STREAM else shown
        raise OptionError(f"{name} is a saved graph, not a Dockerfile", hint="graph, llb and diff read saved graphs")


@contextlib.contextmanager
def images_of(parsed: argparse.Namespace) -> Iterator[NamedImages]:
    """Yield the image configs that the arguments name; afterwards write those that were looked up."""
    if parsed.write_images:
        refuse_replaced(parsed, parsed.write_images, "--write-images")
        outputs = {"--output": parsed.output, "--depfile": parsed.depfile}
        refuse_same_output([(parsed.write_images, "--write-images"), *((path, flag) for flag, path in outputs.items() if path)])
        check_output(parsed.write_images)
    with contextlib.ExitStack() as stack:
        images = NamedImages(parsed, stack)
        warn_of_platforms([parsed.platform] if parsed.platform else [])
        yield images
    if parsed.write_images:
        write_file(parsed.write_images, image_configs.encode_image_configs(images.resolved))


def query_of(
    parsed: argparse.Namespace, text: bytes | None, images: Images, options: Mapping[str, str] | None = None
) -> DockerfileQuery:
    """Return the query that the arguments describe.

    Args:
        parsed: the arguments.
        text: the Dockerfile if it is not in a file.
        images: where image configs come from.
        options: frontend options that hold unless the arguments say something else.
    """
    request = BuildRequest(
        file=None if text is not None else parsed.file,
        target=parsed.target,
        platforms=(parsed.platform,) if parsed.platform else (),
        build_args=parse_assignments(parsed.build_arg, option="build argument", environ=os.environ),
    )
    request = environment.apply(request, os.environ)
    if parsed.platform is None:  # DOCKER_DEFAULT_PLATFORM may name several
        request = attrs.evolve(request, platforms=request.platforms[:1])
    named = parse_assignments(parsed.build_context, option="build context")
    context = parsed.path if text is not None and parsed.file is not None else None
    query = dockerfile_query(text if text is not None else parsed.path, request, images=images, contexts=named, context=context)
    _warn_of_misspelt(request, query)
    images.connect()
    return attrs.evolve(query, options={**(options or {}), **query.options})


def _warn_of_misspelt(request: BuildRequest, query: DockerfileQuery) -> None:
    """Name build arguments that no ARG takes, and that are like one."""
    with contextlib.suppress(LlbfrontError):  # the conversion reports what is wrong with the file
        if request.build_args:
            source = Source(query.options.get("filename", DEFAULT_NAME), query.dockerfile())
            for each in misspelt_arguments(source, request.build_args):
                say(f"llbfront: warning: {each.span}: {each.text}")


def conversion_flags(parsed: argparse.Namespace) -> list[str]:
    """Return the options that were given and that decide about a conversion."""
    return [flag for name, flag in _CONVERSION_FLAGS.items() if getattr(parsed, name)]


def graph_of(parsed: argparse.Namespace, images: Images | None = None, options: Mapping[str, str] | None = None) -> Graph:
    """Return the graph of the Dockerfile, or the saved graph, that the arguments name.

    Args:
        parsed: the arguments.
        images: used instead of the images of the arguments. If they are given, a saved graph may stand beside options of a
            conversion, which apply to another Dockerfile of the same command.
        options: frontend options that hold unless the arguments say something else.

    Raises: OptionError for options that a saved graph cannot follow.
    """
    text = text_of(parsed)
    data = text if parsed.path == STANDARD_STREAM else None
    if text is None and parsed.file is None and os.path.exists(parsed.path) and not os.path.isdir(parsed.path):
        data = read_file(parsed.path, "the file")
    if data is not None and is_graph(data):
        name = "standard input" if parsed.path == STANDARD_STREAM else parsed.path
        if images is None and (flags := conversion_flags(parsed)):
            raise OptionError(f"{', '.join(flags)} cannot change a saved graph: {name}", hint="use the option when you save it")
        return load_graph(data, name)
    if is_special(parsed.path):
        text = data  # a pipe cannot be read again
    if data is None:
        _refuse_graph(parsed, text)
    if images is not None:
        return query_of(parsed, text, images, options).convert()
    with images_of(parsed) as named_images:
        graph = query_of(parsed, text, named_images, options).convert()
    warn_of_assumed(named_images)
    return graph


def load_graph(data: bytes, name: str) -> Graph:
    """Read a saved graph; `name` is what errors call it. Raises: GraphFileError."""
    try:
        return Graph.load(data)
    except GraphError as error:
        raise GraphFileError(f"cannot read {name}: {error.message}", span=error.span, hint=error.hint) from error


def refuse_replaced(parsed: argparse.Namespace, output: str, flag: str) -> None:
    """Refuse an output that would replace a file that the command reads. Raises: OptionError."""
    named = [*_paths(parsed), parsed.progress or "", *parsed.rules]
    directories = [*_paths(parsed), *parse_assignments(parsed.build_context, option="build context").values()]
    inputs = [*named, *(path for path, _ in dockerfile_paths(parsed.file or None, directories))]
    if is_regular(output) and identity(output) in {identity(path) for path in inputs if is_regular(path)}:
        raise OptionError(f"{flag} would replace a file that is read: {output}", hint="name another file")


def _paths(parsed: argparse.Namespace) -> list[str]:
    """Return the paths that a command reads: PATH, or both sides of a difference."""
    return [path for path in (parsed.path, parsed.before, parsed.after) if path is not None]


class NamedImages(Images):
    """The image configs of `--images`. Files are read at once; an engine is connected to after all other input was read.

    Attributes:
        has_conversion: whether a Dockerfile was converted with them.
    """

    def __init__(self, parsed: argparse.Namespace, stack: contextlib.ExitStack) -> None:
        super().__init__(is_strict=parsed.strict, hint="--images registry or --images engine looks it up")
        self.has_conversion = False
        self._parsed, self._stack = parsed, stack
        names = [name for name in parsed.images if name not in {ENGINE, REGISTRY}]
        self._files = {name: image_configs.parse_image_configs(read_file(name, "the image configs"), name=name) for name in names}

    def connect(self) -> None:
        """Connect, once, for a conversion."""
        self.has_conversion = True
        if not self.sources:
            self.sources = [self._files.get(name) or self._source(name) for name in self._parsed.images]

    def _source(self, name: str) -> ImageSource:
        if name == ENGINE:
            from llbfront.client.sources.engine_images import EngineImages

            engine = self._stack.enter_context(engine_flags.connected(self._parsed))
            return EngineImages(engine.channel, notify=say_notice)
        from llbfront.client.sources.registry import RegistryImages
        from llbfront.session.credentials import CredentialStore

        return RegistryImages(CredentialStore(notify=say_notice))


def warn_of_assumed(images: Images, dependence: Dependence = Dependence.EVERYTHING, dockerfile: bytes = b"") -> None:
    """Name the images whose default config was assumed although an answer may depend on the real one."""
    made_up = dict.fromkeys(ref for ref, _ in images.made_up if can_matter(dependence, ref, dockerfile))
    if made_up:
        say(f"llbfront: warning: default image config assumed for {', '.join(made_up)} (--images registry looks up the real one)")
