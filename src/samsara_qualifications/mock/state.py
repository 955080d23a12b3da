"""The records and types of one pretend organisation, and what each operation does to them."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from . import fields, times
from .messages import Json, Refused
from .paging import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

API_USER = {"id": "1", "type": "user"}
CLEAR_VALUE = "1970-01-01T00:00:00Z"
MAX_IDS = 100
_MEDIA_LIFETIME = timedelta(hours=1)


class State:
    """
    All that the organisation has, in the form in which the API shows it.

    Args:
        seed: The `types`, `records` and `owners` to begin with.
        clock: Returns the seconds since the epoch.
        new_id: Returns a new UUID.
        choices: The choice of each behaviour that has alternatives.
        page_size: How many items a page holds.
    """

    def __init__(
        self,
        seed: Json,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        choices: Mapping[str, str],
        page_size: int,
    ) -> None:
        self.types: dict[str, Json] = {item["id"]: item for item in seed["types"]}
        self.records: dict[str, Json] = {item["id"]: item for item in seed["records"]}
        self.owners: dict[tuple[str, str], Json] = {
            (owner["entityType"], owner["id"]): owner.get("externalIds", {})
            for owner in seed["owners"]
        }
        self._clock = clock
        self._new_id = new_id
        self._choices = choices
        self._page_size = page_size
        writes = (times.parse(record["updatedAtTime"]) for record in self.records.values())
        self._last_write = max(writes, default=times.EPOCH)

    def update(self, body: Json) -> Json:
        """Change the properties that the body names; return the record."""
        external = self._choices["update_accepts_external_id"] == "yes"
        record = self._existing(body["id"], external=external)
        return {"data": self._stored(self._changed(record, body))}

    def create(self, body: Json) -> Json:
        """Add a record; return it."""
        kind = self.types.get(body["qualificationType"]["id"])
        if kind is None:
            raise Refused(404, f"no qualification type {body['qualificationType']['id']}")
        blank: Json = {
            "id": self._new_id(),
            "recordStatus": "active",
            "qualificationType": {name: kind[name] for name in ("id", "name", "revisionId")},
            "fields": [],
            "externalIds": {},
        }
        record = self._changed(blank, body)
        if missing := fields.missing(kind["fields"], record["fields"]):
            raise Refused(400, f"{kind['name']} requires a value for: {', '.join(missing)}")
        return {"data": self._stored(record)}

    def delete(self, body: Json) -> None:
        """Mark a record as deleted."""
        self._mark(body["id"], "deleted")

    def archive(self, body: Json) -> None:
        """Mark a record as archived."""
        self._mark(body["id"], "archived")

    def unarchive(self, body: Json) -> None:
        """Mark a record as active."""
        self._mark(body["id"], "active")

    def get(self, query: Json) -> Json:
        """Return the records with these ids or external ids, each once, in the order asked for."""
        _check_ids(query)
        if not query["ids"]:
            raise Refused(400, "ids: give at least one id")
        found: dict[str, Json] = {}
        for reference in query["ids"]:
            record = self._find(reference, external=True)
            if record and self._readable(record):
                found[record["id"]] = record
            elif self._choices["unknown_get"] == "404":
                raise Refused(404, f"no qualification record {reference}")
        return {"data": [self._shown(record, query) for record in found.values()]}

    def stream(self, query: Json) -> Json:
        """Return a page of the records that changed in the time given, by time of change."""
        _check_ids(query)
        start = times.sortable(times.parse(query["startTime"]))
        end = times.sortable(times.parse(query["endTime"])) if "endTime" in query else None

        def chosen(record: Json) -> bool:
            changed = _sortable(record["updatedAtTime"])
            in_time = start <= changed and (end is None or changed < end)
            return in_time and self._selected(record, query)

        polls = end is None and self._choices["stream_open_end"] == "polls"
        page = Page(self.records.values(), _by_change, query.get("after"), self._page_size, chosen)
        return {
            "data": [self._shown(record, query) for record in page.items],
            "pagination": page.pagination(endless_from=start if polls else None),
        }

    def list_types(self, query: Json) -> Json:
        """Return a page of the qualification types of one kind of entity."""
        _check_ids(query)
        ids, entity = query.get("ids"), query["entityType"]

        def chosen(kind: Json) -> bool:
            return kind["entityType"] == entity and (not ids or kind["id"] in ids)

        page = Page(
            self.types.values(), itemgetter("id"), query.get("after"), self._page_size, chosen
        )
        return {"data": page.items, "pagination": page.pagination()}

    def _find(self, reference: str, *, external: bool) -> Json | None:
        if reference in self.records or not external:
            return self.records.get(reference)
        key, _, value = reference.partition(":")
        return next(
            (r for r in self._undeleted() if r.get("externalIds", {}).get(key) == value), None
        )

    def _existing(self, reference: str, *, external: bool = False) -> Json:
        record = self._find(reference, external=external)
        if record is None or record["recordStatus"] == "deleted":
            raise Refused(404, f"no qualification record {reference}")
        return record

    def _undeleted(self) -> list[Json]:
        return [r for r in self.records.values() if r["recordStatus"] != "deleted"]

    def _readable(self, record: Json) -> bool:
        return record["recordStatus"] != "deleted" or self._choices["deleted_get"] == "returned"

    def _selected(self, record: Json, query: Json) -> bool:
        owners, kinds = query.get("ownerIds"), query.get("qualificationTypeIds")
        return (
            record["owner"]["entityType"] == query["entityType"]
            and (not owners or record["owner"]["id"] in owners)
            and (not kinds or record["qualificationType"]["id"] in kinds)
            and (record["recordStatus"] != "deleted" or query.get("includeDeleted", False))
        )

    def _shown(self, record: Json, query: Json) -> Json:
        if query.get("includeExternalIds", False):
            return {"externalIds": {}, **record}
        shown = {name: value for name, value in record.items() if name != "externalIds"}
        shown["owner"] = {name: record["owner"][name] for name in ("entityType", "id")}
        return shown

    def _changed(self, record: Json, body: Json) -> Json:
        kind = self.types[record["qualificationType"]["id"]]
        changed = dict(record)
        if "issueDate" in body:
            changed["issueDate"] = times.render(times.parse(body["issueDate"]))
        if "expirationDate" in body:
            changed.pop("expirationDate", None)
            if not self._clears(body["expirationDate"]):
                changed["expirationDate"] = times.render(times.parse(body["expirationDate"]))
        if "owner" in body:
            changed["owner"] = self._owner(body["owner"], kind)
        if "fields" in body:
            by_id = self._choices["fields_merge"] == "by_id"
            stored: list[Json] = record["fields"] if by_id else []
            changed["fields"] = fields.merged(kind["fields"], stored, body["fields"], self._media)
        if "externalIds" in body:
            by_key = self._choices["external_ids_merge"] == "by_key"
            kept: Json = record.get("externalIds", {}) if by_key else {}
            changed["externalIds"] = kept | body["externalIds"]
            self._check_unique(changed)
        return changed

    def _clears(self, text: str) -> bool:
        if self._choices["epoch_offset_forms_clear"] == "yes":
            return times.parse(text) == times.EPOCH
        return text == CLEAR_VALUE

    def _owner(self, owner: Json, kind: Json) -> Json:
        entity, identity = owner["entityType"], owner["id"]
        if entity != kind["entityType"]:
            wanted = kind["entityType"]
            raise Refused(
                400, f"owner: {kind['name']} belongs to an entity of type {wanted}, not {entity}"
            )
        return {
            "entityType": entity,
            "id": identity,
            "externalIds": self.owners.get((entity, identity), {}),
        }

    def _check_unique(self, record: Json) -> None:
        own = record["externalIds"]
        for other in self._undeleted():
            for key, value in other.get("externalIds", {}).items():
                if other["id"] != record["id"] and own.get(key) == value:
                    raise Refused(400, f"externalIds: {key}:{value} belongs to another record")

    def _media(self) -> Json:
        identity = self._new_id()
        if self._choices["media_processing"] == "processing":
            return {"id": identity, "processingStatus": "processing"}
        return {
            "id": identity,
            "processingStatus": "finished",
            "url": f"https://media.samsara.mock/{identity}",
            "urlExpiresAt": times.render(self._now() + _MEDIA_LIFETIME),
        }

    def _mark(self, reference: str, status: str) -> None:
        record = self._existing(reference)
        if record["recordStatus"] != status:
            self._stored({**record, "recordStatus": status})

    def _stored(self, record: Json) -> Json:
        self._last_write = max(self._now(), self._last_write + timedelta(microseconds=1))
        write = {"updatedAtTime": times.render(self._last_write), "updatedBy": API_USER}
        birth = {"createdAtTime": write["updatedAtTime"], "createdBy": API_USER}
        self.records[record["id"]] = birth | {"externalIds": {}} | record | write
        return self.records[record["id"]]

    def _now(self) -> datetime:
        return times.EPOCH + timedelta(microseconds=int(self._clock() * 1e6))


@lru_cache(maxsize=100_000)
def _sortable(text: str) -> str:
    """Return a record's time, read once and not for each page, as a text that sorts."""
    return times.sortable(times.parse(text))


def _by_change(record: Json) -> str:
    return f"{_sortable(record['updatedAtTime'])} {record['id']}"


def _check_ids(query: Json) -> None:
    for name in ("ids", "ownerIds", "qualificationTypeIds"):
        if len(query.get(name, [])) > MAX_IDS:
            raise Refused(400, f"{name}: {len(query[name])} ids are more than {MAX_IDS}")
