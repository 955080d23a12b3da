"""A story: requests to the server, the same changes in the model, and a look after every write."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from contract_tests import adapt, instants
from contract_tests.failures import shown
from contract_tests.model import MODEL_SOURCE, OK, Model
from contract_tests.values import seen_value

if TYPE_CHECKING:
    from contract_tests.api import Api, Reply
    from contract_tests.facts import Facts
    from contract_tests.model import Expected
    from contract_tests.spec import Json

MAX_IDS = 100
_WITH_EXTERNAL_IDS = {"includeExternalIds": "true"}


class Story:
    """
    Drives a server and the model side by side.

    Args:
        api: The server.
        facts: What is there.
        own_server: Whether nobody else writes there. Then each write must be later than the one
            before, not just no earlier; else the story's external ids get a mark of their own, so
            that they meet none of another story, nor one that an interrupted run has left.
    """

    def __init__(self, api: Api, facts: Facts, *, own_server: bool) -> None:
        self.api = api
        self.facts = facts
        self.model = Model(facts)
        self.own_server = own_server
        self._mark = "" if own_server else f"-{secrets.token_hex(4)}"
        self.changed: dict[str, str] = {}
        self._created: dict[str, str] = {}
        self._last_write = 0

    def new(self, entity: str, **more: Any) -> str:
        """Create a plain record, with more properties, which must succeed; return its id."""
        made = self.create(adapt.minimal_record(self.facts, entity, **more))
        assert made is not None
        return made

    def create(self, body: Json) -> str | None:
        """Create a record, and check all; return its id, or `None` where it must be refused."""
        body = self._marked(body)
        status = self.model.status_of_create(body)
        reply = self.api.create(body).answers(status, source=MODEL_SOURCE)
        made = None
        if reply.response.is_success:
            made = reply.data["id"]
            reply.must(made not in self.model.records, "a new id for a new record")
            self._check(reply, self.model.create(made, body), reply.data)
            self._created[made] = reply.data["createdAtTime"]
            self._wrote(reply, reply.data)
        self.look()
        return made

    def update(self, record_id: str, **changes: Any) -> Reply:
        """Update a record, and check all."""
        body = self._marked({"id": record_id, **changes})
        status = self.model.status_of_update(body)
        reply = self.api.update(body).answers(status, source=MODEL_SOURCE)
        if status == OK:
            self._check(reply, self.model.update(body), reply.data)
            self._wrote(reply, reply.data)
        self.look()
        return reply

    def mark(self, operation: str, record_id: str) -> Reply:
        """Delete, archive or unarchive a record, and check all."""
        status = self.model.status_of_mark(record_id)
        reply = self.api.mark(operation, record_id).answers(status, source=MODEL_SOURCE)
        if status == OK and self.model.mark(operation, record_id) and operation != "delete":
            self._wrote(reply, self._read(record_id))
        self.look()
        return reply

    def external_id(self, value: str) -> str:
        """Return what stands for a value of an external id on this server."""
        return f"{value}{self._mark}"

    def look(self) -> None:
        """Read all records of the story, and compare them with the model."""
        live = self.model.live()
        for start in range(0, len(live), MAX_IDS):
            self._look_at(live[start : start + MAX_IDS])

    def _marked(self, body: Json) -> Json:
        given: Json | None = body.get("externalIds")
        if given is None:
            return body
        return {**body, "externalIds": {key: self.external_id(v) for key, v in given.items()}}

    def _look_at(self, live: list[Expected]) -> None:
        reply = self.api.get(*(record.id for record in live), **_WITH_EXTERNAL_IDS).answers(OK)
        seen = {record["id"]: record for record in reply.data}
        reply.must(len(seen) == len(reply.data), "each record once")
        missing = [record.id for record in live if record.id not in seen]
        reply.must(not missing, f"the records {missing}", MODEL_SOURCE)
        reply.must(len(seen) == len(live), "no records that were not asked for")
        for record in live:
            self._check(reply, record, seen[record.id])
            unchanged = seen[record.id]["updatedAtTime"] == self.changed[record.id]
            reply.must(unchanged, f"updatedAtTime of {record.id} is that of its last change")
            self._check_birth(reply, seen[record.id])

    def _read(self, record_id: str) -> Json:
        record: Json = self.api.get(record_id, **_WITH_EXTERNAL_IDS).answers(OK).data[0]
        return record

    def _check(self, reply: Reply, expected: Expected, record: Json) -> None:
        for name, (wanted, came) in _pairs(self.model, expected, record).items():
            text = f"expected {self._text(wanted)}, came {self._text(came)}"
            reply.must(wanted == came, f"record {expected.id}: {name}: {text}", MODEL_SOURCE)
        kind = self.facts.types[expected.type_id]
        labels = {item["id"]: item["label"] for item in kind["fields"]}
        for item in record["fields"]:
            label = item.get("label", labels[item["id"]])
            reply.must(
                label == labels[item["id"]], f"the label {labels[item['id']]!r}", MODEL_SOURCE
            )

    def _text(self, value: Any) -> str:
        if isinstance(value, int):  # an instant in units of the server's precision
            return instants.render(value * self.facts.precision)
        return shown(value)

    def _check_birth(self, reply: Reply, record: Json) -> None:
        born = self._created[record["id"]]
        reply.must(record["createdAtTime"] == born, f"createdAtTime stays {born}", MODEL_SOURCE)

    def _wrote(self, reply: Reply, record: Json) -> None:
        text = record["updatedAtTime"]
        when = instants.parse(text)
        later = when > self._last_write if self.own_server else when >= self._last_write
        source = "behaviour every_write_is_later (assumed)"
        reply.must(later, "updatedAtTime is later than that of the write before", source)
        self._last_write = when
        self.changed[record["id"]] = text


def _pairs(model: Model, expected: Expected, record: Json) -> dict[str, tuple[Any, Any]]:
    expires = record.get("expirationDate")
    fields = {item["id"]: _seen(item, model) for item in record["fields"]}
    owner = record["owner"]
    return {
        "id": (expected.id, record["id"]),
        "recordStatus": (expected.status, record["recordStatus"]),
        "qualificationType.id": (expected.type_id, record["qualificationType"]["id"]),
        "owner": (expected.owner, (owner["entityType"], owner["id"])),
        "issueDate": (expected.issued, model.instant(record["issueDate"])),
        "expirationDate": (expected.expires, None if expires is None else model.instant(expires)),
        "fields": (expected.fields, fields),
        "externalIds": (expected.external_ids, record.get("externalIds")),
    }


def _seen(item: Json, model: Model) -> Any:
    try:
        return seen_value(item, model.instant)
    except (KeyError, ValueError) as error:
        return f"no value of type {item['type']}: {error!r}"
