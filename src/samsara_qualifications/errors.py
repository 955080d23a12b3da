"""
What can go wrong, and whether the call was applied all the same.

    QualificationsError
    ├── InvalidInput (ValueError)      a value was refused before anything was sent
    ├── ConfigurationError (ValueError) the client cannot be made, or used, like this
    ├── PlanError (ValueError)         a push cannot be planned, or its plan not be applied
    ├── BudgetTimeout                  no slot came free in time; nothing was sent
    ├── BudgetUnavailable              the budget's store does not answer; nothing was sent
    ├── ConnectionFailed               no connection could be made; nothing was sent
    ├── ExchangeFailed                 the exchange broke or timed out after the request had left
    ├── UnexpectedResponse             success was answered, in a form that cannot be read
    └── ApiError                       the server answered with an error status
        ├── BadRequest                 400 and every 4xx without a class of its own
        ├── Unauthorized               401
        ├── Forbidden                  403
        ├── NotFound                   404
        ├── RequestTimedOut            408
        ├── RateLimited                429
        ├── RedirectRefused            3xx
        └── ServerError                5xx

Every error has `applied`: `True` (the server applied the call), `False` (it did not) or `None`
(nobody can tell: read the record before you decide). All hold plain values only, so they can be
pickled and copied. None of them ever holds the token.
"""

from __future__ import annotations

from typing import Any


class QualificationsError(Exception):
    """
    The root of every error that this package raises.

    Attributes:
        applied: Whether the server applied the call; `None` where that is unknown.
        operation: Name of the client's method, such as `"update"`; empty where no call was made.
        record_id: The record that the call was about; `None` where it was about none or several, or
            where no call was made.
        request_id: The server's id of the request, where it gave one; Samsara's support asks
            for it.
        sent: The update's body, for `confirm`; `None` where the call was no update.
    """

    applied: bool | None = False
    operation: str = ""
    record_id: str | None = None
    request_id: str | None = None
    sent: dict[str, Any] | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later, and may be made again without harm."""
        return False

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by state, so that keyword-only arguments survive."""
        return (_restore, (type(self), self.args, dict(self.__dict__)))


def _restore(
    kind: type[QualificationsError], args: tuple[Any, ...], state: dict[str, Any]
) -> QualificationsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidInput(QualificationsError, ValueError):
    """A value was refused before anything was sent."""


class ConfigurationError(QualificationsError, ValueError):
    """The client cannot be made, or used, with this configuration."""


class PlanError(QualificationsError, ValueError):
    """A push cannot be planned like this, or its plan cannot be read, written or applied."""


class BudgetTimeout(QualificationsError):
    """
    No slot of the rate limit came free in time; nothing was sent.

    Attributes:
        waited: Seconds that the call waited in the queue.
        retry_after: Seconds until a slot can be expected.
    """

    def __init__(self, message: str, *, waited: float, retry_after: float) -> None:
        super().__init__(message)
        self.waited = waited
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: nothing was sent, or applied."""
        return True


class BudgetUnavailable(QualificationsError):
    """
    The budget's store does not answer or cannot be used; nothing was sent.

    Attributes:
        lasting: Whether it will not pass by itself: the file was replaced while in use.
    """

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: nothing was sent, or applied."""
        return not self.lasting


class ConnectionFailed(QualificationsError):
    """
    No connection to the server could be made; nothing was sent.

    Attributes:
        unknown_host: Whether the host's name could not be resolved.
        lasting: Whether it will not pass by itself: a certificate that is not trusted, a proxy that
            refuses.
    """

    unknown_host: bool = False
    lasting: bool = False

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: nothing was sent, or applied."""
        return not self.lasting


class ExchangeFailed(QualificationsError):
    """The exchange broke or timed out after the request had left: the outcome is unknown."""

    applied = None

    @property
    def retryable(self) -> bool:
        """Whether the same call may be made again: not where that would make a second record."""
        return self.operation != "create"


class UnexpectedResponse(QualificationsError):
    """
    The server reported success in a form that cannot be read: the call was applied.

    An update that was answered with another record is one of these, too: what became of it is
    unknown.

    Attributes:
        status: The HTTP status.
        path: Where in the body the first unreadable value stands, such as `data.fields[0].id`;
            empty where the body as a whole cannot be read.
        incomplete: Whether the body broke off.
    """

    applied: bool | None = True

    def __init__(
        self,
        message: str,
        *,
        status: int,
        path: str = "",
        request_id: str | None = None,
        incomplete: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.path = path
        self.request_id = request_id
        self.incomplete = incomplete


class ApiError(QualificationsError):
    """
    The server answered with a status that is no success.

    Attributes:
        status: The HTTP status.
        message: The server's own words, 500 characters at most; they may change at any time, so
            do not compare them.
        body: All that the server said, 64 KiB at most, as it came but for the token.
        retry_after: Seconds that the server asked to wait, where it did.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int,
        message: str,
        body: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.message = message
        self.body = body
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequest(ApiError):
    """400, or a 4xx without a class of its own: the request was refused."""


class RequestTimedOut(ApiError):
    """408: the server gave up waiting for the request; whether it applied the call is unknown."""

    applied = None

    @property
    def retryable(self) -> bool:
        """Whether the same call may be made again: not where that would make a second record."""
        return self.operation != "create"


class Unauthorized(ApiError):
    """401: the token is wrong, expired or revoked."""


class Forbidden(ApiError):
    """403: the token lacks the permission, or the organisation the licence."""


class NotFound(ApiError):
    """404: no such object."""


class RateLimited(ApiError):
    """429: over the rate limit, again and again."""

    @property
    def retryable(self) -> bool:
        """Whether the same call can succeed later: nothing was sent, or applied."""
        return True


class RedirectRefused(ApiError):
    """3xx: redirects are never followed, since they would carry the request elsewhere."""


class ServerError(ApiError):
    """5xx: the server failed; whether it applied the call is unknown."""

    applied = None

    @property
    def retryable(self) -> bool:
        """Whether the same call may be made again, and the failure is one that passes."""
        return self.operation != "create" and self.status in {500, 502, 503, 504}


_KINDS: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: RequestTimedOut,
    429: RateLimited,
}
_CLASSES: dict[int, type[ApiError]] = {3: RedirectRefused, 4: BadRequest, 5: ServerError}


def kind_of(status: int) -> type[ApiError]:
    """Return the class of an error status."""
    return _KINDS.get(status) or _CLASSES.get(status // 100, ServerError)
