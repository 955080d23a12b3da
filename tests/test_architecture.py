"""The rules that keep the house in order, read from the source itself."""

from __future__ import annotations

import ast
import graphlib
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "samsara_qualifications"
PLUGIN = ROOT / "src" / "pytest_samsara_qualifications.py"
FILES = [*sorted(SOURCE.rglob("*.py")), PLUGIN]
GENERATED = "samsara_qualifications_api"
EXTRAS = {  # where a package of an extra may be imported
    "redis": {"budget/stores/redis.py"},
    "jsonschema_rs": {"_strict.py", "mock/spec.py"},
    "uvicorn": {"mock/serve.py"},
    "pytest": {"pytest_samsara_qualifications.py"},
    "typer": {"cli/app.py", "cli/jobs.py"},
    "rich": {"cli/screen.py"},
}
RUNTIME = {"httpx", "attrs", "attr", "samsara_qualifications"}


def name_of(path: Path) -> str:
    """Return a file's path inside the package, or beside it."""
    return path.relative_to(SOURCE.parent if path == PLUGIN else SOURCE).as_posix()


def tree_of(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text("utf-8"), path.name)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the absolute names of all imported modules, also of those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def packages(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, Python's own left out."""
    found = {name.partition(".")[0] for name in imports(tree_of(path))}
    return found - set(sys.stdlib_module_names)


def test_there_is_something_to_look_at() -> None:
    """An empty list would pass every test below."""
    assert {"_async/client.py", "_wire.py", "budget/dispatcher.py", "mock/server.py"} <= set(
        map(name_of, FILES)
    )


def test_one_module_imports_the_generated_package() -> None:
    """So that a change of the generator has one place to be seen in; the sentinels are light."""
    importers = {name_of(path) for path in FILES if GENERATED in packages(path)}
    assert {"_wire.py", "sentinels.py"} == importers


def test_nothing_calls_the_generated_endpoints() -> None:
    """They parse before they look at the status."""
    for path in FILES:
        used = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute | ast.Name)
        }
        assert not used & {"sync", "sync_detailed", "asyncio_detailed"}, path.name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_async_code_never_blocks_in_a_sleep(path: Path) -> None:
    """`time.sleep` in a coroutine would stop everything else."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.AsyncFunctionDef):
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    assert ast.unparse(call.func) not in {"time.sleep", "sleep"}, node.name


def test_the_flow_does_no_input_or_output() -> None:
    """It is fed by hand in its tests; the drivers do the rest."""
    found = set(imports(tree_of(SOURCE / "_flow.py")))
    assert not found & {"httpx", "asyncio", "time", "threading", "socket", "os"}
    assert "math" in found


def test_httpx_is_named_where_it_must_be() -> None:
    """Its repository is closed, and the field moves on: one room knows it, for the clients."""
    importers = {name_of(path) for path in FILES if "httpx" in packages(path)}
    assert {"_exchange.py", "mock/transport.py", PLUGIN.name} == importers


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_runtime_packages_and_extras_are_imported(path: Path) -> None:
    """Each extra where it belongs, and nothing that only development has."""
    allowed = {package for package, places in EXTRAS.items() if name_of(path) in places}
    if path.name in {"_wire.py", "sentinels.py"}:
        allowed.add(GENERATED)
    assert set() == packages(path) - RUNTIME - allowed


def test_the_runtime_packages_are_those_that_the_project_declares() -> None:
    """Two, and no more."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {requirement.split(">")[0] for requirement in project["dependencies"]}
    assert {"attrs", "httpx"} == declared


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_says_first_what_it_is_for(path: Path) -> None:
    """Its docstring tells the one purpose."""
    assert ast.get_docstring(tree_of(path))


def test_imports_run_in_one_direction() -> None:
    """No module imports itself by way of others, not even for its types or inside a function."""
    files = {
        ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__"): path
        for top, room in (
            (ROOT / "src", "."),
            (ROOT / "scripts", "."),
            (ROOT / "contract_tests", "."),
        )
        for path in (top / room).rglob("*.py")
    }

    def imported(module: str, path: Path) -> Iterator[str]:
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom):
                above = package.split(".")[: 1 - node.level or None] if node.level else []
                source = ".".join([*above, *(node.module or "").split(".")]).strip(".")
                for alias in node.names:
                    name = f"{source}.{alias.name}"
                    yield name if name in files else source
        yield from imports(tree_of(path))

    graph = {name: {*imported(name, path)} & {*files} - {name} for name, path in files.items()}
    assert "samsara_qualifications.mock.messages" in graph["samsara_qualifications.mock.server"]
    graphlib.TopologicalSorter(graph).prepare()
