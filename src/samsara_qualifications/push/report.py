"""What became of a plan's rows, in files for people and programs."""

from __future__ import annotations

from pathlib import Path

from .planfile import Plan


def report(plan: Plan, folder: str | Path) -> list[Path]:
    """Write report.csv, report.json, errors.csv and failed.csv; return those written."""
    raise NotImplementedError
