"""The generated package: what the templates changed in it, and that it is what the spec gives."""

from __future__ import annotations

import copy
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
from samsara_qualifications_api.rate_limits import OPERATIONS, SHARED
from samsara_qualifications_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = generate.OPENAPI / "templates"
ORIGINALS = Path(openapi_python_client.__file__).parent / "templates"
OVERRIDES = sorted(TEMPLATES.rglob("*.jinja"))
EDITS = yaml.safe_load((TEMPLATES / "edits.yaml").read_text("utf-8"))
VERBATIM = sorted((generate.OPENAPI / "verbatim").glob("*.py"))
SPEC = yaml.safe_load(generate.SPEC.read_text("utf-8"))
WHEN = datetime(2027, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda value: pickle.loads(pickle.dumps(value)),  # noqa: S301
]


def name_of(path: Path) -> str:
    """Return a template's path."""
    return path.relative_to(TEMPLATES).as_posix()


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


def loaded_after(statement: str) -> set[str]:
    """Return the modules that a fresh Python has loaded after a statement."""
    command = [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_what_everything_imports_is_light() -> None:
    """Neither httpx nor attrs, nor a single model before it is asked for."""
    statement = "from samsara_qualifications_api import models, types, rate_limits, reading"
    loaded = loaded_after(statement)
    assert not loaded & {"httpx", "attrs", "attr"}
    assert not {name for name in loaded if name.startswith("samsara_qualifications_api.models.")}


def test_a_model_is_loaded_when_it_is_asked_for() -> None:
    """With what it needs, and no others."""
    loaded = loaded_after("from samsara_qualifications_api.models import RecordStatus")
    assert "samsara_qualifications_api.models.record_status" in loaded
    assert "samsara_qualifications_api.models.qualification_record" not in loaded
    assert "attrs" not in loaded


def test_the_models_are_listed_before_they_are_loaded() -> None:
    """For an editor, `dir` and a star import."""
    components = set(SPEC["components"]["schemas"])
    assert components == set(models.__all__)
    assert components <= set(dir(models))
    for name in components:
        assert name == getattr(models, name).__name__
    with pytest.raises(AttributeError, match=r"module '\w+\.models' has no attribute 'Recrod'"):
        _ = models.Recrod


RESPONSE = SPEC["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
DOCUMENTED = RESPONSE["application/json"]["examples"]["seed"]["value"]["data"]


def test_the_text_of_a_record_is_short() -> None:
    """What it is, whose, in what state and from when to when; not what is empty."""
    record = models.QualificationRecord.from_dict(DOCUMENTED)
    assert repr(record) == (
        "QualificationRecord(id='9814a1fa-f0c6-408b-bf85-51dc3bc71ac7', record_status='active', "
        "qualification_type=QualificationTypeReference(id='9814a1fa-f0c6-408b-bf85-51dc3bc71ac7', "
        "name='Driver License', ...), owner=Owner(entity_type='worker', id='281474'), "
        "issue_date=2025-08-27T10:20:30Z, fields=[1 item], created_at_time=2019-06-13T19:08:25Z, "
        "created_by=UserReference(id='938172', type_='driver'), "
        "updated_at_time=2019-06-13T19:08:25Z, "
        "updated_by=UserReference(id='938172', type_='driver'), "
        "expiration_date=2026-08-27T10:20:30Z)"
    )


def nested(depth: int) -> Any:
    """Return lists and dictionaries inside each other."""
    value: Any = "x"
    for _ in range(depth):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 10**6, id="text"),
        pytest.param(list(range(10**5)), id="list"),
        pytest.param(dict.fromkeys(range(10**5)), id="map"),
        pytest.param(10**5000, id="number"),
        pytest.param(nested(5000), id="deep"),
        pytest.param(type("Bad", (), {"__repr__": lambda _: 1 / 0})(), id="raises"),
    ],
)
def test_the_text_of_a_model_is_short_whatever_it_holds(value: Any) -> None:
    """And never an error."""
    owner = models.Owner(models.EntityType.WORKER, value)
    owner["more"] = value
    assert len(repr(owner)) < 400
    assert repr(owner).startswith(("Owner(entity_type='worker', id=", "<samsara_"))


def test_the_text_of_a_model_shows_dates_and_external_ids() -> None:
    """As people write them."""
    owner = models.Owner(models.EntityType("drone"), "1", models.ExternalIds.from_dict({"a": "7"}))
    expected = "external_ids=ExternalIds(additional_properties={'a': '7'})"
    assert f"Owner(entity_type='drone', id='1', {expected})" == repr(owner)
    moment = models.DateTimeValue(models.DateTimeType.DATE, WHEN, WHEN.date())
    assert (
        "DateTimeValue(type_='date', value=2027-01-01T12:00:00+02:00, date_value=2027-01-01)"
        == repr(moment)
    )


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
    """And overrides a template that the pinned generator has."""
    first = template.read_text("utf-8").splitlines()[0]
    assert first.startswith("{# Changed: ")
    assert first.endswith((" #}", " -#}"))
    assert (ORIGINALS / template.relative_to(TEMPLATES)).exists()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit["file"])
def test_an_edit_says_what_it_changes_and_why(edit: dict[str, str]) -> None:
    """And nothing else."""
    assert {"file", "why", "old", "new"} == set(edit)
    assert edit["why"].endswith(".")
    assert edit["old"] != edit["new"]


def test_the_changes_to_the_templates_stay_small() -> None:
    """A tenth of the generator's own at most: more would be a generator of our own."""
    theirs = sum(len(path.read_text("utf-8").splitlines()) for path in ORIGINALS.rglob("*.jinja"))
    edited = sum(max(len(edit[key].splitlines()) for key in ("old", "new")) for edit in EDITS)
    ours = sum(len(path.read_text("utf-8").splitlines()) for path in OVERRIDES)
    assert 0 < edited + ours <= theirs / 10


@pytest.mark.parametrize(
    ("old", "times"), [("class Unset:  # of another version", 0), ("class", 3)]
)
def test_an_edit_that_does_not_fit_stops_everything(
    tmp_path: Path,
    *,
    old: str,
    times: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As after an update of the generator: nothing is half changed."""
    openapi = Path(shutil.copytree(generate.OPENAPI, tmp_path / "openapi"))
    edit = {"file": "types.py.jinja", "why": "A test.", "old": old, "new": "x"}
    (openapi / "templates" / "edits.yaml").write_text(yaml.safe_dump([edit]), "utf-8")
    monkeypatch.setattr(generate, "OPENAPI", openapi)
    output = tmp_path / "package"
    assert 1 == generate.main(["--output", str(output)])
    error = capsys.readouterr().err
    assert f"types.py.jinja must have this exactly once, and has it {times} times" in error
    assert old in error
    assert not output.exists()


@pytest.mark.parametrize("path", VERBATIM, ids=lambda path: path.name)
def test_what_is_written_by_hand_is_copied_as_it_is(path: Path) -> None:
    """So that an error points to the same line in both."""
    assert path.read_text("utf-8") == (generate.PACKAGE / path.name).read_text("utf-8")


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


def test_a_spec_that_no_decoder_can_read_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rather than leave a part of an answer unchecked."""
    spec = tmp_path / "spec.yaml"
    broken = copy.deepcopy(SPEC)
    schema = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    broken["components"]["schemas"]["Owner"]["properties"]["id"] = schema
    spec.write_text(yaml.safe_dump(broken), "utf-8")
    output = tmp_path / "package"
    assert 1 == generate.main(["--spec", str(spec), "--output", str(output)])
    error = capsys.readouterr().err
    assert error.startswith("Nothing was written. decoders: schema Owner: a decoder can read no ")
    assert not output.exists()


def test_the_tests_use_the_committed_package() -> None:
    """Not another one that happens to be installed."""
    assert (generate.PACKAGE / "models").samefile(Path(models.__file__).parent)
