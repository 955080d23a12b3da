"""Programs of one file, frozen by PyInstaller or zipped, do all that the package can do."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import zipapp
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

from samsara_qualifications import _wire
from samsara_qualifications.mock import MockServer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "tests" / "frozen_program.py"
OURS = (ROOT / "src" / "samsara_qualifications", ROOT / "generated" / "samsara_qualifications_api")
SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"


def needed(name: str) -> set[str]:
    """Return a distribution and all that it needs."""
    found = {name}
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found |= needed(requirement.name)
    return found


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of what `pip install --target` would put there, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    for package in OURS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, folder / package.name, ignore=ignored)
    for name in needed("samsara-qualifications") - {"samsara-qualifications"}:
        found = distribution(name)
        for file in found.files or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(found.locate_file(file)), target)
    return folder


@pytest.fixture(scope="session")
def zipped(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the zipped program: Python alone, without site-packages and variables."""
    folder = tmp_path_factory.mktemp("zipped")
    shutil.copytree(packages, folder / "source")
    shutil.copyfile(PROGRAM, folder / "source" / "__main__.py")
    archive = folder / "program.pyz"
    zipapp.create_archive(folder / "source", archive, compressed=True)
    shutil.rmtree(folder / "source")
    return [sys.executable, "-I", "-S", str(archive)]


@pytest.fixture(scope="session")
def frozen(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the frozen program."""
    folder = tmp_path_factory.mktemp("frozen")
    options = ("--onefile", "--log-level", "ERROR", "--name", "program", "--paths", str(packages))
    places = ("--distpath", folder, "--workpath", folder / "work", "--specpath", folder)
    command = [*freezer(), *options, *map(str, places), str(PROGRAM)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stderr
    return [str(folder / "program")]


def freezer() -> list[str]:
    """Return PyInstaller's command: this environment's, or one on the path."""
    if importlib.util.find_spec("PyInstaller"):
        return [sys.executable, "-m", "PyInstaller"]
    command = shutil.which("pyinstaller")
    if command is None:
        pytest.skip("PyInstaller is not installed: pip install pyinstaller, into any environment")
    return [command]


@pytest.fixture
def server() -> Iterator[tuple[MockServer, str]]:
    """A mock on a port of the system, in this process."""
    mock = MockServer()
    with running(mock) as url:
        yield mock, url


@pytest.mark.parametrize("kind", ["blocking", "async"])
@pytest.mark.parametrize("form", ["zipped", "frozen"])
def test_a_program_of_one_file(
    form: str, kind: str, server: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Without environment or installation, each operation does what it does elsewhere."""
    command: list[str] = request.getfixturevalue(form)
    mock, url = server
    budget = f"sqlite:///{tmp_path / 'budget.db'}"
    done = subprocess.run(
        [*command, url, mock.token, SEED, budget, kind],
        env={},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (0, "") == (done.returncode, done.stderr)
    printed = json.loads(done.stdout)
    assert {True} == set(printed["outcome"].values())
    assert [] == [file for file in printed["files"] if installed(Path(file))]
    assert "expirationDate" not in mock.records[SEED]
    values = [field.get("numberValue") for field in mock.records[SEED]["fields"]]
    assert {"value": 2.5} in values
    done_by = [received.operation for received in mock.requests]
    assert sorted(operation.operation_id for operation in _wire.ALL) == sorted(done_by)


def installed(file: Path) -> bool:
    """Whether a file is this repository's, or one of an environment's packages."""
    return file.is_relative_to(ROOT) or "site-packages" in file.parts
