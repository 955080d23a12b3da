"""
Derive the blocking client from the async one, or check that it is current.

    python scripts/derive_sync.py           write src/samsara_qualifications/_sync
    python scripts/derive_sync.py --check   compare; exit status 1 if it differs

The async client is the source, word by word: what the table below does not name stays.
"""

from __future__ import annotations

import argparse
import difflib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "samsara_qualifications" / "_async"
DERIVED = SOURCE.parent / "_sync"
FILES = ("client.py", "driver.py", "items.py")

HEADER = "# Derived from {} by scripts/derive_sync.py: edit that, then run make generate.\n"
WORDS = [
    (r"on an event loop of asyncio\.", "blocking and thread-safe."),
    (r"\n    A client belongs to the event loop that first uses it\.\n", ""),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(\w+)", r"\1"),
    (r"\bfor_event_loop\b", "blocking"),
    (r"\ba(close|enter|exit)\b", r"\1"),
    (r"__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\banext\(", "next("),
    (r"\b(acquire|pause|refund|settle)_async\b", r"\1"),
]


def derive(text: str) -> str:
    """Return the blocking form of a source text."""
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text)
    return text


def render(name: str) -> str:
    """Return the derived file of that name, in the code's style."""
    source = (SOURCE / name).read_text(encoding="utf-8")
    text = HEADER.format(f"_async/{name}") + derive(source)
    for command in (["check", "--select", "I", "--fix-only", "--quiet"], ["format", "--quiet"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--stdin-filename",
            str(DERIVED / name),
            "-",
        ]
        done = subprocess.run(
            ruff, input=text, capture_output=True, text=True, check=True, cwd=ROOT
        )
        text = done.stdout
    return text


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Derive the blocking client from the async one.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    status = 0
    for name in FILES:
        path, text = DERIVED / name, render(name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            old, new = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
            print(
                "\n".join(difflib.unified_diff(old, new, f"_sync/{name}", "derived", lineterm=""))
            )
            print(f"_sync/{name} is not what _async/{name} gives: run make generate")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
