"""
The reference model: what a correct server holds after a sequence of requests.

It is written from the spec and the table of behaviours, and shares no code with the mock. It knows
the records that a test made, and no others, so that it also fits a server with data of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract_tests import instants
from contract_tests.values import NOT_DEFINED, sent_value

if TYPE_CHECKING:
    from contract_tests.facts import Facts
    from contract_tests.spec import Json

MODEL_SOURCE = "contract_tests/model.py"
OK, CREATED, BAD_REQUEST, NOT_FOUND = 200, 201, 400, 404
STATUS_AFTER = {"delete": "deleted", "archive": "archived", "unarchive": "active"}


@dataclass
class Expected:
    """A record as it should be; instants in units of the server's precision."""

    id: str
    type_id: str
    owner: tuple[str, str]
    issued: int
    expires: int | None = None
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    external_ids: dict[str, str] = field(default_factory=dict[str, str])
    status: str = "active"


class Model:
    """
    The records that should be there.

    Args:
        facts: The target's types, owners and choices.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.records: dict[str, Expected] = {}

    def live(self) -> list[Expected]:
        """Return the records that are not deleted."""
        return [record for record in self.records.values() if record.status != "deleted"]

    def resolve(self, reference: str) -> Expected | None:
        """Return the record that is not deleted with this id or external id (`key:value`)."""
        key, _, value = reference.partition(":")
        return next(
            (r for r in self.live() if r.id == reference or r.external_ids.get(key) == value), None
        )

    def status_of_create(self, body: Json) -> int:
        """Return the status that a creation must get."""
        kind = self._facts.types.get(body["qualificationType"]["id"])
        if kind is None:
            return NOT_FOUND
        given = {item["id"] for item in body.get("fields", [])}
        required = {item["id"] for item in kind["fields"] if item["isRequired"]}
        fits = required <= given and self._fits(body, kind, None)
        return CREATED if fits else BAD_REQUEST

    def status_of_update(self, body: Json) -> int:
        """Return the status that an update must get."""
        record = self._target(body["id"])
        if record is None:
            return NOT_FOUND
        fits = self._fits(body, self._facts.types[record.type_id], record)
        return OK if fits else BAD_REQUEST

    def status_of_mark(self, record_id: str) -> int:
        """Return the status that a deletion, an archiving or its undoing must get."""
        record = self.records.get(record_id)
        return NOT_FOUND if record is None or record.status == "deleted" else OK

    def create(self, record_id: str, body: Json) -> Expected:
        """Take in a record that the server has made."""
        record = Expected(
            id=record_id,
            type_id=body["qualificationType"]["id"],
            owner=(body["owner"]["entityType"], body["owner"]["id"]),
            issued=self.instant(body["issueDate"]),
        )
        self.records[record_id] = record
        self._change(record, body)
        return record

    def update(self, body: Json) -> Expected:
        """Change a record as the body says."""
        record = self._target(body["id"])
        assert record is not None
        self._change(record, body)
        return record

    def mark(self, operation: str, record_id: str) -> bool:
        """Delete, archive or unarchive a record; return whether that changes it."""
        record = self.records[record_id]
        before, record.status = record.status, STATUS_AFTER[operation]
        return before != record.status

    def instant(self, text: str) -> int:
        """Return an instant in units of the server's precision."""
        return instants.parse(text) // self._facts.precision

    def clears(self, text: str) -> bool:
        """Tell whether an expiration date clears the date."""
        if self._facts.choices["epoch_offset_forms_clear"] == "yes":
            return self.instant(text) == 0
        return text == instants.CLEAR

    def _target(self, reference: str) -> Expected | None:
        if self._facts.choices["update_accepts_external_id"] == "yes":
            return self.resolve(reference)
        record = self.records.get(reference)
        return None if record is None or record.status == "deleted" else record

    def _fits(self, body: Json, kind: Json, record: Expected | None) -> bool:
        definitions = {item["id"]: item for item in kind["fields"]}
        dates = [body[name] for name in ("issueDate", "expirationDate") if name in body]
        taken = {
            pair
            for other in self.live()
            if other is not record
            for pair in other.external_ids.items()
        }
        return (
            ("owner" not in body or body["owner"]["entityType"] == kind["entityType"])
            and all(instants.representable(instants.parse(text)) for text in dates)
            and taken.isdisjoint(body.get("externalIds", {}).items())
            and all(
                sent_value(definitions.get(item["id"]), item, self.instant) is not NOT_DEFINED
                for item in body.get("fields", [])
            )
        )

    def _change(self, record: Expected, body: Json) -> None:
        choices = self._facts.choices
        if "issueDate" in body:
            record.issued = self.instant(body["issueDate"])
        if "expirationDate" in body:
            text = body["expirationDate"]
            record.expires = None if self.clears(text) else self.instant(text)
        if "owner" in body:
            record.owner = (body["owner"]["entityType"], body["owner"]["id"])
        if "fields" in body:
            kind = self._facts.types[record.type_id]
            definitions = {item["id"]: item for item in kind["fields"]}
            kept = record.fields if choices["fields_merge"] == "by_id" else {}
            record.fields = kept | {
                item["id"]: sent_value(definitions[item["id"]], item, self.instant)
                for item in body["fields"]
            }
        if "externalIds" in body:
            kept = record.external_ids if choices["external_ids_merge"] == "by_key" else {}
            record.external_ids = kept | body["externalIds"]
