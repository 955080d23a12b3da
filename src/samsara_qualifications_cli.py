"""Where the command `samsara-qualifications` begins: Ctrl-C is no traceback while it loads."""

from __future__ import annotations


def main() -> None:
    """Load the command and run it."""
    try:
        from samsara_qualifications import cli  # noqa: PLC0415  that is what may be interrupted

        cli.main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
