"""
A small program that uses each operation once; `test_frozen.py` packs it into one file.

    program URL TOKEN RECORD_ID BUDGET blocking|async
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

from samsara_qualifications import (
    CLEAR,
    AsyncQualificationsClient,
    NumberField,
    Owner,
    QualificationsClient,
    TextField,
    expiration_of,
)

if TYPE_CHECKING:
    from collections.abc import Generator

LABELS = ("License Number", "Penalty points")
DAY = date(2026, 1, 1)


def calls(client: Any, record_id: str) -> Generator[Any, Any, dict[str, object]]:
    """Yield a call of each operation, take its result, and return what came of them."""
    types = yield client.types(entity_type="worker")
    licence = next(one for one in types if one.name == "Driver License")
    ids = {field.label: str(field.id) for field in licence.fields}
    number, points = (ids[label] for label in LABELS)
    updated = yield client.update(
        record_id,
        expiration_date=CLEAR,
        fields=[TextField(number, "D-1"), NumberField(points, 2.5)],
    )
    made = yield client.create(
        str(licence.id),
        owner=Owner.worker("281474"),
        issue_date=DAY,
        fields=[TextField(number, "D-2")],
    )
    yield client.archive(made.id)
    yield client.unarchive(made.id)
    read = yield client.get(made.id)
    changed = yield client.stream(entity_type="worker", start_time=DAY)
    yield client.delete(made.id)
    return {
        "never expires": expiration_of(updated) is None,
        "read what was made": (read.id, read.fields) == (made.id, made.fields),
        "streamed": {record_id, made.id} <= {record.id for record in changed},
    }


def blocking(record_id: str, **options: Any) -> dict[str, object]:
    """Perform the calls with the blocking client."""
    with QualificationsClient(**options) as client:
        steps, result = calls(client, record_id), None
        while True:
            try:
                call = steps.send(result)
            except StopIteration as done:
                return done.value
            result = list(call) if hasattr(call, "__next__") else call


async def on_a_loop(record_id: str, **options: Any) -> dict[str, object]:
    """Perform the calls with the async client."""
    async with AsyncQualificationsClient(**options) as client:
        steps, result = calls(client, record_id), None
        while True:
            try:
                call = steps.send(result)
            except StopIteration as done:
                return done.value
            pages = hasattr(call, "__anext__")
            result = [item async for item in call] if pages else await call


def main() -> None:
    """Perform the calls; print what came of them, and the files of all that was loaded."""
    url, token, record_id, budget, kind = sys.argv[1:]
    options = {"base_url": url, "token": token, "budget": budget}
    if kind == "async":
        outcome = asyncio.run(on_a_loop(record_id, **options))
    else:
        outcome = blocking(record_id, **options)
    files = [getattr(module, "__file__", None) for module in sys.modules.values()]
    json.dump({"outcome": outcome, "files": sorted(filter(None, files))}, sys.stdout)


if __name__ == "__main__":
    main()
