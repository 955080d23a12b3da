"""What a push asks of a client, as steps of a generator: it does no input or output of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from ..errors import QualificationsError

T = TypeVar("T")
ITERATORS: Final = {"stream", "types"}
"""The client's methods that yield items."""


class Task(NamedTuple):
    """A call of the client's; of an iterator each item goes to `each`, or into a list."""

    method: str
    arguments: dict[str, Any]
    key: int = 0
    each: Callable[[Any], None] | None = None


class Done(NamedTuple):
    """A task that has ended: the result, or the error."""

    key: int
    result: Any
    error: QualificationsError | None


class Step(NamedTuple):
    """Begin tasks, and wait so many seconds at most until one of those under way has ended."""

    start: list[Task]
    wait: float = math.inf


class News(NamedTuple):
    """What has ended since the last step, and whether the user wants to stop."""

    done: list[Done]
    interrupted: bool = False


Steps: TypeAlias = Generator[Step, News, T]


def ask(method: str, each: Callable[[Any], None] | None = None, **arguments: Any) -> Steps[Any]:
    """Make one call, and return its result."""
    news = yield Step([Task(method, {"lane": "bulk", **arguments}, each=each)])
    if news.done[0].error is not None:
        raise news.done[0].error
    return news.done[0].result
