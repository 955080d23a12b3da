"""
The reference model: what a correct server holds after a sequence of requests.

It is written from the spec and the table of behaviours, and shares no code with the mock. It knows
the records that a test made, and no others, so that it also fits a server with data of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from samsara_qualifications_contract.oracle import instants
from samsara_qualifications_contract.oracle.values import Misfit, sent_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

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


class Outcome(NamedTuple):
    """
    What must come of a write.

    Attributes:
        status: The status.
        rests: The assumed behaviours that the status rests on; none where the documents decide.
    """

    status: int
    rests: frozenset[str] = frozenset()


def _outcome(status: int, *rests: str) -> Outcome:
    return Outcome(status, frozenset(rests))


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

    def of_create(self, body: Json) -> Outcome:
        """Return what must come of a creation."""
        kind = self._facts.types.get(body["qualificationType"]["id"])
        if kind is None:
            return _outcome(NOT_FOUND, "unknown_type")
        misfits = list(self._misfits(body, kind, None))
        if misfits:
            return _outcome(BAD_REQUEST, *misfits)
        given = {item["id"] for item in body.get("fields", [])}
        required = {item["id"] for item in kind["fields"] if item["isRequired"]}
        return _outcome(CREATED if required <= given else BAD_REQUEST)

    def of_update(self, body: Json) -> Outcome:
        """Return what must come of an update."""
        record = self._target(body["id"])
        if record is None:
            if body["id"] in self.records:
                return _outcome(NOT_FOUND, "deleted_cannot_change")
            by_key = self.resolve(body["id"]) is not None
            return _outcome(NOT_FOUND, *["update_accepts_external_id"][: int(by_key)])
        misfits = list(self._misfits(body, self._facts.types[record.type_id], record))
        if misfits:
            return _outcome(BAD_REQUEST, *misfits)
        return _outcome(OK, *["archived_can_change"][: int(record.status == "archived")])

    def of_mark(self, operation: str, record_id: str) -> Outcome:
        """Return what must come of a deletion, an archiving or its undoing."""
        record = self.records.get(record_id)
        if record is None:
            return _outcome(NOT_FOUND)
        if record.status == "deleted":
            return _outcome(NOT_FOUND, "deleted_cannot_change")
        again = record.status == STATUS_AFTER[operation]
        return _outcome(OK, *["archive_twice"][: int(again)])

    def effects(self, body: Json) -> dict[str, set[str]]:
        """Return the assumed behaviours that the effect of a write rests on, by property."""
        record = self._target(body["id"]) if "id" in body else None
        found: dict[str, set[str]] = {
            "expirationDate": set(),
            "fields": set(),
            "externalIds": set(),
        }
        text = body.get("expirationDate")
        if text is not None and self.instant(text) == 0:
            if text != instants.CLEAR:
                found["expirationDate"].add("epoch_offset_forms_clear")
            if record is None:
                found["expirationDate"].add("epoch_on_create")
        given = {item["id"] for item in body.get("fields", [])}
        if record and "fields" in body and record.fields.keys() - given:
            found["fields"].add("fields_merge")
        found["fields"].update(_of_values(body.get("fields", [])))
        keys = body.get("externalIds")
        if record and keys is not None and record.external_ids.keys() - keys:
            found["externalIds"].add("external_ids_merge")
        return found

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

    def _misfits(self, body: Json, kind: Json, record: Expected | None) -> Iterator[str]:
        """Yield the behaviour by which each part that does not fit is refused."""
        definitions = {item["id"]: item for item in kind["fields"]}
        for name in ("issueDate", "expirationDate"):
            if name in body and not instants.representable(instants.parse(body[name])):
                yield "time_range"
        if "owner" in body and body["owner"]["entityType"] != kind["entityType"]:
            yield "owner_must_fit"
        given = set(body.get("externalIds", {}).items())
        others = [other for other in self.live() if other is not record]
        if any(given & set(other.external_ids.items()) for other in others):
            yield "external_ids_conflict"
        for item in body.get("fields", []):
            value = sent_value(definitions.get(item["id"]), item, self.instant)
            if isinstance(value, Misfit):
                yield value.behaviour

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


def _of_values(fields: list[Json]) -> Iterator[str]:
    for item in fields:
        number = item.get("numberValue", {}).get("value", 0)
        if item["type"] == "number" and number != int(number):
            yield "decimals_kept"
        cells = [c for row in item.get("tableValue", {}).get("rows", []) for c in row["cells"]]
        if cells:
            yield "cell_id"
            yield from _of_values(cells)
