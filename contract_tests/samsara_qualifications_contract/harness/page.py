"""The report as one HTML page that needs nothing else; `page.html` is its frame."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import yaml

from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from samsara_qualifications_contract.harness.outcomes import Cause, Outcome, Summary

_FRAME = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
_COPY = """document.addEventListener("click", ({target}) => {
  if (target.tagName !== "BUTTON") return;
  getSelection().selectAllChildren(target.parentElement.nextElementSibling);
  document.execCommand("copy");
  target.textContent = "copied";
});"""
_HASH = base64.b64encode(hashlib.sha256(_COPY.encode()).digest()).decode()


def render(summary: Summary) -> str:
    """Return the page."""
    outcomes = summary.outcomes
    skipped = Counter((o.text, o.subject) for o in outcomes if o.outcome == "skipped")
    untried = [keyword for keyword in summary.keywords if not keyword.tried]
    causes = [_cause(number, cause) for number, cause in enumerate(summary.causes, 1)]
    return _FRAME.substitute(
        target=escape(summary.target),
        tiles=_tiles(summary),
        causes="".join(causes) or '<p class="good">In no way that the suite has found.</p>',
        errors=_errors(summary),
        matrix=_matrix(outcomes),
        skipped=_rows((*why, count) for why, count in sorted(skipped.items())),
        keywords=_keywords(summary),
        left=len(untried),
        untried=_rows((k.operation, k.side, k.path or "the whole", k.keyword) for k in untried),
        run=_rows(summary.run.items()),
        facts=escape(yaml.safe_dump(summary.facts, sort_keys=False)),
        script=_COPY,
        hash=f"sha256-{_HASH}",
    )


def _rows(rows: Iterable[Iterable[object]]) -> str:
    return "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )


def _tiles(summary: Summary) -> str:
    counts = Counter(outcome.outcome for outcome in summary.outcomes)
    tried = sum(keyword.tried for keyword in summary.keywords)
    tiles = [
        ("ways it is broken", len(summary.causes), "bad" if summary.causes else "good"),
        ("tests failed", counts["failed"], "bad" if counts["failed"] else "good"),
        ("tests passed", counts["passed"], "good"),
        ("tests skipped", counts["skipped"], ""),
        (f"of {len(summary.keywords)} keywords tried", tried, ""),
    ]
    return "".join(f'<div><b class="{css}">{value}</b>{name}</div>' for name, value, css in tiles)


def _cause(number: int, cause: Cause) -> str:
    failure, tests = cause.failure, cause.tests
    parts = {
        "request": f"{failure.request}\n\n{failure.body}".strip(),
        "expected": f"{failure.expected}\n\n{failure.source}",
        "shown by": failure.noticed,
        "came": failure.came,
        "perhaps": "\n".join(failure.hints),
        "curl": failure.curl,
        "replay": cause.replay,
    }
    button = " <button>copy</button>"
    blocks = "".join(
        f"<dt>{name}{button * (name in {'curl', 'replay'})}</dt><dd><pre>{escape(text)}</pre></dd>"
        for name, text in parts.items()
        if text
    )
    return (
        f"<article><h3>{number}. {escape(f'{failure.operation}: {failure.expected}')}</h3>"
        f"<details><summary>in {len(tests)} of the tests</summary>{'<br>'.join(map(escape, tests))}"
        f"</details><dl>{blocks}</dl></article>"
    )


def _errors(summary: Summary) -> str:
    told = {test for cause in summary.causes for test in cause.tests}
    errors = [o for o in summary.outcomes if o.outcome == "failed" and o.test not in told]
    items = (
        f"<details><summary>{escape(o.test)}</summary><pre>{escape(o.text)}</pre></details>"
        for o in errors
    )
    return f"<h2>The suite's own errors</h2>{''.join(items)}" if errors else ""


def _matrix(outcomes: list[Outcome]) -> str:
    subjects = sorted({outcome.subject for outcome in outcomes})
    rows = [f"<tr><th></th>{''.join(f'<th>{escape(subject)}</th>' for subject in subjects)}</tr>"]
    for operation in [*spec.OPERATIONS, ""]:
        cells = "".join(_cell(outcomes, operation, subject) for subject in subjects)
        name = operation.replace("Qualification", "").replace("Records", "").replace("Record", "")
        rows.append(f"<tr><th>{name or 'no operation'}</th>{cells}</tr>")
    return "".join(rows)


def _cell(outcomes: list[Outcome], operation: str, subject: str) -> str:
    ours = [
        outcome.outcome
        for outcome in outcomes
        if (outcome.subject, outcome.outcome == "skipped") == (subject, False)
        and (operation in outcome.operations or not (operation or outcome.operations))
    ]
    failed = ours.count("failed")
    text = f"{failed} of {len(ours)} failed" if failed else str(len(ours) or "·")
    css = "bad" if failed else "good" if ours else "dim none"
    return f'<td class="{css}" data-subject="{escape(subject)}">{text}</td>'


def _keywords(summary: Summary) -> str:
    every = Counter((keyword.operation, keyword.side) for keyword in summary.keywords)
    tried = Counter((k.operation, k.side) for k in summary.keywords if k.tried)
    sides = ("request", "response")
    return _rows(
        (
            operation,
            *(f"{side}: {tried[operation, side]} of {every[operation, side]}" for side in sides),
        )
        for operation in spec.OPERATIONS
    )
