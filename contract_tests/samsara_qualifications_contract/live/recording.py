"""What a live run saw, without what belongs to the organisation: tokens, names, ids."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from samsara_qualifications.mock import BEHAVIOURS
from samsara_qualifications_contract.live.guard import KEY
from samsara_qualifications_contract.oracle import instants, spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from samsara_qualifications_contract.live.guard import Exchange
    from samsara_qualifications_contract.live.run import Result
    from samsara_qualifications_contract.oracle.spec import Json

_PLAIN = {
    "allowedDateTimeValueType",
    "base64Payload",
    "dateValue",
    "entityType",
    "includeExternalIds",
    "mediaType",
    "processingStatus",
    "recordStatus",
    "type",
}
"""Properties whose values are words of the API, or our own bytes."""
_OK, _CREATED = 200, 201
_STREAM, _TYPES = "streamQualificationRecords", "listQualificationTypes"


class Sanitiser:
    """Replaces each text that could tell of the organisation, the same one always alike."""

    def __init__(self) -> None:
        self._replaced: dict[str, str] = {}

    def value(self, value: Any, name: str = "") -> Any:
        """Return a JSON value with its texts replaced, but for dates and words of the API."""
        if isinstance(value, dict):
            parts = cast("dict[str, Any]", value)
            if name == "externalIds":
                return {self.text(key): self.value(part) for key, part in parts.items()}
            return {key: self.value(part, key) for key, part in parts.items()}
        if isinstance(value, list):
            return [self.value(part, name) for part in cast("Iterable[Any]", value)]
        return self.text(value) if isinstance(value, str) and name not in _PLAIN else value

    def text(self, text: str) -> str:
        """Return what stands for a text: of the same form, as far as the API looks at it."""
        if not text or text.startswith(KEY) or instants.moment(text) != text:
            return text
        if text not in self._replaced:
            self._replaced[text] = _stand_in(text, len(self._replaced) + 1)
        return self._replaced[text]


def map_target(target: str, text: Callable[[str], str]) -> str:
    """Return a path and query with each value replaced, also within a list of ids."""
    parts = urlsplit(target)
    query = {
        name: value if name in _PLAIN else ",".join(map(text, value.split(",")))
        for name, value in parse_qsl(parts.query)
    }
    return parts._replace(query=urlencode(query, safe=",:")).geturl()


def recording(result: Result) -> Json:
    """Return what a run saw as JSON, to be replayed against the mock and the client."""
    sanitiser = Sanitiser()
    choices = {row.name: row.choices for row in BEHAVIOURS}
    behaviours = {
        finding.behaviour: finding.seen
        for finding in result.findings
        if finding.seen in choices.get(finding.behaviour, ())
    }
    return {
        "behaviours": behaviours,
        "exchanges": [
            {
                "operation": exchange.operation,
                "method": exchange.method,
                "target": map_target(exchange.target, sanitiser.text),
                "body": sanitiser.value(exchange.body),
                "status": exchange.status,
                "answer": sanitiser.value(exchange.answer),
            }
            for exchange in _own_exchanges(result)
        ],
    }


def write(path: Path, content: Json, secrets: Iterable[str]) -> None:
    """
    Write a recording.

    Args:
        path: The file; its folder is made.
        content: The recording.
        secrets: Texts that must not be in it.

    Raises:
        ValueError: A secret is in it; nothing was written.
    """
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    if any(secret in text for secret in secrets):
        raise ValueError(
            "the recording would hold a secret (the token or the organisation): not written"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _own_exchanges(result: Result) -> list[Exchange]:
    """Leave out the types that were not used, records of others, and what breaks the spec."""
    types, *others = filter(_conforms, result.exchanges)
    own = {
        item.answer["data"]["id"]
        for item in others
        if item.operation == "createQualificationRecord" and item.status == _CREATED
    }
    streams = [item for item in others if item.operation == _STREAM and item.status == _OK]
    shown = {record["id"] for item in streams for record in item.answer["data"]}
    left_out = {_TYPES} if shown <= own else {_TYPES, _STREAM}
    used = {"data": [result.type], "pagination": {"endCursor": "", "hasNextPage": False}}
    return [
        replace(types, answer=used),
        *(item for item in others if item.operation not in left_out),
    ]


def _conforms(exchange: Exchange) -> bool:
    schema = spec.OPERATIONS[exchange.operation].response_schema(exchange.status)
    return schema is None or not spec.breaches(schema, exchange.answer)


def _stand_in(text: str, number: int) -> str:
    try:
        return str(UUID(int=number)) if UUID(text) else ""
    except ValueError:
        pass
    if text.startswith(("https://", "http://")):
        return f"https://media.invalid/{number}"
    return str(1000 + number) if text.isdecimal() else f"text {number}"
