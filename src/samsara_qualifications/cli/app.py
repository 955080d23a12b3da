"""What can be said on the command line: commands, their options and help; the jobs do the work."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer import Argument, Option

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # a plain help needs no rich, and loads in half of the time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SHARED: Final = {  # the options of all commands: which organisation, which budget
    "token_env": Annotated[
        str, Option("--token-env", metavar="NAME", help="The variable that holds the API token.")
    ],
    "region": Annotated[str | None, Option(metavar="NAME", help="us, eu or ca; us without it.")],
    "base_url": Annotated[
        str | None, Option(metavar="URL", help="Another host [env: SAMSARA_BASE_URL].")
    ],
    "organization": Annotated[
        str | None,
        Option(metavar="NAME", help="Whose limits these are [env: SAMSARA_ORGANIZATION]."),
    ],
    "budget": Annotated[
        str | None,
        Option(metavar="URL", help="Who shares the limit [env: SAMSARA_BUDGET]."),
    ],
}

Json = Annotated[bool, Option("--json", help="Write JSON.")]
Csv = Annotated[bool, Option("--csv", help="Write CSV.")]
File = Annotated[Path, Argument(metavar="FILE", help="The CSV file.")]
Map = Annotated[
    Path | None, Option("--map", metavar="FILE", help="What the columns are: map.toml.")
]
Type = Annotated[str, Option("--type", metavar="NAME", help="The qualification type, or its id.")]
Create = Annotated[bool, Option("--create", help="Create a record where an owner has none.")]
MaxChanges = Annotated[
    int | None, Option(metavar="N", help="Refuse a plan that changes more rows.")
]
AllowClear = Annotated[int, Option(metavar="N", help="How many rows may clear something.")]
All = Annotated[bool, Option("--all", help="Show each change, however many there are.")]
Yes = Annotated[bool, Option("--yes", "-y", help="Do not ask.")]
Report = Annotated[
    Path | None, Option(metavar="FOLDER", help="Where the report goes; beside the plan without.")
]
Outage = Annotated[
    float | None,
    Option(metavar="SECONDS", help="How long an outage is borne; an hour without it."),
]


def _command(function: Callable[..., None]) -> None:
    """Make a command of a signature and a docstring: the job of the same name does it."""

    @functools.wraps(function)
    def run(**given: Any) -> None:
        jobs = import_module(".jobs", __package__)  # it loads the client, and httpx
        shared = {name: given.pop(name) for name in _SHARED}
        raise typer.Exit(getattr(jobs, function.__name__)(shared, **given))

    own = inspect.signature(function, eval_str=True)
    common = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default="SAMSARA_API_TOKEN" if name == "token_env" else None,
            annotation=annotation,
        )
        for name, annotation in _SHARED.items()
    ]
    signature = own.replace(parameters=[*own.parameters.values(), *common])
    run.__signature__ = signature  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {item.name: item.annotation for item in signature.parameters.values()}
    app.command(help=_help(function))(run)


def _help(function: Callable[..., None]) -> str:
    """Return a docstring, its lines kept where it says so (with the letter of backspace)."""
    return (inspect.getdoc(function) or "").replace(r"\b", "\b")


def _whole() -> None:
    r"""
    Keep qualification records in Samsara up to date, from a CSV file.

    \b
    First      export SAMSARA_API_TOKEN=…
               samsara-qualifications doctor
    Then       samsara-qualifications export --type "Driver License" --out now.csv
               samsara-qualifications push now.csv

    Exit status: 0 done, 1 unexpected, 2 wrong use or file, 3 some rows failed, 4 stopped and can be
    resumed, 5 token or scope, 130 interrupted.
    """


app.callback(help=_help(_whole))(_whole)


@_command
def types(*, json: Json = False) -> None:
    r"""
    List the types, with their fields' labels, kinds and options.

    \b
    samsara-qualifications types
    samsara-qualifications types --json | jq '.[].name'
    """


@_command
def export(
    *,
    type: Type,
    out: Annotated[Path | None, Option(metavar="FILE", help="The file; stdout without it.")] = None,
    map: Annotated[
        Path | None, Option(metavar="FILE", help="Write a first map.toml for it, too.")
    ] = None,
    json: Json = False,
) -> None:
    r"""
    Write a type's active records as CSV, in the form that plan takes.

    \b
    samsara-qualifications export --type "Driver License" --out now.csv --map map.toml
    """


@_command
def plan(
    file: File,
    *,
    map: Map = None,
    type: Type = "",
    out: Annotated[Path, Option(metavar="FILE", help="The plan's file.")] = Path("push.plan"),
    suggest: Annotated[
        bool, Option("--suggest", help="Write a first map for the file, and plan nothing.")
    ] = False,
    create: Create = False,
    max_changes: MaxChanges = None,
    allow_clear: AllowClear = 0,
    detailed_exitcode: Annotated[
        bool, Option("--detailed-exitcode", help="Exit with 10 if the plan has changes.")
    ] = False,
    all: All = False,
    json: Json = False,
    csv: Csv = False,
) -> None:
    r"""
    Compare a file with the records, and note what would change.

    Nothing is sent. The plan's file is what apply does.

    \b
    samsara-qualifications plan renewals.csv --suggest --type "Driver License" --map map.toml
    samsara-qualifications plan renewals.csv --map map.toml
    """


@_command
def apply(
    plan: Annotated[Path, Argument(metavar="PLAN", help="The plan's file.")],
    *,
    yes: Yes = False,
    report: Report = None,
    outage_limit: Outage = None,
    json: Json = False,
) -> None:
    r"""
    Do what a plan says, or go on with it where it was stopped.

    \b
    samsara-qualifications apply push.plan
    samsara-qualifications apply push.plan --yes --report renewals
    """


@_command
def push(
    file: File,
    *,
    map: Map = None,
    type: Type = "",
    out: Annotated[
        Path | None, Option(metavar="FILE", help="The plan's file; FILE.plan without it.")
    ] = None,
    create: Create = False,
    max_changes: MaxChanges = None,
    allow_clear: AllowClear = 0,
    all: All = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Plan and show, and send nothing.")] = False,
    yes: Yes = False,
    report: Report = None,
    outage_limit: Outage = None,
    json: Json = False,
) -> None:
    r"""
    Plan a file, show the changes, ask, and apply them.

    \b
    samsara-qualifications push renewals.csv --map map.toml
    samsara-qualifications push renewals.csv --map map.toml --yes --allow-clear 5
    """


@_command
def status(*, json: Json = False) -> None:
    r"""
    Show how far the rate limits are used by all who share the budget.

    \b
    samsara-qualifications status --budget sqlite:////var/lib/renewals/budget.db
    """


@_command
def doctor(*, json: Json = False) -> None:
    r"""
    Check token, host, budget and read scopes; say what to do.

    \b
    samsara-qualifications doctor --region eu
    """
