"""
Draw how two lanes fill two windows: `python -m docs_site.windows` writes docs/windows.svg.

The budget itself is run, on a clock that is set by hand: a push that begins at 0 s and never ends,
and a person's calls, which come by chance from 20 s on.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from docs_site.sources import DOCS
from samsara_qualifications.budget import RateLimit
from samsara_qualifications.budget.stores.memory import MemoryStore
from samsara_qualifications.budget.stores.store import Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from samsara_qualifications.budget import Lane

PICTURE: Final = DOCS / "windows.svg"
LIMIT: Final = RateLimit(100, 60)
END: Final = 135.0  # seconds
STEP: Final = 0.05
ROUND_TRIP: Final = 0.2
PERSON: Final = (20.0, 0.4)  # from when on, and how many a second

WIDTH, LEFT, TOP, HEIGHT = 760.0, 44.0, 40.0, 190.0
LANES: Final[dict[Lane, float]] = {"interactive": 262.0, "bulk": 296.0}
STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #333; }
  .axis, .limit { stroke: #666; fill: none; } .limit { stroke-dasharray: 5 4; }
  .bulk { fill: #7fa6d9; stroke: none; } .interactive { fill: #d9772b; stroke: none; }
  path.tick { fill: none; stroke-width: 1.2; }
  path.tick.bulk { stroke: #7fa6d9; } path.tick.interactive { stroke: #d9772b; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd; } .axis, .limit { stroke: #999; }
    .bulk { fill: #44689c; } .interactive { fill: #f09a50; }
    path.tick.bulk { stroke: #6d95cf; } path.tick.interactive { stroke: #f09a50; }
  }"""


class Sent(NamedTuple):
    """A request: when it was sent, and how long it had waited."""

    lane: Lane
    at: float
    waited: float


def simulate() -> list[Sent]:
    """Let the budget serve both lanes; return what was sent."""
    now = 0.0
    store = MemoryStore(lambda: 1000.0 + now)
    arrivals, under_way, sent = _arrivals(), list[tuple[float, Slot]](), list[Sent]()
    for number in range(int(END / STEP)):
        now = number * STEP
        while under_way and under_way[0][0] <= now:
            store.settle(under_way.pop(0)[1], 0.0)
        lanes: tuple[Lane, Lane] = ("interactive", "bulk")
        for lane in lanes:
            while lane == "bulk" or (arrivals and arrivals[0] <= now):
                slot = Slot({"update": LIMIT})
                if store.take(slot, lane):
                    break
                under_way.append((now + ROUND_TRIP, slot))
                waited = now - arrivals.pop(0) if lane == "interactive" else 0.0
                sent.append(Sent(lane, now, waited))
    return sent


def _arrivals() -> list[float]:
    dice, (at, rate), found = random.Random(2), PERSON, list[float]()  # noqa: S311  no secret
    while (at := at + dice.expovariate(rate)) < END:
        found.append(at)
    return found


def in_window(sent: Sequence[Sent], at: float, lane: Lane | Literal["all"]) -> int:
    """Return how many requests of a lane the server has seen in the last window."""
    begin = at - LIMIT.window_seconds
    return sum(begin < one.at <= at for one in sent if lane in {one.lane, "all"})


def draw(sent: Sequence[Sent]) -> str:
    """Return the picture."""
    times = [number / 2 for number in range(int(END * 2) + 1)]
    bulk = [in_window(sent, at, "bulk") for at in times]
    everything = [in_window(sent, at, "all") for at in times]
    longest = max(one.waited for one in sent if one.lane == "interactive")
    calls = sum(one.lane == "interactive" for one in sent)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} 364" role="img">',
        f"<style>{STYLE}\n</style>",
        f'<text x="{LEFT}" y="20">requests in the last {LIMIT.window_seconds:g} s</text>',
        _area("interactive", times, everything, bulk),
        _area("bulk", times, bulk, [0] * len(times)),
        _line("limit", LEFT, _y(LIMIT.requests), WIDTH, _y(LIMIT.requests)),
        *(_label(LEFT - 8, _y(count) + 4, str(count), "end") for count in (0, 50, 100)),
        *(_ticks(lane, sent) for lane in LANES),
        _label(LEFT, 336, f"bulk: a push without end, {len(sent) - calls} requests"),
        f'<rect class="bulk" x="{LEFT - 18}" y="326" width="12" height="12"/>',
        _label(
            LEFT,
            356,
            f"interactive: {calls} calls of a person; the longest wait is {longest:.2f} s",
        ),
        f'<rect class="interactive" x="{LEFT - 18}" y="346" width="12" height="12"/>',
    ]
    for second in range(0, int(END), 20):
        parts += [_line("axis", _x(second), _y(0), _x(second), _y(0) + 5)]
        parts += [_label(_x(second), _y(0) + 18, f"{second} s" if second else "0", "middle")]
    return "\n".join([*parts, _line("axis", LEFT, _y(0), WIDTH, _y(0)), "</svg>", ""])


def _x(seconds: float) -> float:
    return round(LEFT + seconds / END * (WIDTH - LEFT), 1)


def _y(count: float) -> float:
    return round(TOP + HEIGHT * (1 - count / LIMIT.requests), 1)


def _area(lane: Lane, times: list[float], upper: list[int], lower: list[int]) -> str:
    there = [f"{_x(at)},{_y(count)}" for at, count in zip(times, upper, strict=True)]
    back = [f"{_x(at)},{_y(count)}" for at, count in zip(times, lower, strict=True)]
    return f'<polygon class="{lane}" points="{" ".join([*there, *reversed(back)])}"/>'


def _ticks(lane: Lane, sent: Sequence[Sent]) -> str:
    top = LANES[lane]
    lines = "".join(f"M{_x(one.at)} {top:g}v26" for one in sent if one.lane == lane)
    return f'<path class="tick {lane}" d="{lines}"/>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="{kind}" d="M{x1} {y1}L{x2} {y2}"/>'


def _label(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(simulate()), "utf-8")
