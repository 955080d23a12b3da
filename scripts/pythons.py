"""
Run the tests with each Python that this project is for, each warning an error; then try the wheels.

    python scripts/pythons.py              the versions that pyproject.toml names
    python scripts/pythons.py 3.13 -k ...  one of them, with arguments for pytest: no wheels

A version that is not installed is skipped. Each has its own environment, `.venv-3.12` and so on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"3\.\d+")
STRICT = {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"}
"""As `-W error -X dev`, but for pytest's workers and the tests' own processes, too."""


def main(arguments: list[str]) -> int:
    """Run them all; return the exit status."""
    named = list(filter(VERSION.fullmatch, arguments[:1]))
    failed: list[str] = []
    for version in named or supported():
        python = interpreter(version)
        if python is None:
            print(f"{version}: skipped, since there is no python{version} on this machine")
            continue
        print(f"{version}: {python}", flush=True)
        if not passes(version, python, arguments[len(named) :]):
            failed.append(version)
    print(f"failed: {', '.join(failed) or 'none'}")
    return bool(failed)


def supported() -> list[str]:
    """Return the versions that the project's classifiers name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [word for line in project["classifiers"] for word in VERSION.findall(line)]


def interpreter(version: str) -> str | None:
    """Return a Python of that version: from the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted((pyenv / "versions").glob(f"{version}.*/bin/python{version}"))
    candidates = (shutil.which(f"python{version}"), *map(str, installed))
    # What pyenv puts on the path is there even where it cannot start anything.
    works = (name for name in candidates if name and run([name, "-c", ""], quiet=True))
    return next(works, None)


def passes(version: str, python: str, arguments: list[str]) -> bool:
    """Make the environment unless it is there, run the tests in it, and try the built wheels."""
    environment = f".venv-{version}"
    variables = (f"VENV={environment}", f"PYTHON={python}")
    python = f"{environment}/bin/python"
    return (
        run(["make", "--silent", "--no-print-directory", *variables, f"{environment}/.ready"])
        and run([python, "-m", "pytest", "--numprocesses", "2", *arguments], STRICT)
        and (bool(arguments) or run([python, "scripts/check_wheel.py"]))
    )


def run(
    command: list[str], variables: dict[str, str] | None = None, *, quiet: bool = False
) -> bool:
    """Run a command; return whether it succeeds."""
    environment = {**os.environ, **(variables or {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=quiet, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
