from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
import datetime

from ...models.entity_type import EntityType
from ...models.error import Error
from ...models.qualification_record_page import QualificationRecordPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    entity_type: EntityType,
    start_time: datetime.datetime,
    end_time: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    qualification_type_ids: list[str] | Unset = UNSET,
    owner_ids: list[str] | Unset = UNSET,
    include_deleted: bool | Unset = UNSET,
    include_external_ids: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_entity_type = entity_type.value
    params["entityType"] = json_entity_type

    json_start_time = start_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    params["startTime"] = json_start_time

    json_end_time: str | Unset = UNSET
    if not isinstance(end_time, Unset):
        json_end_time = end_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    params["endTime"] = json_end_time

    params["after"] = after

    json_qualification_type_ids: list[str] | Unset = UNSET
    if not isinstance(qualification_type_ids, Unset):
        json_qualification_type_ids = qualification_type_ids

    params["qualificationTypeIds"] = json_qualification_type_ids

    json_owner_ids: list[str] | Unset = UNSET
    if not isinstance(owner_ids, Unset):
        json_owner_ids = owner_ids

    params["ownerIds"] = json_owner_ids

    params["includeDeleted"] = include_deleted

    params["includeExternalIds"] = include_external_ids

    params = {
        k: ",".join(map(str, v)) if isinstance(v, list) else v
        for k, v in params.items()
        if v is not UNSET and v is not None
    }

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/qualification-records/stream",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | QualificationRecordPage:
    if response.status_code == 200:
        response_200 = QualificationRecordPage.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 405:
        response_405 = Error.from_dict(response.json())

        return response_405

    if response.status_code == 413:
        response_413 = Error.from_dict(response.json())

        return response_413

    if response.status_code == 429:
        response_429 = Error.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Error.from_dict(response.json())

        return response_500

    if response.status_code == 501:
        response_501 = Error.from_dict(response.json())

        return response_501

    if response.status_code == 502:
        response_502 = Error.from_dict(response.json())

        return response_502

    if response.status_code == 503:
        response_503 = Error.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = Error.from_dict(response.json())

        return response_504

    response_default = Error.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | QualificationRecordPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    start_time: datetime.datetime,
    end_time: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    qualification_type_ids: list[str] | Unset = UNSET,
    owner_ids: list[str] | Unset = UNSET,
    include_deleted: bool | Unset = UNSET,
    include_external_ids: bool | Unset = UNSET,
) -> Response[Error | QualificationRecordPage]:
    """Stream changed records

     Pages through the records that were created or changed in a span of time, in the order of
    their last change.

    Without `endTime` the stream stays open: `hasNextPage` remains true as long as there is a
    cursor, and asking again with the last `endCursor` gives what has changed since.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        start_time (datetime.datetime):
        end_time (datetime.datetime | Unset):
        after (str | Unset):
        qualification_type_ids (list[str] | Unset):
        owner_ids (list[str] | Unset):
        include_deleted (bool | Unset):
        include_external_ids (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | QualificationRecordPage]
    """

    kwargs = _get_kwargs(
        entity_type=entity_type,
        start_time=start_time,
        end_time=end_time,
        after=after,
        qualification_type_ids=qualification_type_ids,
        owner_ids=owner_ids,
        include_deleted=include_deleted,
        include_external_ids=include_external_ids,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    start_time: datetime.datetime,
    end_time: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    qualification_type_ids: list[str] | Unset = UNSET,
    owner_ids: list[str] | Unset = UNSET,
    include_deleted: bool | Unset = UNSET,
    include_external_ids: bool | Unset = UNSET,
) -> Error | QualificationRecordPage | None:
    """Stream changed records

     Pages through the records that were created or changed in a span of time, in the order of
    their last change.

    Without `endTime` the stream stays open: `hasNextPage` remains true as long as there is a
    cursor, and asking again with the last `endCursor` gives what has changed since.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        start_time (datetime.datetime):
        end_time (datetime.datetime | Unset):
        after (str | Unset):
        qualification_type_ids (list[str] | Unset):
        owner_ids (list[str] | Unset):
        include_deleted (bool | Unset):
        include_external_ids (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | QualificationRecordPage
    """

    return sync_detailed(
        client=client,
        entity_type=entity_type,
        start_time=start_time,
        end_time=end_time,
        after=after,
        qualification_type_ids=qualification_type_ids,
        owner_ids=owner_ids,
        include_deleted=include_deleted,
        include_external_ids=include_external_ids,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    start_time: datetime.datetime,
    end_time: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    qualification_type_ids: list[str] | Unset = UNSET,
    owner_ids: list[str] | Unset = UNSET,
    include_deleted: bool | Unset = UNSET,
    include_external_ids: bool | Unset = UNSET,
) -> Response[Error | QualificationRecordPage]:
    """Stream changed records

     Pages through the records that were created or changed in a span of time, in the order of
    their last change.

    Without `endTime` the stream stays open: `hasNextPage` remains true as long as there is a
    cursor, and asking again with the last `endCursor` gives what has changed since.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        start_time (datetime.datetime):
        end_time (datetime.datetime | Unset):
        after (str | Unset):
        qualification_type_ids (list[str] | Unset):
        owner_ids (list[str] | Unset):
        include_deleted (bool | Unset):
        include_external_ids (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | QualificationRecordPage]
    """

    kwargs = _get_kwargs(
        entity_type=entity_type,
        start_time=start_time,
        end_time=end_time,
        after=after,
        qualification_type_ids=qualification_type_ids,
        owner_ids=owner_ids,
        include_deleted=include_deleted,
        include_external_ids=include_external_ids,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    start_time: datetime.datetime,
    end_time: datetime.datetime | Unset = UNSET,
    after: str | Unset = UNSET,
    qualification_type_ids: list[str] | Unset = UNSET,
    owner_ids: list[str] | Unset = UNSET,
    include_deleted: bool | Unset = UNSET,
    include_external_ids: bool | Unset = UNSET,
) -> Error | QualificationRecordPage | None:
    """Stream changed records

     Pages through the records that were created or changed in a span of time, in the order of
    their last change.

    Without `endTime` the stream stays open: `hasNextPage` remains true as long as there is a
    cursor, and asking again with the last `endCursor` gives what has changed since.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        start_time (datetime.datetime):
        end_time (datetime.datetime | Unset):
        after (str | Unset):
        qualification_type_ids (list[str] | Unset):
        owner_ids (list[str] | Unset):
        include_deleted (bool | Unset):
        include_external_ids (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | QualificationRecordPage
    """

    return (
        await asyncio_detailed(
            client=client,
            entity_type=entity_type,
            start_time=start_time,
            end_time=end_time,
            after=after,
            qualification_type_ids=qualification_type_ids,
            owner_ids=owner_ids,
            include_deleted=include_deleted,
            include_external_ids=include_external_ids,
        )
    ).parsed
