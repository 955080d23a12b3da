"""Replay a recording against the mock: where does it differ from what was seen?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx

from samsara_qualifications.mock import MockServer
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, MOCK_URL
from samsara_qualifications_contract.live.recording import map_target
from samsara_qualifications_contract.oracle import instants, spec
from samsara_qualifications_contract.oracle.spec import mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from samsara_qualifications_contract.oracle.spec import Json

_NOT_COMPARED = {
    "createdAtTime",
    "createdBy",
    "message",
    "requestId",
    "updatedAtTime",
    "updatedBy",
    "url",
    "urlExpiresAt",
}
"""What no two servers answer alike."""
_GIVEN = {"id", "endCursor"}
"""What a server gives, and a later request names."""
_KNOWN = {name for schema in spec.SCHEMAS.values() for name in schema.get("properties", {})}


def differences(recording: Json, **behaviours: str) -> list[str]:
    """
    Return where the mock answers differently from the recording.

    Args:
        recording: What a live run saw.
        behaviours: The mock's choices, over those that the recording saw.
    """
    exchanges = recording["exchanges"]
    server = MockServer(
        token=MOCK_TOKEN,
        rate=None,
        behaviours={**recording["behaviours"], **behaviours},
        seed_data={"types": exchanges[0]["answer"]["data"], "owners": _owners(exchanges)},
    )
    headers = {"Authorization": f"Bearer {MOCK_TOKEN}"}
    ids: dict[str, str] = {}
    found: list[str] = []
    with httpx.Client(transport=server.transport(), base_url=MOCK_URL, headers=headers) as client:
        for number, then in enumerate(exchanges, start=1):
            target = map_target(then["target"], _translation(ids))
            body = mapped(then["body"], _translation(ids))
            response = client.request(then["method"], target, json=body)
            now = response.json() if response.content else None
            place = f"{number}. {then['operation']}"
            if then["status"] != response.status_code:
                found.append(f"{place}: status {then['status']}, the mock {response.status_code}")
            elif response.is_success:
                found += [f"{place}: {text}" for text in _compared(then["answer"], now, ids, "")]
    return found


def _owners(exchanges: list[Json]) -> list[Json]:
    shown = [item["answer"]["data"]["owner"] for item in exchanges if item["status"] == 201]
    return [{"externalIds": {}, **owner} for owner in shown[:1]]


def _translation(ids: Mapping[str, str]) -> Callable[[str], str]:
    return lambda text: ids.get(text, text)


def _compared(then: Any, now: Any, ids: dict[str, str], place: str) -> Iterator[str]:
    """Yield differences; learn which id of the mock stands for which recorded one."""
    if isinstance(then, dict) and isinstance(now, dict):
        yield from _compared_objects(cast("Json", then), cast("Json", now), ids, place)
    elif isinstance(then, list) and isinstance(now, list):
        yield from _compared_lists(
            cast("Sequence[Any]", then), cast("Sequence[Any]", now), ids, place
        )
    elif place.rpartition(".")[2] in _GIVEN and isinstance(then, str) and isinstance(now, str):
        if then and ids.setdefault(then, now) != now:
            yield f"{place}: {ids[then]!r} (as before), the mock {now!r}"
    elif instants.moment(then) != instants.moment(now):
        yield f"{place}: {then!r}, the mock {now!r}"


def _compared_objects(then: Json, now: Json, ids: dict[str, str], place: str) -> Iterator[str]:
    for name in {**then, **now}:
        new = name not in now and name not in _KNOWN and not place.endswith(".externalIds")
        if name == "createdAtTime" and name in then and name in now:
            ids.setdefault(then[name], now[name])  # the stream is asked for what came since
        if name in _NOT_COMPARED or new:
            continue
        if name in then and name in now:
            yield from _compared(then[name], now[name], ids, f"{place}.{name}")
        else:
            yield f"{place}.{name} is {'only recorded' if name in then else 'not recorded'}"


def _compared_lists(
    then: Sequence[Any], now: Sequence[Any], ids: dict[str, str], place: str
) -> Iterator[str]:
    if len(then) != len(now):
        yield f"{place}: {len(then)} items, the mock {len(now)}"
        return
    by_id = {_id_of(other): other for other in now}
    for number, (item, other) in enumerate(zip(then, now, strict=True)):
        known = ids.get(_id_of(item), _id_of(item))
        partner = by_id.get(known, other) if known else other
        yield from _compared(item, partner, ids, f"{place}[{number}]")


def _id_of(item: Any) -> str:
    return str(cast("Json", item).get("id", "")) if isinstance(item, dict) else ""
