"""The figures of all rounds, on one screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.account import Account
    from tests.soak.workers import Outcome

SHOWN: Final = 10
"""How many mismatches are printed."""


@dataclass
class Report:
    """
    What has come of the rounds so far.

    Attributes:
        mismatches: Whatever is not as it must be.
    """

    mismatches: list[str] = field(default_factory=list[str])
    _stores: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    _faults: Counter[str] = field(default_factory=Counter[str])
    _errors: Counter[str] = field(default_factory=Counter[str])

    def add(self, store: str, outcomes: list[Outcome], account: Account) -> None:
        """Add the figures of a round."""
        self._faults += account.faults
        self._errors += Counter(it.result for it in outcomes if it.result != "success")
        self._stores.setdefault(store, Counter()).update(
            {
                "rounds": 1,
                "requests": account.requests,
                "faults": account.faults.total(),
                "updates": len(outcomes),
                "success": sum(it.result == "success" for it in outcomes),
                "failed: applied": sum(
                    it.applied is True and it.result != "success" for it in outcomes
                ),
                "not applied": sum(it.applied is False for it in outcomes),
                "unknown": sum(it.applied is None for it in outcomes),
                "confirmed there": sum(it.confirmed is True for it in outcomes),
                "not there": sum(it.confirmed is False for it in outcomes),
                "applied twice": sum(times > 1 for times in account.applied.values()),
            }
        )

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        total: Counter[str] = sum(self._stores.values(), Counter())
        rows = {**self._stores, "all": total}
        names = next(iter(self._stores.values()))
        yield "".join([" " * 16, *(f"{store:>10}" for store in rows)])
        for name in names:
            yield "".join([f"{name:16}", *(f"{row[name]:10}" for row in rows.values())])
        share = total["faults"] / max(1, total["requests"])
        yield f"faults, {share:.1%} of the requests: {_listed(self._faults)}"
        yield f"errors: {_listed(self._errors)}"
        yield f"mismatches: {len(self.mismatches)}"
        yield from (f"  {it}" for it in self.mismatches[:SHOWN])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
