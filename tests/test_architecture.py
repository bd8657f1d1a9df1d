"""Which package may import which others. An import outside this table fails, as does an entry that nothing uses.

tests/test_architecture_page.py compares ARCHITECTURE.md with the code.
"""

import ast
import functools
import graphlib
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent / "llbfront"
# packages that every package may import, apart from those that these need themselves
ALLOWED_EVERYWHERE = {
    "attrs",
    "foreign_json",
    "arguments",
    "call_errors",
    "printable",
    "short_repr",
    "setting_names",
    "suggestions",
    "lazy_names",
    "optional_packages",
    "garbage_collection",
}

# package: the packages, outside the standard library, that it may import
PACKAGES: dict[str, set[str]] = {
    "lazy_names": set(),
    "optional_packages": set(),
    "garbage_collection": set(),
    "printable": set(),
    "source": set(),
    "setting_names": set(),
    "suggestions": set(),
    "interrupts": set(),
    "errors": {"printable", "source"},
    "arguments": {"errors", "suggestions"},
    "call_errors": {"errors", "suggestions"},
    "short_repr": set(),
    "files": {"errors"},
    "foreign_json": {"errors"},
    "http": {"errors", "urllib3"},
    "gostd": {"errors"},
    "oci": {"gostd", "errors"},
    "pb": {"google"},
    "http2": set(),
    "rpc": {"errors", "files", "interrupts", "http2", "pb", "google", "grpc"},
    "connhelper": {"errors", "files", "interrupts", "rpc"},
    "docker": {"errors", "files", "oci", "connhelper"},
    "hcl": {"gostd", "errors", "source", "foreign_json", "cryptography", "bcrypt", "wcwidth"},
    "dockerfile": {"gostd", "errors", "source"},
    "llb": {"gostd", "google", "errors", "source", "oci", "pb"},
    "fsutil": {"gostd", "google", "errors", "files", "pb"},
    "progress": {"gostd", "wcwidth", "errors", "source"},
    "dockerfile2llb": {"gostd", "errors", "source", "oci", "dockerfile", "llb"},
    "inspection": {"gostd", "errors", "files", "source", "oci", "dockerfile", "llb", "fsutil", "msgpack", "networkx"},
    "lint": {"gostd", "errors", "source", "dockerfile", "dockerfile2llb", "fsutil"},
    "session": {"gostd", "oci", "google", "rpc", "errors", "files", "interrupts", "pb", "fsutil", "http2", "connhelper", "nacl", "cryptography", "docker", "http"},
    "frontend": {"gostd", "google", "rpc", "errors", "interrupts", "source", "oci", "pb", "dockerfile", "llb", "dockerfile2llb", "lint", "fsutil"},
    "client": {
        "backports", "compression",  # zstd
        "gostd", "google", "rpc", "docker", "http", "errors", "files", "interrupts", "source", "oci", "pb", "dockerfile", "llb", "dockerfile2llb", "fsutil", "frontend", "inspection", "progress", "session"
    },
    "engine": {"docker", "tomli_w", "errors", "files", "pb", "rpc", "connhelper"},
    "connection": {"errors", "client", "engine", "frontend", "kit"},
    "kit": {"gostd", "rpc", "errors", "files", "interrupts", "source", "oci", "pb", "dockerfile", "llb", "dockerfile2llb", "frontend"},
    "conversion_facts": {"llb", "dockerfile2llb", "inspection", "frontend"},
    "scripting": {"conversion_facts", "errors", "oci", "files", "llb", "inspection", "frontend", "client"},
    "bake": {
        "gostd", "errors", "files", "source", "oci", "hcl", "yaml", "dockerfile2llb", "progress", "frontend", "client", "inspection",
        "scripting", "llb",
    },
    "rules": {"errors", "files", "source", "dockerfile", "dockerfile2llb", "lint", "inspection", "frontend", "scripting"},
    "testing": {"errors", "source", "oci", "inspection", "frontend", "kit"},
}  # fmt: skip
UNRESTRICTED = {"cli", "aio", "__init__", "__main__"}  # may import everything


def package_of(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules() -> list[pathlib.Path]:
    return sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: pathlib.Path) -> set[str]:
    """Names of all modules imported anywhere in a file, as full dotted names."""
    names: set[str] = set()
    package = ("llbfront", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            names.add(name)
            names.update(f"{name}.{alias.name}" for alias in node.names if name.split(".")[0] == "llbfront")
    return names


def target_package(name: str) -> str | None:
    """The package that an import reaches; None for the standard library and for llbfront itself."""
    parts = name.split(".")
    if parts[0] != "llbfront":
        return None if parts[0] in sys.stdlib_module_names else parts[0]
    if len(parts) == 1:
        return None
    here = ROOT / parts[1]
    return parts[1] if here.is_dir() or here.with_suffix(".py").exists() else None


def needs(package_name: str) -> set[str]:
    """The package, and all packages that it imports directly or indirectly by the table."""
    reached: set[str] = set()
    pending = {package_name}
    while pending:
        reached |= pending
        pending = set().union(*(PACKAGES.get(name, set()) for name in pending)) - reached
    return reached


def allowed_imports(package_name: str) -> set[str]:
    """The packages that a package may import: those of its row, and those allowed everywhere unless they need it."""
    everywhere = {other for other in ALLOWED_EVERYWHERE if package_name not in needs(other)}
    return PACKAGES[package_name] | ({"attrs"} if package_name in ALLOWED_EVERYWHERE else everywhere)


def test_packages_do_not_need_each_other() -> None:
    order = list(graphlib.TopologicalSorter({name: allowed_imports(name) for name in PACKAGES}).static_order())
    assert set(order) >= set(PACKAGES)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: pathlib.Path) -> None:
    package_name = package_of(path)
    if package_name in UNRESTRICTED:
        return
    assert package_name in PACKAGES, f"{package_name} is not in the table of packages"
    allowed = allowed_imports(package_name) | {package_name}
    reached = {target for name in imports(path) if (target := target_package(name))}
    assert reached <= allowed, f"{path.relative_to(ROOT)} may not import {sorted(reached - allowed)}"


@functools.cache
def imports_by_package() -> dict[str, set[str]]:
    """Return the packages, outside the standard library, that the modules of each package import."""
    reached: dict[str, set[str]] = {}
    for path in modules():
        package_name = package_of(path)
        targets = {target for name in imports(path) if (target := target_package(name))}
        reached.setdefault(package_name, set()).update(targets - {package_name})
    return reached


def test_the_table_allows_nothing_that_is_not_imported() -> None:
    real = imports_by_package()
    unused = {name: needed - real.get(name, set()) for name, needed in PACKAGES.items() if needed - real.get(name, set())}
    assert unused == {}, "remove these from PACKAGES"


def graph_of(package_name: str) -> dict[str, set[str]]:
    """The modules of a package, and which of these each imports."""
    paths = {
        ".".join(("llbfront", *path.relative_to(ROOT).with_suffix("").parts)): path
        for path in modules()
        if package_of(path) == package_name
    }
    return {name: {other for other in imports(path) if other in paths and other != name} for name, path in paths.items()}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_module_of_the_standard_library_is_imported(path: pathlib.Path) -> None:
    private = {name for name in imports(path) if name.startswith("_") and not name.startswith("__future__")}
    assert not private, f"{path.relative_to(ROOT)} imports {sorted(private)}"


@pytest.mark.parametrize("package_name", sorted({package_of(path) for path in modules()} - {"pb"}))
def test_no_cycles_inside_a_package(package_name: str) -> None:
    graph = graph_of(package_name)
    done: set[str] = set()
    while ready := [name for name, needs in graph.items() if name not in done and needs <= done]:
        done.update(ready)
    assert done == set(graph), f"these modules import each other: {sorted(set(graph) - done)}"


def test_every_module_has_a_docstring() -> None:
    undocumented = [
        str(path.relative_to(ROOT))
        for path in modules()
        if package_of(path) != "pb" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not undocumented


@pytest.mark.parametrize("path", sorted((ROOT / "cli").glob("*.py")), ids=lambda path: path.name)
def test_commands_print_through_the_module_that_makes_text_safe(path: pathlib.Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    printing = [call for call in calls if ast.unparse(call) in {"print", "sys.stdout.write", "sys.stderr.write"}]
    assert not printing or path.name in {"output.py", "completion.py", "streams.py"}
