"""
Ask whether a vulnerability is known of what the locks name; needs pip-audit and the network.

    python scripts/audit.py      exit status 1 for a vulnerability, 3 where nobody could be asked
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("run.lock", "dev.lock")
UNREACHABLE = ("ConnectionError", "ServiceError", "ConnectTimeout", "Max retries exceeded")


def main() -> int:
    """Run the audit; return the exit status."""
    named = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off"]
    done = subprocess.run([*command, *named], capture_output=True, text=True, check=False)
    if done.returncode and any(word in done.stderr for word in UNREACHABLE):
        print("Nothing was audited: the database of vulnerabilities cannot be reached from here.")
        return 3
    print(f"{done.stdout}{done.stderr}".strip())
    return min(done.returncode, 1)


if __name__ == "__main__":
    sys.exit(main())
