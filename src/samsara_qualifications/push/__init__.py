"""
Push many rows: plan, look, apply, resume, report.

    plan = push.plan(client, rows, type="Driver License", path="push.plan")
    for row in plan.rows("planned"):
        print(push.change_text(row))
    result = push.apply(client, plan)
    push.report(plan, "report")

A row is a mapping. A key finds its record: `record_id`; `external_id`, as `"key:value"`; `owner`,
the id of the worker or asset; or `owner_external_id`. Of several, the first of these finds it, and
the others must be its own. What it should be:
`expiration_date`, `issue_date`, `external_ids` and `fields`, as `update` and `fields_for` take
them; what is absent or `UNSET` is kept. For reports: `row`, its number; `cells`, the input's own
columns; `problems`, a list of what is wrong with it.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from ..errors import PlanError
    from .model import Change, Outcome, Progress, Result, Row, Stop, Summary, Value
    from .planfile import Plan
    from .planning import Options
    from .reports import report
    from .run import apply, apply_async, plan, plan_async
    from .text import change_text, summary_text

__all__ = [
    "Change",
    "Options",
    "Outcome",
    "Plan",
    "PlanError",
    "Progress",
    "Result",
    "Row",
    "Stop",
    "Summary",
    "Value",
    "apply",
    "apply_async",
    "change_text",
    "plan",
    "plan_async",
    "report",
    "summary_text",
]

if not typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load what takes a while when it is first asked for."""
        for place in (
            ("model", "planfile", "planning", "reports", "run", "text") if name in __all__ else ()
        ):
            module = importlib.import_module(f".{place}", __name__)
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
