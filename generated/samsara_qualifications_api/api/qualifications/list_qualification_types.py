from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.entity_type import EntityType
from ...models.error import Error
from ...models.qualification_type_page import QualificationTypePage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    entity_type: EntityType,
    ids: list[str] | Unset = UNSET,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_entity_type = entity_type.value
    params["entityType"] = json_entity_type

    json_ids: list[str] | Unset = UNSET
    if not isinstance(ids, Unset):
        json_ids = ids

    params["ids"] = json_ids

    params["after"] = after

    params = {
        k: ",".join(map(str, v)) if isinstance(v, list) else v
        for k, v in params.items()
        if v is not UNSET and v is not None
    }

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/qualification-types",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | QualificationTypePage:
    if response.status_code == 200:
        response_200 = QualificationTypePage.from_dict(response.json())

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
) -> Response[Error | QualificationTypePage]:
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
    ids: list[str] | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[Error | QualificationTypePage]:
    """List qualification types

     Pages through the qualification types for one kind of owner, with the custom fields that
    their records have.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        ids (list[str] | Unset):
        after (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | QualificationTypePage]
    """

    kwargs = _get_kwargs(
        entity_type=entity_type,
        ids=ids,
        after=after,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    ids: list[str] | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Error | QualificationTypePage | None:
    """List qualification types

     Pages through the qualification types for one kind of owner, with the custom fields that
    their records have.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        ids (list[str] | Unset):
        after (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | QualificationTypePage
    """

    return sync_detailed(
        client=client,
        entity_type=entity_type,
        ids=ids,
        after=after,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    ids: list[str] | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[Error | QualificationTypePage]:
    """List qualification types

     Pages through the qualification types for one kind of owner, with the custom fields that
    their records have.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        ids (list[str] | Unset):
        after (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | QualificationTypePage]
    """

    kwargs = _get_kwargs(
        entity_type=entity_type,
        ids=ids,
        after=after,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    entity_type: EntityType,
    ids: list[str] | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Error | QualificationTypePage | None:
    """List qualification types

     Pages through the qualification types for one kind of owner, with the custom fields that
    their records have.

    The token needs the scope **Read Qualification Records**.

    Args:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee,
            `asset` for a vehicle, trailer or piece of equipment.
        ids (list[str] | Unset):
        after (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | QualificationTypePage
    """

    return (
        await asyncio_detailed(
            client=client,
            entity_type=entity_type,
            ids=ids,
            after=after,
        )
    ).parsed
