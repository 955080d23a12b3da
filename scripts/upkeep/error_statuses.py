"""What the statuses of HTTP are called in the spec, whatever Python calls them, and may mean."""

from __future__ import annotations

from spec_rules import GAP, SHARED_ERRORS

_STATUSES = {
    "100": ("Continue", ""),
    "400": ("BadRequest", "The request is malformed or against a rule of the organisation."),
    "402": ("PaymentRequired", "The organisation's licence does not cover this call."),
    "403": ("Forbidden", "The token may not do this, or the organisation's licence does not."),
    "406": ("NotAcceptable", "The server has no answer in a form that the request accepts."),
    "408": ("RequestTimeout", "The request took too long to arrive."),
    "409": ("Conflict", "The object is in a state that does not allow this, or was changed."),
    "410": ("Gone", "The object is gone for good."),
    "411": ("LengthRequired", "The request does not say how long its body is."),
    "412": ("PreconditionFailed", "What the request asks for first is not so."),
    "413": ("ContentTooLarge", "The request is larger than the server takes; nothing was changed."),
    "414": ("UriTooLong", "The address with its query is longer than the server takes."),
    "415": ("UnsupportedMediaType", "The body is in a form that the server does not read."),
    "416": ("RangeNotSatisfiable", "The server has no such part."),
    "417": ("ExpectationFailed", ""),
    "421": ("MisdirectedRequest", "The request has reached a server that is not meant for it."),
    "422": ("UnprocessableContent", "The request is well-formed, but its values make no sense."),
    "423": ("Locked", "The object is locked."),
    "424": ("FailedDependency", "Something that this call depends on has failed."),
    "425": ("TooEarly", ""),
    "426": ("UpgradeRequired", ""),
    "428": ("PreconditionRequired", "The request must say which state of the object it is for."),
    "431": (
        "RequestHeaderFieldsTooLarge",
        "The request's headers are larger than the server takes.",
    ),
    "451": ("UnavailableForLegalReasons", "The law forbids to give the object out."),
    "505": ("HttpVersionNotSupported", "The server does not speak this version of HTTP."),
    "507": ("InsufficientStorage", "The server has no room for it."),
    "508": ("LoopDetected", ""),
    "511": ("NetworkAuthenticationRequired", "The network on the way wants a login first."),
}


def component_name(status: str) -> str:
    """Name the response component of a status or a range: `Conflict`, `Status4xx`."""
    if status in SHARED_ERRORS:
        return SHARED_ERRORS[status]
    return _STATUSES[status][0] if status in _STATUSES else f"Status{status.capitalize()}"


def proposed_description(status: str) -> str:
    """Propose what a status means, for a person to say better; a gap where nothing is known."""
    return _STATUSES.get(status, ("", ""))[1] or GAP
