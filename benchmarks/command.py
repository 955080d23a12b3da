"""
What the command costs before it does anything: the CPU of `--help` beside that of importing httpx.

    make bench-command

Both are whole processes, taken in turn; the least of each counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUNS = 15
COMMANDS = {
    "samsara-qualifications --help": [
        str(Path(sys.executable).with_name("samsara-qualifications")),
        "--help",
    ],
    "import httpx": [sys.executable, "-c", "import httpx"],
}


def main() -> int:
    """Measure, and print a table."""
    least = dict.fromkeys(COMMANDS, float("inf"))
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            least[name] = min(least[name], cpu(command))
    for name, seconds in least.items():
        print(f"{name:<30} {1000 * seconds:6.1f} ms of CPU")
    help_, httpx = least.values()
    print(f"ratio {help_ / httpx:.2f}")
    return 0


def cpu(command: list[str]) -> float:
    """Return the CPU seconds of a process, user's and system's."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
