"""Strict clients: responses follow the spec to the letter, or are refused with a path."""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import (
    ConfigurationError,
    QualificationsClient,
    UnexpectedResponse,
    _strict,
    _wire,
)
from samsara_qualifications._wire import UnreadableError
from samsara_qualifications.mock import Fault

if TYPE_CHECKING:
    from samsara_qualifications.mock import MockServer

SEED = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
EXAMPLES = _wire.spec()["paths"]["/qualification-records"]["patch"]["responses"]["200"]["content"]
RECORD: bytes = json.dumps(EXAMPLES["application/json"]["examples"]["seed"]["value"]).encode()


def test_what_follows_the_spec_passes() -> None:
    """The spec's own example does."""
    _strict.checker()(_wire.UPDATE, RECORD)


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (RECORD.replace(b'"active"', b'"paused"'), "data.recordStatus", "breaks the spec"),
        (RECORD.replace(b'"worker"', b"null"), "data.owner.entityType", "breaks the spec"),
        (RECORD.replace(b'"https://', b'"no uri'), "data.fields[0].mediaList[0].url", "breaks the"),
        (RECORD.replace(b"123.456", b'"x"'), "data.fields[0].numberValue.value", "breaks the spec"),
        (b"{}", "", "breaks the spec"),
        (b"", "", "is not JSON"),
        (b"NaN", "", "is not JSON: NaN is not allowed"),
        (b"[" * 100_000, "", "is nested too deeply"),
        (b"[" * 900 + b"]" * 900, "", "cannot be validated: "),
        (b'{"data": "\\ud800"}', "", "cannot be validated: "),
    ],
)
def test_what_breaks_the_spec_is_refused(body: bytes, path: str, reason: str) -> None:
    """By its path; no error of the validator's own gets out."""
    with pytest.raises(UnreadableError) as caught:
        _strict.checker()(_wire.UPDATE, body)
    assert path == caught.value.path
    assert reason in str(caught.value)


def test_a_strict_client_refuses_what_a_tolerant_one_reads(connect: Any, mock: MockServer) -> None:
    """The same response: an enum value that the spec does not know."""
    mock.faults.add(Fault(body=RECORD.replace(b'"active"', b'"paused"'), times=2))
    assert "paused" == str(connect(mock).update().record_status)
    with pytest.raises(UnexpectedResponse, match="breaks the spec") as caught:
        connect(mock, strict=True).update()
    assert ("data.recordStatus", True) == (caught.value.path, caught.value.applied)


def test_a_strict_client_works_with_every_operation(connect: Any, mock: MockServer) -> None:
    """Those without a body have nothing to check."""
    caller = connect(mock, strict=True)
    assert caller("get", SEED).id == caller.update().id
    assert caller("archive", SEED) is None
    assert caller("types", entity_type="worker")


def test_strict_names_the_extra_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the validator is not installed, the client cannot be made."""
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    monkeypatch.delitem(sys.modules, "samsara_qualifications._strict")
    with pytest.raises(ConfigurationError, match=r"pip install 'samsara-qualifications\[mock\]'"):
        QualificationsClient("token", strict=True)
    monkeypatch.undo()
    assert _strict is importlib.import_module("samsara_qualifications._strict")
