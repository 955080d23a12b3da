"""The public names: pinned, documented, and free of what lies below."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import types

import attrs
import pytest

import samsara_qualifications
from samsara_qualifications import models

NAMES = [
    "ApiError", "AsyncQualificationsClient", "BadRequest", "BarcodeCell", "Budget", "BudgetTimeout",
    "BudgetUnavailable", "CLEAR", "CheckBoxesCell", "CheckBoxesField", "ConfigurationError",
    "ConnectionFailed", "DateTimeCell", "DateTimeField", "ExchangeFailed", "Forbidden",
    "InvalidInput", "MediaField", "MediaItem", "MultipleChoiceCell", "MultipleChoiceField",
    "NotFound", "NumberCell", "NumberField", "Owner", "Permit", "PersonCell", "QualificationRecord",
    "QualificationType", "QualificationsClient", "QualificationsError", "RateLimit", "RateLimited",
    "RedirectRefused", "RequestTimedOut", "RetryEvent", "RetryPolicy", "ServerError",
    "SignatureField", "TableField", "TableRow", "TextCell", "TextField", "UNSET", "Unauthorized",
    "UnexpectedResponse", "WaitEvent", "expiration_of", "models", "open_budget",
]  # fmt: skip


def test_the_public_names_are_these() -> None:
    """A change here is a change for users: it belongs in the changelog."""
    assert sorted(NAMES) == sorted(samsara_qualifications.__all__)


def test_nothing_else_is_in_reach() -> None:
    """What is not public is a module of the package, or starts with an underscore."""
    others = {
        name
        for name, member in vars(samsara_qualifications).items()
        if name not in NAMES
        and not name.startswith("_")
        and not isinstance(member, types.ModuleType)
    }
    assert set() == others


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_documented(name: str) -> None:
    """A sentinel by its type; a class with each of its public methods."""
    member = getattr(samsara_qualifications, name)
    documented = member if callable(member) or inspect.ismodule(member) else type(member)
    assert documented.__doc__
    assert not documented.__doc__.startswith(f"{name}("), "what a dataclass writes by itself"
    if inspect.isclass(member) and not attrs.has(member):
        methods = inspect.getmembers(member, inspect.isfunction)
        assert [] == [found for found, method in methods if found[0] != "_" and not method.__doc__]


def test_no_annotation_names_what_lies_below() -> None:
    """Except the caller's own httpx client, which is theirs."""
    for name in NAMES:
        member = getattr(samsara_qualifications, name)
        functions = {name: member}
        if inspect.isclass(member):
            functions |= vars(member)
        for function in [f for n, f in functions.items() if n[0] != "_" or n == "__init__"]:
            for parameter, annotation in getattr(function, "__annotations__", {}).items():
                if parameter != "http_client":
                    assert "httpx" not in str(annotation), f"{name}: {parameter}"


def test_models_hold_plain_python_values() -> None:
    """Every generated model that the facade returns is in `models`."""
    for model in (
        samsara_qualifications.QualificationRecord,
        samsara_qualifications.QualificationType,
    ):
        assert model is getattr(models, model.__name__)
        assert attrs.has(model)


LAZY = """
import json, sys
import samsara_qualifications
print(json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""


def test_the_import_loads_no_extra() -> None:
    """The runtime needs httpx and attrs only; extras are loaded when they are used."""
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert {"httpx", "attr"} <= loaded
    extras = {"redis", "jsonschema_rs", "starlette", "uvicorn", "pytest", "hypothesis"}
    assert set() == loaded & extras
