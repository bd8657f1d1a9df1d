"""Arguments of the library: what cannot be misunderstood is accepted, anything else is one clear error, whatever its type."""

from __future__ import annotations

import enum
import functools
import inspect
import io
import os
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import llbfront
from llbfront import arguments, bake, dockerfile, inspection, kit, llb, testing
from llbfront.client.inputs.contexts import gather
from llbfront.client.request.settings import SETTINGS, build_request
from llbfront.errors import ArgumentError, ContextError, LlbfrontError
from llbfront.short_repr import ShortRepr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Call = Callable[[Any], object]


class Name(enum.StrEnum):
    """A string in disguise."""

    APP = "app"


class Index:
    """An int in disguise, as numpy has them."""

    def __index__(self) -> int:
        return 7


PATH = pathlib.Path("a") / "b"
ACCEPTED = [
    (arguments.text, "a", "a"),
    (arguments.text, Name.APP, "app"),
    (arguments.path, PATH, "a/b"),
    (arguments.path, "a/b/", "a/b/"),
    (arguments.local_path, "a\nb\udcff", "a\nb\udcff"),
    (arguments.optional_local_path, None, None),
    (arguments.scalar, 10, "10"),
    (arguments.scalar, Index(), "7"),
    (arguments.scalar, PATH, "a/b"),
    (arguments.scalar, Name.APP, "app"),
    (arguments.integer, Index(), 7),
    (arguments.flag, None, False),
    (arguments.texts, "app", ("app",)),
    (arguments.texts, None, ()),
    (arguments.texts, ["a", Name.APP], ("a", "app")),
    (arguments.texts, {"b", "a"}, ("a", "b")),
    (arguments.texts, (each for each in "ab"), ("a", "b")),
    (arguments.texts, {"a": 1}.keys(), ("a",)),
    (arguments.listed, "a,b", ("a", "b")),
    (arguments.listed, ["a,b", "c"], ("a", "b", "c")),
    (arguments.words, ["sleep", 5, PATH], ("sleep", "5", "a/b")),
    (arguments.assignments, {"A": 1, "B": "", "C": PATH}, {"A": "1", "B": "", "C": "a/b"}),
    (arguments.assignments, None, {}),
]
REFUSED = [
    (arguments.local_path, "a\0b", "x is not a path: it holds a NUL character"),
    (arguments.local_path, pathlib.Path("a\0b"), "x is not a path: it holds a NUL character"),
    (arguments.local_path, "\ud800", "x is not a path: it holds a character that cannot be encoded"),
    (arguments.optional_local_path, "\0", "x is not a path: it holds a NUL character"),
    (arguments.text, 1, "x takes a string, not a value of the type int"),
    (arguments.text, b"a", "x takes a string, not a value of the type bytes (decode it first)"),
    (arguments.text, None, "x takes a string, not None"),
    (arguments.path, b"a", "x takes a path, not a value of the type bytes"),
    (arguments.path, 3, "x takes a path, not a value of the type int"),
    (arguments.scalar, True, 'x takes a string or an int, not a value of the type bool (write "true" or "false")'),
    (arguments.scalar, 1.10, 'x takes a string or an int, not a value of the type float (write a string, such as "1.10")'),
    (arguments.integer, True, "x takes an int, not a value of the type bool"),
    (arguments.integer, "5", "x takes an int, not a value of the type str"),
    (arguments.flag, "false", "x takes True or False, not a value of the type str"),
    (arguments.flag, 0, "x takes True or False, not a value of the type int"),
    (arguments.texts, b"app", "x takes a string or a list of strings, not a value of the type bytes"),
    (arguments.texts, {"a": "b"}, "x takes a string or a list of strings, not a value of the type dict"),
    (arguments.texts, ["a", 1], "x[1] takes a string, not a value of the type int"),
    (
        arguments.texts,
        io.StringIO(""),
        "x takes a string or a list of strings, not a value of the type StringIO (a file is not read here)",
    ),
    (
        arguments.words,
        io.BytesIO(),
        "x takes a string or a list of words, not a value of the type BytesIO (a file is not read here)",
    ),
    (
        arguments.listed,
        io.BufferedReader(io.BytesIO()),
        "x takes a string or a list of strings, not a value of the type BufferedReader (a file is not read here)",
    ),
    (arguments.words, {"a"}, "x takes a string or a list of words, not a value of the type set"),
    (arguments.assignments, ["A=1"], 'x takes a mapping such as {"NAME": "value"}, not a value of the type list'),
    (arguments.assignments, {"A": None}, "x['A'] takes a string or an int, not None"),
    (arguments.assignments, {1: "a"}, "a name in x takes a string, not a value of the type int"),
    (arguments.callback, "f", "x takes a function, not a value of the type str"),
]


@pytest.mark.parametrize(("convert", "value", "expected"), ACCEPTED)
def test_what_cannot_be_misunderstood_is_accepted(convert: Any, value: object, expected: object) -> None:
    converted = convert(value, "x")
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(("convert", "value", "message"), REFUSED)
def test_other_values_are_refused_with_the_argument_and_its_types(convert: Any, value: object, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        convert(value, "x")
    assert str(caught.value) == message


def test_the_error_is_a_type_error_and_an_error_of_ours() -> None:
    assert issubclass(ArgumentError, TypeError)
    assert issubclass(ArgumentError, LlbfrontError)


@attrs.frozen(repr=False, field_transformer=arguments.checked)
class Example(ShortRepr):
    """A class whose fields are checked."""

    name: str
    folder: str = attrs.field(default="", converter=arguments.path)
    size: int = 0
    parts: tuple[str, ...] = attrs.field(default=(), converter=arguments.texts)


def test_fields_are_converted_and_named_in_errors() -> None:
    assert Example(Name.APP, PATH, Index(), "one") == Example("app", "a/b", 7, ("one",))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="size takes an int"):
        Example("a", size="1")  # type: ignore[arg-type]


def test_signatures_show_what_fields_take() -> None:
    assert {name: each.annotation for name, each in inspect.signature(Example).parameters.items()} == {
        "name": "str",
        "folder": "str | os.PathLike[str]",
        "size": "int",
        "parts": "Iterable[str] | None",
    }


BASE = llb.image("base")
GRAPH = "FROM scratch\nWORKDIR /a\n"


def used(value: Any) -> object:
    """Marshal a graph that holds a value of llb."""
    match value:
        case llb.Copy() | llb.Mkdir() | llb.Mkfile() | llb.Rm() | llb.Symlink():
            return llb.marshal(BASE.file(value))
        case llb.Bind() | llb.Cache() | llb.Scratch() | llb.Tmpfs() | llb.Secret() | llb.Ssh():
            return llb.marshal(BASE.run("x", mounts=value).root)
        case llb.HostIP():
            return llb.marshal(BASE.run("x", extra_hosts=value).root)
        case llb.Ulimit():
            return llb.marshal(BASE.run("x", ulimits=value).root)
        case llb.ProxyEnv():
            return llb.marshal(BASE.run("x", proxy=value).root)
        case llb.Owner():
            return llb.marshal(BASE.file(llb.Mkdir("/a", owner=value)))
        case llb.OpMeta():
            return llb.marshal(BASE.run("x", meta=value).root)
        case llb.Exec():
            return llb.marshal(value.root)
        case _:
            return llb.marshal(value)


DIGEST = "a@sha256:" + "1" * 64
CALLS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (llb.Copy, {"source": BASE, "src": "/a", "dest": "/b"}),
    (llb.Mkdir, {"path": "/a"}),
    (llb.Mkfile, {"path": "/a"}),
    (llb.Rm, {"path": "/a"}),
    (llb.Symlink, {"oldpath": "/a", "newpath": "/b"}),
    (llb.Bind, {"target": "/a", "source": BASE}),
    (llb.Cache, {"target": "/a", "id": "x"}),
    (llb.Scratch, {"target": "/a"}),
    (llb.Tmpfs, {"target": "/a"}),
    (llb.Secret, {"id": "a", "target": "/a"}),
    (llb.Ssh, {}),
    (llb.HostIP, {"host": "a", "ip": "1.2.3.4"}),
    (llb.Ulimit, {"name": "nofile", "soft": 1, "hard": 2}),
    (llb.ProxyEnv, {}),
    (llb.Owner, {}),
    (llb.OpMeta, {}),
    (llb.image, {"ref": "a"}),
    (llb.local, {"name": "a"}),
    (llb.git, {"url": "https://h/r.git"}),
    (llb.http, {"url": "https://h/f"}),
    (llb.oci_layout, {"ref": DIGEST}),
    (llb.blob, {"ref": DIGEST}),
    (llb.source, {"identifier": "local://a"}),
    (BASE.run, {"args": "x"}),
    (BASE.build, {}),
]
METHODS = (
    "with_cwd", "with_user", "with_platform", "with_network", "with_security", "with_hostname", "with_cgroup_parent", "with_env",
    "with_extra_hosts", "with_ulimits", "file", "with_output", "requires",
)  # fmt: skip


def calling(function: Callable[..., Any], name: str, base: dict[str, Any]) -> Call:
    """A function of one argument of another function."""
    return lambda value: function(**{**base, name: value})


def built_with(name: str, value: object) -> object:
    """Call a method of a Build, which a frontend is given."""

    def frontend(build: kit.Build) -> kit.Image:
        getattr(build, name)(value)
        return build.image("a")

    return testing.build(frontend, {"Dockerfile": GRAPH, "text": "x"})


def calls() -> Iterator[tuple[str, Call]]:
    """Every argument of the public functions and classes, as functions of that argument."""
    for function, base in CALLS:
        for name in inspect.signature(function).parameters:
            call = calling(function, name, base)
            yield f"{function.__name__}({name}=)", functools.partial(lambda call, value: used(call(value)), call)
    for name in METHODS:
        yield f"State.{name}", functools.partial(lambda name, value: llb.marshal(getattr(BASE, name)(value).run("x").root), name)
    yield "State.with_env(A=)", lambda value: BASE.with_env(A=value)
    yield "merge", lambda value: llb.merge(BASE, value)
    yield "diff", lambda value: llb.diff(BASE, value)
    yield "passthrough(outputs=)", lambda value: llb.passthrough("g", BASE, outputs=value)
    for function in (llb.marshal, llb.decode, llb.load, llb.sources_of):
        yield function.__name__, function
    yield "marshal(platform=)", lambda value: llb.marshal(BASE, platform=value)
    for setting in SETTINGS:
        if setting.field:
            yield f"build({setting.argument}=)", calling(lambda **given: build_request(given), setting.argument, {})
            yield f"BuildRequest({setting.field}=)", calling(llbfront.BuildRequest, setting.field, {})
    for name in ("id", "path", "env", "value"):
        rest = {"id": "x"} if name != "id" else {"id": "x", "path": "y"}
        yield f"SecretSource({name}=)", calling(llbfront.SecretSource, name, rest)
    for name in ("type", "attrs", "dest"):
        yield f"Export({name}=)", calling(llbfront.Export, name, {"type": "local"})
    for name in inspect.signature(llbfront.convert).parameters:
        yield f"convert({name}=)", calling(llbfront.convert, name, {"source": GRAPH})
    for name in ("address", "start", "environ", "report"):
        yield f"connect({name}=)", calling(llbfront.connect, name, {"address": "unix:///none", "environ": {}})
    for name in inspect.signature(testing.build).parameters:
        base = {"frontend": testing.dockerfile, "files": {"Dockerfile": GRAPH, "text": GRAPH, "p": GRAPH}}
        yield f"testing.build({name}=)", calling(testing.build, name, base)
    for name in ("read", "files", "context", "image", "step", "warn"):
        yield f"kit.Build.{name}", functools.partial(built_with, name)
    graph = llbfront.convert(GRAPH)
    yield "Graph.load", llbfront.Graph.load
    yield "Graph.load(config=)", lambda value: llbfront.Graph.load(graph.write("pb"), config=value)
    yield "Graph.save", graph.save
    yield "Graph.save(form=)", lambda value: graph.save("graph.pb", form=value)
    yield "Graph.write", graph.write
    yield "Graph.node", graph.node


EVERY_CALL = dict(calls())
VALUES: tuple[object, ...] = (
    "text", b"bytes", pathlib.Path("p"), 1, 1.5, None, ["a"], ("a",), {"a"}, {"a": "b"}, True, object(), [1], [None], {1: 2}, {"a": None},
    [b"x"], [["a"]], {"id": 1}, {"type": 1}, -1, "", b"", [], {},
)  # fmt: skip


def refusal(call: Call, value: object) -> str | None:
    """What an error of ours says about a value; None if it is taken. Any other error fails the test."""
    try:
        result = call(value)
        if isinstance(result, llbfront.Engine):  # this machine has an engine
            result.close()
    except LlbfrontError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", EVERY_CALL)
def test_a_value_of_any_type_is_taken_or_refused_in_one_line(
    name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pathlib.Path("p").mkdir()
    (tmp_path / "p" / "Dockerfile").write_text(GRAPH)
    call = EVERY_CALL[name]
    refused = 0
    for value in (*VALUES, (each for each in ["a"])):
        message = refusal(call, value)
        refused += message is not None
        assert "\n" not in (message or "")
    assert refused, "an argument that takes anything is not checked"


COMMANDS = [
    ("ls /", ("/bin/sh", "-c", "ls /")),
    (["ls", "/"], ("ls", "/")),
    (("sleep", 5), ("sleep", "5")),
    ((word for word in ("ls", "/")), ("ls", "/")),
    (["/bin/cat", pathlib.PurePosixPath("/etc/hosts")], ("/bin/cat", "/etc/hosts")),
    (Name.APP, ("/bin/sh", "-c", "app")),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_commands_are_words_or_one_text_for_the_shell(command: Any, expected: tuple[str, ...]) -> None:
    assert BASE.run(command).op.args == expected


@pytest.mark.parametrize("command", ["", "  ", [], ()])
def test_an_empty_command_is_refused(command: Any) -> None:
    with pytest.raises(LlbfrontError, match="a command needs arguments"):
        BASE.run(command)


LOCKED = llb.Sharing.LOCKED
EQUAL = [
    (lambda: llb.local("a", include_patterns="*.go"), lambda: llb.local("a", include_patterns=("*.go",))),
    (lambda: llb.local("a", include_patterns=["b", "a"]), lambda: llb.local("a", include_patterns=("b", "a"))),
    (lambda: llb.image("a", platform="linux/arm64"), lambda: llb.image("a", platform=llb_platform("linux/arm64"))),
    (lambda: llb.image("a", resolve_mode="pull"), lambda: llb.image("a", resolve_mode=llb.ResolveMode.PULL)),
    (lambda: BASE.with_env({"A": 1}), lambda: BASE.with_env(A="1")),
    (lambda: BASE.with_env(A=pathlib.PurePosixPath("/a")), lambda: BASE.with_env({"A": "/a"})),
    (lambda: BASE.with_cwd(pathlib.PurePosixPath("/w")), lambda: BASE.with_cwd("/w")),
    (lambda: BASE.with_user(1000), lambda: BASE.with_user("1000")),
    (lambda: BASE.with_network("none"), lambda: BASE.with_network(llb.NetMode.NONE)),
    (lambda: BASE.with_security("INSECURE"), lambda: BASE.with_security(llb.SecurityMode.INSECURE)),
    (lambda: BASE.with_platform("linux/arm64"), lambda: BASE.with_platform(llb_platform("linux/arm64"))),
    (lambda: run(mounts=llb.Tmpfs("/t")), lambda: run(mounts=(llb.Tmpfs("/t"),))),
    (
        lambda: run(mounts=[llb.Cache("/c", id="c", sharing="locked")]),
        lambda: run(mounts=[llb.Cache("/c", id="c", sharing=LOCKED)]),
    ),
    (lambda: run(valid_exit_codes=3), lambda: run(valid_exit_codes=(3,))),
    (lambda: run(devices="d"), lambda: run(devices=(("d", False),))),
    (lambda: run(network="host"), lambda: run(network=llb.NetMode.HOST)),
    (lambda: run(ulimits=llb.Ulimit("nofile", 1, 2)), lambda: run(ulimits=[llb.Ulimit("nofile", 1, 2)])),
    (lambda: copied(src=pathlib.PurePosixPath("/a")), lambda: copied(src="/a")),
    (lambda: copied(src="/a", owner="ann:grp"), lambda: copied(src="/a", owner=llb.Owner("ann", "grp"))),
    (lambda: copied(src="/a", owner=1000), lambda: copied(src="/a", owner=llb.Owner(1000))),
    (lambda: copied(src="/a", exclude_patterns="*.md"), lambda: copied(src="/a", exclude_patterns=("*.md",))),
    (lambda: BASE.file(llb.Mkfile("/a", "ö")), lambda: BASE.file(llb.Mkfile("/a", "ö".encode()))),
]


def llb_platform(text: str) -> Any:
    """A platform as a value."""
    from llbfront.oci import platform

    return platform.parse(text)


def run(**options: Any) -> llb.State:
    """A state after a command."""
    return BASE.run(("x",), **options).root


def copied(**options: Any) -> llb.State:
    """A state after a copy."""
    return BASE.file(llb.Copy(llb.image("other"), dest="/b", **options))


@pytest.mark.parametrize(("loose", "exact"), EQUAL)
def test_loose_arguments_make_the_graph_of_exact_ones(loose: Callable[[], llb.State], exact: Callable[[], llb.State]) -> None:
    graph, expected = (llb.marshal(state().run(("end",)).root, local_unique="u") for state in (loose, exact))
    assert graph.digests == expected.digests


def untyped(value: object) -> Any:
    """A value whose type the type checker does not know."""
    return value


HINTS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: BASE.file(llb.Copy(untyped("src"), "/a", "/b")),
        "source takes a State, not a value of the type str (such as llb.local(NAME)",
    ),
    (
        lambda: llb.marshal(untyped(BASE.run("x"))),
        "state takes a State, not a value of the type Exec (the State after a command is its `root`)",
    ),
    (lambda: BASE.with_network("hots"), "network cannot be 'hots' (did you mean host?)"),
    (lambda: llb.Cache("/c", id="c", sharing="open"), "sharing cannot be 'open' (one of shared, private, locked)"),
    (
        lambda: llb.load(untyped(llbfront.convert(GRAPH))),
        "definition takes a Definition, not a value of the type Graph (a Graph has one: graph.definition)",
    ),
    (
        lambda: BASE.run(("x",), mounts=untyped(["/c"])),
        "mounts[0] takes mounts such as Bind, Cache and Secret, not a value of the type str",
    ),
    (lambda: llbfront.convert(GRAPH).node(9), "the graph has no node 9 (its nodes are 1 to 1)"),
]


@pytest.mark.parametrize(("call", "message"), HINTS, ids=[message for _, message in HINTS])
def test_errors_say_what_to_do(call: Callable[[], object], message: str) -> None:
    with pytest.raises(LlbfrontError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_a_path_with_invalid_utf8_survives(tmp_path: pathlib.Path) -> None:
    name = os.fsdecode(b"a\xff")
    assert arguments.path(tmp_path / name) == os.path.join(tmp_path, name)


def open_for_writing() -> Any:
    return pathlib.Path(os.devnull).open("wb")


FILES: dict[str, Callable[[], Any]] = {
    "bytes": io.BytesIO,
    "text": io.StringIO,
    "temporary": tempfile.TemporaryFile,
    "for writing": open_for_writing,
}
TAKE_A_FILE = {"context", "file", "on_event"}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize(
    "name", [setting.argument for setting in SETTINGS if setting.field and setting.argument not in TAKE_A_FILE]
)
def test_an_open_file_is_not_taken_for_a_list_of_its_lines(name: str, kind: str) -> None:
    with FILES[kind]() as file, pytest.raises(ArgumentError, match=f"^{name} takes .* not a value of the type"):
        build_request({name: file})


def closed(file: Any) -> Any:
    file.close()
    return file


UNREADABLE: dict[str, tuple[Callable[[], Any], str]] = {
    "closed": (lambda: closed(io.BytesIO(b"FROM scratch")), "closed"),
    "closed reader": (lambda: closed(io.BufferedReader(io.BytesIO())), "closed"),
    "for writing": (open_for_writing, "read"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_dockerfile_that_cannot_be_read_from_its_file(kind: str) -> None:
    make, reason = UNREADABLE[kind]
    file = make()
    with pytest.raises(ContextError, match=f"^cannot read the Dockerfile from the file in file: .*{reason}"):
        build_request({"file": file})
    file.close()


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_context_that_cannot_be_read_from_its_file(kind: str) -> None:
    make, reason = UNREADABLE[kind]
    file = make()
    with pytest.raises(ContextError, match=f"^cannot read the build context from .*{reason}"):
        gather(build_request({"context": file}).context)
    file.close()


def test_an_invalid_graph_file_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM scratch\n")
    with pytest.raises(LlbfrontError, match=f"^cannot read {path}: "):
        llbfront.Graph.load(path)
    with pytest.raises(ContextError, match="^cannot read the graph from a file: .*closed"):
        llbfront.Graph.load(closed(io.BytesIO()))


def test_files_without_the_file_to_build_get_a_hint() -> None:
    with pytest.raises(LlbfrontError, match=r'files has image\.yaml; name the file to build with filename="…"'):
        testing.build(testing.dockerfile, {"image.yaml": "x"})


def test_the_text_of_a_dockerfile_as_context_names_the_argument_for_it() -> None:
    with pytest.raises(ContextError, match="no such directory") as raised:
        gather(build_request({"context": "FROM alpine\nRUN make\n"}).context)
    assert raised.value.hint == "pass the text of a Dockerfile with file"


PARSED = dockerfile.parse(dockerfile.Source("Dockerfile", b"FROM scratch AS a\nCOPY x y\n"))
CONVERTED = llbfront.convert("FROM scratch AS a\nCOPY x y\n")
EDITED = PARSED.statements[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: dockerfile.parse(untyped("FROM scratch")),
            'source takes a Source, not a value of the type str (such as Source("Dock',
        ),
        (lambda: dockerfile.parse(untyped(None)), "source takes a Source, not None"),
        (
            lambda: dockerfile.parse_stages(untyped("FROM scratch")),
            "dockerfile takes a Dockerfile, not a value of the type str (llb",
        ),
        (
            lambda: dockerfile.replace_image(untyped(1), untyped(2), "x"),
            "dockerfile takes a Dockerfile, not a value of the type int",
        ),
        (lambda: dockerfile.replace_image(PARSED, untyped("scratch"), "x"), "base takes a From, not a value of the type str"),
        (
            lambda: dockerfile.replace_word(PARSED, untyped("COPY"), 1, "z"),
            "statement takes a Statement, not a value of the type str",
        ),
        (lambda: dockerfile.replace_word(PARSED, EDITED, untyped("1"), "z"), "number takes an int, not a value of the type str"),
        (lambda: dockerfile.replace_range(PARSED, EDITED, 0, untyped(None), "z"), "end takes an int, not None"),
        (lambda: inspection.compare_graphs(CONVERTED, untyped("FROM b")), "after takes a Graph, not a value of the type str (llbf"),
        (lambda: inspection.compare_graphs(untyped(b"x"), CONVERTED), "before takes a Graph, not a value of the type bytes"),
        (lambda: inspection.stage_statuses(untyped("app")), "graph takes a Graph, not a value of the type str"),
        (lambda: inspection.cache_modes(untyped(None)), "graph takes a Graph, not None"),
        (lambda: inspection.find_leaks(CONVERTED, untyped([])), "inputs takes an Inputs, not a value of the type list"),
        (lambda: inspection.explain(untyped("latest")), "build takes a RecordedBuild, not a value of the type str"),
        (lambda: inspection.rebuild_causes(untyped(PARSED), ["x"]), "graph takes a Graph, not a value of the type Dockerfile"),
        (
            lambda: inspection.rebuild_causes(CONVERTED, untyped(1)),
            "changed takes a path or a list of paths, not a value of the type int",
        ),
        (lambda: inspection.required((), untyped(1)), "names takes a string or a list of strings, not a value of the type int"),
        (lambda: bake.affected_targets(untyped(1)), "changed takes a path or a list of paths, not a value of the type int"),
        (lambda: bake.affected_targets("x", variable_files=untyped(1)), "variable_files takes a path or a list of paths"),
    ],
)
def test_values_of_other_classes_are_refused_by_name(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        call()
    assert str(refused.value).startswith(message)


def test_one_text_is_one_stage_and_one_path_one_path(tmp_path: pathlib.Path) -> None:
    statuses = inspection.stage_statuses(llbfront.convert("FROM scratch AS test\nFROM scratch\n"))
    assert [status.name for status in inspection.required(statuses, "test")] == ["test"]
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY x y\n")
    (tmp_path / "x").touch()
    changed = tmp_path / "x"
    assert [cause.path for cause in inspection.rebuild_causes(llbfront.convert(tmp_path), changed)] == ["x"]
