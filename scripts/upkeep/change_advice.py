"""What a change means for those who call the API through the package: what to do, what bears it."""

from __future__ import annotations

from typing import NamedTuple


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
        Advice("must stop reading it", "an optional one reads as UNSET"),
    ),
    "now required": (
        Advice("must send it in every call", _NO_ONE),
        Advice(_NOTHING, "it was read as optional"),
    ),
    "now optional": (
        Advice("nothing to do; may leave it out", _OLD_CALLS),
        Advice("must expect UNSET where it is read", _NO_ONE),
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
        Advice("must read the new type", _NO_ONE),
    ),
    "format changed": (
        Advice("must send the new format", _NO_ONE),
        Advice("must read the new format", _NO_ONE),
    ),
    "null changed": (
        Advice("must send a value that is allowed now", _NO_ONE),
        Advice("must expect null as the document says now", _NO_ONE),
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
        Advice("must read another media type", _NO_ONE),
    ),
    "error status added": (Advice(_NOTHING, _ANY_STATUS), Advice(_NOTHING, _ANY_STATUS)),
    "error status removed": (Advice(_NOTHING, _ANY_STATUS), Advice(_NOTHING, _ANY_STATUS)),
    "success status added": (
        Advice("must expect the new answer", "every 2xx counts as success"),
        Advice("must expect the new answer", "every 2xx counts as success"),
    ),
    "success status removed": (
        Advice("must expect another answer", "every 2xx counts as success"),
        Advice("must expect another answer", "every 2xx counts as success"),
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
