"""
Generate the client package from the maintained spec, or check that it is current.

    python scripts/generate.py           write generated/samsara_qualifications_api
    python scripts/generate.py --check   compare with it; a diff and exit status 1 if it differs

The same spec, templates and tools give the same bytes, from any working folder.
"""

from __future__ import annotations

import argparse
import difflib
import json
import pprint
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openapi_python_client
import yaml

import decoders

ROOT = Path(__file__).resolve().parent.parent
OPENAPI = ROOT / "openapi"
SPEC = OPENAPI / "qualification-records.yaml"
PACKAGE = ROOT / "generated" / "samsara_qualifications_api"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class GenerationFailed(Exception):
    """The generator or ruff refused; the message is what they printed."""


def generate(output: Path, spec: Path = SPEC) -> None:
    """
    Write the client package of a spec to a folder, which is replaced.

    Args:
        output: The package's folder.
        spec: The OpenAPI document, as YAML.

    Raises:
        GenerationFailed: The generator or ruff printed an error or a warning.
    """
    document = yaml.safe_load(spec.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch) / output.name
        _run_generator(spec, package, _edited_templates(Path(scratch) / "templates"))
        (package / "README.md").unlink(missing_ok=True)
        (package / "py.typed").touch()
        (package / "openapi.json").write_text(
            json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n",
            encoding="utf-8",
        )
        (package / "rate_limits.py").write_text(_rate_limits(document), encoding="utf-8")
        for name, text in _decoders(document).items():
            (package / name).write_text(text, encoding="utf-8")
        for module in (OPENAPI / "verbatim").glob("*.py"):
            shutil.copy(module, package)
        _ruff("check", "--fix-only", "--unsafe-fixes", "--quiet", package)
        _ruff("format", "--quiet", package)
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(package, output)


def _edited_templates(folder: Path) -> Path:
    """Fill a folder with our templates, and those of the generator that edits.yaml changes."""
    originals = Path(openapi_python_client.__file__).parent / "templates"
    shutil.copytree(OPENAPI / "templates", folder)
    edits = yaml.safe_load((folder / "edits.yaml").read_text(encoding="utf-8"))
    for edit in edits:
        template = folder / edit["file"]
        if not template.exists():
            template.parent.mkdir(exist_ok=True)
            shutil.copy(originals / edit["file"], template)
        text = template.read_text(encoding="utf-8")
        if text.count(edit["old"]) != 1:
            raise GenerationFailed(
                f"openapi/templates/edits.yaml: {edit['file']} must have this exactly once, and "
                f"has it {text.count(edit['old'])} times:\n{edit['old']}"
            )
        template.write_text(text.replace(edit["old"], edit["new"]), encoding="utf-8")
    return folder


def _run_generator(spec: Path, package: Path, templates: Path) -> None:
    _run(
        "openapi_python_client",
        "generate",
        *("--path", spec),
        *("--config", OPENAPI / "generator.yaml"),
        *("--custom-template-path", templates),
        *("--meta", "none"),
        *("--output-path", package),
        "--fail-on-warning",
    )


def _ruff(command: str, *arguments: str | Path) -> None:
    _run("ruff", command, "--no-cache", "--config", OPENAPI / "ruff.toml", *arguments)


def _run(module: str, *arguments: str | Path) -> None:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GenerationFailed(f"{module}: {done.stdout}{done.stderr}")


def _decoders(document: dict[str, Any]) -> dict[str, str]:
    try:
        return decoders.sources(document)
    except decoders.NotDecodable as error:
        raise GenerationFailed(f"decoders: {error}") from None


def _rate_limits(document: dict[str, Any]) -> str:
    """Return the source of `rate_limits.py`: the spec's limits as plain data."""
    operations = {
        operation["operationId"]: _limit(operation["x-rate-limit"])
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }
    shared = {scope: _limit(limit) for scope, limit in document["x-rate-limits"].items()}
    return (
        '"""The rate limits that the spec states: (requests, window in seconds)."""\n\n'
        f"OPERATIONS: dict[str, tuple[int, float]] = {pprint.pformat(operations)}\n\n"
        f"SHARED: dict[str, tuple[int, float]] = {pprint.pformat(shared)}\n"
    )


def _limit(value: dict[str, Any]) -> tuple[int, float]:
    return int(value["requests"]), float(value["window_seconds"])


def differences(expected: Path, actual: Path) -> list[str]:
    """
    Return the unified diff between two package folders, as lines; empty where they agree.

    Args:
        expected: The folder as it should be.
        actual: The folder as it is.
    """
    names = sorted(_files(expected) | _files(actual))
    return [line for name in names for line in _file_diff(name, expected / name, actual / name)]


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _file_diff(name: str, expected: Path, actual: Path) -> list[str]:
    if not (expected.exists() and actual.exists()):
        return [f"{name}: {'is missing' if expected.exists() else 'should not be there'}"]
    after, before = expected.read_bytes(), actual.read_bytes()
    if after == before:
        return []
    old, new = (text.decode("utf-8", "backslashreplace").splitlines() for text in (before, after))
    names = f"committed/{name}", f"generated/{name}"
    lines = list(difflib.unified_diff(old, new, *names, lineterm=""))
    return lines or [f"{name}: differs in its line ends"]


def check(package: Path = PACKAGE, spec: Path = SPEC) -> int:
    """
    Print how the committed package differs from a fresh one.

    Args:
        package: The committed package.
        spec: The OpenAPI document.

    Returns:
        0 where they agree, else 1.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / package.name
        generate(fresh, spec)
        lines = differences(fresh, package)
    if not lines:
        print(f"{package.name} is what {spec.name} generates")
        return 0
    shown = 200
    print("\n".join(lines[:shown]))
    if len(lines) > shown:
        print(f"... and {len(lines) - shown} more lines")
    print(
        f"\n{package.name} is not what {spec.name}, the templates and the pinned tools generate.\n"
        "A change belongs in openapi/; to write the package anew: make generate",
    )
    return 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Generate the client package from the spec.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--spec", type=Path, default=SPEC, help="the OpenAPI document")
    parser.add_argument("--output", type=Path, default=PACKAGE, help="the package's folder")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            return check(options.output, options.spec)
        generate(options.output, options.spec)
    except GenerationFailed as error:
        print(f"Nothing was written. {error}", file=sys.stderr)
        return 1
    print(f"{options.output.name}: {len(_files(options.output))} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
