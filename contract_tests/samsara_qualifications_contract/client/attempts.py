"""Try a call of the client, and tell a result, an error of the package, and all else apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samsara_qualifications import QualificationsError, RetryPolicy
from samsara_qualifications_contract.client import samples
from samsara_qualifications_contract.client.calls import perform
from samsara_qualifications_contract.client.recorder import Recorder, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

UPDATE = "updateQualificationRecord"
CREATE = "createQualificationRecord"
DONE = samples.body_of(UPDATE)
AT_ONCE = RetryPolicy(backoff=0)


def given(call: Callable[[], Any]) -> Any:
    """Return what a call gives; an error, of whatever class, fails the test."""
    try:
        return call()
    except Exception as error:
        raise AssertionError(f"it raised {error!r}") from error


def raised(call: Callable[[], object]) -> Exception:
    """Return what a call raises, of whatever class; a result fails the test."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001  the tests look at the class
        return error
    raise AssertionError(f"there was no error, but {result!r:.200}")


def failing(recorder: Recorder, operation_id: str = UPDATE, **options: Any) -> QualificationsError:
    """Return the error that a call ends with; anything but the package's own fails the test."""
    options = {"retry": AT_ONCE, **options}
    error = raised(lambda: perform(client_of(recorder, **options), operation_id))
    assert isinstance(error, QualificationsError), f"{operation_id} raised {error!r}"
    return error
