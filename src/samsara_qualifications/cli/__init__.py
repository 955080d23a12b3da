"""The command `samsara-qualifications`, a shell over the package; it needs the extra `cli`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from shutil import get_terminal_size
from sqlite3 import Error
from textwrap import fill
from typing import Final

from ..errors import ConnectionFailed, Forbidden, QualificationsError, Unauthorized

UNEXPECTED, USAGE, FAILED, RESUMABLE, DENIED, CHANGES, INTERRUPTED = 1, 2, 3, 4, 5, 10, 130
"""Exit statuses besides 0: see docs/push.md."""

NAME: Final = "samsara-qualifications"
_EXTRA: Final = {"typer", "rich", "shellingham", "annotated_doc", "click"}
_WAYS_OUT: Final[dict[type[Exception], str]] = {
    Unauthorized: "the token is wrong, expired or revoked: make a new one in Samsara's dashboard",
    ConnectionFailed: "see that this machine reaches the host, by a proxy in HTTPS_PROXY if need "
    "be, and that --region is right",
    Forbidden: "give the token the scopes Read and Write Qualification Records in Samsara's "
    "dashboard, or take one of an organisation that has this feature",
}


def main() -> None:
    """Run the command; whatever happens, it ends with a sentence and a status."""
    status = UNEXPECTED
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # it was closed before we began
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    try:
        from .app import app  # noqa: PLC0415  what is missing is told below

        app(prog_name=NAME)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else UNEXPECTED
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        pass  # whoever reads has enough
    except BaseException as error:  # noqa: BLE001  a person gets no traceback
        status = _told(error)
    raise SystemExit(_flushed(status))


def status_of(error: BaseException) -> int:
    """Return the exit status of an error."""
    if isinstance(error, Unauthorized | Forbidden):
        return DENIED
    if not isinstance(error, QualificationsError) or isinstance(error.__cause__, OSError | Error):
        return UNEXPECTED  # such as a full disk
    return USAGE if isinstance(error, ValueError) else RESUMABLE if error.retryable else UNEXPECTED


def explained(error: BaseException) -> str:
    """Return an error in words, with the way out."""
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] in _EXTRA:
        return f"the command needs more packages: pip install '{NAME}[cli]'"
    if isinstance(error, QualificationsError):
        way_out = _WAYS_OUT.get(type(error))
        return f"{error}: {way_out}" if way_out else str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'the output'} cannot be read or written: {error.strerror}"
    return f"this should not happen, please report it: {type(error).__name__}: {error}"


def _told(error: BaseException) -> int:
    lines = f"{NAME}: {explained(error)}".splitlines()
    with suppress(OSError, ValueError):
        if sys.stderr.isatty():
            width = get_terminal_size().columns
            lines = [fill(line, width, subsequent_indent="    ") for line in lines]
        sys.stderr.write("\n".join([*lines, ""]))
    return status_of(error)


def _flushed(status: int) -> int:
    """Write out what is left; a reader that went away, or a full disk, is no traceback."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            _told(error)
        return status or UNEXPECTED
    return status
