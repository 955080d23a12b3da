"""The kinds of change: how much each weighs by side, what callers must do, and what bears it."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Verdict(enum.IntEnum):
    """How much a change weighs for a typed caller of the package; the greater one counts."""

    SAME = 0
    NOTED = 1
    MINOR = 2
    MAJOR = 3


class Effect(NamedTuple):
    """What a change means on one side: its weight, what a caller must do, what bears it if not."""

    verdict: Verdict
    caller: str = "nothing to do"
    borne_by: str = "calls as they are stay valid"


class Kind(NamedTuple):
    """
    What a kind of change means where it is sent (or is the operation's), and where it is answered.

    `refused` is meant where the released package's reader refuses the new answers. `heading` stands
    in the changelog once the change is written automatically; without one, a person must do that.
    """

    request: Effect
    response: Effect
    refused: Effect | None = None
    heading: str = ""


def _both(verdict: Verdict, *words: str, heading: str = "") -> Kind:
    return Kind(Effect(verdict, *words), Effect(verdict, *words), heading=heading)


_NOTED, _MINOR, _MAJOR = Verdict.NOTED, Verdict.MINOR, Verdict.MAJOR
_NOTHING, _NO_ONE = "nothing to do", "nothing"
_MAY_SEND = Effect(_MINOR, "nothing to do; may send it after the update")
_MUST_SEND = Effect(_MAJOR, "must send it in every call", _NO_ONE)
_STOP_SENDING = Effect(_MAJOR, "must stop sending it", _NO_ONE)
_NEW_PROPERTY = Effect(
    _MINOR, "nothing to do; can read it after the update", "unknown properties are kept"
)
_UNCHECKED = Effect(_NOTED, _NOTHING, "answers are not checked for limits")
_ANY_STATUS = "every status has an error class"
_KNOWN_BODY = "every 2xx counts as success, but a body that lacks what the known one has is refused"
_REFUSES = "nothing, as the released package refuses"

KINDS: dict[str, Kind] = {
    "added, optional": Kind(_MAY_SEND, _NEW_PROPERTY, heading="Added"),
    "added, required": Kind(_MUST_SEND, _NEW_PROPERTY, heading="Added"),
    "removed": Kind(
        _STOP_SENDING,
        Effect(_MAJOR, "must stop reading it", "it was optional, and reads as UNSET"),
        Effect(_MAJOR, "get UnexpectedResponse from these operations until a new version is "
               "released and installed; must stop reading it",
               "nothing, as it was required: the released package refuses every answer that lacks "
               "it")),
    "now required": Kind(_MUST_SEND, Effect(_MINOR, _NOTHING, "it was read as optional")),
    "now optional": Kind(
        Effect(_MINOR, "nothing to do; may leave it out"),
        Effect(_MAJOR, "must expect UNSET once they update", f"{_REFUSES} each answer without it")),
    "enum value added": Kind(
        _MAY_SEND,
        Effect(_MINOR, "must expect it where all values are told apart", "unknown values survive"),
        heading="Added"),
    "enum value removed": Kind(
        _STOP_SENDING, Effect(_MAJOR, "nothing arrives under it any more; drop the branch")),
    "type changed": Kind(
        Effect(_MAJOR, "must send the new type", _NO_ONE),
        Effect(_MAJOR, "must read the new type",
               "the JSON type is as before, and any value of it is read"),
        Effect(_MAJOR, "must update, and read the new type", f"{_REFUSES} another JSON type")),
    "format changed": Kind(
        Effect(_MAJOR, "must send the new format", _NO_ONE),
        Effect(_MAJOR, "must read the new format", "the released package does not check the old"),
        Effect(_MAJOR, "must update, and read the new format", f"{_REFUSES} what the old forbids")),
    "other format changed": _both(_NOTED, _NOTHING, "no reader looks at this format"),
    "null allowed": Kind(
        Effect(_MAJOR, "must send a value that is allowed now", _NO_ONE),
        Effect(_MAJOR, "must expect UNSET or null as the document says now",
               "null is read as absent"),
        Effect(_MAJOR, "must update, and expect null", f"{_REFUSES} null there")),
    "null no longer allowed": Kind(
        Effect(_MAJOR, "must stop sending null", _NO_ONE),
        Effect(_MINOR, _NOTHING, "who bears null bears none")),
    "serialisation changed": _both(
        _MAJOR, "nothing to do once the package has the update", _NO_ONE),
    "limit tightened": Kind(Effect(_MAJOR, "must stay within the new limit", _NO_ONE), _UNCHECKED),
    "limit loosened": Kind(Effect(_MINOR, "nothing to do; may use the wider limit"), _UNCHECKED),
    "not understood": Kind(
        Effect(_MAJOR, "must look what the new document asks for", "nobody knows"),
        Effect(_MINOR, "should look what the new document promises", "answers are not checked")),
    "media type added": Kind(
        Effect(_MINOR), Effect(_MINOR, _NOTHING, "the package goes on reading JSON")),
    "media type removed": Kind(
        Effect(_MAJOR, "must send another media type", _NO_ONE),
        Effect(_MAJOR, "must read another media type", "nothing, as what is not JSON is refused")),
    "error status added": _both(_MINOR, _NOTHING, _ANY_STATUS, heading="Added"),
    "error status removed": _both(_NOTED, _NOTHING, _ANY_STATUS),
    "success status added": _both(_MAJOR, "must expect the new answer", _KNOWN_BODY),
    "success status removed": _both(_MAJOR, "must expect another answer", _KNOWN_BODY),
    "response header added": _both(_NOTED, _NOTHING, "nobody reads it"),
    "response header changed": _both(_NOTED, "should look whether they read it", "nothing"),
    "operation added": _both(_MINOR, "nothing to do; the package does not offer it yet"),
    "operation removed": _both(_MAJOR, "must stop calling it (is the document whole?)", _NO_ONE),
    "server added": _both(_MINOR, "nothing to do; may name it as base_url"),
    "server removed": _both(_MAJOR, "must call another server (base_url) before it ends", _NO_ONE),
    "security replaced": _both(_MAJOR, "must get another token, or another scope", _NO_ONE),
    "security loosened": _both(_NOTED),
    "security alternative added": _both(_NOTED),
    "rate limit changed": _both(
        _MINOR, "should update soon: the budget keeps the old limit until then",
        "429 is waited out", heading="Changed"),
    "deprecated": _both(
        _MINOR, "should plan to do without it", "it works as before", heading="Deprecated"),
    "no longer deprecated": _both(_NOTED, _NOTHING, "it works as before"),
}  # fmt: skip
CHECKED_FORMATS = {"date-time", "date", "uuid"}
"""The formats of strings that the package's reader checks."""
READ_FORMATS = CHECKED_FORMATS | {"binary"}
"""Those, and the others that decide a type in the generated package."""
