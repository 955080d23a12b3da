"""The functions of a push, for both clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import _types as t
from .._async.client import AsyncQualificationsClient
from .._sync.client import QualificationsClient
from .model import Progress, Result
from .planfile import Plan


def plan(
    client: QualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    *,
    type: t.QualificationType | str,  # noqa: A002  that is what it is
    path: str | Path,
    entity_type: str | None = None,
    create: bool = False,
    max_changes: int | None = None,
    allow_clear: int = 0,
    input_digest: str = "",
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Plan a push: find each row's record, and what the row changes."""
    raise NotImplementedError


def apply(
    client: QualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Apply a plan, or go on with one."""
    raise NotImplementedError


async def plan_async(
    client: AsyncQualificationsClient,
    rows: Iterable[Mapping[str, Any]],
    *,
    type: t.QualificationType | str,  # noqa: A002  that is what it is
    path: str | Path,
    entity_type: str | None = None,
    create: bool = False,
    max_changes: int | None = None,
    allow_clear: int = 0,
    input_digest: str = "",
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Do what `plan` does, on an event loop."""
    raise NotImplementedError


async def apply_async(
    client: AsyncQualificationsClient,
    plan: Plan | str | Path,
    *,
    outage_limit: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Do what `apply` does, on an event loop."""
    raise NotImplementedError
