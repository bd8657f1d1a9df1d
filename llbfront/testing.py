r"""Test custom frontends without an engine: files, options and image configs in; the graph, the image config, warnings or the error out.

    from llbfront import testing
    from my_frontend import frontend

    def test_the_graph() -> None:
        built = testing.build(frontend, {"Dockerfile": "FROM alpine\nINCLUDE common\n", "common": "RUN true\n"})
        assert str(built.graph) == (HERE / "graph.txt").read_text()     # the text of `llbfront llb`
        assert built.config["Cmd"] == ["/bin/sh"]

    def test_an_error() -> None:
        with pytest.raises(LlbfrontError, match="common:1: unknown instruction: RNU"):
            testing.build(frontend, {"Dockerfile": "FROM alpine\nINCLUDE common\n", "common": "RNU true\n"})

`build` returns a Built. Nothing is run or fetched.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llbfront import arguments
from llbfront.errors import LlbfrontError, OptionError
from llbfront.errors.llbfront_error import explained
from llbfront.frontend import image_configs, offline, results
from llbfront.frontend.files import MissingFile
from llbfront.inspection.formats import Graph
from llbfront.kit.run import run
from llbfront.oci import platform as platforms
from llbfront.oci.platform import Platform
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from llbfront.frontend.bridge import Reference, Returned
    from llbfront.kit.api import Build, Frontend
    from llbfront.source import Source, Span

    Files = Mapping[str, str | bytes]

__all__ = ["Built", "Warned", "ask", "build", "dockerfile"]

PLATFORM = "linux/amd64"


@attrs.frozen(eq=False)
class Warned:
    """A warning of a frontend.

    Attributes:
        text: the warning.
        span: the lines that it is about.
    """

    text: str
    span: Span


@attrs.frozen(eq=False, repr=False)
class Built(ShortRepr):
    """The result of a frontend.

    Attributes:
        graphs: the graph of each platform.
        warnings: its warnings.
        made_up: images that it looked up and that the test did not give.
    """

    graphs: Mapping[str, Graph]
    warnings: Sequence[Warned]
    made_up: Sequence[str]

    @property
    def graph(self) -> Graph:
        """The graph of the only platform; its text is that of `llbfront llb`.

        Raises:
            OptionError: there are several platforms.
        """
        if len(self.graphs) != 1:
            raise OptionError(f"there are graphs for {', '.join(self.graphs)}", hint="use one of `graphs`")
        return next(iter(self.graphs.values()))

    @property
    def image(self) -> Mapping[str, Any]:
        """The image config file of the only platform, as JSON values."""
        return self.graph.image

    @property
    def config(self) -> Mapping[str, Any]:
        """The part of the image config about containers: Cmd, Env, WorkingDir, …"""
        config: Mapping[str, Any] = self.image["config"]
        return config


def build(
    frontend: Frontend,
    files: Files,
    *,
    filename: str = "Dockerfile",
    args: Mapping[str, str | int | os.PathLike[str]] | None = None,
    target: str = "",
    platform: str | Platform | Iterable[str | Platform] = PLATFORM,
    images: Mapping[str, Any] | None = None,
    contexts: Mapping[str, Files] | None = None,
    options: Mapping[str, str] | None = None,
) -> Built:
    r"""Call a frontend with the files of a build context, without an engine and without a network.

    Args:
        frontend: the function.
        files: contents by path, as text or bytes.
        filename: the file to build, as `-f` names it.
        args: build arguments.
        target: the stage to build.
        platform: the platform, or several, as a list or with commas.
        images: image configs by reference, as for `llbfront.convert`; others are assumed to have a default config.
        contexts: the files of named contexts.
        options: any other frontend option.

    Raises:
        LlbfrontError: what the build would fail with; its span is the place.

    Example:
        >>> from llbfront import testing
        >>> built = testing.build(testing.dockerfile, {"Dockerfile": "FROM alpine\nCMD top\n"})
        >>> built.config["Cmd"]
        ['/bin/sh', '-c', 'top']
        >>> built.made_up
        ('docker.io/library/alpine:latest',)
    """
    names = ",".join(arguments.items(platform, "platform", "a string, a Platform or a list of them", _name, single=(str, Platform)))
    bridge = _bridge(files, filename, args, target, names, images, contexts, options)
    with explained():
        try:
            returned = run(frontend, bridge)
        except LlbfrontError as error:
            if isinstance(error, MissingFile) and error.path == filename and error.span is None:
                error.add_hint(f'files has {", ".join(sorted(files)) or "no files"}; name the file to build with filename="…"')
            raise
    many = returned.refs is not None
    refs = returned.refs or {_id(names): returned.ref}
    graphs = {key: _graph(ref, returned, f"/{key}" if many else "") for key, ref in refs.items()}
    return Built(graphs, tuple(bridge.warnings), tuple(dict.fromkeys(ref for ref, _ in bridge.images.made_up)))


def ask(frontend: Frontend, question: str, files: Files, *, filename: str = "Dockerfile", target: str = "") -> dict[str, str]:
    r"""Run a subrequest of a frontend, as `docker build --call` does.

    Args:
        frontend: the function.
        question: the subrequest: `frontend.outline`, `frontend.targets`, `frontend.lint`, …
        files: contents by path, as text or bytes.
        filename: the file to build.
        target: the stage to ask about.

    Returns:
        The strings of the answer by name, such as `result.json` and `result.txt`.

    Example:
        >>> from llbfront import testing
        >>> print(testing.ask(testing.dockerfile, "frontend.targets", {"Dockerfile": "FROM alpine AS app\n"})["result.txt"].split()[2])
        app
    """
    bridge = _bridge(files, filename, None, target, PLATFORM, None, None, {"requestid": question})
    with explained():
        return {key: value.decode(errors="replace") for key, value in run(frontend, bridge).metadata.items()}


def dockerfile(build: Build) -> Source:
    """Build a Dockerfile: the frontend of Dockerfiles, to compare with.

    Args:
        build: the build.
    """
    return build.source


class _Bridge(offline.OfflineBridge):
    """The bridge without an engine, which keeps warnings."""

    def __init__(self, options: Mapping[str, str], directories: Mapping[str, Files], images: offline.Images) -> None:
        def read(name: str, path: str) -> bytes | None:
            if name not in directories:
                raise NotImplementedError
            content = directories[name].get(posixpath.normpath(path.lstrip("/")))
            return content.encode() if isinstance(content, str) else content

        super().__init__(options, read=read, images=images)
        self.images = images
        self.warnings: list[Warned] = []

    def warn(self, digest: str, text: str, *, detail: str, url: str, span: Span) -> None:
        del digest, detail, url
        self.warnings.append(Warned(text, span))


def _bridge(
    files: Files,
    filename: str,
    args: Mapping[str, str | int | os.PathLike[str]] | None,
    target: str,
    platform: str,
    images: Mapping[str, Any] | None,
    contexts: Mapping[str, Files] | None,
    options: Mapping[str, str] | None,
) -> _Bridge:
    texts = {"filename": arguments.path(filename, "filename"), "platform": platform}
    if target:
        texts["target"] = arguments.text(target, "target")
    texts |= {f"build-arg:{name}": value for name, value in arguments.assignments(args, "args").items()}
    if contexts is not None and not isinstance(contexts, Mapping):
        raise arguments.refuse("contexts", 'a mapping such as {"base": {"file": "text"}}', contexts)
    named = {arguments.text(name, "a name in contexts"): content for name, content in (contexts or {}).items()}
    texts |= {f"context:{name}": f"local:{name}" for name in named}
    directories = {"context": _checked(files, "files"), "dockerfile": files}
    directories |= {name: _checked(content, f"contexts[{name!r}]") for name, content in named.items()}
    known = offline.Images((image_configs.ImageConfigs(images),) if images else ())
    bridge = _Bridge({**texts, **arguments.assignments(options, "options")}, directories, known)
    bridge.platforms = (_platform(PLATFORM),)
    return bridge


def _name(platform: str | Platform, name: str) -> str:
    return str(platform) if isinstance(platform, Platform) else arguments.text(platform, name)


def _checked(files: Files, name: str) -> Files:
    """Return files, each of them text or bytes. Raises: ArgumentError."""
    if not isinstance(files, Mapping):
        raise arguments.refuse(name, 'a mapping such as {"Dockerfile": "FROM alpine\\n"}', files)
    for path, content in files.items():
        if not isinstance(content, (str, bytes)):
            raise arguments.refuse(f"{name}[{path!r}]", "a string or bytes", content)
    return files


def _platform(text: str) -> Platform:
    return platforms.parse(text).normalized()


def _id(platform: str) -> str:
    return results.platform_id(_platform(platform))


def _graph(ref: Reference | None, returned: Returned, suffix: str) -> Graph:
    definition = offline.stable(ref.definition) if isinstance(ref, offline.UnsolvedReference) else None
    config = returned.metadata[f"{results.CONFIG}{suffix}"]
    return Graph.load(definition.encode() if definition else b"", config=config)


def __dir__() -> list[str]:
    return sorted(__all__)
