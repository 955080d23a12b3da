"""Expectations of other teams: what breaks one is found, by the spec and by the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications_contract.harness import expectations
from samsara_qualifications_contract.harness.facts import ENTITIES
from samsara_qualifications_contract.plugin import EXAMPLES
from samsara_qualifications_contract.server.expected import made, perform

if TYPE_CHECKING:
    from pathlib import Path

    from samsara_qualifications_contract.harness.expectations import Expectation, Interaction
    from samsara_qualifications_contract.harness.targets import Target

EXAMPLE = EXAMPLES / "clear-a-licence.json"


def broken(**changes: Any) -> Interaction:
    """Return the example's first interaction with changes to its file."""
    data = json.loads(EXAMPLE.read_text("utf-8"))["interactions"][0]
    for path, value in changes.items():
        *steps, last = path.split("__")
        node = data
        for step in steps:
            node = node[step]
        node[last] = value
    return expectations._interaction(data)


SPEC_BREAKS = {
    "an unknown path": ({"request__path": "/x"}, "no operation"),
    "a body that is wrong": ({"request__body__expirationDate": "soon"}, "expirationDate"),
    "another success": ({"response__status": 201}, "success is 200"),
    "an unknown property": ({"response__body__data__xNew": 1}, "no property data.xNew"),
    "a value of another type": ({"response__body__data__id": 7}, "not of type"),
    "a list that is none": ({"response__body__data__fields": {"a": 1}}, "is of type array"),
    "an unknown parameter": ({"request__query": {"x": "1"}}, "no parameter x"),
}


@pytest.mark.parametrize(("changes", "text"), SPEC_BREAKS.values(), ids=SPEC_BREAKS)
def test_what_the_spec_does_not_promise_is_found(changes: dict[str, Any], text: str) -> None:
    """An expectation beyond the spec is named."""
    found = list(expectations.against_spec(broken(**changes)))
    assert any(text in problem for problem in found), found


SERVER_BREAKS: dict[str, tuple[dict[str, Any], str]] = {
    "status": ({"response__status": 404}, "expected status 404, came 200"),
    "value": (
        {"response__body__data__recordStatus": "archived"},
        "data.recordStatus is 'active': 'archived' is relied on",
    ),
    "missing value": ({"response__body__data__expirationDate": "x"}, "is absent: 'x' is relied on"),
    "absent": (
        {"response__body__data__issueDate": {"$absent": True}},
        "data.issueDate is '2024-08-27T10:20:30Z': it must match",
    ),
    "present": (
        {"response__body__data__expirationDate": {"$type": "string"}},
        "data.expirationDate is absent: it must match",
    ),
    "type": ({"response__body__data__id": {"$type": "number"}}, "data.id is '.*': it must match"),
    "pattern": ({"response__body__data__id": {"$matches": "^nobody$"}}, "it must match"),
    "list": ({"response__body__data__fields": [{}, {}, {}]}, "data.fields is .* is relied on"),
}


@pytest.mark.parametrize(("changes", "text"), SERVER_BREAKS.values(), ids=SERVER_BREAKS)
def test_what_the_server_does_not_keep_is_found(
    target: Target, changes: dict[str, Any], text: str
) -> None:
    """An expectation that the server does not meet fails, and says what came, and whose it is."""
    entity = next(filter(target.facts.usable, ENTITIES))
    with target.open() as api:
        ids = {"licence": made(api, target, {"entity": entity})}
        interaction = broken(response__body__data__externalIds={}, **changes)
        with pytest.raises(AssertionError, match=text) as caught:
            perform(api, interaction, ids, "mine.json")
        assert "rule     mine.json, an expectation of another team" in str(caught.value)
        perform(api, broken(response__body__data__externalIds={}), ids, "mine.json")


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    """A file that is not a valid expectation is refused by name."""
    for text in ("[]", "{", '{"interactions": [{}]}'):
        (tmp_path / "mine.json").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"mine\.json is not a valid expectation"):
            expectations.load(tmp_path / "mine.json")


def example() -> Expectation:
    """Return the example."""
    return expectations.load(EXAMPLE)


def test_ids_are_filled_in() -> None:
    """Each name stands for the record's id, wherever it is."""
    [first, *_] = example().interactions
    assert {"id": "7"} == expectations.filled({"id": first.body["id"]}, {"licence": "7"})
