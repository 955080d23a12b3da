"""What can be said on the command line: commands, their options and help; `jobs` does the work."""

from __future__ import annotations

from importlib import import_module
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from .._version import __version__

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # a plain help needs no rich, and is there in half of the time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WHOLE: Final = """
Keep qualification records in Samsara up to date, from a CSV file.

\b
First      export SAMSARA_API_TOKEN=…
           samsara-qualifications doctor
Then       samsara-qualifications export --type "Driver License" --out now.csv
           samsara-qualifications push now.csv --type "Driver License"

Exit status: 0 done, 1 unexpected, 2 wrong use or file, 3 some rows failed, 4 stopped and can be
resumed, 5 token or scope, 130 interrupted.
"""
_PLANNING: Final = "file map type out create max_changes allow_clear all"
_COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    "types": (
        "json",
        "List the types, with their fields' labels, kinds and options.",
        *("types", "types --json | jq '.[].name'"),
    ),
    "export": (
        "type out map json",
        "Write a type's active records as CSV, in the form that plan takes.",
        'export --type "Driver License" --out now.csv --map map.toml',
    ),
    "plan": (
        f"{_PLANNING} suggest detailed_exitcode json csv",
        (
            "Compare a file with the records, and note what would change.\n\nNothing is sent. The "
            "plan is a file, renewals.plan for renewals.csv; apply does what it says."
        ),
        'plan renewals.csv --suggest --type "Driver License" --map map.toml',
        "plan renewals.csv --map map.toml",
    ),
    "apply": (
        "plan yes report outage_limit json",
        "Do what a plan says, or go on with it where it was stopped.",
        *("apply renewals.plan", "apply renewals.plan --yes --report results"),
    ),
    "push": (
        f"{_PLANNING} dry_run yes report outage_limit json",
        "Plan a file, show the changes, ask, and apply them.",
        "push renewals.csv --map map.toml",
        "push renewals.csv --map map.toml --yes --allow-clear 5",
    ),
    "status": (
        "json",
        "Show how far the rate limits are used by all who share the budget.",
        "status --budget sqlite:////var/lib/renewals/budget.db",
    ),
    "doctor": (
        "json",
        "Check token, host, budget and read scopes; say what to do.",
        "doctor --region eu",
    ),
}
"""The options that each command has besides the shared ones, its help, and examples."""
SHARED: Final = ("token_env", "region", "base_url", "organization", "budget")
_PATH, _TEXT = Path | None, str | None
_OPTIONS: Final[dict[str, tuple[Any, Any, str | None, str]]] = {
    "file": (Path, Parameter.empty, "FILE", "The CSV file."),
    "plan": (Path, Parameter.empty, "PLAN", "The plan's file."),
    "map": (_PATH, None, "FILE", "What the columns are: map.toml."),
    "type": (str, "", "NAME", "The qualification type, or its id."),
    "out": (_PATH, None, "FILE", "The file to write."),
    "create": (bool, False, None, "Create a record where an owner has none."),
    "max_changes": (int | None, None, "N", "Refuse a plan that changes more rows."),
    "allow_clear": (int, 0, "N", "How many rows may clear something."),
    "all": (bool, False, None, "Show each change, however many there are."),
    "suggest": (bool, False, None, "Write a first map for the file, and plan nothing."),
    "detailed_exitcode": (bool, False, None, "Exit with 10 if the plan has changes."),
    "dry_run": (bool, False, None, "Plan and show, and send nothing."),
    "yes": (bool, False, None, "Do not ask."),
    "report": (_PATH, None, "FOLDER", "Where the report goes; beside the plan without."),
    "outage_limit": (float | None, None, "SECONDS", "How long an outage is borne; else an hour."),
    "json": (bool, False, None, "Write JSON."),
    "csv": (bool, False, None, "Write CSV."),
    "token_env": (str, "SAMSARA_API_TOKEN", "NAME", "The variable that holds the API token."),
    "region": (_TEXT, None, "NAME", "us, eu or ca; us without it."),
    "base_url": (_TEXT, None, "URL", "Another host [env: SAMSARA_BASE_URL]."),
    "organization": (_TEXT, None, "NAME", "Whose limits these are [env: SAMSARA_ORGANIZATION]."),
    "budget": (_TEXT, None, "URL", "Who shares the limits [env: SAMSARA_BUDGET]."),
}
"""Each option's type, default (`empty`: it is an argument), name of the value, and help."""


def _parameter(name: str) -> Parameter:
    kind, default, metavar, text = _OPTIONS[name]
    if default is Parameter.empty:
        told = typer.Argument(metavar=metavar, help=text)
    else:
        told = typer.Option(f"--{name.replace('_', '-')}", metavar=metavar, help=text)
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, told]
    )


def _add(command: str, names: str, text: str, *examples: str) -> None:
    def run(**given: Any) -> None:
        jobs = import_module(".jobs", __package__)  # it loads the client, and httpx
        with jobs.client_of(**{name: given[name] for name in SHARED}) as client:
            raise typer.Exit(getattr(jobs, command)(client, given))

    parameters = [_parameter(name) for name in (*names.split(), *SHARED)]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # typer reads both
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    lines = [text, "", "\b", *(f"samsara-qualifications {example}" for example in examples)]
    app.command(command, help="\n".join(lines))(run)


for _name, _told in _COMMANDS.items():
    _add(_name, *_told)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001  typer's
    if wanted:
        typer.echo(f"samsara-qualifications {__version__}")
        raise typer.Exit


@app.callback(help=_WHOLE)
def _whole(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Say what the command is about."""
