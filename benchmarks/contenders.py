"""
The clients that are compared: how each is loaded, updates a record, and reads a response.

Nothing is imported before it is asked for, and arguments are made once, before any call: an import
is measured by itself, and so is a call.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

TOKEN = "token"  # noqa: S105  the server takes any
RECORD = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
FIELD = "6f1c2a5e-3b47-4a8e-9d10-2c5b7e8f9a0"
OPTION = "0cbbddb3-2541-4889-b4eb-92171cbfc142"
OPTION_2 = "d33198cb-369f-4278-8120-d92d3ebf74bf"
ROW = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
DAY = "2027-01-01T00:00:00Z"

MINIMAL = {"id": RECORD, "expirationDate": DAY}
FULL = {
    "id": RECORD,
    "expirationDate": DAY,
    "issueDate": DAY,
    "owner": {"entityType": "worker", "id": "281474"},
    "fields": [
        {"id": FIELD + "1", "type": "number", "numberValue": {"value": 123.456}},
        {"id": FIELD + "2", "type": "text", "textValue": {"value": "D1234567"}},
        {
            "id": FIELD + "3",
            "type": "multiple_choice",
            "multipleChoiceValue": {"valueId": OPTION},
        },
        {
            "id": FIELD + "4",
            "type": "check_boxes",
            "checkBoxesValue": {"valueIds": [OPTION, OPTION_2]},
        },
        {"id": FIELD + "5", "type": "datetime", "dateTimeValue": {"value": DAY}},
        {
            "id": FIELD + "6",
            "type": "table",
            "tableValue": {
                "rows": [
                    {
                        "id": ROW,
                        "cells": [
                            {"id": FIELD + "7", "type": "number", "numberValue": {"value": 7}},
                            {"id": FIELD + "8", "type": "text", "textValue": {"value": "wires"}},
                        ],
                    }
                ]
            },
        },
    ],
    "externalIds": {"payroll": "4711"},
}


class Python:
    """Python alone: what is subtracted."""

    @staticmethod
    def load() -> None:
        """Import nothing."""

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that does nothing."""
        return lambda: url and full


class Httpx:
    """Bare httpx and json.loads: what the others are compared with."""

    @staticmethod
    def load() -> None:
        """Import it."""
        import httpx  # noqa: F401

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that updates."""
        import json

        import httpx

        client = httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"})
        url, body = url + "/qualification-records", FULL if full else MINIMAL
        return lambda: json.loads(client.patch(url, json=body).content)

    @staticmethod
    def update_async(url: str) -> Callable[[], Awaitable[Any]]:
        """Return a coroutine function that updates."""
        import json

        import httpx

        client = httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=None)  # noqa: S113  thousands wait for a connection
        url += "/qualification-records"

        async def update() -> Any:
            response = await client.patch(url, json=MINIMAL)
            return json.loads(response.content)

        return update


class Ours:
    """This package, with its rate limit lifted."""

    @staticmethod
    def load() -> None:
        """Import what an integration imports."""
        from samsara_qualifications import CLEAR, QualificationsClient  # noqa: F401

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that updates."""
        from samsara_qualifications import QualificationsClient

        client = QualificationsClient(TOKEN, base_url=url, limits=lifted())
        given = arguments(full=full)
        return lambda: client.update(RECORD, **given)

    @staticmethod
    def update_async(url: str) -> Callable[[], Awaitable[Any]]:
        """Return a coroutine function that updates."""
        from samsara_qualifications import AsyncQualificationsClient

        client = AsyncQualificationsClient(TOKEN, base_url=url, limits=lifted())
        day = _day()
        return lambda: client.update(RECORD, expiration_date=day)

    @staticmethod
    def reader() -> Callable[[bytes], Any]:
        """Return what reads a response."""
        from answers import reader

        return reader()


class Generated:
    """The generated client alone, as the generator means it to be used."""

    @staticmethod
    def load() -> None:
        """Import its client."""
        from samsara_qualifications_api.client import AuthenticatedClient  # noqa: F401

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that updates."""
        from samsara_qualifications_api import models
        from samsara_qualifications_api.api.qualifications import update_qualification_record as op
        from samsara_qualifications_api.client import AuthenticatedClient

        client = AuthenticatedClient(base_url=url, token=TOKEN)
        body = models.UpdateQualificationRecordRequest.from_dict(FULL if full else MINIMAL)
        return lambda: op.sync_detailed(client=client, body=body)

    @staticmethod
    def update_async(url: str) -> Callable[[], Awaitable[Any]]:
        """Return a coroutine function that updates."""
        from samsara_qualifications_api import models
        from samsara_qualifications_api.api.qualifications import update_qualification_record as op
        from samsara_qualifications_api.client import AuthenticatedClient

        client = AuthenticatedClient(base_url=url, token=TOKEN)
        body = models.UpdateQualificationRecordRequest.from_dict(MINIMAL)
        return lambda: op.asyncio_detailed(client=client, body=body)

    @staticmethod
    def reader() -> Callable[[bytes], Any]:
        """Return what reads a response."""
        import json

        from samsara_qualifications_api import models

        return lambda body: models.QualificationRecordResponse.from_dict(json.loads(body))


class Sdk:
    """The official SDK, as its documentation shows it."""

    @staticmethod
    def load() -> None:
        """Import its client."""
        from samsara import Samsara  # noqa: F401

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that updates."""
        from samsara import Samsara

        client = Samsara(base_url=url, token=TOKEN).beta_ap_is
        arguments = _full_of_sdk() if full else {"expiration_date": _day()}
        return lambda: client.patch_qualification_record(id=RECORD, **arguments)

    @staticmethod
    def update_async(url: str) -> Callable[[], Awaitable[Any]]:
        """Return a coroutine function that updates."""
        from samsara import AsyncSamsara

        client = AsyncSamsara(base_url=url, token=TOKEN).beta_ap_is
        day = _day()
        return lambda: client.patch_qualification_record(id=RECORD, expiration_date=day)

    @staticmethod
    def reader() -> Callable[[bytes], Any]:
        """Return what reads a response."""
        import json

        from samsara import QualificationsPatchQualificationRecordResponseBody as Body
        from samsara.core.pydantic_utilities import parse_obj_as

        return lambda body: parse_obj_as(Body, json.loads(body))


class HttpClient:
    """Python's own http.client and json: the floor."""

    @staticmethod
    def load() -> None:
        """Import it."""
        import http.client  # noqa: F401

    @staticmethod
    def update(url: str, *, full: bool = False) -> Callable[[], Any]:
        """Return a call that updates."""
        import json
        from http.client import HTTPConnection

        connection = HTTPConnection(url.removeprefix("http://"))
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        body = FULL if full else MINIMAL

        def update() -> Any:
            connection.request("PATCH", "/qualification-records", json.dumps(body), headers)
            return json.loads(connection.getresponse().read())

        return update


ALL: dict[str, type[Any]] = {
    "python": Python,
    "httpx": Httpx,
    "ours": Ours,
    "sdk": Sdk,
    "generated": Generated,
    "http.client": HttpClient,
}


def _day() -> Any:
    from datetime import UTC, datetime

    return datetime(2027, 1, 1, tzinfo=UTC)


def lifted() -> dict[str, Any]:
    """Return limits for this package's client that never hold a call back."""
    from samsara_qualifications import RateLimit

    return dict.fromkeys(("update", "token", "organization"), RateLimit(1_000_000, 1))


def arguments(*, full: bool) -> dict[str, Any]:
    """Return `FULL` or `MINIMAL` as arguments of this package's `update`."""
    day = _day()
    if not full:
        return {"expiration_date": day}
    import samsara_qualifications as sq

    cells = [sq.NumberCell(FIELD + "7", 7), sq.TextCell(FIELD + "8", "wires")]
    return {
        "expiration_date": day,
        "issue_date": day,
        "owner": sq.Owner.worker("281474"),
        "fields": [
            sq.NumberField(FIELD + "1", 123.456),
            sq.TextField(FIELD + "2", "D1234567"),
            sq.MultipleChoiceField(FIELD + "3", OPTION),
            sq.CheckBoxesField(FIELD + "4", [OPTION, OPTION_2]),
            sq.DateTimeField(FIELD + "5", day),
            sq.TableField(FIELD + "6", [sq.TableRow(ROW, cells)]),
        ],
        "external_ids": FULL["externalIds"],
    }


def _full_of_sdk() -> dict[str, Any]:
    """Return `FULL` as arguments of the SDK's method."""
    from samsara import (
        QualificationOwnerRequestObjectRequestBody,
        QualificationRecordRequestFieldInputObjectRequestBody,
    )
    from samsara.core.pydantic_utilities import parse_obj_as

    kind = QualificationRecordRequestFieldInputObjectRequestBody
    return {
        "expiration_date": _day(),
        "issue_date": _day(),
        "owner": parse_obj_as(QualificationOwnerRequestObjectRequestBody, FULL["owner"]),
        "fields": [parse_obj_as(kind, field) for field in FULL["fields"]],
        "external_ids": FULL["externalIds"],
    }
