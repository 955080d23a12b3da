"""What is wrong with an outcome, beside what its row says and what holds for every error."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

from samsara_qualifications import QualificationsError
from tests.faults.row import ANY, TOKEN, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.callers import Outcome

LONGEST: Final = 2_000
"""Characters that any text of an error has at most."""


def complaints(row: Row, outcome: Outcome, requests: list[str]) -> list[str]:
    """Return what is wrong, as plain ASCII: a bad text must not break the report, too."""
    error = outcome.error
    found = list(_course(row, outcome, requests))
    if isinstance(error, QualificationsError):
        found += [*_attributes(row, error), *_texts(error), *_leaks(row, error, outcome.log)]
    return [ascii(text)[1:-1][:300] for text in found]


def _course(row: Row, outcome: Outcome, requests: list[str]) -> Iterator[str]:
    """Tell what is wrong with outcome, requests, time and memory."""
    names = (row.outcome,) if isinstance(row.outcome, str) else row.outcome
    ours = "QualificationsError" in names and isinstance(outcome.error, QualificationsError)
    if not ours and outcome.name not in names:
        yield f"should end as {' or '.join(names)}, not {outcome.name}: {outcome.error}"
    if row.requests != len(requests):
        yield f"should send {row.requests} requests, not {len(requests)}"
    if not row.at_least <= outcome.seconds <= row.within:
        yield f"should take {row.at_least} to {row.within} s, not {outcome.seconds:.2f}"
    if outcome.grown > (row.memory or 0):
        yield f"should grow by {row.memory} MiB at most, not {outcome.grown:.0f}"
    if outcome.error is None and row.result not in {None, outcome.result}:
        yield f"should return {row.result!r}, not {outcome.result!r}"
    sent = "\n".join(requests)
    yield from (f"a request holds {text!r}" for text in row.lacks if text in sent)


def _attributes(row: Row, error: QualificationsError) -> Iterator[str]:
    """Tell which attributes and words are not what the row says."""
    if row.applied != ANY and row.applied is not error.applied:
        yield f"applied should be {row.applied}, not {error.applied}"
    for name, right in row.values.items():
        found = getattr(error, name, "missing")
        if isinstance(right, tuple):
            if not (isinstance(found, float) and right[0] <= found <= right[1]):
                yield f"{name} should be from {right[0]} to {right[1]}, not {found!r}"
        elif found != right:
            yield f"{name} should be {right!r}, not {found!r}"
    yield from (f"says nothing of {text!r}: {error}" for text in row.says if text not in str(error))


def _texts(error: QualificationsError) -> Iterator[str]:
    """Tell which texts cannot be printed, in one line, in a bounded length."""
    texts = {"the error": str(error)} | {
        name: value for name, value in vars(error).items() if isinstance(value, str)
    }
    texts.pop("body", None)  # it is the server's, as it came
    for name, text in texts.items():
        if not text.isprintable():
            yield f"{name} cannot be printed: {text!r}"
        if len(text) > LONGEST:
            yield f"{name} has {len(text)} characters"


def _leaks(row: Row, error: QualificationsError, log: str) -> Iterator[str]:
    """Tell where the token shows, or another secret, and whether pickling keeps everything."""
    pickled = pickle.dumps(error)
    again = pickle.loads(pickled)  # noqa: S301  our own
    if (type(again), str(again), vars(again)) != (type(error), str(error), vars(error)):
        yield "pickling changes it"
    places: list[tuple[str, Any]] = [
        ("its arguments", error.args),
        ("its attributes", vars(error)),
        ("its pickle", pickled),
        ("the log", log),
        *_chain(error),
    ]
    for place, value in places:
        yield from (
            f"{text!r} shows in {place}: {value!r:.200}"
            for text in (TOKEN, *row.hides)
            if text in repr(value)
        )


def _chain(error: BaseException) -> Iterator[tuple[str, Any]]:
    """Yield what is held by the exceptions that an error came from."""
    link = error.__cause__ or error.__context__
    while link is not None:
        request = getattr(link, "_request", None)
        headers = dict(request.headers) if request is not None else {}
        yield f"the chain's {type(link).__name__}", (link, link.args, headers)
        link = link.__cause__ or link.__context__
