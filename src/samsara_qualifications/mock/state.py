"""The records and types of one pretend organisation, and what each operation does to them."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partialmethod
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
_MEDIA_LIFETIME = timedelta(hours=1)


class State:
    """All that the organisation has, in the form in which the API shows it."""

    def __init__(
        self,
        seed: str,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        choices: Mapping[str, str],
        page_size: int,
    ) -> None:
        data = json.loads(seed)
        self.kinds: dict[str, Json] = {item["id"]: item for item in data["types"]}
        self.records: dict[str, Json] = {item["id"]: item for item in data["records"]}
        ids = {(it["entityType"], it["id"]): it.get("externalIds", {}) for it in data["owners"]}
        self.owners: dict[tuple[str, str], Json] = ids
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
        return {"data": self.stored(self._changed(record, body))}

    def create(self, body: Json) -> Json:
        """Add a record; return it."""
        record = self.made(body)
        kind = self.kinds[record["qualificationType"]["id"]]
        if missing := fields.missing(kind["fields"], record["fields"]):
            raise Refused(400, f"{kind['name']} requires a value for: {', '.join(missing)}")
        return {"data": self.stored(record)}

    def made(self, body: Json) -> Json:
        """Return a new record, which is not stored yet."""
        kind = self.kinds.get(body["qualificationType"]["id"])
        if kind is None:
            raise Refused(404, f"no qualification type {body['qualificationType']['id']}")
        blank: Json = {
            "id": self._new_id(),
            "recordStatus": "active",
            "qualificationType": {name: kind[name] for name in ("id", "name", "revisionId")},
            "fields": [],
            "externalIds": {},
        }
        return self._changed(blank, body)

    def get(self, query: Json) -> Json:
        """Return the records with these ids or external ids, each once, in the order asked for."""
        if not query["ids"]:
            raise Refused(400, "ids: give at least one id")
        returned = self._choices["deleted_get"] == "returned"
        found: dict[str, Json] = {}
        for reference in query["ids"]:
            record = self._find(reference, external=True)
            if record and (returned or record["recordStatus"] != "deleted"):
                found[record["id"]] = record
            elif self._choices["unknown_get"] == "404":
                raise Refused(404, f"no qualification record {reference}")
        return {"data": [self._shown(record, query) for record in found.values()]}

    def stream(self, query: Json) -> Json:
        """Return a page of the records that changed in the time given, by time of change."""
        start = times.sortable(query["startTime"])
        end = times.sortable(query["endTime"]) if "endTime" in query else None

        def chosen(record: Json) -> bool:
            changed = times.sortable(record["updatedAtTime"])
            in_time = start <= changed and (end is None or changed < end)
            return in_time and self._selected(record, query)

        polls = end is None and self._choices["stream_open_end"] == "polls"
        page = Page(self.records.values(), _by_change, query.get("after"), self._page_size, chosen)
        return {
            "data": [self._shown(record, query) for record in page.items],
            "pagination": page.pagination(endless_from=start if polls else None),
        }

    def types(self, query: Json) -> Json:
        """Return a page of the qualification types of one kind of entity."""
        ids, entity = query.get("ids"), query["entityType"]

        def chosen(kind: Json) -> bool:
            return kind["entityType"] == entity and (not ids or kind["id"] in ids)

        kinds = self.kinds.values()
        page = Page(kinds, itemgetter("id"), query.get("after"), self._page_size, chosen)
        return {"data": page.items, "pagination": page.pagination()}

    def _find(self, reference: str, *, external: bool) -> Json | None:
        if reference in self.records or not external:
            return self.records.get(reference)
        key, _, value = reference.partition(":")
        found = (r for r in self._undeleted() if r.get("externalIds", {}).get(key) == value)
        return next(found, None)

    def _existing(self, reference: str, *, external: bool = False) -> Json:
        record = self._find(reference, external=external)
        if record is None or record["recordStatus"] == "deleted":
            raise Refused(404, f"no qualification record {reference}")
        return record

    def _undeleted(self) -> list[Json]:
        return [r for r in self.records.values() if r["recordStatus"] != "deleted"]

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
        kind = self.kinds[record["qualificationType"]["id"]]
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
            raise Refused(400, f"owner: {kind['name']} is of a {kind['entityType']}, not {entity}")
        external = self.owners.get((entity, identity), {})
        return {"entityType": entity, "id": identity, "externalIds": external}

    def _check_unique(self, record: Json) -> None:
        own = record["externalIds"]
        for other in self._undeleted():
            for key, value in other.get("externalIds", {}).items():
                if other["id"] != record["id"] and own.get(key) == value:
                    raise Refused(400, f"externalIds: {key}:{value} belongs to another record")

    def _media(self) -> Json:
        identity = self._new_id()
        media = {"id": identity, "processingStatus": self._choices["media_processing"]}
        if media["processingStatus"] == "finished":
            media["url"] = f"https://media.samsara.mock/{identity}"
            media["urlExpiresAt"] = times.render(self.now() + _MEDIA_LIFETIME)
        return media

    def _mark(self, status: str, body: Json) -> None:
        record = self._existing(body["id"])
        if record["recordStatus"] != status:
            self.stored({**record, "recordStatus": status})

    delete = partialmethod(_mark, "deleted")
    archive = partialmethod(_mark, "archived")
    unarchive = partialmethod(_mark, "active")

    def stored(self, record: Json) -> Json:
        """Store a record as it is after a write; return it."""
        self._last_write = max(self.now(), self._last_write + timedelta(microseconds=1))
        write = {"updatedAtTime": times.render(self._last_write), "updatedBy": API_USER}
        birth = {"createdAtTime": write["updatedAtTime"], "createdBy": API_USER}
        self.records[record["id"]] = birth | {"externalIds": {}} | record | write
        return self.records[record["id"]]

    def now(self) -> datetime:
        """Return the time."""
        return times.EPOCH + timedelta(microseconds=int(self._clock() * 1e6))


def _by_change(record: Json) -> str:
    return f"{times.sortable(record['updatedAtTime'])} {record['id']}"
