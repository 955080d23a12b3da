"""What a push asks of a client, without doing it: tasks, and waiting for their ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from ..errors import QualificationsError

T = TypeVar("T")

ITERATORS = {"stream", "types"}
"""The client's methods that yield items."""


class Task(NamedTuple):
    """
    One call of the client.

    Attributes:
        key: Tells its end from those of others.
        method: The client's method.
        arguments: What it is called with.
        each: Called with each item that it yields; without it they are the result, as a list.
    """

    key: Any
    method: str
    arguments: dict[str, Any]
    each: Callable[[Any], None] | None = None


class Done(NamedTuple):
    """A task that has ended, with its result or its error."""

    key: Any
    result: Any
    error: QualificationsError | None


class Step(NamedTuple):
    """
    Begin tasks, and wait until one of those under way has ended.

    Attributes:
        start: The tasks.
        wait: Seconds to wait at most.
    """

    start: list[Task]
    wait: float = math.inf


class News(NamedTuple):
    """What has ended since the last step, and whether the user wants to stop."""

    done: list[Done]
    interrupted: bool = False


Steps: TypeAlias = Generator[Step, News, T]


class Facts(NamedTuple):
    """
    What a push has to know of its client.

    Attributes:
        host: The API's host.
        organization: The organization's name; empty where it has none.
        per_minute: How many updates its limit allows in a minute.
        patience: Seconds that it bears an outage.
        outage: Whether the server does not answer at the moment.
    """

    host: str
    organization: str
    per_minute: float
    patience: float
    outage: Callable[[], bool]


def ask(method: str, each: Callable[[Any], None] | None = None, **arguments: Any) -> Steps[Any]:
    """Make one call, and return its result."""
    news = yield Step([Task(None, method, {"lane": "bulk", **arguments}, each)])
    if news.done[0].error is not None:
        raise news.done[0].error
    return news.done[0].result
