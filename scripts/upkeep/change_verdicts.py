"""How much each kind of change weighs for a typed caller of the package, by side."""

from __future__ import annotations

import enum


class Verdict(enum.IntEnum):
    """How much a change weighs; the greater one counts."""

    SAME = 0
    NOTED = 1
    MINOR = 2
    MAJOR = 3


_NOTED, _MINOR, _MAJOR = Verdict.NOTED, Verdict.MINOR, Verdict.MAJOR

VERDICTS: dict[str, tuple[Verdict, Verdict]] = {
    # change: (in a request, in a response)
    "added, optional": (_MINOR, _MINOR),
    "added, required": (_MAJOR, _MINOR),
    "removed": (_MAJOR, _MAJOR),
    "now required": (_MAJOR, _MINOR),
    "now optional": (_MINOR, _MAJOR),
    "enum value added": (_MINOR, _MINOR),
    "enum value removed": (_MAJOR, _MAJOR),
    "type changed": (_MAJOR, _MAJOR),
    "format changed": (_MAJOR, _MAJOR),
    "null changed": (_MAJOR, _MAJOR),
    "serialisation changed": (_MAJOR, _MAJOR),
    "limit tightened": (_MAJOR, _NOTED),
    "limit loosened": (_MINOR, _NOTED),
    "media type added": (_MINOR, _MINOR),
    "media type removed": (_MAJOR, _MAJOR),
    "error status added": (_MINOR, _MINOR),
    "error status removed": (_NOTED, _NOTED),
    "success status added": (_MAJOR, _MAJOR),
    "success status removed": (_MAJOR, _MAJOR),
    "operation added": (_MINOR, _MINOR),
    "operation removed": (_MAJOR, _MAJOR),
    "rate limit changed": (_MINOR, _MINOR),
    "deprecated": (_MINOR, _MINOR),
    "no longer deprecated": (_NOTED, _NOTED),
}
