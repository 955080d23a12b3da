"""Threads and tasks that update records, each its own, and write down what came of each update."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from samsara_qualifications import (
    AsyncQualificationsClient,
    QualificationRecord,
    QualificationsClient,
    QualificationsError,
    RateLimit,
    RetryPolicy,
)
from tests.soak.server import RECORDS, TIMEOUT, TOKEN, record_id

if TYPE_CHECKING:
    from samsara_qualifications import Budget, Lane, RetryEvent

THREADS: Final = 8
TASKS: Final = RECORDS - THREADS
LIMITS: Final = {
    "update": RateLimit(150, 1),
    "get": RateLimit(150, 1),
    "token": RateLimit(300, 1),
    "organization": RateLimit(300, 1),
}
RETRIES: Final = [
    RetryPolicy(backoff=0.05, max_backoff=1.0),
    RetryPolicy(backoff=0.05, max_backoff=1.0, attempts=1),
]
"""One that repeats, and one whose calls end without success more often."""

PAUSE: Final = 0.2
"""Seconds that a worker waits after a failure."""

GRACE: Final = 90.0
"""Seconds after the end in which a call must have ended: interactive ones have 60."""

_DAY: Final = date(2030, 1, 1)
_SUCCESS: Final = range(200, 300)


@dataclass(slots=True)
class Outcome:
    """
    What the caller knows of one update.

    Attributes:
        mark: The text that only this update sets.
        record: The record.
        result: `success`, or the error's class.
        applied: Whether it was applied, as the client says.
        problem: What should never be, such as an exception that is not the package's.
        timeouts: How many attempts were given up for want of time, and made again.
        repeated: Whether the request went out again after a success status; seen by hooks, for
            clients that have an httpx client of ours.
        asked: When its confirmation began.
        answered: When that ended.
        confirmed: What it said; `None` where there was none.
    """

    mark: str
    record: str
    result: str = ""
    applied: bool | None = None
    problem: str = ""
    timeouts: int = 0
    repeated: bool = False
    asked: float = 0.0
    answered: float = 0.0
    confirmed: bool | None = None


class Worker:
    """One thread or task: the updates of one record, one after the other."""

    def __init__(self, number: int, end: float) -> None:
        self.record = record_id(number)
        self.outcomes: list[Outcome] = []
        self._number = number
        self._hooked = number % 2 == 1  # its client has an httpx client of ours
        self._end = end
        self._lane: Lane = "interactive" if number % 8 < 4 else "bulk"
        self._expiration = _DAY
        self._succeeded = False
        self._open: Outcome | None = None

    @property
    def unfinished(self) -> str:
        """The mark of the update that has no outcome; empty where each has one."""
        return self._open.mark if self._open else ""

    def begin(self) -> dict[str, Any] | None:
        """Return the next update's arguments; `None` where it is time to end."""
        if time.monotonic() >= self._end:
            return None
        serial = len(self.outcomes)
        self._open = Outcome(f"w{self._number}-{serial}", self.record)
        self._expiration = _DAY + timedelta(days=serial)
        self._succeeded = False
        return {
            "record_id": self.record,
            "expiration_date": self._expiration,
            "external_ids": {"soak": self._open.mark},
            "lane": self._lane,
        }

    def ended(self, result: QualificationRecord | Exception) -> QualificationsError | None:
        """Write an update's outcome down; return the error, if it is worth a confirmation."""
        outcome, self._open = self._now(), None
        self.outcomes.append(outcome)
        outcome.result = type(result).__name__
        if isinstance(result, QualificationsError):
            outcome.applied = result.applied
            return None if result.applied is False else result
        if isinstance(result, Exception):
            outcome.problem = f"a foreign exception: {result!r}"
            return None
        day = datetime(*self._expiration.timetuple()[:3], tzinfo=UTC)
        outcome.result, outcome.applied = "success", True
        if (result.id, result.expiration_date) != (self.record, day):
            outcome.problem = f"the answer shows {result.id}, {result.expiration_date}"
        elif self._hooked and not self._succeeded:
            outcome.problem = "no hook heard of the success"
        return None

    def confirmed(self, asked: float, answer: object) -> None:
        """Write down what the confirmation of the last update said."""
        outcome = self.outcomes[-1]
        outcome.asked, outcome.answered = asked, time.monotonic()
        if answer is None or isinstance(answer, bool):
            outcome.confirmed = answer
        elif not isinstance(answer, QualificationsError):
            outcome.problem = f"a foreign exception of confirm: {answer!r}"

    def note_retry(self, event: RetryEvent) -> None:
        """Hear that the update will be sent again."""
        if event.operation == "update":
            self._now().timeouts += "no complete answer within" in event.reason

    def note_request(self) -> None:
        """Hear that the update goes out."""
        self._now().repeated |= self._succeeded

    def note_status(self, status: int) -> None:
        """Hear what was answered."""
        self._succeeded |= status in _SUCCESS

    def _now(self) -> Outcome:
        assert self._open is not None
        return self._open


@dataclass
class Crew:
    """
    All workers of a round.

    Attributes:
        url: The server's.
        budget: The budget that all clients share.
        end: When no more updates begin, by the monotonic clock.
        workers: All of them; the first ones are threads.
        leftovers: What remained after the clients were closed: threads that hang, asyncio's tasks.
    """

    url: str
    budget: Budget
    end: float
    workers: list[Worker] = field(init=False)
    leftovers: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Hire."""
        self.workers = [Worker(number, self.end) for number in range(RECORDS)]
        self._by_record = {worker.record: worker for worker in self.workers}

    @property
    def outcomes(self) -> list[Outcome]:
        """What came of all updates."""
        return [outcome for worker in self.workers for outcome in worker.outcomes]

    @property
    def unfinished(self) -> list[str]:
        """The marks of updates that have no outcome."""
        return [worker.unfinished for worker in self.workers if worker.unfinished]

    def run(self) -> None:
        """Work until the end. Half of the clients have an httpx client of ours, the others not."""
        with ExitStack() as stack:
            lent = stack.enter_context(httpx.Client(event_hooks=self._hooks()))
            clients = [
                stack.enter_context(
                    QualificationsClient(retry=retry, http_client=http_client, **self._options())
                )
                for retry, http_client in itertools.product(RETRIES, (None, lent))
            ]
            threads = [
                threading.Thread(target=_update, args=(client, worker), daemon=True)
                for client, worker in zip(itertools.cycle(clients), self.workers[:THREADS])
            ]
            for thread in threads:
                thread.start()
            asyncio.run(self._run_tasks())
            for thread in threads:
                thread.join(max(0.0, self.end + GRACE - time.monotonic()))

    async def _run_tasks(self) -> None:
        async with AsyncExitStack() as stack:
            lent = await stack.enter_async_context(
                httpx.AsyncClient(event_hooks=self._async_hooks())
            )
            clients = [
                await stack.enter_async_context(
                    AsyncQualificationsClient(
                        retry=retry, http_client=http_client, **self._options()
                    )
                )
                for retry, http_client in itertools.product(RETRIES, (None, lent))
            ]
            tasks = [
                asyncio.create_task(_update_async(client, worker))
                for client, worker in zip(itertools.cycle(clients), self.workers[THREADS:])
            ]
            await asyncio.wait(tasks, timeout=self.end + GRACE - time.monotonic())
            for task in tasks:
                task.cancel()  # which does nothing to those that have ended
            await asyncio.gather(*tasks, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        self.leftovers += [f"left running: {task}" for task in left]

    def _options(self) -> dict[str, Any]:
        return {
            "token": TOKEN,
            "base_url": self.url,
            "budget": self.budget,
            "limits": LIMITS,
            "timeout": TIMEOUT,
            "on_retry": lambda event: self._by_record[event.record_id].note_retry(event),
        }

    def _hooks(self) -> dict[str, list[Any]]:
        def sent(request: httpx.Request) -> None:
            if request.method == "PATCH":
                self._of(request).note_request()

        def answered(response: httpx.Response) -> None:
            if response.request.method == "PATCH":
                self._of(response.request).note_status(response.status_code)

        return {"request": [sent], "response": [answered]}

    def _async_hooks(self) -> dict[str, list[Any]]:
        hooks = self._hooks()

        async def sent(request: httpx.Request) -> None:
            hooks["request"][0](request)

        async def answered(response: httpx.Response) -> None:
            hooks["response"][0](response)

        return {"request": [sent], "response": [answered]}

    def _of(self, request: httpx.Request) -> Worker:
        return self._by_record[json.loads(request.content)["id"]]


def _update(client: QualificationsClient, worker: Worker) -> None:
    while (update := worker.begin()) is not None:
        try:
            worker.ended(client.update(**update))
        except Exception as error:  # noqa: BLE001  whatever it is, it is an outcome
            if unclear := worker.ended(error):
                asked = time.monotonic()
                try:
                    worker.confirmed(asked, client.confirm(unclear))
                except Exception as problem:  # noqa: BLE001  the same
                    worker.confirmed(asked, problem)
            time.sleep(PAUSE)


async def _update_async(client: AsyncQualificationsClient, worker: Worker) -> None:
    while (update := worker.begin()) is not None:
        try:
            worker.ended(await client.update(**update))
        except Exception as error:  # noqa: BLE001  whatever it is, it is an outcome
            if unclear := worker.ended(error):
                asked = time.monotonic()
                try:
                    worker.confirmed(asked, await client.confirm(unclear))
                except Exception as problem:  # noqa: BLE001  the same
                    worker.confirmed(asked, problem)
            await asyncio.sleep(PAUSE)
