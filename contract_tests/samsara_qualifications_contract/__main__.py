"""`python -m samsara_qualifications_contract` is the command samsara-contract."""

from __future__ import annotations

import sys

from samsara_qualifications_contract.command import main

if __name__ == "__main__":
    sys.exit(main())
