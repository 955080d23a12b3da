"""The clients, blocking and async: methods over one flow, and drivers that perform its steps."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any, Self, overload

import httpx

from . import _config, _exchange, _flow, _requests, _wire
from ._wire import UNSET, Unset
from .errors import (
    ConfigurationError,
    ConnectionFailed,
    InvalidInput,
    NotFound,
    QualificationsError,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Callable,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from datetime import date
    from types import TracebackType
    from typing import NoReturn
    from uuid import UUID

    from ._flow import RetryEvent, WaitEvent
    from ._wire import ModelT, models
    from .budget import Budget, Lane, Permit, RateLimit
    from .fields import Field, Owner
    from .retry import RetryPolicy
    from .sentinels import Clear


class _Client:
    """What both clients share: configuration, and how a call begins."""

    _config: _config.Config
    _owned: bool

    def __repr__(self) -> str:
        return _config.describe(type(self).__name__, self._config)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and a token, so it can be neither pickled "
            "nor copied: make one where it is needed"
        )

    @property
    def budget(self) -> Budget:
        """The budget that this client's calls share."""
        return self._config.budget

    def _flow(
        self,
        operation: _wire.Operation[ModelT],
        request: _wire.Request,
        deadline: float | None,
        lane: Lane,
    ) -> Generator[_flow.Step, Any, Any]:
        seconds = self._config.call_deadline(deadline, lane)
        return _flow.call(self._config.rules, operation, request, lane=lane, deadline=seconds)

    def _http_request(
        self, http_client: httpx.Client | httpx.AsyncClient, request: _wire.Request
    ) -> httpx.Request:
        headers = dict(self._config.headers)
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        url = self._config.url(request)
        try:
            return http_client.build_request(
                request.method, url, content=request.content, headers=headers
            )
        except httpx.InvalidURL as error:
            raise InvalidInput(
                f"The ids and filters do not fit into a URL: {error}; pass fewer at a time"
            ) from None

    def _refuse_inherited(self) -> None:
        if not self._owned:
            raise ConfigurationError(
                "After a fork, the parent's httpx client must not be used, since both would read "
                "each other's answers: make one, and a client with it, in the child process"
            )


class QualificationsClient(_Client):
    """
    Keeps qualification records in Samsara up to date; blocking, thread-safe.

        with QualificationsClient() as client:
            client.update(record_id, expiration_date=datetime(2027, 1, 1, tzinfo=UTC))

    Args:
        token: The API token; `SAMSARA_API_TOKEN` without it.
        region: `"us"`, `"eu"` or `"ca"`: which of Samsara's hosts.
        base_url: Another host, such as a mock's; `SAMSARA_BASE_URL` without it and without region.
        budget: Who shares the rate limit: a `Budget` or the URL of its store, such as
            `"sqlite:///budget.db"` or `"redis://host/0"`; `SAMSARA_BUDGET` without it; else all
            clients of this process with the same host and token.
        limits: Other limits than the API's, by the method's name, `"token"` or `"organization"`:
            lower ones leave room for other integrations.
        deadline: Seconds that a call takes at most, with waiting and retries; 60 without it, and
            for the bulk lane as long as its turn takes to come.
        timeout: Seconds that one exchange with the server takes at most.
        retry: When to send again; see `RetryPolicy`.
        http_client: Your own `httpx.Client`, for proxies or certificates; it stays yours to close.
        on_retry: Called with a `RetryEvent` before each retry.
        on_wait: Called with a `WaitEvent` after each wait for a slot.
        strict: Whether responses must follow the spec to the letter; needs the extra `mock`.

    Raises:
        ConfigurationError: An option is wrong; no message shows the token.
        BudgetUnavailable: The budget's store does not answer.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        region: _config.Region | None = None,
        base_url: str | None = None,
        budget: Budget | str | None = None,
        limits: Mapping[str, RateLimit] | None = None,
        deadline: float | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        http_client: httpx.Client | None = None,
        on_retry: Callable[[RetryEvent], None] | None = None,
        on_wait: Callable[[WaitEvent], None] | None = None,
        strict: bool = False,
    ) -> None:
        self._config = _config.configure(
            token=token,
            region=region,
            base_url=base_url,
            budget=budget,
            limits=limits,
            deadline=deadline,
            timeout=timeout,
            retry=retry,
            on_retry=on_retry,
            on_wait=on_wait,
            strict=strict,
        )
        self._http_client = _config.http_client(httpx.Client, http_client, self._config)
        self._owned = http_client is None
        self._process = os.getpid()

    def update(
        self,
        record_id: str,
        *,
        expiration_date: date | Clear | Unset = UNSET,
        issue_date: date | Unset = UNSET,
        owner: Owner | Unset = UNSET,
        fields: Sequence[Field] | Unset = UNSET,
        external_ids: Mapping[str, str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord:
        """
        Update one record: what is given changes, what is left out stays as it is.

        `PATCH /qualification-records`, 100 requests a minute (source: the seed). Sent again after
        an unknown outcome, since it sets absolute values; see `RetryPolicy` for what that means
        with a concurrent writer.

        Args:
            record_id: The record's id.
            expiration_date: An aware datetime, a date (midnight UTC), or `CLEAR` to remove it.
            issue_date: An aware datetime or a date.
            owner: `Owner.worker(id)` or `Owner.asset(id)`.
            fields: The custom fields to change, such as `NumberField(field_id, 123.456)`.
            external_ids: Ids in other systems, by the system's name.
            deadline: Seconds that the call takes at most; the client's without it.
            lane: `"interactive"` takes any free slot; `"bulk"` leaves room for the others.

        Returns:
            The record after the update.

        Raises:
            InvalidInput: A value was refused; nothing was sent.
            QualificationsError: The call failed; `applied` tells whether the record changed.
        """
        request = _requests.update(
            record_id,
            expiration_date=expiration_date,
            issue_date=issue_date,
            owner=owner,
            fields=fields,
            external_ids=external_ids,
        )
        record = self._run(_wire.UPDATE, request, deadline, lane).data
        _requests.confirm_update(record_id, record)
        return record

    def create(
        self,
        type_id: str | UUID,
        *,
        owner: Owner,
        issue_date: date,
        expiration_date: date | Unset = UNSET,
        fields: Sequence[Field] | Unset = UNSET,
        external_ids: Mapping[str, str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord:
        """
        Create a record; it is never sent again after an unknown outcome.

        Args:
            type_id: The UUID of the qualification type; `types` lists them.
            owner: `Owner.worker(id)` or `Owner.asset(id)`.
            issue_date: An aware datetime or a date.
            expiration_date: An aware datetime or a date; left out, the record never expires.
            fields: The custom fields; the type says which are required (source: upstream).
            external_ids: Ids in other systems, by the system's name.
            deadline: Seconds that the call takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            The new record.

        Raises:
            InvalidInput: A value was refused; nothing was sent.
            QualificationsError: The call failed; `applied` tells whether the record was made.
        """
        request = _requests.create(
            type_id,
            owner=owner,
            issue_date=issue_date,
            expiration_date=expiration_date,
            fields=fields,
            external_ids=external_ids,
        )
        return self._run(_wire.CREATE, request, deadline, lane).data

    def delete(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """Delete a record. Arguments and errors are those of `update`."""
        self._run(_wire.DELETE, _requests.by_id(_wire.DELETE, record_id), deadline, lane)

    def archive(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """Archive a record. Arguments and errors are those of `update`."""
        self._run(_wire.ARCHIVE, _requests.by_id(_wire.ARCHIVE, record_id), deadline, lane)

    def unarchive(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """Make an archived record active again. Arguments and errors are those of `update`."""
        self._run(_wire.UNARCHIVE, _requests.by_id(_wire.UNARCHIVE, record_id), deadline, lane)

    @overload
    def get(  # type: ignore[overload-overlap]  # a str is one id, although it is iterable
        self,
        record_id: str,
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord: ...

    @overload
    def get(
        self,
        record_id: Iterable[str],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> list[models.QualificationRecord]: ...

    def get(
        self,
        record_id: str | Iterable[str],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord | list[models.QualificationRecord]:
        """
        Read one record, or many.

        Args:
            record_id: An id, or an iterable of any number of ids; more than 100 take several
                requests. An external id is written `key:value` (source: upstream).
            include_external_ids: Whether the records come with their external ids.
            deadline: Seconds that each request takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            The record; for an iterable a list, in the server's order.

        Raises:
            NotFound: No such record.
            QualificationsError: The call failed.
        """
        ids = [record_id] if isinstance(record_id, str) else record_id
        records: list[models.QualificationRecord] = []
        for request in _requests.get(ids, include_external_ids=include_external_ids):
            records += self._run(_wire.GET, request, deadline, lane).data
        return _only(records, record_id) if isinstance(record_id, str) else records

    def stream(
        self,
        *,
        entity_type: str,
        start_time: date,
        end_time: date | Unset = UNSET,
        type_ids: Iterable[str] | Unset = UNSET,
        owner_ids: Iterable[str] | Unset = UNSET,
        include_deleted: bool | Unset = UNSET,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> Iterator[models.QualificationRecord]:
        """
        Iterate over the records that changed in a time, over all pages, the last change last.

        Args:
            entity_type: `"worker"` or `"asset"`: whose records.
            start_time: An aware datetime or a date.
            end_time: The end, itself excluded; without it, now, by this machine's clock.
            type_ids: Only records of these qualification types; at most 100.
            owner_ids: Only records of these owners; at most 100.
            include_deleted: Whether deleted records come, too.
            include_external_ids: Whether the records come with their external ids.
            deadline: Seconds that each page takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            An iterator that asks for a page when it needs one.

        Raises:
            InvalidInput: A value was refused; raised at once, not at the first item.
            QualificationsError: A page failed; the records before it have been given.
        """
        arguments = _requests.stream(
            entity_type=entity_type,
            start_time=start_time,
            end_time=end_time,
            type_ids=type_ids,
            owner_ids=owner_ids,
            include_deleted=include_deleted,
            include_external_ids=include_external_ids,
        )
        return self._items(_wire.STREAM, arguments, deadline, lane)

    def types(
        self,
        *,
        entity_type: str,
        type_ids: Iterable[str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> Iterator[models.QualificationType]:
        """
        Iterate over the qualification types and their fields, over all pages.

        Args:
            entity_type: `"worker"` or `"asset"`: for whose records.
            type_ids: Only these types; at most 100.
            deadline: Seconds that each page takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            An iterator that asks for a page when it needs one.

        Raises:
            InvalidInput: A value was refused; raised at once.
            QualificationsError: A page failed.
        """
        arguments = _requests.types(entity_type=entity_type, type_ids=type_ids)
        return self._items(_wire.TYPES, arguments, deadline, lane)

    def close(self) -> None:
        """Close the connections; your own `httpx.Client` stays open."""
        if self._owned:
            self._http_client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _items(
        self,
        operation: _wire.Operation[Any],
        arguments: dict[str, Any],
        deadline: float | None,
        lane: Lane,
    ) -> Iterator[Any]:
        self._config.call_deadline(deadline, lane)  # a wrong one is refused now, not at an item
        return self._pages(operation, arguments, deadline, lane)

    def _pages(
        self,
        operation: _wire.Operation[Any],
        arguments: dict[str, Any],
        deadline: float | None,
        lane: Lane,
    ) -> Iterator[Any]:
        cursor: str | Unset | None = UNSET
        while cursor is not None:
            request = operation.request(**arguments, after=cursor)
            page = self._run(operation, request, deadline, lane)
            yield from page.data
            cursor = _requests.next_cursor(operation, page, cursor)

    def _run(
        self,
        operation: _wire.Operation[ModelT],
        request: _wire.Request,
        deadline: float | None,
        lane: Lane,
    ) -> ModelT:
        """Drive a call's flow: perform each step, blocking."""
        flow = self._flow(operation, request, deadline, lane)
        advance: Callable[[Any], _flow.Step] = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                try:
                    value, advance = self._perform(step), flow.send
                except QualificationsError as error:
                    value, advance = error, flow.throw
        except StopIteration as stop:
            result: ModelT = stop.value
            return result

    def _perform(self, step: _flow.Step) -> Any:
        match step:
            case _flow.Acquire(limits, lane, timeout):
                return self.budget.acquire(limits, lane=lane, timeout=timeout)
            case _flow.Send(request, permit, seconds):
                return self._send(request, permit, seconds)
            case _flow.Pause(key, seconds):
                return self.budget.pause(key, seconds)
            case _:
                return time.sleep(step.seconds)

    def _send(self, request: _wire.Request, permit: Permit, seconds: float) -> _exchange.Answer:
        finish = permit.refund
        try:
            http_client = self._ready()
            http_request = self._http_request(http_client, request)
            finish = permit.settle
            return _exchange.send(http_client, http_request, seconds)
        except ConnectionFailed:
            finish = permit.refund
            raise
        finally:
            finish()

    def _ready(self) -> httpx.Client:
        if self._process != os.getpid():
            self._refuse_inherited()
            self._http_client = _config.http_client(httpx.Client, None, self._config)
            self._process = os.getpid()
        _check_open(self._http_client)
        return self._http_client


class AsyncQualificationsClient(_Client):
    """
    Keeps qualification records in Samsara up to date, without blocking the event loop (asyncio).

        async with AsyncQualificationsClient() as client:
            await client.update(record_id, expiration_date=datetime(2027, 1, 1, tzinfo=UTC))

    A client belongs to the event loop that first uses it. Arguments, results and errors of all
    methods are those of `QualificationsClient`; `stream` and `types` are iterated with `async for`.
    `http_client` is an `httpx.AsyncClient`.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        region: _config.Region | None = None,
        base_url: str | None = None,
        budget: Budget | str | None = None,
        limits: Mapping[str, RateLimit] | None = None,
        deadline: float | None = None,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        http_client: httpx.AsyncClient | None = None,
        on_retry: Callable[[RetryEvent], None] | None = None,
        on_wait: Callable[[WaitEvent], None] | None = None,
        strict: bool = False,
    ) -> None:
        self._config = _config.configure(
            token=token,
            region=region,
            base_url=base_url,
            budget=budget,
            limits=limits,
            deadline=deadline,
            timeout=timeout,
            retry=retry,
            on_retry=on_retry,
            on_wait=on_wait,
            strict=strict,
        )
        self._http_client = _config.http_client(httpx.AsyncClient, http_client, self._config)
        self._owned = http_client is None
        self._process = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def update(
        self,
        record_id: str,
        *,
        expiration_date: date | Clear | Unset = UNSET,
        issue_date: date | Unset = UNSET,
        owner: Owner | Unset = UNSET,
        fields: Sequence[Field] | Unset = UNSET,
        external_ids: Mapping[str, str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord:
        """See `QualificationsClient.update`."""
        request = _requests.update(
            record_id,
            expiration_date=expiration_date,
            issue_date=issue_date,
            owner=owner,
            fields=fields,
            external_ids=external_ids,
        )
        record = (await self._run(_wire.UPDATE, request, deadline, lane)).data
        _requests.confirm_update(record_id, record)
        return record

    async def create(
        self,
        type_id: str | UUID,
        *,
        owner: Owner,
        issue_date: date,
        expiration_date: date | Unset = UNSET,
        fields: Sequence[Field] | Unset = UNSET,
        external_ids: Mapping[str, str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord:
        """See `QualificationsClient.create`."""
        request = _requests.create(
            type_id,
            owner=owner,
            issue_date=issue_date,
            expiration_date=expiration_date,
            fields=fields,
            external_ids=external_ids,
        )
        return (await self._run(_wire.CREATE, request, deadline, lane)).data

    async def delete(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """See `QualificationsClient.delete`."""
        await self._run(_wire.DELETE, _requests.by_id(_wire.DELETE, record_id), deadline, lane)

    async def archive(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """See `QualificationsClient.archive`."""
        await self._run(_wire.ARCHIVE, _requests.by_id(_wire.ARCHIVE, record_id), deadline, lane)

    async def unarchive(
        self, record_id: str, *, deadline: float | None = None, lane: Lane = "interactive"
    ) -> None:
        """See `QualificationsClient.unarchive`."""
        await self._run(
            _wire.UNARCHIVE, _requests.by_id(_wire.UNARCHIVE, record_id), deadline, lane
        )

    @overload
    async def get(  # type: ignore[overload-overlap]  # a str is one id, although it is iterable
        self,
        record_id: str,
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord: ...

    @overload
    async def get(
        self,
        record_id: Iterable[str],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> list[models.QualificationRecord]: ...

    async def get(
        self,
        record_id: str | Iterable[str],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> models.QualificationRecord | list[models.QualificationRecord]:
        """See `QualificationsClient.get`."""
        ids = [record_id] if isinstance(record_id, str) else record_id
        records: list[models.QualificationRecord] = []
        for request in _requests.get(ids, include_external_ids=include_external_ids):
            records += (await self._run(_wire.GET, request, deadline, lane)).data
        return _only(records, record_id) if isinstance(record_id, str) else records

    def stream(
        self,
        *,
        entity_type: str,
        start_time: date,
        end_time: date | Unset = UNSET,
        type_ids: Iterable[str] | Unset = UNSET,
        owner_ids: Iterable[str] | Unset = UNSET,
        include_deleted: bool | Unset = UNSET,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> AsyncIterator[models.QualificationRecord]:
        """See `QualificationsClient.stream`."""
        arguments = _requests.stream(
            entity_type=entity_type,
            start_time=start_time,
            end_time=end_time,
            type_ids=type_ids,
            owner_ids=owner_ids,
            include_deleted=include_deleted,
            include_external_ids=include_external_ids,
        )
        return self._items(_wire.STREAM, arguments, deadline, lane)

    def types(
        self,
        *,
        entity_type: str,
        type_ids: Iterable[str] | Unset = UNSET,
        deadline: float | None = None,
        lane: Lane = "interactive",
    ) -> AsyncIterator[models.QualificationType]:
        """See `QualificationsClient.types`."""
        arguments = _requests.types(entity_type=entity_type, type_ids=type_ids)
        return self._items(_wire.TYPES, arguments, deadline, lane)

    async def aclose(self) -> None:
        """See `QualificationsClient.close`."""
        if self._owned:
            await self._http_client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _items(
        self,
        operation: _wire.Operation[Any],
        arguments: dict[str, Any],
        deadline: float | None,
        lane: Lane,
    ) -> AsyncIterator[Any]:
        self._config.call_deadline(deadline, lane)  # a wrong one is refused now, not at an item
        return self._pages(operation, arguments, deadline, lane)

    async def _pages(
        self,
        operation: _wire.Operation[Any],
        arguments: dict[str, Any],
        deadline: float | None,
        lane: Lane,
    ) -> AsyncIterator[Any]:
        cursor: str | Unset | None = UNSET
        while cursor is not None:
            request = operation.request(**arguments, after=cursor)
            page = await self._run(operation, request, deadline, lane)
            for item in page.data:
                yield item
            cursor = _requests.next_cursor(operation, page, cursor)

    async def _run(
        self,
        operation: _wire.Operation[ModelT],
        request: _wire.Request,
        deadline: float | None,
        lane: Lane,
    ) -> ModelT:
        """Drive a call's flow: perform each step."""
        flow = self._flow(operation, request, deadline, lane)
        advance: Callable[[Any], _flow.Step] = flow.send
        value: Any = None
        try:
            while True:
                step = advance(value)
                try:
                    value, advance = await self._perform(step), flow.send
                except QualificationsError as error:
                    value, advance = error, flow.throw
        except StopIteration as stop:
            result: ModelT = stop.value
            return result

    async def _perform(self, step: _flow.Step) -> Any:
        match step:
            case _flow.Acquire(limits, lane, timeout):
                return await self.budget.acquire_async(limits, lane=lane, timeout=timeout)
            case _flow.Send(request, permit, seconds):
                return await self._send(request, permit, seconds)
            case _flow.Pause(key, seconds):
                return await self.budget.pause_async(key, seconds)
            case _:
                return await asyncio.sleep(step.seconds)

    async def _send(
        self, request: _wire.Request, permit: Permit, seconds: float
    ) -> _exchange.Answer:
        finish = permit.refund_async
        try:
            http_client = self._ready()
            http_request = self._http_request(http_client, request)
            finish = permit.settle_async
            return await _exchange.send_async(http_client, http_request, seconds)
        except ConnectionFailed:
            finish = permit.refund_async
            raise
        finally:
            await finish()

    def _ready(self) -> httpx.AsyncClient:
        if self._process != os.getpid():
            self._refuse_inherited()
            self._http_client = _config.http_client(httpx.AsyncClient, None, self._config)
            self._process = os.getpid()
            self._loop = None
        loop = asyncio.get_running_loop()
        if self._loop not in {None, loop}:
            raise ConfigurationError(
                "An AsyncQualificationsClient belongs to the event loop that first used it: "
                "make one in each loop; they share the budget"
            )
        self._loop = loop
        _check_open(self._http_client)
        return self._http_client


def _only(records: list[models.QualificationRecord], record_id: str) -> models.QualificationRecord:
    if records:
        return records[0]
    error = NotFound(
        f"get: the server knows no record with the id {record_id!r}", status=200, message=""
    )
    error.operation = "get"
    raise error


def _check_open(http_client: httpx.Client | httpx.AsyncClient) -> None:
    if http_client.is_closed:
        raise ConfigurationError("The client is closed: make a new one, or keep it open for longer")
