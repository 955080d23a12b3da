"""
The server that the budget's benchmark sends to: it stamps arrivals, and counts what is too much.

It keeps each request back for a while before it stamps it, and the answer after that, as a network
would. It answers all of them, and notes which of them three kinds of rate limiter would have
refused, so that one run is judged by every policy.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import json
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Rate:
    """The limit of a run, and how far its network is scaled down with the window."""

    requests: int
    window: float

    @property
    def scale(self) -> float:
        """Return the window's length in minutes: delays shrink with it."""
        return self.window / 60

    def delays(self, dice: random.Random) -> tuple[float, float]:
        """Return the seconds there and back: 20 to 200 ms, and 2 % of requests 0.5 to 4 s late."""
        late = dice.uniform(0.5, 4) if dice.random() < 0.02 else 0.0
        return (
            (dice.uniform(0.02, 0.2) + late) * self.scale,
            dice.uniform(0.02, 0.2) * self.scale,
        )


@dataclass
class Run:
    """What arrived in one scenario."""

    rate: Rate
    arrivals: list[float] = field(default_factory=list[float])
    refused: dict[str, int] = field(
        default_factory=lambda: {"fixed window": 0, "sliding window": 0, "token bucket": 0}
    )
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    _fixed: tuple[int, int] = (0, 0)  # number of the window, requests in it
    _sliding: list[float] = field(default_factory=list[float])
    _bucket: tuple[float, float] | None = None  # tokens, as of when

    def arrive(self) -> None:
        """Stamp a request, and judge it by every policy. What is refused does not count."""
        now = time.monotonic()
        self.arrivals.append(now)
        limit, window = self.rate.requests, self.rate.window
        number, count = self._fixed
        number, count = (number, count) if number == now // window else (int(now // window), 0)
        self.refused["fixed window"] += count >= limit
        self._fixed = number, min(count + 1, limit)

        del self._sliding[: bisect.bisect_right(self._sliding, now - window)]
        if len(self._sliding) >= limit:
            self.refused["sliding window"] += 1
        else:
            self._sliding.append(now)

        tokens, since = self._bucket or (limit, now)
        tokens = min(limit, tokens + (now - since) * limit / window)
        self.refused["token bucket"] += tokens < 1
        self._bucket = (tokens - 1 if tokens >= 1 else tokens), now

    def report(self) -> dict[str, object]:
        """Scan every window, and return the figures of the run."""
        limit, window = self.rate.requests, self.rate.window
        stamps = sorted(self.arrivals)
        slack = [b - a - window for a, b in zip(stamps, stamps[limit:], strict=False)]
        ends = [bisect.bisect_left(stamps, stamp + window) for stamp in stamps]
        laps = max(0, len(stamps) - 1) // limit
        return {
            "requests": len(stamps),
            "most": max((end - start for start, end in enumerate(ends)), default=0),
            "over": sum(space < 0 for space in slack),
            "slack": min(slack, default=0.0) * 1000,
            "used": laps * window / (stamps[laps * limit] - stamps[0]) if laps else 0.0,
            "refused": self.refused,
        }


def serve(rates: dict[str, Rate], ready: Connection) -> None:
    """Serve until killed. Send the port once it is open."""
    asyncio.run(_serve(rates, ready))


async def _serve(rates: dict[str, Rate], ready: Connection) -> None:
    runs = {name: Run(rate) for name, rate in rates.items()}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            verb, name = line.decode().split(" ", 1)
            run = runs[name.strip()]
            answer: object = "ok"
            if verb == "report":
                answer = run.report()
            else:
                there, back = run.rate.delays(run.dice)
                await asyncio.sleep(there)
                run.arrive()
                await asyncio.sleep(back)
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    async def talk_while_connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(ConnectionError):  # a killed sender
            await talk(reader, writer)

    server = await asyncio.start_server(talk_while_connected, "127.0.0.1", 0, backlog=1000)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
