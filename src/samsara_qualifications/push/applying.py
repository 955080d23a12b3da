"""Applying a plan: what is sent when, and what becomes of a row whatever comes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from .. import errors
from .._text import printable
from ..fields import Owner
from . import compare
from .compare import Json
from .model import FAILED, LEFT, Outcome, PlanError, Progress, Result, Stop
from .planfile import Job, Journal, Plan
from .steps import Done, Facts, News, Step, Steps, Task

AT_ONCE: Final = 8
READ_AT_ONCE: Final = 100
SOON: Final = 25
"""So few rows are left to send when the next are read."""

LOOK: Final = 1.0
"""Seconds after which the push looks around, though nothing has ended."""

GRACE: Final = 5.0
"""Seconds in which what is under way may end, once the push stops."""

SETTLED: Final = 60.0
"""Seconds after which a creation without an answer shows, or never will: gateways give up."""

TRIES: Final = 3
LONGEST_PAUSE: Final = 20.0
RATE_OVER: Final = 60.0

_OUTAGES: Final = (
    *(errors.ConnectionFailed, errors.ExchangeFailed, errors.ServerError, errors.RequestTimedOut),
    *(errors.BudgetUnavailable, errors.BudgetTimeout, errors.RateLimited),
)
_ALL_ALIKE: Final = (
    *(errors.Unauthorized, errors.Forbidden, errors.RedirectRefused, errors.ConfigurationError),
)


class Clocks(NamedTuple):
    """Seconds that only ever rise, and seconds since 1970."""

    now: Callable[[], float]
    wall: Callable[[], float]


class _Work(NamedTuple):
    """A call under way: the rows that it is about, whether it reads, and since when."""

    jobs: list[Job]
    reads: bool
    begun: float


def applied(
    facts: Facts,
    plan: Plan,
    outage_limit: float | None,
    on_progress: Callable[[Progress], None],
    clocks: Clocks,
) -> Steps[Result]:
    """Apply a plan, or go on with one."""
    for what, made_for, is_for in (
        ("host", plan.host, facts.host),
        ("organization", plan.organization, facts.organization),
    ):
        if made_for != is_for:
            raise PlanError(f"{plan.path} was made for the {what} {made_for!r}, not {is_for!r}")
    if refusals := plan.summary.refusals:
        raise PlanError(f"{plan.path} is not applied: {'; '.join(refusals)}")
    limit = facts.patience if outage_limit is None else outage_limit
    with plan.journal() as journal:
        push = _Push(facts, plan, journal, limit, on_progress, clocks)
        yield from push.run()
        return Result(summary=plan.summary, stopped=push.stopped, error=push.error)


class _Push:
    """
    A plan that is being applied.

    Args:
        facts: What is known of the client.
        plan: The plan.
        journal: Its journal.
        limit: Seconds that it bears an outage.
        on_progress: Called with each `Progress`.
        clocks: What time it is.
    """

    def __init__(
        self,
        facts: Facts,
        plan: Plan,
        journal: Journal,
        limit: float,
        on_progress: Callable[[Progress], None],
        clocks: Clocks,
    ) -> None:
        self.stopped: Stop | None = None
        self.error: errors.QualificationsError | None = None
        self._facts = facts
        self._plan = plan
        self._journal = journal
        self._limit = limit
        self._on_progress = on_progress
        self._clocks = clocks
        self._busy: dict[int, _Work] = {}
        self._keys = 0
        self._ready: deque[tuple[Job, Json]] = deque()
        self._halves: list[list[Job]] = []
        self._place = 0
        self._not_before = self._stops_at = 0.0
        self._since: float | None = None
        self._pause = 0.0
        self._trouble = ""
        self._done, self._total = 0, journal.count(LEFT)
        self._failed = journal.count(FAILED)
        self._pace: deque[tuple[float, int]] = deque([(clocks.now(), 0)])

    def run(self) -> Steps[None]:
        """Send what is left."""
        news = News([])
        while True:
            with self._journal.writing():
                for done in news.done:
                    self._end(done)
                self._look(interrupted=news.interrupted)
                start = [] if self.stopped else self._begin()
            self._report()
            if not self._busy and (self.stopped or not self._left()):
                return
            if self.stopped and self._clocks.now() >= self._stops_at:
                return
            news = yield Step(start, LOOK)

    def _left(self) -> bool:
        return bool(self._ready or self._halves or self._journal.next(0, 1))

    def _look(self, *, interrupted: bool) -> None:
        """See whether it is time to stop."""
        now = self._clocks.now()
        if self._facts.outage():
            self._since = now if self._since is None else self._since
            self._trouble = self._trouble or "the server does not answer"
        elif not self._pause:
            self._since, self._trouble = None, ""
        if interrupted:
            self._stop("interrupted", None, GRACE)
        elif self._since is not None and now - self._since >= self._limit:
            self._stop("outage", self.error, 0.0)

    def _stop(self, why: Stop, error: errors.QualificationsError | None, seconds: float) -> None:
        if self.stopped is None:
            self.stopped, self.error = why, error
            self._stops_at = self._clocks.now() + seconds

    # What begins.

    def _begin(self) -> list[Task]:
        """Return the calls that begin now; those that write are noted before."""
        now = self._clocks.now()
        if now < self._not_before:
            return []
        most = 1 if self._since is not None else AT_ONCE
        tasks: list[Task] = []
        while self._ready and sum(not work.reads for work in self._busy.values()) < most:
            job, body = self._ready.popleft()
            self._journal.sent(job, self._clocks.wall())
            tasks.append(self._task(self._writing(job, body), [job._replace(tries=job.tries + 1)]))
        reads = any(work.reads for work in self._busy.values())
        if self._halves and not reads:
            tasks.append(self._reading(self._halves.pop()))
        elif len(self._ready) < SOON and not reads:
            jobs = self._journal.next(self._place, READ_AT_ONCE)
            if not jobs and not self._busy and not self._ready:
                jobs = self._journal.next(0, READ_AT_ONCE)  # what came back, or was put off
            if jobs:
                self._place = jobs[-1].id
                tasks.append(self._reading(jobs))
        return tasks

    def _writing(self, job: Job, body: Json) -> Task:
        arguments = {"lane": "bulk", **compare.arguments_of(body)}
        if job.action == "update":
            return Task(0, "update", {"record_id": job.record_id, **arguments})
        owner = Owner(self._plan.entity_type, job.owner_id)
        return Task(0, "create", {"type_id": self._plan.type_id, "owner": owner, **arguments})

    def _reading(self, jobs: list[Job]) -> Task:
        options: dict[str, Any] = {"lane": "bulk", "include_external_ids": True}
        if jobs[0].action == "update":
            ids = list(dict.fromkeys(job.record_id for job in jobs))
            return self._task(Task(0, "get", {"record_id": ids, **options}), jobs, reads=True)
        filters = {
            "entity_type": self._plan.entity_type,
            "start_time": compare.EPOCH,
            "type_ids": [self._plan.type_id],
            "owner_ids": list(dict.fromkeys(job.owner_id for job in jobs)),
        }
        return self._task(Task(0, "stream", {**filters, **options}), jobs, reads=True)

    def _task(self, task: Task, jobs: list[Job], *, reads: bool = False) -> Task:
        self._keys += 1
        self._busy[self._keys] = _Work(jobs, reads, self._clocks.now())
        return task._replace(key=self._keys)

    # What ends.

    def _end(self, done: Done) -> None:
        work, error = self._busy.pop(done.key), done.error
        later = isinstance(error, _OUTAGES) or _meets_all(error)
        if error is not None and _meets_all(error):
            self._stop("refused", error, GRACE)
        elif error is not None and later:
            self._suffer(error, work.begun)
        elif not work.reads:
            self._pause = 0.0
        if not work.reads:
            self._written(work.jobs[0], done, again=later)
        elif error is None:
            self._decide(work.jobs, [record.to_dict() for record in done.result])
        elif later:
            self._place = min(self._place, work.jobs[0].id - 1)
        else:
            self._unread(work.jobs, error)

    def _suffer(self, error: errors.QualificationsError, begun: float) -> None:
        """Send nothing for a while, then one at a time, until an update is answered."""
        now = self._clocks.now()
        self._since = begun if self._since is None else self._since
        self._trouble, self.error = printable(str(error)), error
        if now >= self._not_before:
            self._pause = min(2 * self._pause or LOOK, LONGEST_PAUSE)
            self._not_before = now + self._pause
        if self._ready:  # it is to be read again once that is over
            self._place = min(self._place, self._ready[0][0].id - 1)
            self._ready.clear()

    def _written(self, job: Job, done: Done, *, again: bool) -> None:
        error = done.error
        if error is None:
            shown = done.result.to_dict()
            differs = [part for part in job.parts if compare.is_there(part, shown) is False]
            words = "the answer shows other values than were sent" if differs else ""
            self._note(job, "applied", words, applied=True, record=shown["id"])
        elif error.applied:
            self._note(job, "applied", error, applied=True)
        elif error.applied is None:
            gone = job.tries >= TRIES and not _is_gateways(error)
            self._note(job, "failed" if gone else "unknown", error, applied=None)
        elif again:
            self._note(job, "unknown" if job.tries > 1 else "planned", error, refused=True)
        else:
            self._note(job, "failed", error)

    def _unread(self, jobs: list[Job], error: errors.QualificationsError) -> None:
        """Read rows in halves, where one of them spoils the answer."""
        if len(jobs) > 1:
            self._halves += [jobs[len(jobs) // 2 :], jobs[: len(jobs) // 2]]
        else:
            self._note(jobs[0], "failed", error, applied=None if jobs[0].tries else False)

    # What a record that was read again says.

    def _decide(self, jobs: list[Job], shown: list[Json]) -> None:
        for job in jobs:
            if job.action == "update":
                mine = next((it for it in shown if it["id"] == job.record_id), None)
                self._decide_update(job, mine)
            else:
                mine = [it for it in shown if it["owner"]["id"] == job.owner_id]
                self._decide_creation(job, [it for it in mine if it["recordStatus"] != "deleted"])

    def _decide_update(self, job: Job, shown: Json | None) -> None:
        gone = shown is None or shown["recordStatus"] in {"deleted", "archived"}
        if shown is None or gone:
            what = "is archived" if shown and shown["recordStatus"] == "archived" else "is gone"
            words = f"the record {job.record_id} {what} since the plan was made"
            self._note(job, "failed", words, applied=None if job.tries else False)
            return
        there = [compare.is_there(part, shown) for part in job.parts]
        left = [place for place, is_there in enumerate(there) if is_there is not True]
        changed = [
            compare.place_of(job.parts[place]).split()[0]
            for place in left
            if there[place] is False and compare.held(job.parts[place], shown) != job.old[place]
        ]
        if not left:
            self._note(job, "applied" if job.tries else "right", applied=bool(job.tries))
        elif (job.kind, job.key) not in compare.keys_of(shown):
            self._conflict(job, f"the record is not that of {job.kind} {job.key} any more")
        elif shown["owner"]["id"] != job.owner_id:
            self._conflict(job, f"the record belongs to {shown['owner']['id']} by now")
        elif changed:
            self._conflict(job, f"somebody changed {', '.join(changed)} since the plan was made")
        else:
            self._ready.append((job, compare.whole(job.parts[place] for place in left)))

    def _decide_creation(self, job: Job, there: list[Json]) -> None:
        wait = job.time + SETTLED - self._clocks.wall() if job.tries else 0.0
        if not there and wait > 0:
            self._not_before = max(self._not_before, self._clocks.now() + min(wait, LOOK))
        elif not there:
            self._ready.append((job, compare.whole(job.parts)))
        elif (
            len(there) == 1
            and job.tries
            and all(compare.is_there(part, there[0]) is not False for part in job.parts)
        ):
            self._note(job, "applied", applied=True, record=there[0]["id"])
        else:
            ids = ", ".join(it["id"] for it in there)
            self._conflict(job, f"the owner has a record by now: {ids}")

    def _conflict(self, job: Job, words: str) -> None:
        self._note(job, "conflict", words, applied=None if job.tries else False)

    # What is told.

    def _note(
        self,
        job: Job,
        outcome: Outcome,
        error: errors.QualificationsError | str = "",
        *,
        applied: bool | None = False,
        record: str = "",
        refused: bool = False,
    ) -> None:
        request = "" if isinstance(error, str) else error.request_id or ""
        self._journal.note(
            job,
            outcome,
            self._clocks.wall(),
            error=str(error),
            applied=applied,
            request=request,
            record=record,
            refused=refused,
        )
        self._done += outcome not in LEFT
        self._failed += outcome in FAILED

    def _report(self) -> None:
        now = self._clocks.now()
        while len(self._pace) > 1 and now - self._pace[0][0] > RATE_OVER:
            self._pace.popleft()
        since, before = self._pace[0]
        if now - self._pace[-1][0] >= LOOK:
            self._pace.append((now, self._done))
        rate = (self._done - before) / (now - since) if now > since else 0.0
        lowest = min(rate, self._facts.per_minute / 60)
        rest = (self._total - self._done) / lowest if lowest else None
        trouble = self._trouble if self._since is not None else ""
        self._on_progress(
            Progress("updates", self._done, self._total, self._failed, rate, rest, trouble)
        )


def _meets_all(error: errors.QualificationsError | None) -> bool:
    """Return whether all other calls would fail alike, for as long as nobody does something."""
    return isinstance(error, _ALL_ALIKE) or bool(getattr(error, "lasting", False))


def _is_gateways(error: errors.QualificationsError) -> bool:
    """Return whether an error is of an outage, and no answer to this very row."""
    status = getattr(error, "status", None)
    return isinstance(error, errors.ExchangeFailed) or status in {408, 502, 503, 504}
