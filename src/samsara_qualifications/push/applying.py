"""Applying a plan: what is sent when, and what becomes of a row whatever comes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic, time
from typing import Any, Final, NamedTuple

from .. import errors
from .._confirm import shows
from .._text import printable
from ..fields import Owner
from ..sentinels import EPOCH
from . import compare
from .compare import Json
from .model import FAILED, LEFT, Outcome, Progress, Result, Stop
from .planfile import Job, Journal, Plan
from .steps import Client, Done, News, Step, Steps, Task

AT_ONCE: Final = 8
READ_AT_ONCE: Final = 100
SOON: Final = 25  # so few rows are left to send when the next are read
LOOK: Final = 1.0  # seconds after which a push looks around, though nothing has ended
GRACE: Final = 5.0  # seconds in which calls under way may end, once it stops
SETTLED: Final = 60.0  # seconds after which a creation without an answer shows, or never will
TRIES: Final = 3  # how often a row is sent whose outcome is unknown each time
TRIES_IN_OUTAGE: Final = 10  # the same, where only reads are answered
LONGEST_PAUSE: Final = 20.0
PACE: Final = 60.0  # seconds over which the rate is taken

_GONE: Final = {"recordStatus": "gone"}
_GATEWAYS: Final = {408, 502, 503, 504}
_PASSING: Final = (
    *(errors.ConnectionFailed, errors.ExchangeFailed, errors.ServerError, errors.RequestTimedOut),
    *(errors.BudgetUnavailable, errors.BudgetTimeout, errors.RateLimited),
)
_ALL_ALIKE: Final = (
    *(errors.Unauthorized, errors.Forbidden, errors.RedirectRefused, errors.ConfigurationError),
)


class _Work(NamedTuple):
    """
    A call under way: the rows that it is about, whether it reads them, and since when.

    Of a part of rows whose reading failed, `first` is when all of them were read.
    """

    jobs: list[Job]
    reads: bool
    begun: float
    first: float


def applied(
    client: Client,
    plan: Plan | str | Path,
    outage_limit: float | None,
    on_progress: Callable[[Progress], None],
) -> Steps[Result]:
    """Apply a plan, or go on with one."""
    if outage_limit is not None and not outage_limit >= 0:
        raise errors.InvalidInput(f"outage_limit={outage_limit} must be seconds, 0 or more")
    plan = plan if isinstance(plan, Plan) else Plan.open(plan)
    config, policy = client._driver.config, client._rules.policy
    for name, mine in (("host", config.base_url), ("organization", config.organization)):
        planned: str = getattr(plan, name)
        if planned != mine:
            raise errors.PlanError(f"{plan.path} was made for the {name} {planned!r}, not {mine!r}")
    if refusals := plan.summary.refusals:
        raise errors.PlanError(f"{plan.path} is not applied: {'; '.join(refusals)}")
    limit = policy._patience("bulk") if outage_limit is None else outage_limit
    with plan._journal() as journal:
        return (yield from _Push(client, plan, journal, on_progress).run(limit))


class _Push:
    """A plan that is being applied."""

    def __init__(
        self,
        client: Client,
        plan: Plan,
        journal: Journal,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._stopped: Stop | None = None
        self._error: errors.QualificationsError | None = None
        self._driver, self._plan, self._journal = client._driver, plan, journal
        self._on_progress = on_progress
        self._busy: dict[int, _Work] = {}  # by their first rows
        self._ready: deque[tuple[Job, list[Json]]] = deque()
        self._halves: list[tuple[list[Job], float]] = []  # rows of which one spoils the answer
        self._place = 0  # the last row that was read again
        self._since: float | None = None  # when the outage began, where there is one
        self._pause = self._not_before = self._stops_at = self._answered = 0.0
        self._last: errors.QualificationsError | None = None
        self._done, self._total, self._failed = 0, plan.summary.left, plan.summary.failed
        self._pace = deque([(monotonic(), 0)])

    def run(self, limit: float) -> Steps[Result]:
        """Send what is left, and bear an outage for so many seconds."""
        news = News([])
        while True:
            with self._journal.writing():
                for done in news.done:
                    self._end(done)
                self._look(limit, interrupted=news.interrupted)
                start = [] if self._stopped else self._begin()
                left = self._busy or self._ready or self._halves or self._journal.next(0, 1)
            self._report()
            is_over = self._stopped and (not self._busy or monotonic() >= self._stops_at)
            if is_over or not left:
                break
            news = yield Step(start, LOOK)
        return Result(summary=self._plan.summary, stopped=self._stopped, error=self._error)

    def _look(self, limit: float, *, interrupted: bool) -> None:
        """See whether there is an outage, and whether it is time to stop."""
        if self._driver.outage:
            self._since = self._since or monotonic()
        elif not self._pause:
            self._since = self._last = None
        if interrupted:
            self._stop("interrupted", None, GRACE)
        elif self._since is not None and monotonic() - self._since >= limit:
            self._stop("outage", self._last, 0.0)

    def _stop(self, why: Stop, error: errors.QualificationsError | None, seconds: float) -> None:
        if self._stopped is None:
            self._stopped, self._error, self._stops_at = why, error, monotonic() + seconds

    def _begin(self) -> list[Task]:
        """Return the calls that begin now; those that write are noted before."""
        tasks: list[Task] = []
        if monotonic() < self._not_before:
            return tasks
        reads = any(work.reads for work in self._busy.values())
        free = (AT_ONCE if self._since is None else 1) - len(self._busy) + reads
        for job, parts in [self._ready.popleft() for _ in range(min(free, len(self._ready)))]:
            sent = job._replace(tries=job.tries + 1)
            self._journal.note(sent, outcome="sent")
            tasks.append(self._writing(sent, parts))
        if self._halves and not reads:
            tasks.append(self._reading(*self._halves.pop()))
        elif len(self._ready) < SOON and not reads:
            jobs = self._journal.next(self._place, READ_AT_ONCE)
            if not jobs and not self._busy and not self._ready:
                jobs = self._journal.next(0, READ_AT_ONCE)  # what came back, or was put off
            held = {*self._busy, *(job.id for job, _ in self._ready)}
            if jobs := [job for job in jobs if job.id not in held]:
                self._place = jobs[-1].id
                tasks.append(self._reading(jobs))
        return tasks

    def _writing(self, job: Job, parts: list[Json]) -> Task:
        arguments = compare.arguments_of(parts)
        if job.action == "update":
            return self._task([job], "update", record_id=job.record_id, **arguments)
        owner = Owner(self._plan.entity_type, job.owner_id)
        return self._task([job], "create", type_id=self._plan.type_id, owner=owner, **arguments)

    def _reading(self, jobs: list[Job], first: float | None = None) -> Task:
        ids = list(dict.fromkeys(job.record_id or job.owner_id for job in jobs))
        if jobs[0].action == "update":
            return self._task(jobs, "get", first, record_id=ids, include_external_ids=True)
        return self._task(
            jobs,
            "stream",
            first,
            entity_type=self._plan.entity_type,
            start_time=EPOCH,
            type_ids=[self._plan.type_id],
            owner_ids=ids,
            include_external_ids=True,
        )

    def _task(
        self, jobs: list[Job], method: str, first: float | None = None, **arguments: Any
    ) -> Task:
        now = monotonic()
        self._busy[jobs[0].id] = _Work(jobs, method in {"get", "stream"}, now, first or now)
        return Task(method, arguments, jobs[0].id)

    def _end(self, done: Done) -> None:
        """Note what a call that has ended says."""
        work, error = self._busy.pop(done.key), done.error
        all_alike = isinstance(error, _ALL_ALIKE) or bool(getattr(error, "lasting", False))
        passing = isinstance(error, _PASSING) and not all_alike
        if error is not None and all_alike:
            self._stop("refused", error, GRACE)
        elif error is not None and passing:
            self._suffer(error, work.begun)
        else:
            self._answered = monotonic()
            self._pause *= work.reads
        if not work.reads:
            self._written(work.jobs[0], done, again=passing or all_alike)
        elif error is None:
            self._read(work.jobs, [record.to_dict() for record in done.result])
        elif all_alike or (passing and not self._is_its_own(error, work)):
            self._place = min(self._place, work.jobs[0].id - 1)
        elif len(work.jobs) > 1:
            middle = len(work.jobs) // 2
            halves = (work.jobs[middle:], work.jobs[:middle])
            self._halves += [(half, work.first) for half in halves]
        elif isinstance(error, errors.NotFound):
            self._read(work.jobs, [])
        else:
            self._note(work.jobs[0], "failed", error)

    def _is_its_own(self, error: errors.QualificationsError, work: _Work) -> bool:
        """Return whether a failure may be that of one record, as others are answered meanwhile."""
        own = isinstance(error, errors.ServerError) and error.status not in _GATEWAYS
        return own and (len(work.jobs) > 1 or self._answered > work.first)

    def _suffer(self, error: errors.QualificationsError, begun: float) -> None:
        """Send nothing for a while, and then one at a time until an update is answered."""
        self._since = self._since or begun
        self._last = error
        if monotonic() >= self._not_before:
            self._pause = min(2 * self._pause or LOOK, LONGEST_PAUSE)
            self._not_before = monotonic() + self._pause
        if self._ready:  # they are read again once it is over
            self._place = min(self._place, self._ready[0][0].id - 1)
            self._ready.clear()

    def _written(self, job: Job, done: Done, *, again: bool) -> None:
        error = done.error
        if error is None:
            shown = done.result.to_dict()
            differs = any(shows(shown, part) is False for part in job.parts)
            words = "the answer shows other values than those sent" if differs else ""
            self._note(job, "applied", words, record=shown["id"])
        elif error.applied is not False:  # a success that cannot be read may be anybody's, too
            tries = TRIES_IN_OUTAGE if getattr(error, "status", 408) in _GATEWAYS else TRIES
            self._note(job, "unknown" if job.tries < tries else "failed", error)
        elif again:
            job = job._replace(tries=job.tries - 1)
            self._note(job, "unknown" if job.tries else "planned", error)
        else:
            self._note(job, "failed", error, applied=False)

    def _read(self, jobs: list[Job], shown: list[Json]) -> None:
        """Decide about rows whose records were read again."""
        there = {it["id"]: it for it in shown if it["recordStatus"] != "deleted"}
        for job in jobs:
            if job.action == "update":
                self._decide_update(job, there.get(job.record_id, _GONE))
            else:
                owned = [it for it in there.values() if it["owner"]["id"] == job.owner_id]
                self._decide_creation(job, owned)

    def _decide_update(self, job: Job, shown: Json) -> None:
        if (status := shown["recordStatus"]) in {"gone", "archived"}:
            words = f"the record {job.record_id} is {status} since the plan was made"
            self._note(job, "failed", words)
            return
        left = [part for part in job.parts if shows(shown, part) is not True]
        changed = [
            name
            for part, old, name in zip(job.parts, job.old, job.names, strict=True)
            if shows(shown, part) is False and compare.held(part, shown) != old
        ]
        if not left:
            self._note(job, "applied" if job.tries else "right")
        elif (job.kind, job.key) not in compare.keys_of(shown):
            kind = job.kind.replace("_", " ")
            self._note(job, "conflict", f"the record is not that of {kind} {job.key} any more")
        elif shown["owner"]["id"] != job.owner_id:
            self._note(job, "conflict", f"the record's owner is {shown['owner']['id']} by now")
        elif changed:
            words = f"somebody changed {', '.join(changed)} since the plan was made"
            self._note(job, "conflict", words)
        else:
            self._ready.append((job, left))

    def _decide_creation(self, job: Job, there: list[Json]) -> None:
        wait = job.time + SETTLED - time() if job.tries else 0.0
        mine = job.tries and all(shows(it, part) is not False for it in there for part in job.parts)
        if not there and wait > 0:
            self._not_before = monotonic() + min(wait, LOOK)
        elif not there:
            self._ready.append((job, job.parts))
        elif mine and len(there) == 1:
            self._note(job, "applied", record=there[0]["id"])
        else:
            ids = ", ".join(it["id"] for it in there)
            self._note(job, "conflict", f"the owner has a record by now: {ids}")

    def _note(
        self,
        job: Job,
        outcome: Outcome,
        error: errors.QualificationsError | str = "",
        **more: object,
    ) -> None:
        """Note what became of a row; once sent, it may have been applied, unless that is known."""
        in_doubt = None if job.tries else False
        values = {"applied": True if outcome == "applied" else in_doubt, **more}
        if request := getattr(error, "request_id", None):
            values["request"] = request
        self._journal.note(job, outcome=outcome, error=str(error), **values)
        self._done += outcome not in LEFT
        self._failed += outcome in FAILED

    def _report(self) -> None:
        now = monotonic()
        if now - self._pace[-1][0] >= LOOK:
            self._pace.append((now, self._done))
        while len(self._pace) > 2 and now - self._pace[0][0] > PACE:  # noqa: PLR2004  two give a rate
            self._pace.popleft()
        since, before = self._pace[0]
        rate = (self._done - before) / (now - since) if now > since else 0.0
        limit = self._driver.config.limits["update"]["update"]
        lowest = min(rate, limit.requests / limit.window_seconds)
        rest = (self._total - self._done) / lowest if lowest else None
        trouble = printable(str(self._last or "the server does not answer"))
        waiting = trouble if self._since is not None else ""
        waiting = f"finishing {len(self._busy)}" if self._stopped else waiting
        self._on_progress(
            Progress("updates", self._done, self._total, self._failed, rate, rest, waiting)
        )
