"""Write the fault table as a page for users, by error: `python -m tests.faults.page`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Final

import samsara_qualifications
from tests.faults.row import ANY, Row
from tests.faults.table import GROUPS, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
OPENING: Final = f"""# Errors

Every error is a `QualificationsError`, and says what failed (`operation`, `record_id`), whether the
server applied it (`applied`), and whether to try again (`retryable`). `request_id` is what
Samsara's support asks for. No text, attribute, log or pickle of an error shows the token, also
where the server sent it back.

Find the class of your error below: what it means, what to do, and what leads to it. The lists are
made from the {len(ROWS)} rows of the fault table in `tests/faults`, each of which is tried, with
the blocking and the async client, against a server on raw sockets. A call there is an update that
is sent twice at most; in brackets stands how many requests the server saw, where it was not one.

| error | `applied` | in a word |
|---|---|---|
"""
ADVICE: Final = {
    "InvalidInput": "Mend the value: the message names it, the rule and the way out.",
    "ConfigurationError": "Mend the option or the variable that the message names.",
    "BudgetTimeout": (
        "Wait for `retry_after` seconds, or give the call a longer `deadline`. Where it comes "
        "often, more is sent than the limit allows: use `lane='bulk'` for what nobody waits "
        "for."
    ),
    "BudgetUnavailable": (
        "Look at the store: [what each outage does](deployment.md#what-each-outage-does). "
        "Where `lasting`, close the client and make it anew."
    ),
    "ConnectionFailed": (
        "Where `lasting` (a certificate, a proxy), mend the network's settings: [proxies and "
        "certificates](recipes.md#proxies-and-certificates). Where `unknown_host`, check "
        "`SAMSARA_BASE_URL`. Else try again later; in the bulk lane the client does."
    ),
    "ExchangeFailed": (
        "`client.confirm(error)` reads the record and says whether the update is there. After "
        "a creation, look for the record before you make it again."
    ),
    "UnexpectedResponse": (
        "Do not send it again: it is applied. `path` says what could not be read; [when the "
        "API changes](upstream.md) says what to do about it. Where `applied` is unknown, "
        "`client.confirm(error)` reads the record."
    ),
    "BadRequest": (
        "Read `message`: it is the server's own, such as for a value that the type does not "
        "allow. To try again does not help."
    ),
    "Unauthorized": "Check the token, and the region: a token of Europe is unknown in the US.",
    "Forbidden": (
        "Give the token the scope that the message names, or the organisation the licence."
    ),
    "NotFound": (
        "Check the id. A record that was deleted is not found either. `applied` is unknown "
        "where an earlier attempt may have deleted it."
    ),
    "RequestTimedOut": "As for `ExchangeFailed`.",
    "RateLimited": (
        "Others send beside you: share one [budget](deployment.md) with them, or leave them "
        "room with `limits={'update': RateLimit(60, 60)}`."
    ),
    "RedirectRefused": (
        "Check `SAMSARA_BASE_URL`: it must be the API itself, not a page that leads there."
    ),
    "ServerError": (
        "`client.confirm(error)` reads the record and says whether the update is there; try "
        "again later where `retryable`."
    ),
}
APPLIED: Final = {True: "yes", False: "no", None: "unknown", ANY: ""}
SUCCESS: Final = "success"


def rendered() -> str:
    """Return the page."""
    rest = [row for row in ROWS if not _names(row) & {*ADVICE, SUCCESS}]
    return "".join(
        [
            OPENING,
            *map(_summary, ADVICE),
            *map(_entry, ADVICE),
            "\n## What is no error\n\nThe call succeeds, although something is unusual:\n",
            *_causes([row for row in ROWS if SUCCESS in _names(row)], ""),
            "\n## The rest\n\n",
            *(f"- {row.what}: `{'`, `'.join(_names(row))}`{_aside(row, '')}\n" for row in rest),
        ]
    )


def _names(row: Row) -> set[str]:
    return {row.outcome} if isinstance(row.outcome, str) else set(row.outcome)


def _meaning(name: str) -> tuple[str, str]:
    kind = getattr(samsara_qualifications, name)
    return APPLIED[kind.applied], (inspect.getdoc(kind) or "").partition("\n\n")[0]


def _summary(name: str) -> str:
    applied, text = _meaning(name)
    return f"| [`{name}`](#{name.lower()}) | {applied} | {' '.join(text.split())} |\n"


def _entry(name: str) -> str:
    applied, text = _meaning(name)
    causes = _causes([row for row in ROWS if name in _names(row)], applied)
    lines = ["", "<details>", "<summary>What leads to it</summary>", *causes, "</details>", ""]
    return "\n".join(
        [
            f"\n## {name}\n",
            f"{text} Applied: **{applied}**{', unless the list differs' if causes else ''}.\n",
            f"**What to do.** {ADVICE[name]}",
            *(lines if causes else [""]),
        ]
    )


def _causes(rows: list[Row], applied: str) -> list[str]:
    """Return the lists of what leads to an outcome, by group."""
    return [
        f"\n*{title}*\n\n{''.join(_lines([row for row in group if row in rows], applied))}"
        for title, group in GROUPS.items()
        if any(row in rows for row in group)
    ]


def _lines(rows: Iterable[Row], applied: str) -> list[str]:
    """Return a line for each row; those that differ only in what an answer holds share one."""
    variants: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        what, _, held = row.what.partition(", with ")
        variants.setdefault((what, _aside(row, applied)), []).append(held)
    return [
        f"- {what}{', with ' if held != [''] else ''}{'; '.join(filter(None, held))}{aside}\n"
        for (what, aside), held in variants.items()
    ]


def _aside(row: Row, applied: str) -> str:
    nothing_was_sent = applied == "no" and not row.requests
    asides = [] if row.requests == 1 or nothing_was_sent else [f"{row.requests} requests"]
    if applied and APPLIED[row.applied] not in {"", applied}:
        asides.append(f"applied: {APPLIED[row.applied]}")
    return f" ({', '.join(asides)})" if asides else ""


if __name__ == "__main__":
    PAGE.write_text(rendered(), "utf-8")
