"""Hold what the callers know of their updates against what the server's journal says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.soak.workers import Outcome


class Account:
    """
    What a server's journal says.

    Args:
        lines: Its lines, as `server` describes them.

    Attributes:
        starts: How often a server was started.
        requests: How many requests came.
        faults: How many faults struck, by kind.
        applied: The marks of updates that were carried out, each with how often.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.starts = 0
        self.requests = 0
        self.faults: Counter[str] = Counter()
        self.applied: Counter[str] = Counter()
        self._history: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._succeeded: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()  # success statuses after which the update came again
        for line in lines:
            self._take(json.loads(line))

    def _take(self, line: dict[str, Any]) -> None:
        match line:
            case {"did": "start"}:
                self.starts += 1
            case {"did": "come", "key": key, "fault": fault}:
                self.requests += 1
                self.faults[fault] += fault != "none"
                self._lost[key] += self._succeeded.pop(key, 0)
            case {"did": "apply", "key": mark, "body": body, "at": at}:
                self.applied[mark] += 1
                self._history[body["id"]].append((at, mark))
            case {"did": "answer", "key": mark, "status": status} if 200 <= status < 300:
                if mark in self.applied:  # not so for reads, which may be repeated
                    self._succeeded[mark] += 1
            case _:
                pass

    def mismatches(self, outcomes: list[Outcome], unfinished: Iterable[str]) -> Iterator[str]:
        """Yield each thing that is not as it must be."""
        if self.starts != 2 or not any(outcome.result == "success" for outcome in outcomes):
            yield f"no soak: {self.starts} starts of the server, {len(outcomes)} updates"
        for mark in unfinished:
            yield f"{mark}: the call never ended"
        known = {*(outcome.mark for outcome in outcomes), *unfinished}
        for mark in self.applied.keys() - known:
            yield f"{mark}: applied, but no caller knows of it"
        for outcome in outcomes:
            for problem in self._problems(outcome):
                yield f"{outcome.mark} ({outcome.result}, applied={outcome.applied}): {problem}"

    def _problems(self, outcome: Outcome) -> Iterator[str]:
        mark = outcome.mark
        if outcome.problem:
            yield outcome.problem
        if outcome.applied is True and mark not in self.applied:
            yield "the server did not apply it"
        if outcome.applied is False and mark in self.applied:
            yield "the server applied it"
        if outcome.repeated:
            yield "sent again after a success status that the client had seen"
        if self._lost[mark] > outcome.timeouts:
            yield "sent again after a success status, without a time-out"
        if outcome.confirmed is not None and outcome.confirmed not in self._right_answers(outcome):
            yield f"confirm said {outcome.confirmed}"

    def _right_answers(self, outcome: Outcome) -> set[bool]:
        """Return what confirm may have seen: an update could be applied while it looked."""
        history = self._history[outcome.record]
        before = [mark for at, mark in history if at < outcome.asked][-1:] or [""]
        during = [mark for at, mark in history if outcome.asked <= at <= outcome.answered]
        return {mark == outcome.mark for mark in before + during}
