"""
Ask a live organisation what only it can answer: `python -m samsara_qualifications_contract.live`.

Needs `SAMSARA_API_TOKEN`, `SAMSARA_CONTRACT_ORG` and `--confirm` with the same name. It writes only
to records that it creates, at most 60 calls in all, and deletes them whatever happens.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samsara_qualifications import ConfigurationError, QualificationsClient, RateLimit
from samsara_qualifications._wire import ALL
from samsara_qualifications.budget import open_budget
from samsara_qualifications_contract.harness import facts
from samsara_qualifications_contract.harness.targets import MOCK_TOKEN, OWNERS, own_server
from samsara_qualifications_contract.live import recording
from samsara_qualifications_contract.live.guard import MOST_CALLS, GuardedClient
from samsara_qualifications_contract.live.journal import Busy, Journal
from samsara_qualifications_contract.live.questions import NOT_PROBED, QUESTIONS
from samsara_qualifications_contract.live.run import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from samsara_qualifications import Budget
    from samsara_qualifications._config import Config
    from samsara_qualifications_contract.live.run import Result

HERE = Path(__file__).parent
RECORDED = HERE.parent / "recorded"
BUDGET = ".reports/live-budget.db"
DRY_URL = "https://samsara.invalid"
_SHARE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 if all was asked and is deleted, 1 if not, 2 for other errors."""
    options = _parser().parse_args(arguments)
    org = os.environ.get("SAMSARA_CONTRACT_ORG", "")
    if not options.dry_run and not (org and options.confirm == org):
        return _refuse(
            "a live run writes to an organisation: set SAMSARA_CONTRACT_ORG to its name, and "
            "repeat it: make contract-live ARGUMENTS='--confirm NAME --facts FILE'"
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            return _dry_run(stack) if options.dry_run else _live_run(stack, options, org)
    except (Busy, ConfigurationError, OSError, ValueError) as error:
        return _refuse(str(error))


def _live_run(stack: ExitStack, options: argparse.Namespace, org: str) -> int:
    told = facts.read_file(options.facts)
    config = stack.enter_context(
        QualificationsClient(budget=open_shared_budget(org), limits=half_limits())
    )._driver.config
    path = options.state / f"{_digest(config.base_url + org)}.jsonl"
    journal = stack.enter_context(Journal(path))
    client = stack.enter_context(_door(config, journal, trust_env=True, timeout=30))
    token = os.environ["SAMSARA_API_TOKEN"]
    result = run(client, token, journal, told)
    _report(result, client.calls)
    if not result.stopped:
        content = {"host": client.base_url.host, **recording.recording(result)}
        file = options.recorded / f"{time.strftime('%Y-%m-%dT%H%M%SZ', time.gmtime())}.json"
        recording.write(file, content, [token, org])
        say(f"Recorded in {file}")
    return int(bool(result.stopped or result.left))


def _dry_run(stack: ExitStack) -> int:
    """Ask the mock in process: no call leaves, and the journal is thrown away."""
    say("Nothing is sent. The ids, types and answers are those of the mock:")
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    journal = stack.enter_context(Journal(Path(folder) / "journal.jsonl"))
    config = stack.enter_context(QualificationsClient(MOCK_TOKEN, base_url=DRY_URL))._driver.config
    client = stack.enter_context(_door(config, journal, transport=own_server().transport()))
    return int(bool(run(client, MOCK_TOKEN, journal, OWNERS).stopped))


def _door(config: Config, journal: Journal, **options: Any) -> GuardedClient:
    limits = {operation.operation_id: config.limits[operation.name] for operation in ALL}
    return GuardedClient(journal, config.budget, limits, say, base_url=config.base_url, **options)


def _report(result: Result, calls: int) -> None:
    texts = {question.behaviour: question.text for question in QUESTIONS}
    say(f"\n{calls} of at most {MOST_CALLS} calls")
    for finding in result.findings:
        say(
            f"{finding.verdict:9}  {finding.behaviour} ({finding.label}): "
            f"{texts[finding.behaviour]}  Seen: {finding.seen}"
        )
    for name, reason in NOT_PROBED.items():
        say(f"not asked  {name} (assumed): {reason}")
    for entry in result.left:
        say(
            f"LEFT       a record with the mark {entry.mark} and the id {entry.id or 'unknown'}: "
            "run again after a minute, and it is deleted"
        )
    if result.stopped:
        say(f"STOPPED    {result.stopped}")


def open_shared_budget(org: str) -> Budget:
    """Open the budget that all runs share: that of `SAMSARA_BUDGET`, else a file of this host."""
    if url := os.environ.get("SAMSARA_BUDGET"):
        return open_budget(url)
    Path(BUDGET).parent.mkdir(exist_ok=True)
    return open_budget(f"sqlite:///{BUDGET}", name=_digest(org))


def half_limits() -> dict[str, RateLimit]:
    """Return half of each limit: the other half is for those who work there."""
    limits = {operation.name: operation.rate_limit for operation in ALL}
    return {name: RateLimit(max(1, n // _SHARE), seconds) for name, (n, seconds) in limits.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 2


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samsara_qualifications_contract.live", description=__doc__
    )
    parser.add_argument("--dry-run", action="store_true", help="print the calls; send nothing")
    parser.add_argument("--confirm", metavar="ORG", help="the organisation's name, once more")
    parser.add_argument("--facts", type=Path, help="YAML with an owner, perhaps a type")
    parser.add_argument("--recorded", type=Path, default=RECORDED, help="where to keep what came")
    parser.add_argument("--state", type=Path, default=HERE / ".state", help="where journals are")
    return parser


if __name__ == "__main__":
    sys.exit(main())
