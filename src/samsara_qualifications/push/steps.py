"""What a push asks of a client, as steps of a generator: it does no input or output of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from .._async.client import AsyncQualificationsClient
from .._sync.client import QualificationsClient
from ..errors import QualificationsError

Client: TypeAlias = QualificationsClient | AsyncQualificationsClient
T = TypeVar("T")
ITERATORS: Final = {"stream", "types"}
"""The client's methods that yield items."""


class Task(NamedTuple):
    """A call in the bulk lane; an iterator's items become a list of what `each` makes of them."""

    method: str
    arguments: dict[str, Any]
    key: int = 0
    each: Callable[[Any], Any] = lambda item: item


class Done(NamedTuple):
    """A task that has ended: the result, or the error."""

    key: int
    result: Any
    error: QualificationsError | None


class Step(NamedTuple):
    """Begin tasks, and wait until one ends: alone, or for so many seconds at most."""

    start: list[Task]
    wait: float | None = None


class News(NamedTuple):
    """What has ended since the last step, and whether the user wants to stop."""

    done: list[Done]
    interrupted: bool = False


Steps: TypeAlias = Generator[Step, News, T]


def ask(task: Task) -> Steps[Any]:
    """Make one call, and return its result."""
    ((done,), _) = yield Step([task])
    if done.error is not None:
        raise done.error
    return done.result
