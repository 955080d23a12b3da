"""
Keep drivers' and assets' qualification records in Samsara up to date.

Importing this package is light: httpx, asyncio and the models load when they are first used.
"""

import typing

from . import _types
from ._sync.client import QualificationsClient
from ._version import __version__
from .errors import (
    ApiError,
    BadRequest,
    BudgetTimeout,
    BudgetUnavailable,
    ConfigurationError,
    ConnectionFailed,
    ExchangeFailed,
    Forbidden,
    InvalidInput,
    NotFound,
    QualificationsError,
    RateLimited,
    RedirectRefused,
    RequestTimedOut,
    ServerError,
    Unauthorized,
    UnexpectedResponse,
)
from .sentinels import CLEAR, UNSET, Clear, Exactly, Unset, expiration_of

if typing.TYPE_CHECKING:
    from ._async.client import AsyncQualificationsClient
    from ._calls import Page
    from ._config import EntityType, Region
    from ._rules import AnswerEvent, RetryEvent, WaitEvent
    from ._wire import models
    from .budget import Budget, Lane, Permit, RateLimit, open_budget
    from .fields import (
        BarcodeCell,
        Cell,
        CheckBoxesCell,
        CheckBoxesField,
        DateTimeCell,
        DateTimeField,
        Field,
        MediaField,
        MediaItem,
        MultipleChoiceCell,
        MultipleChoiceField,
        NumberCell,
        NumberField,
        Owner,
        PersonCell,
        SignatureField,
        TableField,
        TableRow,
        TextCell,
        TextField,
    )
    from .labels import fields_for, values_of
    from .retry import RetryPolicy

    QualificationRecord = models.QualificationRecord
    QualificationType = models.QualificationType
else:

    def __getattr__(name: str) -> object:
        """Load what takes a while when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "AsyncQualificationsClient":
            from ._async import client  # noqa: PLC0415  it loads asyncio

            found = client.AsyncQualificationsClient
        else:
            found = _types.load(name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "CLEAR",
    "UNSET",
    "AnswerEvent",
    "ApiError",
    "AsyncQualificationsClient",
    "BadRequest",
    "BarcodeCell",
    "Budget",
    "BudgetTimeout",
    "BudgetUnavailable",
    "Cell",
    "CheckBoxesCell",
    "CheckBoxesField",
    "Clear",
    "ConfigurationError",
    "ConnectionFailed",
    "DateTimeCell",
    "DateTimeField",
    "EntityType",
    "Exactly",
    "ExchangeFailed",
    "Field",
    "Forbidden",
    "InvalidInput",
    "Lane",
    "MediaField",
    "MediaItem",
    "MultipleChoiceCell",
    "MultipleChoiceField",
    "NotFound",
    "NumberCell",
    "NumberField",
    "Owner",
    "Page",
    "Permit",
    "PersonCell",
    "QualificationRecord",
    "QualificationType",
    "QualificationsClient",
    "QualificationsError",
    "RateLimit",
    "RateLimited",
    "RedirectRefused",
    "Region",
    "RequestTimedOut",
    "RetryEvent",
    "RetryPolicy",
    "ServerError",
    "SignatureField",
    "TableField",
    "TableRow",
    "TextCell",
    "TextField",
    "Unauthorized",
    "UnexpectedResponse",
    "Unset",
    "WaitEvent",
    "__version__",
    "expiration_of",
    "fields_for",
    "models",
    "open_budget",
    "values_of",
]
