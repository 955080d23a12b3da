"""A live run: clean up after the one before, ask the questions, clean up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from samsara_qualifications import QualificationsError
from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications.mock.behaviours import Behaviour
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.api import Api
from samsara_qualifications_contract.harness.failures import Breach
from samsara_qualifications_contract.live.guard import KEY, Stop
from samsara_qualifications_contract.live.questions import HOLDS, QUESTIONS, Scene, Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from samsara_qualifications_contract.live.guard import Exchange, GuardedClient
    from samsara_qualifications_contract.live.journal import Entry, Journal
    from samsara_qualifications_contract.oracle.spec import Json

GRACE = 60.0
"""Seconds after which a record that is not found was never made, or is gone."""
_NOT_FOUND = 404


@dataclass(frozen=True)
class Finding:
    """
    What a run found out about what the mock does.

    Attributes:
        behaviour: What the question calls it.
        verdict: `confirmed`, `refuted` or `undecided`.
        seen: What was seen, or why nothing was.
        label: How the mock's table calls it, `documented` or `assumed`.
    """

    behaviour: str
    verdict: str
    seen: str
    label: str


@dataclass
class Result:
    """
    What came of a run.

    Attributes:
        findings: The answers.
        exchanges: The calls of the questions and of their cleaning.
        type: The qualification type that the run used.
        stopped: Why the run stopped early; empty where it did not.
        left: What may still exist: the next run deletes it.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    exchanges: list[Exchange] = field(default_factory=list["Exchange"])
    type: Json = field(default_factory=dict[str, Any])
    stopped: str = ""
    left: list[Entry] = field(default_factory=list["Entry"])


def run(client: GuardedClient, token: str, journal: Journal, told: Mapping[str, Any]) -> Result:
    """
    Ask all questions; whatever happens, delete what was made.

    Args:
        client: The door to the organisation.
        token: The bearer token.
        journal: The client's journal.
        told: The type and the owner to use, as in `target.yaml`.
    """
    api = Api(client, token, own_server=False)
    result = Result()
    try:
        _clean(api, client, journal)
        client.exchanges.clear()
        _ask(api, told, result)
    except (Stop, Breach, QualificationsError) as error:
        result.stopped = _short(error)
    except KeyboardInterrupt:
        result.stopped = "interrupted"
    finally:
        result.stopped += _clean_after(api, client, journal)
    result.exchanges = client.exchanges
    result.left = list(journal.open.values())
    return result


def _clean_after(api: Api, client: GuardedClient, journal: Journal) -> str:
    """Clean up; return what hindered it."""
    try:
        _clean(api, client, journal)
    except (Stop, QualificationsError) as error:
        return f" While cleaning: {error}"
    except KeyboardInterrupt:
        return " While cleaning: interrupted"
    return ""


def _ask(api: Api, told: Mapping[str, Any], result: Result) -> None:
    named = [entity for entity in facts.ENTITIES if told.get(entity, {}).get("owners")]
    if not named:
        raise Stop("name an owner: worker: {owners: [ID]} in the YAML file")
    found = facts.find(api, told, named[:1])
    if not found.usable(named[0]):
        raise Stop(f"there is no qualification type for a {named[0]} that the suite can fill")
    scene = Scene(api, found, named[0], f"{KEY}{secrets.token_hex(4)}")
    result.type = scene.kind
    _ = scene.main  # without it there is nothing to ask
    rows = {row.name: row for row in BEHAVIOURS}
    other = Behaviour("", "assumed", "")
    for question in QUESTIONS:
        name, row = question.behaviour, rows.get(question.behaviour, other)
        try:
            seen = question.ask(scene)
        except (Undecided, Breach, LookupError) as error:
            result.findings.append(Finding(name, "undecided", _short(error), row.source))
            continue
        assumed = row.choices[0] if row.choices else HOLDS
        verdict = "confirmed" if seen == assumed else "refuted"
        result.findings.append(Finding(name, verdict, seen, row.source))


def _clean(api: Api, client: GuardedClient, journal: Journal) -> None:
    """Delete what the journal holds; each record is read first, and must show its mark."""
    client.cleaning = True
    for entry in list(journal.open.values()):
        try:
            _remove(api, client, journal, entry)
        except Breach:
            continue  # it stays in the journal, and the report names it
    client.cleaning = False


def _remove(api: Api, client: GuardedClient, journal: Journal, entry: Entry) -> None:
    reply = api.get(entry.id or f"{KEY}:{entry.mark}", includeExternalIds="true")
    records: list[Json] = [] if reply.status == _NOT_FOUND else reply.answers(200).data
    if not records:
        if journal.age(entry.mark) > GRACE:
            journal.gone(entry.mark)
        return
    [record] = records
    if record["recordStatus"] == "deleted":
        journal.gone(entry.mark)
        return
    client.owned[record["id"]] = entry.mark
    api.mark("delete", record["id"])


def _short(error: Exception) -> str:
    """Return why, without the lines that repeat the calls: they would leave records behind."""
    if isinstance(error, LookupError):
        return f"the answer lacks {error}"
    return "\n".join(str(error).splitlines()[:3])
