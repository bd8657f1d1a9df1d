"""What an interactive shell, an editor and `help` show of the public API."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import operator
import pathlib
import pydoc
import re
import rlcompleter

import pytest

import llbfront
from llbfront import llb, testing
from llbfront.inspection import compare_graphs
from llbfront.short_repr import short_repr
from tests.support import public_api

SUBPACKAGES = {"aio", "bake", "dockerfile", "errors", "inspection", "kit", "llb", "rules", "testing"}
PUBLIC = {name: value for name, value in public_api.public_names().items() if not public_api.is_alias(value)}
SECTION = re.compile(r"^(?:Args|Attributes|Example):$", re.MULTILINE)


@pytest.mark.parametrize("name", public_api.MODULES)
def test_dir_lists_the_public_names_once_each(name: str) -> None:
    module = importlib.import_module(name)
    names = [each for each in dir(module) if not each.startswith("_")]
    assert sorted(names) == sorted({*module.__all__, *(SUBPACKAGES if name == "llbfront" else ())})


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_has_a_docstring_and_a_signature(name: str) -> None:
    value = PUBLIC[name]
    assert inspect.getdoc(value)
    if callable(value) and not (inspect.isclass(value) and issubclass(value, BaseException)):
        kinds = {parameter.kind for parameter in inspect.signature(value).parameters.values()}
        assert name == "llbfront.kit.evolve" or not {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL} <= kinds


@pytest.mark.parametrize("name", PUBLIC)
def test_every_docstring_has_parameters_or_an_example(name: str) -> None:
    value = PUBLIC[name]
    is_plain_error = inspect.isclass(value) and issubclass(value, BaseException) and "__init__" not in vars(value)
    assert is_plain_error or SECTION.search(inspect.getdoc(value) or "")


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if inspect.isclass(value)])
def test_every_public_method_has_a_docstring(name: str) -> None:
    methods = public_api.methods_of(PUBLIC[name])
    assert [key for key in methods if not inspect.getdoc(getattr(PUBLIC[name], key))] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_docstrings_name_the_parameters_that_there_are(name: str) -> None:
    value = PUBLIC[name]
    documented = re.search(r"^Args:\n((?:    .*\n?)+)", inspect.getdoc(value) or "", re.MULTILINE)
    if documented and (callable(value) and name != "llbfront.kit.evolve"):
        names = re.findall(r"^    (\w+):", documented[1], re.MULTILINE)
        assert [each for each in names if each not in inspect.signature(value).parameters] == []


def doctests() -> dict[str, doctest.DocTest]:
    """The examples of public names and modules that can be run."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    values = {**{name: importlib.import_module(name) for name in public_api.MODULES}, **PUBLIC}
    doctests_by_name: dict[str, doctest.DocTest] = {}
    for name, value in values.items():
        if inspect.ismodule(value):
            tests = doctest.DocTestFinder(exclude_empty=True, recurse=False).find(value, name, globs={})
        else:
            tests = finder.find(value, name, module=False, globs={})
        doctests_by_name |= {test.name: test for test in tests if test.examples}
    return doctests_by_name


EXAMPLES = doctests()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_docstrings_work(name: str) -> None:
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(EXAMPLES[name], out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_many_names_have_an_example() -> None:
    assert len(EXAMPLES) > 40


def test_the_public_names_and_signatures_are_those_of_the_snapshot() -> None:
    assert public_api.describe() == public_api.SNAPSHOT.read_text(), "if this is intended: python -m tests.support.public_api"


def test_every_error_is_public() -> None:
    errors = importlib.import_module("llbfront.errors")
    kinds = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, errors.LlbfrontError)}
    assert kinds == {name for name in errors.__all__ if inspect.isclass(getattr(errors, name))}


def test_help_shows_the_function_and_its_arguments() -> None:
    text = pydoc.plain(pydoc.render_doc(llbfront.convert))
    assert text.startswith("Python Library Documentation: function convert")
    assert "build_args: values of ARGs" in text
    text = pydoc.plain(pydoc.render_doc(llbfront.SecretSource))
    assert "SecretSource(id: 'str', path: 'str | os.PathLike[str] | None' = None" in text


def test_completion_offers_the_public_names() -> None:
    completer = rlcompleter.Completer({"llbfront": llbfront})
    offered: set[str] = set()
    while match := completer.complete("llbfront.", len(offered)):
        if match in offered:
            break
        offered.add(match)
    assert {f"llbfront.{name}" for name in dir(llbfront)} - {"llbfront.__version__"} <= {match.rstrip("()") for match in offered}


def test_subpackages_can_be_reached_without_an_import() -> None:
    assert llbfront.llb.image is llb.image
    with pytest.raises(AttributeError, match="module 'llbfront' has no attribute 'nothing'"):
        operator.attrgetter("nothing")(llbfront)


def test_the_stub_has_the_names_of_the_package() -> None:
    stub = ast.parse(pathlib.Path(llbfront.__file__).with_suffix(".pyi").read_text())
    imported = [alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(filter(None, imported)) == sorted(set(dir(llbfront)) - {"__version__"})


MANY = "FROM alpine AS a\n" + "".join(f"ARG A{n}=1\nENV V{n}={'x' * n}\nRUN echo {n}\nCOPY f{n} /d\n" for n in range(60))
GRAPH = llbfront.convert(MANY, platform="linux/amd64")
BASE = llb.image("alpine").with_env({f"V{n}": "x" * n for n in range(200)})
RUN = BASE.run(["x"] * 200, mounts=[llb.Bind(f"/m{n}", BASE) for n in range(30)], extra_hosts=[llb.HostIP("h", "::1")] * 30)
VALUES = {
    "Graph": GRAPH,
    "Definition": GRAPH.definition,
    "ops": GRAPH.definition.ops,
    "Node": GRAPH.nodes[-1],
    "Facts": GRAPH.facts,
    "Stage": GRAPH.facts.stages[0],
    "Span": GRAPH.nodes[-1].spans[0],
    "Source": GRAPH.definition.sources[0],
    "Difference": compare_graphs(GRAPH, llbfront.convert("FROM b\nRUN x\n"))[0],
    "State": RUN.root,
    "Exec": RUN,
    "ExecOp": RUN.op,
    "Env": BASE.env,
    "Settings": BASE.settings,
    "Copy": llb.Copy(RUN.root, "/a", "/b", include_patterns=["x" * 50] * 50),
    "Mkfile": llb.Mkfile("/a", b"x" * 9999),
    "FileOp": BASE.file(*[llb.Rm(f"/{n}") for n in range(50)]).output,
    "MergeOp": llb.merge(*[RUN.root] * 40).output,
    "SecretSource": llbfront.SecretSource("a", value=b"x" * 9999),
    "Export": llbfront.Export("image", {f"a{n}": "b" for n in range(50)}),
    "BuildRequest": llbfront.BuildRequest(tags=[f"t{n}" for n in range(50)], labels={f"l{n}": "v" for n in range(99)}, file=MANY),
    "Built": testing.build(testing.dockerfile, {"Dockerfile": MANY}),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_shown_on_one_line(name: str) -> None:
    text = repr(VALUES[name])
    assert len(text) < 700
    assert text.isprintable()


def test_the_repr_of_a_graph_has_its_number_of_nodes() -> None:
    assert repr(GRAPH) == "<Graph of 122 nodes, result #122 '[121/121] COPY f59 /d'>"
    assert repr(llbfront.convert("FROM scratch\n")) == "<Graph of 0 nodes>"
    assert repr(llbfront.convert("FROM alpine\n", platform="linux/amd64")).endswith("alpine:latest', linux/amd64>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb", "'a\\nb'"),
        ("x" * 81, f"'{'x' * 40}'… (81)"),
        (b"x" * 81, f"b'{'x' * 40}'… (81)"),
        ((), "()"),
        ((1,), "(1,)"),
        ([1, 2, 3, 4, 5], "[1, 2, 3, … 2 more]"),
        ({"a": ["b"] * 4}, "{'a': ['b', 'b', 'b', … 1 more]}"),
        (frozenset(), "{}"),
        (None, "None"),
    ],
)
def test_short_reprs(value: object, expected: str) -> None:
    assert short_repr(value) == expected
