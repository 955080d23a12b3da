"""A story: requests to the server, the same changes in the model, and a look after every write."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

from samsara_qualifications_contract.harness.facts import assumption
from samsara_qualifications_contract.harness.failures import MODEL_SOURCE, shown
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.oracle.model import OK, Model
from samsara_qualifications_contract.oracle.spec import MAX_IDS, is_list, is_object
from samsara_qualifications_contract.oracle.values import days, seen_value
from samsara_qualifications_contract.server import adapt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.model import Expected
    from samsara_qualifications_contract.oracle.spec import Json

_WITH_EXTERNAL_IDS = {"includeExternalIds": "true"}
_FIRST_DATE = instants.parse("2010-01-01T00:00:00Z")
_SECONDS_OF_TEN_YEARS = 315_000_000
_KNOWN = {name for node in spec.SCHEMAS.values() for name in node.get("properties", {})}
"""Every property that the spec names somewhere."""
_PASSING = {"url", "urlExpiresAt", "processingStatus"}
"""What the server may change in an upload at any time."""
_OF_A_MARK = {"recordStatus", "updatedAtTime", "updatedBy"}
_LASTING = {"createdAtTime", "createdBy", "qualificationType"}
_OF_A_TYPE = {"name", "revisionId"}


class Story:
    """
    Drives a server and the model side by side.

    Args:
        api: The server.
        facts: What is there.
        own_server: Whether nobody else writes there. Then each write must be later than the one
            before, not just no earlier; else the story's external ids and issue dates get a mark
            of their own, so that they meet none of another story, nor one that an interrupted run
            has left.
    """

    def __init__(self, api: Api, facts: Facts, *, own_server: bool) -> None:
        self.api = api
        self.facts = facts
        self.model = Model(facts)
        self.own_server = own_server
        self._mark = "" if own_server else f"-{secrets.token_hex(4)}"
        self._issue_dates: set[int] = set()
        self.changed: dict[str, str] = {}
        self.known: dict[str, Json] = {}
        self._of_owners: dict[tuple[str, str], Json] = {}
        self.deleted: dict[str, int] = {}
        """After which instant each record was deleted whose deletion no stream has shown yet."""
        self.last_write = 0
        self._looked = 0
        """How many writes there were when the records were looked at."""

    def new(self, entity: str, turn: int = 0, kind: Json | None = None, **more: Any) -> str:
        """Create a full record of a type, with other properties; it must succeed; return its id."""
        facts = self.facts.preferring(kind) if kind else self.facts
        count = len(self.model.records)
        ids = {"hr": f"full {count}", "HR": f"Full {count}", "payroll": f"e\u0301:{count}"}
        usual: Json = {"externalIds": ids}
        if not self.own_server:
            moment = _FIRST_DATE + secrets.randbelow(_SECONDS_OF_TEN_YEARS) * instants.SECOND
            self._issue_dates.add(moment)
            usual["issueDate"] = instants.render(moment)
        made = self.create(adapt.full_record(facts, entity, turn, **{**usual, **more}))
        assert made is not None
        return made

    def create(self, body: Json, *, look: bool = True) -> str | None:
        """Create a record, and check it; return its id, or `None` where it must be refused."""
        body = self._marked(body)
        status, rests = self.model.of_create(body)
        effects = self.model.effects(body)
        if self._open(rests, *effects.values()):
            return None
        reply = self.api.create(body)
        self.answers(reply, status, rests)
        made = self._made(reply, body, effects) if reply.response.is_success else None
        if look:
            self.look()
        return made

    def _made(self, reply: Reply, body: Json, effects: dict[str, set[str]]) -> str:
        made: str = reply.data["id"]
        reply.must(made not in self.model.records, "a new id for a new record")
        self._check(reply, self.model.create(made, body), reply.data, effects)
        self.known[made] = reply.data
        self._wrote(reply, reply.data)
        return made

    def update(self, record_id: str, **changes: Any) -> Reply | None:
        """Update a record, and check all; `None` where the target is said to differ in it."""
        body = self._marked({"id": record_id, **changes})
        status, rests = self.model.of_update(body)
        effects = self.model.effects(body)
        if self._open(rests, *effects.values()):
            return None
        reply = self.api.update(body)
        self.answers(reply, status, rests)
        if status == OK:
            expected = self.model.update(body)
            self._check(reply, expected, reply.data, effects)
            self._check_kept(reply, self.known[expected.id], reply.data, body)
            self.known[expected.id] = reply.data
            self._wrote(reply, reply.data)
        self.look()
        return reply

    def at_once(self, send: Callable[[Json], Reply], *bodies: Json) -> list[tuple[Reply, Json]]:
        """Send requests at the same time; return those that succeed, each with its body."""
        marked = [self._marked(body) for body in bodies]
        with ThreadPoolExecutor(len(marked)) as pool:
            replies = list(pool.map(send, marked))
        return [(r, b) for r, b in zip(replies, marked, strict=True) if r.response.is_success]

    def update_at_once(self, record_id: str, **changes: Any) -> None:
        """Change each property by a request of its own, all at the same time: all must be done."""
        bodies = [{"id": record_id, name: value} for name, value in changes.items()]
        for _, body in self.at_once(self.api.update, *bodies):
            self.model.update(body)
        wrote = self.api.writes[-len(bodies) :]
        read = self.api.get(record_id, **_WITH_EXTERNAL_IDS).after(wrote).answers(OK)
        read.must(all(w.status == OK for w in wrote), f"{len(bodies)} updates that succeed at once")
        self._check(read, self.model.records[record_id], read.data[0])
        self.known[record_id] = read.data[0]
        self._wrote(read, read.data[0])
        self.look()

    def create_at_once(self, *bodies: Json) -> str:
        """Send creations at the same time, of which just one must succeed; return its id."""
        made = self.at_once(self.api.create, *bodies)
        text = f"one success of {len(bodies)} creations at once with one external id"
        self.api.writes[-1].must(len(made) == 1, f"{text}, came {len(made)}")
        identity = self._made(*made[0], {})
        self.look()
        return identity

    def mark(self, operation: str, record_id: str) -> Reply | None:
        """Delete, archive or unarchive, and check all; `None` where the target differs in it."""
        status, rests = self.model.of_mark(operation, record_id)
        if self._open(rests):
            return None
        reply = self.api.mark(operation, record_id)
        self.answers(reply, status, rests)
        changed = status == OK and self.model.mark(operation, record_id)
        if changed and operation == "delete":
            self.deleted[record_id] = self.last_write
        elif changed:
            read = self.api.get(record_id, **_WITH_EXTERNAL_IDS).after([reply]).answers(OK)
            record: Json = read.data[0]
            self._check(read, self.model.records[record_id], record)
            self._check_same(read, record, _OF_A_MARK | {"owner"})
            self.known[record_id] = record
            self._wrote(read, record)
        self.look()
        return reply

    def external_id(self, value: str) -> str:
        """Return what stands for a value of an external id on this server."""
        return f"{value}{self._mark}"

    def differs(self, *names: str) -> bool:
        """Tell whether the target is said to differ in one of these behaviours."""
        return not self.facts.differs.isdisjoint(names)

    def look(self) -> None:
        """Read all records of the story, and compare them with the model."""
        live = self.model.live()
        for start in range(0, len(live), MAX_IDS):
            self._look_at(live[start : start + MAX_IDS])
        self._looked = len(self.api.writes)

    def check_listed(self, reply: Reply, item: Json, *, external_ids: bool) -> None:
        """Compare a record of a list with the model, and with what was shown of it before."""
        expected, known = self.model.records[item["id"]], self.known[item["id"]]
        if not external_ids:
            known = without_external_ids(known)
        if item == known and expected.status != "deleted":
            return
        self._check(reply, expected, item, external_ids=external_ids)
        passing = _OF_A_MARK if expected.status == "deleted" else set[str]()
        self._check_same(reply, item, passing, known)

    def twin(self, item: Json) -> bool:
        """Tell whether a record that the story does not know can only be of its making."""
        return self.own_server or instants.parse(item["issueDate"]) in self._issue_dates

    def answers(self, reply: Reply, status: int, rests: Iterable[str]) -> None:
        """Fail unless the status is this one, by these assumed behaviours."""
        self.must(
            reply, reply.status == status, f"expected status {status}, came {reply.status}", rests
        )

    def must(self, reply: Reply, holds: object, expected: str, rests: Iterable[str]) -> None:
        """Fail unless the contract holds; say on which assumed behaviours that rests."""
        if not holds:
            raise reply.breach(expected, MODEL_SOURCE, self.hints(rests))

    def hints(self, rests: Iterable[str]) -> list[str]:
        """Return what to say of a failure that rests on these assumed behaviours."""
        return list(filter(None, (assumption(self.facts, name) for name in sorted(rests))))

    def _open(self, *rests: Iterable[str]) -> bool:
        return any(self.differs(*names) for names in rests)

    def _marked(self, body: Json) -> Json:
        given: Json | None = body.get("externalIds")
        if given is None:
            return body
        return {**body, "externalIds": {key: self.external_id(v) for key, v in given.items()}}

    def _look_at(self, live: list[Expected]) -> None:
        writes = self.api.writes[self._looked :]
        reply = self.api.get(*(record.id for record in live), **_WITH_EXTERNAL_IDS)
        reply.after(writes).answers(OK)
        seen = {record["id"]: record for record in reply.data}
        reply.must(len(seen) == len(reply.data), "each record once")
        for record in live:
            there = record.id in seen
            reply.after(writes, record.id).must(there, f"the record {record.id}", MODEL_SOURCE)
        reply.must(len(seen) == len(live), "no records that were not asked for")
        for record in live:
            self._check_owner(reply.after(writes, record.id), seen[record.id]["owner"])
            if seen[record.id] == self.known[record.id]:  # which was compared with the model
                continue
            read = reply.after(writes, record.id)
            self._check(read, record, seen[record.id])
            unchanged = seen[record.id]["updatedAtTime"] == self.changed[record.id]
            read.must(unchanged, f"updatedAtTime of {record.id} is that of its last change")
            self._check_same(read, seen[record.id], {"owner"})  # its id is the model's
            self.known[record.id] = seen[record.id]

    def _check_owner(self, reply: Reply, owner: Json) -> None:
        """Fail where an owner's external ids have changed, which no request of this API does."""
        came = owner.get("externalIds", {})
        known = self._of_owners.setdefault((owner["entityType"], owner["id"]), came)
        text = f"owner {owner['id']}: externalIds: expected {shown(known)}, came {shown(came)}"
        reply.must(came == known, text, MODEL_SOURCE)

    def _check_same(
        self, reply: Reply, record: Json, passing: set[str], known: Json | None = None
    ) -> None:
        """Fail where a record is not as it was shown before, but for what may pass."""
        before, after = settled(known or self.known[record["id"]]), settled(record)
        for name in sorted((before.keys() | after.keys()) - passing):
            was, came = before.get(name), after.get(name)
            if was != came:
                difference = self._difference(*_first_difference(name, was, came))
                text = f"record {record['id']}: {difference}"
                raise reply.breach(text, MODEL_SOURCE)

    def _check(
        self,
        reply: Reply,
        expected: Expected,
        record: Json,
        effects: dict[str, set[str]] | None = None,
        *,
        external_ids: bool = True,
    ) -> None:
        ids = [item["id"] for item in record["fields"]]
        reply.must(len(ids) == len(set(ids)), f"each field of {expected.id} once")
        for name, (wanted, came) in _pairs(self.model, expected, record).items():
            if name == "externalIds" and not external_ids:
                reply.must(came is None, "no external ids, since none were asked for")
                continue
            path, *values = _first_difference(name, wanted, came)
            text = f"record {expected.id}: {self._difference(path, *values)}"
            rests = {r for r in (effects or {}).get(name, ()) if _bears_on(r, path, *values)}
            self.must(reply, wanted == came, text, rests)
        kind, named = self.facts.types[expected.type_id], record["qualificationType"]
        for name in _OF_A_TYPE & named.keys():
            text = f"{name} of the type: expected {kind[name]}, came {named[name]}"
            reply.must(named[name] == kind[name], text, MODEL_SOURCE)
        born, changed = map(instants.parse, (record["createdAtTime"], record["updatedAtTime"]))
        in_order = born <= changed + instants.SECOND  # each may have its clock
        reply.must(in_order, "createdAtTime is no later than updatedAtTime", MODEL_SOURCE)
        labels = {item["id"]: item["label"] for item in kind["fields"]}
        for item in record["fields"]:
            label = item.get("label", labels[item["id"]])
            reply.must(
                label == labels[item["id"]], f"the label {labels[item['id']]!r}", MODEL_SOURCE
            )
        for moment, day in days(record["fields"]):
            wanted = instants.day_of(instants.parse(moment))
            off = abs(date.fromisoformat(day) - wanted).days
            text = f"dateValue of {moment}: expected {wanted}, came {day}"
            self.must(reply, off <= self.differs("date_in_utc"), text, ["date_in_utc"])

    def _check_kept(self, reply: Reply, known: Json, record: Json, body: Json) -> None:
        """Fail where an update has changed what it does not name."""
        before, after = settled(known), settled(record)
        for name in _LASTING:
            same = before[name] == after[name]
            reply.must(same, f"{name} stays {shown(before[name])}", MODEL_SOURCE)
        named = {item["id"] for item in body.get("fields", [])}
        old = {item["id"]: item for item in before["fields"]}
        for item in after["fields"]:
            was = old.get(item["id"], item)
            if item["id"] not in named and item != was:
                label = f"the field {item.get('label', item['id'])!r}, which was not to change"
                difference = self._difference(*_first_difference(label, was, item))
                raise reply.breach(f"record {record['id']}: {difference}", MODEL_SOURCE)

    def _difference(self, path: str, wanted: Any, came: Any) -> str:
        one, other = (
            instants.render(value * self.facts.precision)
            if isinstance(value, int) and path.endswith(("Date", ".at"))
            else shown(value)
            for value in (wanted, came)
        )
        return f"{path}: expected {one}, came {other}"

    def _wrote(self, reply: Reply, record: Json) -> None:
        text = record["updatedAtTime"]
        when = instants.parse(text)
        later = when > self.last_write if self.own_server else when >= self.last_write
        if not self.differs("every_write_is_later"):
            expected = "updatedAtTime is later than that of the write before"
            self.must(reply, later, expected, ["every_write_is_later"])
        self.last_write = when
        self.changed[record["id"]] = text


def without_external_ids(record: Json) -> Json:
    """Return a record as it is where no external ids are asked for."""
    owner = {name: value for name, value in record["owner"].items() if name != "externalIds"}
    rest = {name: value for name, value in record.items() if name != "externalIds"}
    return {**rest, "owner": owner}


def _first_difference(path: str, wanted: Any, came: Any) -> tuple[str, Any, Any]:
    """Return where two values differ first, and what is there."""
    if is_list(wanted) and is_list(came) and len(wanted) == len(came):
        wanted, came = dict(enumerate(wanted)), dict(enumerate(came))
    if is_object(wanted) and is_object(came):
        for step in sorted(wanted.keys() | came.keys()):
            if wanted.get(step) != came.get(step):
                return _first_difference(f"{path}.{step}", wanted.get(step), came.get(step))
    return path, wanted, came


def _bears_on(behaviour: str, path: str, wanted: Any, came: Any) -> bool:
    """Tell whether a difference can be what an assumed behaviour is about."""
    match behaviour:
        case "cell_id":
            return ".cells" in path
        case "decimals_kept":
            return isinstance(wanted, float) and isinstance(came, float | int)
        case "fields_merge" | "external_ids_merge":
            return None in (wanted, came)
        case _:
            return True


def settled(value: Any, key: str = "") -> Any:
    """Return a record in one form: what the spec knows of it, without order and passing parts."""
    if is_object(value):
        return {
            name: settled(item, "" if key == "externalIds" else name)
            for name, item in value.items()
            if key == "externalIds" or (name in _KNOWN and name not in _PASSING)
        }
    if is_list(value):
        items = [settled(item) for item in value]
        return sorted(items, key=lambda item: item["id"]) if key in {"fields", "cells"} else items
    if isinstance(value, str) and value[10:11] in {"T", "t"}:
        return _moment(value)
    return value


def _moment(text: str) -> Any:
    try:
        return instants.render(instants.parse(text))
    except ValueError:
        return text


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
