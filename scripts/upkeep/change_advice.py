"""What a change means for those who call the API through the package: what to do, what bears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from upkeep.wire_diff import Change


class Advice(NamedTuple):
    """What a caller must do about a change, and what bears it without that."""

    caller: str
    borne_by: str


_NOTHING = "nothing to do"
_ANY_PROPERTY = "unknown properties are kept"
_ANY_VALUE = "unknown values survive"
_ANY_STATUS = "every status has an error class"
_OLD_CALLS = "calls as they are stay valid"
_NO_ONE = "nothing"
_KNOWN_BODY = "every 2xx counts as success, but a body that lacks what the known one has is refused"
_REFUSED_UNTIL_UPDATE = (
    "nothing, as the released package refuses (UnexpectedResponse) each answer without it"
)

ADVICE: dict[str, tuple[Advice, Advice]] = {
    # change: (in a request, in a response)
    "added, optional": (
        Advice("nothing to do; may send it after the update", _OLD_CALLS),
        Advice("nothing to do; can read it after the update", _ANY_PROPERTY),
    ),
    "added, required": (
        Advice("must send it in every call", _NO_ONE),
        Advice("nothing to do; can read it after the update", _ANY_PROPERTY),
    ),
    "removed": (
        Advice("must stop sending it", _NO_ONE),
        Advice("must stop reading it", "it was optional, and reads as UNSET"),
    ),
    "now required": (
        Advice("must send it in every call", _NO_ONE),
        Advice(_NOTHING, "it was read as optional"),
    ),
    "now optional": (
        Advice("nothing to do; may leave it out", _OLD_CALLS),
        Advice("must expect UNSET once they update", _REFUSED_UNTIL_UPDATE),
    ),
    "enum value added": (
        Advice("nothing to do; may send it after the update", _OLD_CALLS),
        Advice("must expect it where all values are told apart", _ANY_VALUE),
    ),
    "enum value removed": (
        Advice("must stop sending it", _NO_ONE),
        Advice("nothing arrives under it any more; drop the branch", _OLD_CALLS),
    ),
    "type changed": (
        Advice("must send the new type", _NO_ONE),
        Advice("must read the new type", "the JSON type is as before, and any value of it is read"),
    ),
    "format changed": (
        Advice("must send the new format", _NO_ONE),
        Advice("must read the new format", "the released package does not check the old one"),
    ),
    "null changed": (
        Advice("must send a value that is allowed now", _NO_ONE),
        Advice("must expect UNSET or null as the document says now", "null is read as absent"),
    ),
    "serialisation changed": (
        Advice("nothing to do once the package has the update", _NO_ONE),
        Advice(_NOTHING, _NO_ONE),
    ),
    "limit tightened": (
        Advice("must stay within the new limit", _NO_ONE),
        Advice(_NOTHING, "answers are not checked for limits"),
    ),
    "limit loosened": (
        Advice("nothing to do; may use the wider limit", _OLD_CALLS),
        Advice(_NOTHING, "answers are not checked for limits"),
    ),
    "media type added": (
        Advice(_NOTHING, _OLD_CALLS),
        Advice(_NOTHING, "the package goes on reading JSON"),
    ),
    "media type removed": (
        Advice("must send another media type", _NO_ONE),
        Advice("must read another media type", "nothing, as what is not JSON is refused"),
    ),
    "error status added": (Advice(_NOTHING, _ANY_STATUS), Advice(_NOTHING, _ANY_STATUS)),
    "error status removed": (Advice(_NOTHING, _ANY_STATUS), Advice(_NOTHING, _ANY_STATUS)),
    "success status added": (
        Advice("must expect the new answer", _KNOWN_BODY),
        Advice("must expect the new answer", _KNOWN_BODY),
    ),
    "success status removed": (
        Advice("must expect another answer", _KNOWN_BODY),
        Advice("must expect another answer", _KNOWN_BODY),
    ),
    "operation added": (
        Advice("nothing to do; the package does not offer it yet", _OLD_CALLS),
        Advice(_NOTHING, _OLD_CALLS),
    ),
    "operation removed": (
        Advice("must stop calling it (is the document whole?)", _NO_ONE),
        Advice("must stop calling it", _NO_ONE),
    ),
    "rate limit changed": (
        Advice(
            "should update soon: the budget keeps the old limit until then", "429 is waited out"
        ),
        Advice(_NOTHING, "429 is waited out"),
    ),
    "deprecated": (
        Advice("should plan to do without it", "it works as before"),
        Advice("should plan to do without it", "it works as before"),
    ),
    "no longer deprecated": (
        Advice(_NOTHING, "it works as before"),
        Advice(_NOTHING, "it works as before"),
    ),
}

_REFUSED: dict[str, Advice] = {
    # change in a response, where the released package's reader refuses the new answers
    "removed": Advice(
        "get UnexpectedResponse from these operations until a new version is released and "
        "installed; must stop reading it",
        "nothing, as it was required: the released package refuses every answer that lacks it",
    ),
    "type changed": Advice(
        "must update, and read the new type",
        "nothing, as the released package refuses (UnexpectedResponse) another JSON type",
    ),
    "format changed": Advice(
        "must update, and read the new format",
        "nothing, as the released package refuses (UnexpectedResponse) what the old format forbids",
    ),
    "null changed": Advice(
        "must update, and expect null",
        "nothing, as the released package refuses (UnexpectedResponse) null there",
    ),
}
CHECKED_FORMATS = {"date-time", "date", "uuid"}
"""The formats of strings that the package's reader checks."""


def advice_on(change: Change) -> Advice:
    """
    Say what a change means for callers of the released package.

    Args:
        change: The change.

    Returns:
        The advice; for a response, by what the package's tolerant reader does with it.
    """
    request, response = ADVICE[change.what]
    if change.side != "response":
        return request
    return _REFUSED[change.what] if _is_refused(change) else response


def _is_refused(change: Change) -> bool:
    """Tell whether answers that the released package refuses must be reckoned with."""
    ours, theirs = change.pair.ours, change.pair.theirs
    match change.what:
        case "removed":
            return change.path[-1] in ours.required
        case "type changed":
            only_enum = ours.facts.get("enum") != theirs.facts.get("enum")
            return not only_enum or ours.facts.get("type") != theirs.facts.get("type")
        case "format changed":
            return ours.facts.get("format") in CHECKED_FORMATS
        case "null changed":
            holder = change.pair.holder[0]
            optional = change.path[-1] in holder.children and change.path[-1] not in holder.required
            return bool(theirs.facts.get("null")) and not optional
        case _:
            return False
