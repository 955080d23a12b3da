"""The public names: pinned, documented, and free of what lies below."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import types
import typing
from typing import Any

import attrs
import pytest

import samsara_qualifications
from samsara_qualifications import budget, mock, models, push
from tests.facade import surface

NAMES = samsara_qualifications.__all__


def test_the_public_surface_is_this() -> None:
    """A change here is a change for users: it belongs in the changelog. See `surface.py`."""
    assert surface.PINNED.read_text("utf-8").splitlines() == list(surface.lines())


def test_what_comes_late_is_documented_and_the_rest_is_missed() -> None:
    """Of a push, whose names load when they are asked for."""
    found = [getattr(push, name) for name in push.__all__]
    assert all(it.__doc__ for it in found if inspect.isclass(it) or inspect.isfunction(it))
    with pytest.raises(AttributeError, match="has no attribute 'none'"):
        _ = push.none


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
    if isinstance(member, str) or typing.get_origin(member) is typing.Literal:
        return  # the version, and names for a choice of words
    documented = member if callable(member) or inspect.ismodule(member) else type(member)
    assert documented.__doc__
    assert not documented.__doc__.startswith(f"{name}("), "what a dataclass writes by itself"
    if inspect.isclass(member) and not attrs.has(member):
        methods = inspect.getmembers(member, inspect.isfunction)
        assert [] == [found for found, method in methods if found[0] != "_" and not method.__doc__]


def test_models_hold_plain_python_values() -> None:
    """Every generated model that the facade returns is in `models`."""
    for model in (
        samsara_qualifications.QualificationRecord,
        samsara_qualifications.QualificationType,
    ):
        assert model is getattr(models, model.__name__)
        assert attrs.has(model)


LOADED = """
import json, sys
before = set(sys.modules)
from samsara_qualifications import QualificationsClient, CLEAR
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HEAVY = {"httpx", "asyncio", "attr", "sqlite3", "redis", "importlib.metadata"}


def test_the_import_is_light() -> None:
    """It loads no extra, and neither httpx nor the models: they come with their first use."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert {"samsara_qualifications", "samsara_qualifications_api"} <= loaded
    extras = {"jsonschema_rs", "uvicorn", "pytest", "hypothesis"}
    assert set() == loaded & (HEAVY | extras)
    models = {name for name in loaded if name.startswith("samsara_qualifications_api.models.")}
    assert set() == models


def members() -> list[tuple[str, Any]]:
    """Return all public classes and functions, and the methods of the classes."""
    found: list[tuple[str, Any]] = []
    for module in (samsara_qualifications, budget, mock, push):
        for name in module.__all__:
            member = getattr(module, name)
            if not inspect.isclass(member) and not inspect.isfunction(member):
                continue
            found.append((name, member))
            if inspect.isclass(member):
                methods = inspect.getmembers(member, inspect.isfunction)
                found += [(f"{name}.{key}", item) for key, item in methods if key[0] != "_"]
                if "__init__" in vars(member):
                    found.append((f"{name}.__init__", member.__init__))
    return found


@pytest.mark.parametrize("name", sorted({name for name, _ in members()}))
def test_type_hints_resolve(name: str) -> None:
    """For tools that read annotations at run time: dependency injection, documentation."""
    hints = typing.get_type_hints(dict(members())[name])
    assert "httpx" not in str(hints)


@pytest.mark.parametrize("kind", ["QualificationsClient", "AsyncQualificationsClient"])
def test_each_method_shows_its_signature_and_description(kind: str) -> None:
    """In `help()` and in an editor, on both clients alike."""
    client = getattr(samsara_qualifications, kind)
    for name in ("update", "create", "get", "stream", "types", "delete"):
        method = getattr(client, name)
        assert "See `" not in method.__doc__
        assert "lane" in inspect.signature(method).parameters
    assert "PATCH /qualification-records" in client.update.__doc__
