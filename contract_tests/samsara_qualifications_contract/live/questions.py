"""The questions that only the API itself can answer, each as a few calls on records of our own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from secrets import randbelow
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from samsara_qualifications_contract.harness.facts import settable
from samsara_qualifications_contract.live.guard import KEY, OTHER_KEY
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.server import adapt

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_contract.harness.api import Api, Reply
    from samsara_qualifications_contract.harness.facts import Facts
    from samsara_qualifications_contract.oracle.spec import Json

HOLDS = "holds"
LATER = "2031-05-06T07:08:09Z"
OTHER_FORMS = ("1970-01-01T00:00:00+00:00", "1970-01-01T05:30:00+05:30", "1970-01-01T00:00:00.000Z")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
"""The smallest picture: a black PNG of one pixel."""
"""That of Samsara's document; without the header, the token's own version holds."""
_PAGES = 3
_UPLOADS = {"media", "signature"}
_OK, _BAD_REQUEST, _NOT_FOUND = 200, 400, 404


class Undecided(Exception):
    """The question could not be asked, or the answer says nothing: why."""


class Scene:
    """
    Two records of our own, made when they are first needed, and what can be done to them.

    Args:
        api: The API.
        facts: The type to use, and its owner.
        entity: The entity type to use.
        run: What the marks of this run begin with.
    """

    def __init__(self, api: Api, facts: Facts, entity: str, run: str) -> None:
        self.api = api
        self.entity = entity
        self.owner = facts.owners[entity][0]
        self.kind = facts.kind(entity)
        self._facts = facts
        self._run = run
        self._made = 0

    @cached_property
    def main(self) -> Json:
        """The record that most questions are put to, as it was created."""
        return self.create(expirationDate=LATER)

    @cached_property
    def second(self) -> Json:
        """A record that was created with the clear value."""
        return self.create(expirationDate=instants.CLEAR)

    def create(self, **more: Any) -> Json:
        """Create a record under a mark of its own."""
        self._made += 1
        marks = {KEY: f"{self._run}r{self._made:02}"}
        body = adapt.minimal_record(self._facts, self.entity, externalIds=marks, **more)
        return self.api.create(body).answers(201).data  # type: ignore[no-any-return] # JSON

    def update(self, **changes: Any) -> Reply:
        """Update the main record."""
        return self.api.update({"id": self.main["id"], **changes})

    def set(self, **changes: Any) -> Json:
        """Update the main record; return it."""
        return self.update(**changes).answers(_OK).data  # type: ignore[no-any-return] # JSON

    def get(self, *ids: str) -> Reply:
        """Read records with their external ids."""
        return self.api.get(*ids, includeExternalIds="true")


def _holds_if(condition: object, came: object) -> str:
    return HOLDS if condition else f"came: {came}"


def _clears(scene: Scene, text: str) -> bool:
    scene.set(expirationDate=LATER)
    return "expirationDate" not in scene.set(expirationDate=text)


def _update_is_partial(scene: Scene) -> str:
    before = scene.set(expirationDate=LATER)
    after = scene.set(issueDate="2020-02-29T23:59:59Z")
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    changed -= {"updatedAtTime", "updatedBy"}
    return _holds_if(changed == {"issueDate"}, f"changed {sorted(changed)}")


def _epoch_clears(scene: Scene) -> str:
    return _holds_if(_clears(scene, instants.CLEAR), "an expiration date")


def _other_forms(scene: Scene) -> str:
    if not _clears(scene, instants.CLEAR):
        raise Undecided("the documented form did not clear either")
    cleared = [text for text in OTHER_FORMS if _clears(scene, text)]
    if 0 < len(cleared) < len(OTHER_FORMS):
        return f"only {', '.join(cleared)}"
    return "yes" if cleared else "only_z"


def _epoch_on_create(scene: Scene) -> str:
    return _holds_if("expirationDate" not in scene.second, scene.second.get("expirationDate"))


def _fields_merge(scene: Scene) -> str:
    fields = [item for item in scene.kind["fields"] if item["type"] not in _UPLOADS]
    chosen = [adapt.plain_input(item) for item in fields if settable(item)][:2]
    if len(chosen) < len("ab"):
        raise Undecided("the type has no two fields that can be set")
    first, second = chosen
    scene.set(fields=[first])
    reply = scene.update(fields=[second])
    if reply.status != _OK:
        return f"status {reply.status}"
    kept = {item["id"] for item in reply.data["fields"]}
    return "by_id" if {first["id"], second["id"]} <= kept else "replace"


def _update_by_external_id(scene: Scene) -> str:
    reference = f"{KEY}:{scene.main['externalIds'][KEY]}"
    reply = scene.api.update({"id": reference, "issueDate": LATER})
    return "yes" if reply.status == _OK else "no"


def _external_ids_merge(scene: Scene) -> str:
    mark = scene.main["externalIds"][KEY]
    shown = scene.set(externalIds={OTHER_KEY: f"{mark}b"})["externalIds"]
    return "by_key" if KEY in shown else "replace"


def _external_ids_conflict(scene: Scene) -> str:
    shared = {OTHER_KEY: f"{scene.main['externalIds'][KEY]}c"}
    scene.set(externalIds=shared)
    taken = {**scene.second["externalIds"], **shared}
    reply = scene.api.update({"id": scene.second["id"], "externalIds": taken})
    return _holds_if(reply.status == _BAD_REQUEST, f"status {reply.status}")


def _unknown_names(scene: Scene) -> str:
    reply = scene.update(contractLiveUnknown=1)
    return _holds_if(reply.status == _OK, f"status {reply.status}")


def _times_in_utc(scene: Scene) -> str:
    shown = scene.set(issueDate="2024-02-29T05:29:59.123456+05:30")["issueDate"]
    return _holds_if(shown == "2024-02-28T23:59:59.123456Z", shown)


def _media_processing(scene: Scene) -> str:
    media = next((item for item in scene.kind["fields"] if item["type"] == "media"), None)
    if media is None:
        raise Undecided("the type has no field for media")
    file = {"mediaType": "image/png", "base64Payload": PIXEL}
    given = {"id": media["id"], "type": "media", "mediaValue": {"mediaList": [file]}}
    shown = {item["id"]: item for item in scene.set(fields=[given])["fields"]}
    return str(shown[media["id"]]["mediaList"][0]["processingStatus"])


def _archive_twice(scene: Scene) -> str:
    record_id = scene.main["id"]
    seen: list[tuple[int, Any]] = []
    for operation in ("archive", "archive", "unarchive", "unarchive"):
        status = scene.api.mark(operation, record_id).status
        seen.append((status, scene.get(record_id).answers(_OK).data))
    once, again, back, back_again = seen
    same = once == again and back == back_again
    return _holds_if(same and {status for status, _ in seen} == {_OK}, "another answer or state")


def _archived_can_change(scene: Scene) -> str:
    scene.api.mark("archive", scene.main["id"]).answers(_OK)
    reply = scene.update(issueDate=LATER)
    scene.api.mark("unarchive", scene.main["id"]).answers(_OK)
    came = reply.data["recordStatus"] if reply.status == _OK else f"status {reply.status}"
    return _holds_if(came == "archived", came)


def _autofilled_date(scene: Scene) -> str:
    before = scene.second.get("expirationDate")
    changed = {"id": scene.second["id"], "issueDate": "2021-02-03T04:05:06Z"}
    after = scene.api.update(changed).answers(_OK).data.get("expirationDate")
    return _holds_if(before == after, f"{before} before, {after} after")


def _empty_text(scene: Scene) -> str:
    field = next((item for item in scene.kind["fields"] if item["type"] == "text"), None)
    if field is None:
        raise Undecided("the type has no text field")
    given = {"id": field["id"], "type": "text", "textValue": {"value": ""}}
    reply = scene.update(fields=[given])
    if reply.status != _OK:
        return f"status {reply.status}"
    shown = {item["id"]: item for item in reply.data["fields"]}
    return _holds_if(shown.get(field["id"], {}).get("textValue") == {"value": ""}, "no text")


def _empty_external_id(scene: Scene) -> str:
    reply = _with_other_id(scene, "")
    came = reply.data["externalIds"].get(OTHER_KEY) if reply.status == _OK else reply.status
    return _holds_if(came == "", came)


def _number_as_external_id(scene: Scene) -> str:
    reply = _with_other_id(scene, randbelow(10**12))
    return _holds_if(
        reply.status == _BAD_REQUEST, f"{reply.status}, {reply.json.get('data', {})!r:.200}"
    )


def _with_other_id(scene: Scene, value: object) -> Reply:
    mark = scene.main["externalIds"][KEY]
    return scene.update(externalIds={KEY: mark, OTHER_KEY: value})


def _version(scene: Scene) -> str:
    query = {"ids": scene.main["id"], "includeExternalIds": "true"}
    plain, dated = (
        scene.api.send("GET", "/qualification-records", query=query, headers=headers)
        for headers in ({}, {"X-Samsara-Version": spec.VERSION})
    )
    same = (plain.status, plain.json) == (dated.status, dated.json)
    return _holds_if(same, f"status {dated.status}, or another record")


def _unknown_get(scene: Scene) -> str:
    reply = scene.get(scene.main["id"], str(uuid4()))
    if reply.status == _NOT_FOUND:
        return "404"
    return "omitted" if reply.status == _OK else f"status {reply.status}"


def _stream_open_end(scene: Scene) -> str:
    query = {
        "entityType": scene.entity,
        "startTime": scene.main["createdAtTime"],
        "ownerIds": scene.owner,
        "qualificationTypeIds": scene.kind["id"],
        "includeExternalIds": "true",
    }
    for _ in range(_PAGES):
        page = scene.api.stream(**query).answers(_OK)
        if not page.pagination["hasNextPage"]:
            return "ends"
        if not page.data:
            return "polls"
        query["after"] = page.pagination["endCursor"]
    raise Undecided(f"the owner's records fill more than {_PAGES} pages")


def _deleted_get(scene: Scene) -> str:
    scene.api.mark("delete", scene.second["id"]).answers(_OK)
    reply = scene.get(scene.second["id"])
    if reply.status == _OK and reply.data:
        return "returned"
    return "unknown" if reply.status in {_OK, _NOT_FOUND} else f"status {reply.status}"


def _deleted_cannot_change(scene: Scene) -> str:
    reply = scene.api.update({"id": scene.second["id"], "issueDate": LATER})
    return _holds_if(reply.status == _NOT_FOUND, f"status {reply.status}")


@dataclass(frozen=True)
class Question:
    """
    A question about what the mock does.

    Attributes:
        behaviour: The row of its table of behaviours, or another name where there is none.
        text: The question, for people.
        ask: Returns what was seen: a choice of the row, `HOLDS`, or what else came.
    """

    behaviour: str
    text: str
    ask: Callable[[Scene], str]


QUESTIONS = (
    Question("update_is_partial", "Does what is absent stay as it is?", _update_is_partial),
    Question("epoch_clears", "Does 1970-01-01T00:00:00Z clear the date?", _epoch_clears),
    Question("epoch_offset_forms_clear", "Do other forms of the epoch clear it?", _other_forms),
    Question("epoch_on_create", "Does the epoch at creation mean no date?", _epoch_on_create),
    Question("fields_merge", "Do `fields` merge by field id?", _fields_merge),
    Question(
        "update_accepts_external_id",
        "May the `id` of an update be an external id?",
        _update_by_external_id,
    ),
    Question("external_ids_conflict", "Is a taken external id refused?", _external_ids_conflict),
    Question("external_ids_merge", "Do `externalIds` merge by key?", _external_ids_merge),
    Question("unknown_names", "Are unknown properties ignored?", _unknown_names),
    Question("times_in_utc", "Are times in UTC, to the microsecond?", _times_in_utc),
    Question("media_processing", "Is an upload ready at once?", _media_processing),
    Question("archive_twice", "Does archiving twice change nothing?", _archive_twice),
    Question("archived_can_change", "Can an archived record change?", _archived_can_change),
    Question("autofilled_date", "Does a new issue date leave a date not given?", _autofilled_date),
    Question("empty_text", "Does an empty text stay as one?", _empty_text),
    Question("empty_external_id", "Does an empty external id stay as one?", _empty_external_id),
    Question("number_as_external_id", "Is a number refused there?", _number_as_external_id),
    Question("version", "Does `X-Samsara-Version` change nothing?", _version),
    Question("unknown_get", "What does one unknown id in a read do?", _unknown_get),
    Question("stream_open_end", "Does a stream without an end go on?", _stream_open_end),
    Question("deleted_get", "Is a deleted record unknown to reads?", _deleted_get),
    Question(
        "deleted_cannot_change", "Is a deleted record unknown to writes?", _deleted_cannot_change
    ),
)
NOT_PROBED = {
    "limiter": "needs more calls than the limit allows",
    "rejected_calls_count": "needs more calls than the limit allows",
}
