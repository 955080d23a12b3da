# Derived from _async/client.py by scripts/derive_sync.py: edit that, then run make generate.
"""The client: each method's signature and description, for both clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NoReturn, Self, overload
from uuid import UUID

from .. import _types as t
from ..errors import QualificationsError
from ..sentinels import UNSET, Clear, Exactly, Unset

if TYPE_CHECKING:
    from .. import _calls, _config
    from .driver import Driver
    from .items import Items


def _load() -> None:
    """Load what runs, httpx and the models among it: importing this package is light without."""
    global _calls, _config, Driver, Items  # noqa: PLW0603  as if imported at the top
    from .. import _calls, _config  # noqa: PLC0415
    from .driver import Driver  # noqa: PLC0415
    from .items import Items  # noqa: PLC0415


class QualificationsClient:
    """
    Keeps qualification records in Samsara up to date, blocking and thread-safe.

        with QualificationsClient() as client:
            client.update(record_id, expiration_date=datetime(2027, 1, 1, tzinfo=UTC))

    Args:
        token: The API token, or a function that returns it, asked before each request: for tokens
            that are rotated. It must not block. `SAMSARA_API_TOKEN` without it.
        region: `"us"`, `"eu"` or `"ca"`: which of Samsara's hosts; `SAMSARA_REGION` without it.
        base_url: Another host, such as a mock's; `SAMSARA_BASE_URL` without it and without region.
            Plain http is for loopback, and for a mock at the host in `SAMSARA_PLAIN_HTTP_HOST`.
        organization: Any name for the organization, where a process or a store serves several:
            rate limits count for each. `SAMSARA_ORGANIZATION` without it.
        budget: Who shares the rate limit: a `Budget` or the URL of its store, such as
            `"sqlite:///budget.db"` or `"redis://host/0"`; `SAMSARA_BUDGET` without it; else all
            clients of this process with the same host and organization, whatever their token.
        limits: Other limits than the API's, by the method's name, `"token"` or `"organization"`:
            lower ones leave room for other integrations.
        deadline: Seconds that a call takes at most, with waiting and retries; 60 without it, and
            for the bulk lane as long as its turn takes to come.
        timeout: Seconds that one exchange with the server takes at most; `SAMSARA_TIMEOUT` without
            it, else 30. It counts also where `http_client` has time-outs of its own.
        lane: The lane of calls that name none: `"interactive"`, or `"bulk"`, which leaves room for
            the others.
        retry: When to send again; see `RetryPolicy`. `SAMSARA_RETRY=off` turns retries off where
            none is given.
        max_in_flight: How many exchanges may be under way at once. Without it about 8, where
            more only cost processor time, and as many more as slow answers need.
        api_version: The version of Samsara's API, such as `"2025-10-23"`, sent as
            `X-Samsara-Version`, as Samsara recommends; without it the token's own counts.
        app_info: What names your program in the `User-Agent`, such as `"acme-renewals/1.2"`.
        default_headers: Other headers for each request.
        http_client: Your own `httpx.Client`. It lends its connections, proxies, certificates,
            transport and hooks, and nothing else; it stays yours to close.
        on_answer: Called with an `AnswerEvent` for each answer of the server, successes too.
        on_retry: Called with a `RetryEvent` before each retry.
        on_wait: Called with a `WaitEvent` after each wait for a slot.
        strict: Whether responses must follow the spec to the letter; needs the extra `mock`.

    Raises:
        ConfigurationError: An option is wrong; no message shows the token.
        BudgetUnavailable: The budget's store does not answer.
    """

    def __init__(
        self,
        token: str | Callable[[], str] | None = None,
        *,
        region: t.Region | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        budget: t.Budget | str | None = None,
        limits: Mapping[str, t.RateLimit] | None = None,
        deadline: float | None = None,
        timeout: float | None = None,
        lane: t.Lane = "interactive",
        retry: t.RetryPolicy | None = None,
        max_in_flight: int | None = None,
        api_version: str | None = None,
        app_info: str | None = None,
        default_headers: Mapping[str, str] | None = None,
        http_client: t.HttpClient | None = None,
        on_answer: Callable[[t.AnswerEvent], None] | None = None,
        on_retry: Callable[[t.RetryEvent], None] | None = None,
        on_wait: Callable[[t.WaitEvent], None] | None = None,
        strict: bool = False,
    ) -> None:
        _load()
        config = _config.configure(
            token=token,
            region=region,
            base_url=base_url,
            organization=organization,
            budget=budget,
            limits=limits,
            deadline=deadline,
            timeout=timeout,
            lane=lane,
            retry=retry,
            max_in_flight=max_in_flight,
            api_version=api_version,
            app_info=app_info,
            default_headers=default_headers,
            on_answer=on_answer,
            on_retry=on_retry,
            on_wait=on_wait,
            strict=strict,
        )
        self._driver = Driver(config, http_client)
        self._rules = self._driver.rules

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._driver.description})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and a token, so it can be neither pickled "
            "nor copied: make one where it is needed"
        )

    @property
    def budget(self) -> t.Budget:
        """The budget that this client's calls share."""
        return self._driver.budget

    def with_options(
        self,
        *,
        deadline: float | None = None,
        timeout: float | None = None,
        lane: t.Lane | None = None,
        retry: t.RetryPolicy | None = None,
        on_answer: Callable[[t.AnswerEvent], None] | None = None,
        on_retry: Callable[[t.RetryEvent], None] | None = None,
        on_wait: Callable[[t.WaitEvent], None] | None = None,
    ) -> Self:
        """
        Return a client with other options that shares all else with this one.

            client.with_options(lane="bulk", timeout=60).update(record_id, expiration_date=CLEAR)

        The connections are the same: closing either client closes both.

        Args:
            deadline: Seconds that a call takes at most.
            timeout: Seconds that one exchange takes at most.
            lane: The lane of calls that name none.
            retry: When to send again.
            on_answer: Called with an `AnswerEvent` for each answer.
            on_retry: Called with a `RetryEvent` before each retry.
            on_wait: Called with a `WaitEvent` after each wait for a slot.

        Raises:
            ConfigurationError: An option is wrong.
        """
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        other._rules = _config.changed(
            self._rules,
            deadline=deadline,
            timeout=timeout,
            lane=lane,
            retry=retry,
            on_answer=on_answer,
            on_retry=on_retry,
            on_wait=on_wait,
        )
        return other

    def update(
        self,
        record_id: str | UUID,
        *,
        expiration_date: date | Clear | Exactly[date] | Unset = UNSET,
        issue_date: date | Exactly[date] | Unset = UNSET,
        owner: t.Owner | t.RecordOwner | Unset = UNSET,
        fields: Sequence[t.Field] | Unset = UNSET,
        external_ids: Mapping[str, str | Clear | Exactly[str]] | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.QualificationRecord:
        """
        Update one record: what is given changes, what is left out stays as it is.

        `PATCH /qualification-records`, 100 requests a minute. Sent again after
        an unknown outcome, since it sets absolute values; see `RetryPolicy` for what that means
        with a concurrent writer.

        Args:
            record_id: The record's id.
            expiration_date: An aware datetime, a date (midnight UTC), or `CLEAR` to remove it.
                The dates that databases and spreadsheets write for no date are refused, unless
                they stand in `Exactly(date)`.
            issue_date: An aware datetime or a date.
            owner: `Owner.worker(id)` or `Owner.asset(id)`, or another record's `owner`.
            fields: The custom fields to change, such as `NumberField(field_id, 123.456)`.
            external_ids: Ids in other systems, by the system's name; `CLEAR` removes one.
            deadline: Seconds that the call takes at most; the client's without it.
            lane: `"interactive"` takes any free slot; `"bulk"` leaves room for the others. The
                client's without it.

        Returns:
            The record after the update.

        Raises:
            InvalidInput: A value was refused; nothing was sent.
            QualificationsError: The call failed; `applied` tells whether the record changed.
        """
        call = _calls.update(
            record_id,
            expiration_date=expiration_date,
            issue_date=issue_date,
            owner=owner,
            fields=fields,
            external_ids=external_ids,
        )
        return self._driver.run(call, self._rules, deadline, lane)

    def confirm(
        self,
        error: QualificationsError,
        *,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> bool | None:
        """
        Read the record of an update whose outcome is unknown, and say whether the update is there.

        It compares what was sent with what the record holds now. So it cannot tell this update from
        another writer's that set the same values, and takes an update for not applied which another
        writer has changed since.

        Args:
            error: The error of the update.
            deadline: Seconds that the call takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            Whether all that was sent is there; `None` where nothing of it can be compared, such as
            files.

        Raises:
            InvalidInput: It is not the error of an update.
            NotFound: There is no such record.
            QualificationsError: The read failed.
        """
        return self._driver.run(_calls.confirm(error), self._rules, deadline, lane)

    def create(
        self,
        type_id: str | UUID,
        *,
        owner: t.Owner | t.RecordOwner,
        issue_date: date | Exactly[date],
        expiration_date: date | Exactly[date] | Unset = UNSET,
        fields: Sequence[t.Field] | Unset = UNSET,
        external_ids: Mapping[str, str | Clear | Exactly[str]] | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.QualificationRecord:
        """
        Create a record; it is never sent again after an unknown outcome.

        Args:
            type_id: The UUID of the qualification type; `types` lists them.
            owner: `Owner.worker(id)` or `Owner.asset(id)`.
            issue_date: An aware datetime or a date.
            expiration_date: An aware datetime or a date; left out, the record never expires.
            fields: The custom fields; the type says which are required.
            external_ids: Ids in other systems, by the system's name.
            deadline: Seconds that the call takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            The new record.

        Raises:
            InvalidInput: A value was refused; nothing was sent.
            QualificationsError: The call failed; `applied` tells whether the record was made.
        """
        call = _calls.create(
            type_id,
            owner=owner,
            issue_date=issue_date,
            expiration_date=expiration_date,
            fields=fields,
            external_ids=external_ids,
        )
        return self._driver.run(call, self._rules, deadline, lane)

    def delete(
        self, record_id: str | UUID, *, deadline: float | None = None, lane: t.Lane | None = None
    ) -> None:
        """Delete a record. Arguments and errors are those of `update`."""
        self._driver.run(_calls.delete(record_id), self._rules, deadline, lane)

    def archive(
        self, record_id: str | UUID, *, deadline: float | None = None, lane: t.Lane | None = None
    ) -> None:
        """Archive a record. Arguments and errors are those of `update`."""
        self._driver.run(_calls.archive(record_id), self._rules, deadline, lane)

    def unarchive(
        self, record_id: str | UUID, *, deadline: float | None = None, lane: t.Lane | None = None
    ) -> None:
        """Make an archived record active again. Arguments and errors are those of `update`."""
        self._driver.run(_calls.unarchive(record_id), self._rules, deadline, lane)

    @overload
    def get(  # type: ignore[overload-overlap]  # a str is one id, although it is iterable
        self,
        record_id: str | UUID,
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.QualificationRecord: ...

    @overload
    def get(
        self,
        record_id: Iterable[str | UUID],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> list[t.QualificationRecord]: ...

    def get(
        self,
        record_id: str | UUID | Iterable[str | UUID],
        *,
        include_external_ids: bool | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.QualificationRecord | list[t.QualificationRecord]:
        """
        Read one record, or many.

        Args:
            record_id: An id, or an iterable of any number of ids; more than 100 take several
                requests. An external id is written `key:value`.
            include_external_ids: Whether the records come with their external ids.
            deadline: Seconds that each request takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            The record; for an iterable a list, in the server's order.

        Raises:
            NotFound: No such record.
            QualificationsError: The call failed.
        """
        if isinstance(record_id, str | UUID):
            call = _calls.get(record_id, include_external_ids=include_external_ids)
            return self._driver.run(call, self._rules, deadline, lane)
        records: list[t.QualificationRecord] = []
        for some in _calls.get_many(record_id, include_external_ids=include_external_ids):
            found = self._driver.run(some, self._rules, deadline, lane)
            records += found
        return records

    def stream(
        self,
        *,
        entity_type: t.EntityType,
        start_time: date,
        end_time: date | Unset = UNSET,
        type_ids: Iterable[str | UUID] | Unset = UNSET,
        owner_ids: Iterable[str | UUID] | Unset = UNSET,
        include_deleted: bool | Unset = UNSET,
        include_external_ids: bool | Unset = UNSET,
        after: str | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.Items[t.QualificationRecord]:
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
            after: The cursor of a page that was read before, to go on behind it. Name the same
                `end_time` and filters again: a cursor is assumed to belong to them.
            deadline: Seconds that each page takes at most.
            lane: `"interactive"` or `"bulk"`.

        Returns:
            An iterator that asks for a page when it needs one; its `pages()` gives whole pages,
            with their cursors.

        Raises:
            InvalidInput: A value was refused; raised at once, not at the first item.
            QualificationsError: A page failed; the records before it have been given.
        """
        pages = _calls.stream(
            entity_type=entity_type,
            start_time=start_time,
            end_time=end_time,
            type_ids=type_ids,
            owner_ids=owner_ids,
            include_deleted=include_deleted,
            include_external_ids=include_external_ids,
            after=after,
        )
        return Items(self._driver, pages, self._rules, deadline, lane)

    def types(
        self,
        *,
        entity_type: t.EntityType,
        type_ids: Iterable[str | UUID] | Unset = UNSET,
        deadline: float | None = None,
        lane: t.Lane | None = None,
    ) -> t.Items[t.QualificationType]:
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
        pages = _calls.types(entity_type=entity_type, type_ids=type_ids)
        return Items(self._driver, pages, self._rules, deadline, lane)

    def close(self) -> None:
        """Close the connections; your own httpx client stays open."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
