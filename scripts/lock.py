"""
Renew the locks, run.lock and dev.lock: exact versions with their hashes, and no address.

    python scripts/lock.py           the newest versions that the two pyproject.toml allow
    python scripts/lock.py --keep    those that are locked, where they are still allowed

`run.lock` holds what the package runs with, extras included, and what installs it from here: enough
for `make demo`. `dev.lock` holds that, and what the contract suite and the group `dev` need.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = "samsara-qualifications"
BUILD = ("editables", "hatchling")
COMPILE = "--quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-options"


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Renew run.lock and dev.lock.")
    parser.add_argument("--keep", action="store_true", help="keep what is locked and allowed")
    upgrade = [] if parser.parse_args(arguments).keep else ["--upgrade"]
    runtime, development = requirements()
    compile_lock("dev.lock", [*runtime, *development], upgrade)
    compile_lock("run.lock", [*runtime, "-c dev.lock"], upgrade)


def requirements() -> tuple[list[str], list[str]]:
    """Return what the package runs with, and what else is needed to work on it."""
    package, suite = _read("pyproject.toml"), _read("contract_tests/pyproject.toml")
    project, group = package["project"], package["dependency-groups"]["dev"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    build = [line for line in group if line.startswith(BUILD)]
    needed = [line for line in suite["project"]["dependencies"] if not line.startswith(OURS)]
    return [*project["dependencies"], *extras, *build], [*group, *needed]


def compile_lock(name: str, lines: list[str], options: list[str]) -> None:
    """Write a lock of these requirements."""
    with tempfile.NamedTemporaryFile("w", suffix=".in", dir=ROOT) as source:
        source.write("\n".join(lines))
        source.flush()
        command = [sys.executable, "-m", "piptools", "compile", *COMPILE.split(), "--allow-unsafe"]
        subprocess.run(
            [*command, *options, "--output-file", name, source.name], cwd=ROOT, check=True
        )


def _read(path: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / path).read_text("utf-8"))


if __name__ == "__main__":
    main()
