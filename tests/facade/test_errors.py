"""The error tree: classes, `applied`, and copies that lose nothing."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from samsara_qualifications import (
    ApiError,
    BadRequest,
    BudgetTimeout,
    Forbidden,
    NotFound,
    QualificationsError,
    RateLimited,
    RedirectRefused,
    RequestTimedOut,
    ServerError,
    Unauthorized,
    UnexpectedResponse,
    errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def leaves(kind: type[Any]) -> list[type[Any]]:
    """Return a class and all below it."""
    return [kind, *(found for child in kind.__subclasses__() for found in leaves(child))]


def make(kind: type[Any]) -> Any:
    """Return an error of a class, with all that it can hold."""
    if issubclass(kind, ApiError):
        return kind("no", status=418, message="tea", request_id="r", retry_after=0.5)
    if issubclass(kind, UnexpectedResponse):
        return kind("no", status=200, path="data.id", request_id="r", incomplete=True)
    if issubclass(kind, BudgetTimeout):
        return kind("no", waited=1.5, retry_after=2.5)
    return kind("no")


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle-{n}": lambda e, n=n: pickle.loads(pickle.dumps(e, n)) for n in range(6)},  # noqa: S301
}


@pytest.mark.parametrize("kind", leaves(QualificationsError))
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_every_error_is_copied_and_pickled_whole(
    kind: type[Any], duplicate: Callable[[Any], Any]
) -> None:
    """Class, text, attributes and notes; a process pool hands it on."""
    error = make(kind)
    error.operation = "update"
    error.applied = None
    error.add_note("The attempt before it failed: no")
    twin = duplicate(error)
    assert (kind, ("no",), str(error)) == (type(twin), twin.args, str(twin))
    assert vars(error) == vars(twin)
    assert twin is not error


@pytest.mark.parametrize("kind", leaves(QualificationsError))
def test_every_error_says_whether_the_call_was_applied(kind: type[Any]) -> None:
    """By its class, until a call knows more; names and ids have a default."""
    unknown = {errors.ExchangeFailed, RequestTimedOut, ServerError}
    expected = True if kind is UnexpectedResponse else None if kind in unknown else False
    error = make(kind)
    assert expected is error.applied
    assert "" == error.operation
    assert error.request_id in {None, "r"}
    assert isinstance(error, QualificationsError)


def test_the_module_docstring_draws_the_tree() -> None:
    """Every class, in its place, with nothing else."""
    drawn = []
    for line in (errors.__doc__ or "").splitlines():
        stripped = line.strip("│├└─ ")
        if "──" in line or line.strip() == "QualificationsError":
            drawn.append((len(line) - len(line.lstrip("│├└─ ")), stripped.split()[0]))
    assert {name for _, name in drawn} == {kind.__name__ for kind in leaves(QualificationsError)}
    depths = {name: depth for depth, name in drawn}
    for kind in leaves(QualificationsError)[1:]:
        assert depths[kind.__bases__[0].__name__] < depths[kind.__name__]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (100, ServerError),
        (300, RedirectRefused),
        (304, RedirectRefused),
        (308, RedirectRefused),
        (400, BadRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (405, BadRequest),
        (408, RequestTimedOut),
        (409, BadRequest),
        (413, BadRequest),
        (429, RateLimited),
        (499, BadRequest),
        (500, ServerError),
        (501, ServerError),
        (520, ServerError),
        (600, ServerError),
        (999, ServerError),
    ],
)
def test_a_status_has_a_class(status: int, expected: type[ApiError]) -> None:
    """Known and unknown ones; what nobody knows is taken for the server's failure."""
    assert expected is errors.kind_of(status)


@pytest.mark.parametrize("kind", [errors.InvalidInput, errors.ConfigurationError])
def test_bad_arguments_are_value_errors(kind: type[Exception]) -> None:
    """As in Python's own library."""
    assert issubclass(kind, ValueError)
