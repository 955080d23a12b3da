"""The generated package: what the templates changed in it, and that it is what the spec gives."""

from __future__ import annotations

import copy
import difflib
import pickle
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openapi_python_client
import pytest
import yaml

import generate
from samsara_qualifications_api import models
from samsara_qualifications_api.api.qualifications import (
    get_qualification_records,
    list_qualification_types,
    stream_qualification_records,
)
from samsara_qualifications_api.client import AuthenticatedClient
from samsara_qualifications_api.rate_limits import OPERATIONS, SHARED
from samsara_qualifications_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = generate.OPENAPI / "templates"
ORIGINALS = Path(openapi_python_client.__file__).parent / "templates"
OVERRIDES = sorted(TEMPLATES.rglob("*.jinja"))
SPEC = yaml.safe_load(generate.SPEC.read_text("utf-8"))
WHEN = datetime(2027, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
CHANGED_LINES = 40  # over all overrides: more would be a generator of our own
COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda value: pickle.loads(pickle.dumps(value)),  # noqa: S301
]


def name_of(path: Path) -> str:
    """Return a template's path."""
    return path.relative_to(TEMPLATES).as_posix()


def changes(template: Path) -> list[str]:
    """Return the lines by which a template differs from the generator's own."""
    original = ORIGINALS / template.relative_to(TEMPLATES)
    lines = difflib.unified_diff(
        original.read_text("utf-8").splitlines(), template.read_text("utf-8").splitlines(), n=0
    )
    return [line for line in lines if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}]


def test_an_unknown_enum_value_survives_every_way() -> None:
    """It is equal to itself, after a round trip, a pickle and a copy."""
    owner = models.Owner.from_dict({"entityType": "vehicle", "id": "1"})
    assert ("vehicle", "1") == (owner.entity_type, owner.id)
    assert {"entityType": "vehicle", "id": "1"} == owner.to_dict()
    for duplicate in COPIES:
        twin = duplicate(owner)
        assert owner == twin
        assert models.EntityType is type(twin.entity_type)
    kind = owner.entity_type
    assert ("vehicle", "vehicle", "vehicle") == (kind.value, kind.name, str(kind))
    assert kind == models.EntityType("vehicle")
    assert kind not in list(models.EntityType)


@pytest.mark.parametrize("value", [None, 5, ["worker"]])
def test_what_is_no_text_is_no_enum_value(value: Any) -> None:
    """The tolerance is for new words, not for other types."""
    with pytest.raises(ValueError, match="is not a valid EntityType"):
        models.EntityType(value)


def test_unset_keeps_its_identity() -> None:
    """Also inside a model."""
    request = models.UpdateQualificationRecordRequest(id="1")
    for duplicate in COPIES:
        assert UNSET is duplicate(UNSET)
        assert UNSET is duplicate(request).owner
    assert {"id": "1"} == request.to_dict()
    assert (False, Unset, "UNSET") == (bool(UNSET), type(UNSET), repr(UNSET))


def test_arrays_are_joined_by_commas() -> None:
    """As every array parameter of the API is: `explode: false`."""
    ids = ["a", "b"]
    assert "a,b" == get_qualification_records._get_kwargs(ids=ids)["params"]["ids"]
    types = list_qualification_types._get_kwargs(entity_type=models.EntityType.WORKER, ids=ids)
    assert {"entityType": "worker", "ids": "a,b"} == types["params"]
    parameters = [
        parameter
        for item in SPEC["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        if parameter.get("schema", {}).get("type") == "array"
    ]
    assert parameters
    assert all(parameter["explode"] is False for parameter in parameters)


def test_date_times_go_out_in_utc_with_z() -> None:
    """In bodies and in queries; the clear value to the letter."""
    stream = stream_qualification_records._get_kwargs(
        entity_type=models.EntityType.ASSET, start_time=WHEN
    )
    assert "2027-01-01T10:00:00Z" == stream["params"]["startTime"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    request = models.UpdateQualificationRecordRequest("1", expiration_date=epoch, issue_date=WHEN)
    expected = {
        "id": "1",
        "expirationDate": "1970-01-01T00:00:00Z",
        "issueDate": "2027-01-01T10:00:00Z",
    }
    assert expected == request.to_dict()
    update = SPEC["components"]["schemas"]["UpdateQualificationRecordRequest"]["properties"]
    assert expected["expirationDate"] == update["expirationDate"]["x-clear-value"]


def test_the_repr_of_a_client_hides_the_token() -> None:
    """And what carries it."""
    client = AuthenticatedClient("https://x.test", token="s3cret", headers={"a": "s3cret"})
    client.get_httpx_client().close()
    assert "s3cret" not in repr(client)


def test_the_rate_limits_are_those_of_the_spec() -> None:
    """Each operation's, and those over all."""
    stated = {
        operation["operationId"]: operation["x-rate-limit"]
        for item in SPEC["paths"].values()
        for operation in item.values()
    }
    assert OPERATIONS == {
        name: (limit["requests"], limit["window_seconds"]) for name, limit in stated.items()
    }
    assert {"token": (150, 1), "organization": (200, 1)} == SHARED


@pytest.mark.parametrize("template", OVERRIDES, ids=name_of)
def test_an_override_says_first_what_it_changes_and_why(template: Path) -> None:
    """And changes something of a template that the pinned generator has."""
    first = template.read_text("utf-8").splitlines()[0]
    assert first.startswith("{# Changed: ")
    assert first.endswith((" #}", " -#}"))
    assert len(changes(template)) > 1


def test_the_overrides_stay_small() -> None:
    """They have to be read beside each new version of the generator."""
    lines = [line for template in OVERRIDES for line in changes(template)]
    assert len(lines) <= CHANGED_LINES, "\n".join(lines)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a freshly generated package, made from another folder by the command line."""
    folder = tmp_path_factory.mktemp("elsewhere")
    output = folder / generate.PACKAGE.name
    script = generate.ROOT / "scripts" / "generate.py"
    command = [sys.executable, str(script), "--output", str(output)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("samsara_qualifications_api: ")
    return output


def test_the_committed_package_is_what_the_spec_gives(package: Path) -> None:
    """From any folder, again and again, byte for byte."""
    assert [] == generate.differences(package, generate.PACKAGE)
    assert (package / "py.typed").exists()


@pytest.fixture
def copied(package: Path, tmp_path: Path) -> Path:
    """Return a copy of the generated package, to spoil."""
    return Path(shutil.copytree(package, tmp_path / package.name))


def hand_edit(package: Path) -> str:
    """Change a generated file."""
    path = package / "models" / "owner.py"
    path.write_text(path.read_text("utf-8").replace('d.pop("id")', 'd.pop("ID")'), "utf-8")
    return '-        id = d.pop("ID")'


def missing_file(package: Path) -> str:
    """Delete a generated file."""
    (package / "rate_limits.py").unlink()
    return "rate_limits.py: is missing"


def missing_marker(package: Path) -> str:
    """Delete an empty file, which has no line to differ."""
    (package / "py.typed").unlink()
    return "py.typed: is missing"


def foreign_file(package: Path) -> str:
    """Add a file that nothing generates."""
    (package / "notes.py").write_text("x = 1\n", "utf-8")
    return "notes.py: should not be there"


def line_ends(package: Path) -> str:
    """Write a file with other line ends, as an editor may."""
    path = package / "rate_limits.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return "rate_limits.py: differs in its line ends"


@pytest.mark.parametrize(
    "spoil", [hand_edit, missing_file, missing_marker, foreign_file, line_ends]
)
def test_a_package_that_differs_is_told_with_the_way_out(
    package: Path,
    copied: Path,
    *,
    spoil: Callable[[Path], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit status 1, the difference, and the command that mends it."""

    def fresh(output: Path, _spec: Path) -> None:
        shutil.copytree(package, output)

    monkeypatch.setattr(generate, "generate", fresh)
    assert 0 == generate.main(["--check", "--output", str(copied)])
    expected = spoil(copied)
    assert 1 == generate.main(["--check", "--output", str(copied)])
    printed = capsys.readouterr().out
    assert expected in printed
    assert "make generate" in printed


def test_a_stale_package_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A renamed property in the spec shows as a difference in the package."""
    spec = tmp_path / "qualification-records.yaml"
    text = generate.SPEC.read_text("utf-8")
    assert "issueDate" in text
    spec.write_text(text.replace("issueDate", "issuedOn"), "utf-8")
    assert 1 == generate.main(["--check", "--spec", str(spec)])
    printed = capsys.readouterr().out
    assert "issuedOn" in printed
    assert "make generate" in printed


def test_a_spec_that_the_generator_refuses_writes_nothing(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old package stays; the generator's words are shown."""
    spec = tmp_path / "broken.yaml"
    broken = copy.deepcopy(SPEC)
    schema = {"$ref": "#/components/schemas/Missing"}
    broken["components"]["schemas"]["Owner"]["properties"]["id"] = schema
    spec.write_text(yaml.safe_dump(broken), "utf-8")
    before = generate.differences(generate.PACKAGE, copied)
    arguments = ["--spec", str(spec), "--output", str(copied)]
    assert 1 == generate.main(arguments)
    assert capsys.readouterr().err.startswith("Nothing was written. openapi_python_client: ")
    assert before == generate.differences(generate.PACKAGE, copied)


def test_the_tests_use_the_committed_package() -> None:
    """Not another one that happens to be installed."""
    assert (generate.PACKAGE / "models").samefile(Path(models.__file__).parent)
