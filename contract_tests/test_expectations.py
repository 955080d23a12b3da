"""What other teams rely on is still promised by the spec, and kept by the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests import adapt, expectations
from contract_tests.facts import ENTITIES

if TYPE_CHECKING:
    from contract_tests.api import Api
    from contract_tests.expectations import Expectation, Interaction
    from contract_tests.targets import Target

EXAMPLE = Path(__file__).parent / "expectations_example" / "clear-a-licence.json"


def test_the_spec_promises(expectation: Path) -> None:
    """Every request is valid by the spec, and every part of an answer stands in it."""
    for interaction in expectations.load(expectation).interactions:
        assert [] == list(expectations.against_spec(interaction)), expectation.name


@pytest.mark.needs("records")
def test_the_server_keeps(expectation: Path, target: Target) -> None:
    """Every answer has what is relied on."""
    loaded = expectations.load(expectation)
    if missing := [
        g["entity"] for g in loaded.given.values() if not target.facts.usable(g["entity"])
    ]:
        pytest.skip(f"{expectation.name} needs a record of a {missing[0]}")
    with target.open() as api:
        ids = {name: made(api, target, given) for name, given in loaded.given.items()}
        for interaction in loaded.interactions:
            perform(api, interaction, ids, expectation.name)


def made(api: Api, target: Target, given: dict[str, Any]) -> str:
    """Make a record that an expectation needs; return its id."""
    body = adapt.minimal_record(target.facts, given["entity"], **given.get("record", {}))
    identity: str = api.create(body).answers(201).data["id"]
    return identity


def perform(api: Api, interaction: Interaction, ids: dict[str, str], file: str) -> None:
    """Send a request, and compare the answer with what is relied on."""
    query, body = expectations.filled([interaction.query, interaction.body], ids)
    content = b"" if body is None else json.dumps(body).encode()
    reply = api.send(interaction.method, interaction.path, content, query=query)
    reply.answers(interaction.status, source=f"{file}, an expectation of another team")
    came: Any = reply.json() if reply.response.content else {}
    for difference in expectations.differences(expectations.filled(interaction.answer, ids), came):
        raise reply.breach(difference, f"{file}, an expectation of another team")


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


@pytest.mark.needs("own_server")
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
        assert "stands in  mine.json, an expectation of another team" in str(caught.value)
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
