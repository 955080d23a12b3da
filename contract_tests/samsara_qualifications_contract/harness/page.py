"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from samsara_qualifications_contract.oracle import spec

if TYPE_CHECKING:
    from samsara_qualifications_contract.harness.outcomes import Outcome, Summary

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a7d46; --bad: #c0392b; --dim: #8889; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.dim { color: var(--dim); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .75rem; font-size: 12px;
  border: 1px solid var(--line); border-radius: 6px; }
.tiles { display: flex; gap: 1rem; flex-wrap: wrap; }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem; min-width: 8rem; }
.tile b { display: block; font-size: 1.5rem; }
details { margin: .4rem 0; } summary { cursor: pointer; }
"""


def render(summary: Summary) -> str:
    """Return the page."""
    parts = [
        f"<h1>Contract suite against <code>{escape(summary.target)}</code></h1>",
        _tiles(summary),
        _failures(summary.outcomes),
        _matrix(summary.outcomes),
        _skipped(summary.outcomes),
        _keywords(summary),
        _kills(summary),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Contract suite</title><style>{_STYLE}</style></head><body>"
        + "\n".join(parts)
        + "</body></html>\n"
    )


def _tiles(summary: Summary) -> str:
    counts = Counter(outcome.outcome for outcome in summary.outcomes)
    kills = Counter(fault["outcome"] for fault in summary.mutations.get("faults", []))
    tiles = [
        ("passed", counts["passed"], "good"),
        ("failed", counts["failed"], "bad" if counts["failed"] else "good"),
        ("skipped", counts["skipped"], ""),
        ("keywords not fully tried", len(summary.uncovered), ""),
        (
            "seeded faults caught",
            f"{kills['killed']} of {kills.total()}" if kills else "not run",
            "",
        ),
    ]
    cells = (
        f'<div class="tile"><b class="{css}">{value}</b>{name}</div>' for name, value, css in tiles
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def _failures(outcomes: list[Outcome]) -> str:
    failed = [outcome for outcome in outcomes if outcome.outcome == "failed"]
    if not failed:
        return '<h2>Failures</h2><p class="good">None.</p>'
    items = (
        f"<details open><summary class='bad'>{escape(outcome.test)}</summary>"
        f"<pre>{escape(outcome.text)}</pre></details>"
        for outcome in failed
    )
    return f"<h2>Failures</h2>{''.join(items)}"


def _matrix(outcomes: list[Outcome]) -> str:
    kinds = sorted({outcome.kind for outcome in outcomes})
    head = "".join(f"<th class='n'>{escape(kind)}</th>" for kind in kinds)
    rows = [
        f"<tr><td><code>{name}</code></td>{_cells(outcomes, name, kinds)}</tr>"
        for name in [*spec.OPERATIONS, ""]
    ]
    text = "Tests by the operation that they called; a test that called several counts for each."
    return (
        f"<h2>Operations and kinds of check</h2><p>{text}</p><table><tr><th></th>{head}</tr>"
        + "".join(rows).replace("<code></code>", "<span class='dim'>none</span>")
        + "</table>"
    )


def _cells(outcomes: list[Outcome], operation: str, kinds: list[str]) -> str:
    return "".join(_cell(outcomes, operation, kind) for kind in kinds)


def _cell(outcomes: list[Outcome], operation: str, kind: str) -> str:
    ran = [o for o in outcomes if o.kind == kind and o.outcome != "skipped"]
    ours = [o for o in ran if operation in o.operations or not (operation or o.operations)]
    failed = sum(outcome.outcome == "failed" for outcome in ours)
    if not ours:
        return '<td class="n dim">·</td>'
    if failed:
        return f'<td class="n bad">{failed} of {len(ours)} failed</td>'
    return f'<td class="n good">{len(ours)}</td>'


def _skipped(outcomes: list[Outcome]) -> str:
    reasons = Counter(o.text for o in outcomes if o.outcome == "skipped")
    if not reasons:
        return ""
    rows = (
        f"<tr><td class='n'>{n}</td><td>{escape(r)}</td></tr>" for r, n in reasons.most_common()
    )
    return f"<h2>Skipped, and why</h2><table>{''.join(rows)}</table>"


def _keywords(summary: Summary) -> str:
    valid: Counter[tuple[str, str]] = Counter()
    invalid: Counter[tuple[str, str]] = Counter()
    for operation, side, _, _, good, bad in summary.tried:
        valid[operation, side] += good
        invalid[operation, side] += bad
    rows = (
        f"<tr><td><code>{operation}</code></td><td>{side}</td><td class='n'>{count}</td>"
        f"<td class='n'>{invalid[operation, side]}</td></tr>"
        for (operation, side), count in sorted(valid.items())
    )
    left = (
        f"<tr><td><code>{escape(operation)}</code></td><td>{side}</td><td><code>{escape(path)}</code>"
        f"</td><td>{keyword}</td><td>{lacks}</td></tr>"
        for operation, side, path, keyword, lacks in summary.uncovered
    )
    count = len(summary.uncovered)
    return (
        "<h2>Keywords of the spec</h2><table><tr><th>operation</th><th>side</th>"
        "<th class='n'>valid values</th><th class='n'>invalid values</th></tr>"
        + "".join(rows)
        + f"</table><details><summary>{count} keywords not tried both ways</summary>"
        "<table><tr><th>operation</th><th>side</th><th>path</th><th>keyword</th><th>lacks</th></tr>"
        + "".join(left)
        + "</table></details>"
    )


def _kills(summary: Summary) -> str:
    faults = summary.mutations.get("faults", [])
    if not faults:
        return "<h2>Seeded faults</h2><p class='dim'>Not run: <code>make mutation</code>.</p>"
    rows = (
        f"<tr><td>{fault['side']}</td><td>{escape(fault['group'])}: {escape(fault['text'])}</td>"
        f"<td class='{'good' if fault['outcome'] == 'killed' else 'bad'}'>{fault['outcome']}</td>"
        f"<td><code>{escape(fault['test'])}</code></td></tr>"
        for fault in faults
    )
    return (
        f"<h2>Seeded faults</h2><p>{escape(summary.mutations['summary'])}.</p>"
        "<details><summary>All of them, with the test that caught each</summary><table>"
        "<tr><th>side</th><th>fault</th><th>outcome</th><th>test</th></tr>"
        + "".join(rows)
        + "</table></details>"
    )
