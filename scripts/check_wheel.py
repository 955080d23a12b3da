"""
Prove that the built wheels work alone: in an empty environment, with the README's example.

Installs the client's wheel into a fresh virtual environment, checks that nothing came along but
httpx, attrs and what they need, that the command names its extra, runs the README's first Python
block against a mock server, and then installs the extras `mock` and `cli`, starts the mock from the
wheel, asks the command's doctor, and runs the tests in the pages' examples as other projects would,
with the fixtures. Last comes the contract suite's wheel, whose command runs in a folder that would
disturb it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parent.parent
EXPECTED = {
    *("anyio", "attrs", "certifi", "h11", "httpcore", "httpx", "idna", "typing-extensions"),
    *("pip", "samsara-qualifications", "setuptools"),
}


def main() -> int:
    """Run the checks; an exception ends them."""
    (wheel,) = (ROOT / "dist").glob("samsara_qualifications-*.whl")
    (contract,) = (ROOT / "dist").glob("samsara_qualifications_contract-*.whl")
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch) / "venv"
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        install(python, str(wheel))
        unexpected = installed(python) - EXPECTED
        if unexpected:
            print(
                f"The wheel brought along {sorted(unexpected)}: drop them, or move them to an extra"
            )
            return 1
        with mock_server(Path(sys.executable), Path(scratch)) as variables:
            run_example(python, Path(scratch), variables)
        command = python.with_name("samsara-qualifications")
        missing = subprocess.run([str(command)], capture_output=True, text=True, check=False)
        if "pip install 'samsara-qualifications[cli]'" not in missing.stderr:
            print(f"The command does not say what to install: {missing.stderr}")
            return 1
        install(python, f"{wheel}[cli,mock]")
        with mock_server(python, Path(scratch)) as variables:
            run_example(python, Path(scratch), variables)
            print(run([command, "doctor"], environment=variables), end="")
        install(python, "pytest")
        run_plugin_examples(python, Path(scratch))
        install(python, str(contract))
        run_contract_suite(environment / "bin" / "samsara-contract", Path(scratch) / "project")
    print(f"{wheel.name} and {contract.name} work alone")
    return 0


def install(python: Path, requirement: str) -> None:
    """Install a requirement into an environment."""
    options = ("--quiet", "--disable-pip-version-check")
    run([python, "-m", "pip", "install", *options, requirement])


def installed(python: Path) -> set[str]:
    """Return the names of the distributions in an environment."""
    listing = run(
        [python, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    )
    return {line.partition("==")[0].lower().replace("_", "-") for line in listing.split()}


def run_example(python: Path, folder: Path, variables: dict[str, str]) -> None:
    """Run the README's first Python block as it stands."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    if block is None:
        raise SystemExit("README.md has no Python block")
    script = folder / "example.py"
    script.write_text(block[1], encoding="utf-8")
    print(run([python, "-I", script], cwd=folder, environment=variables), end="")


def run_plugin_examples(python: Path, folder: Path) -> None:
    """Run the mock page's examples of the pytest plugin, each as a project of its own."""
    text = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for number, block in enumerate(block for block in blocks if "def test_" in block):
        project = folder / f"example-{number}"
        project.mkdir()
        (project / "test_theirs.py").write_text(block, encoding="utf-8")
        said = run([python, "-I", "-m", "pytest", "--quiet"], cwd=project)
        if f"{block.count('def test_')} passed" not in said:
            raise SystemExit(f"not every test of an example has run\n{said}")
        print(f"docs/mock.md: {said.splitlines()[-1]}")


def run_contract_suite(command: Path, folder: Path) -> None:
    """Check the mock, with little effort, in a project with tests and settings of its own."""
    (folder / "contract_tests").mkdir(parents=True)
    (folder / "contract_tests" / "__init__.py").write_text("raise RuntimeError")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    print(
        run([command, "--mock", "--only", "streams,expectations", "--effort", "0.1"], cwd=folder),
        end="",
    )


@contextmanager
def mock_server(python: Path, folder: Path) -> Generator[dict[str, str]]:
    """Run the mock as a process; give the environment variables of its clients."""
    command = [str(python), "-I", "-m", "samsara_qualifications.mock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as server:
        try:
            assert server.stdout is not None  # noqa: S101  it is a pipe
            url, token = (server.stdout.readline().partition(": ")[2].strip() for _ in range(2))
            yield {"SAMSARA_BASE_URL": url, "SAMSARA_API_TOKEN": token}
        finally:
            server.terminate()


def run(
    command: list[str | Path], *, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> str:
    """Run a command and return what it printed; what it printed is shown if it fails."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
