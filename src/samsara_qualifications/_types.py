"""
The types of the clients' arguments and results, each loaded when it is first looked at.

So `typing.get_type_hints` works on the clients, and yet importing the package is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._async.items import AsyncItems
    from ._config import AsyncHttpClient, EntityType, HttpClient, Region
    from ._rules import AnswerEvent, RetryEvent, WaitEvent
    from ._sync.items import Items
    from ._wire import models
    from .budget import Budget, Lane, RateLimit
    from .fields import Field, Owner
    from .retry import RetryPolicy

    RecordOwner = models.Owner
    QualificationRecord = models.QualificationRecord
    QualificationType = models.QualificationType

__all__ = [
    "AnswerEvent",
    "AsyncHttpClient",
    "AsyncItems",
    "Budget",
    "EntityType",
    "Field",
    "HttpClient",
    "Items",
    "Lane",
    "Owner",
    "QualificationRecord",
    "QualificationType",
    "RateLimit",
    "RecordOwner",
    "Region",
    "RetryEvent",
    "RetryPolicy",
    "WaitEvent",
]

_PLACES = (
    *(".budget", ".retry", ".fields", ".labels", "._rules", "._config", "._calls", "._wire"),
    *("._sync.items", "._async.items"),
    "samsara_qualifications_api.models",
)


def load(name: str) -> Any:
    """
    Return a public name from the module that has it.

    Raises:
        AttributeError: None has.
    """
    if name == "RecordOwner":  # another name, since `Owner` is what a caller makes
        return load("models").Owner
    for place in _PLACES:
        module = import_module(place, __package__)
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module 'samsara_qualifications' has no attribute {name!r}")


if not TYPE_CHECKING:
    __getattr__ = load
