"""Faults of the client's errors: what they know, what they say, and what they must not show."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from samsara_qualifications import _rules, errors
from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

APPLIED = "errors say whether the call was applied"
SECRET = "no text shows the token"
WORDS = "errors say what the server said"


def _no_redaction() -> None:
    original: Any = _rules.Rules.__init__

    def patched(self: Any, **options: Any) -> None:
        original(self, **{**options, "redact": str})

    swap("_rules:Rules.__init__", patched)()


def _unpicklable(self: Exception) -> Any:
    return Exception.__reduce__(self)


FAULTS = [
    Fault(
        "errors",
        "an unreadable success counts as not applied",
        APPLIED,
        swap("errors:UnexpectedResponse.applied", value=False),
    ),
    Fault(
        "errors",
        "a broken exchange counts as not applied",
        APPLIED,
        swap("errors:ExchangeFailed.applied", value=False),
    ),
    Fault(
        "errors",
        "a server error counts as not applied",
        APPLIED,
        swap("errors:ServerError.applied", value=False),
    ),
    Fault(
        "errors",
        "the last attempt alone decides what was applied",
        APPLIED,
        edit("_flow:_Progress.note", "error.applied = self.applied", "pass"),
    ),
    Fault(
        "errors",
        "a failed connection leaves the outcome open",
        APPLIED,
        swap("errors:ConnectionFailed.applied", None),
    ),
    Fault(
        "errors",
        "a 404 is an error like any other",
        "errors by status",
        swap("errors:_KINDS", {k: v for k, v in errors._KINDS.items() if k != 404}),
    ),
    Fault(
        "errors",
        "the request id is lost",
        "errors carry the request id",
        edit("_answer:_api_error", "request_id=request_id", "request_id=None"),
    ),
    Fault(
        "errors",
        "the server's message is lost",
        "errors carry the message",
        edit("_answer:_api_error", "message=message", 'message=""'),
    ),
    Fault(
        "errors",
        "an error cannot be pickled",
        "errors survive pickling",
        swap("errors:QualificationsError.__reduce__", _unpicklable),
    ),
    Fault(
        "errors",
        "an error body that is not an object raises",
        "errors by status",
        edit("_answer:_object", "not isinstance(value, dict)", "False"),
    ),
    Fault("secrets", "the server's echo of the token is shown", SECRET, _no_redaction),
    Fault(
        "secrets",
        "the token is in the repr of the configuration",
        SECRET,
        swap("_config:Config.__repr__", lambda self: repr(self.token.latest)),
    ),
    Fault(
        "secrets",
        "the token may go out over plain http",
        "unsafe hosts are refused",
        swap("_config:is_loopback", lambda _: True),
    ),
    Fault(
        "errors",
        "the body of an error is lost",
        WORDS,
        edit("_answer:_api_error", "body=body", 'body=""'),
    ),
    Fault(
        "errors",
        "a gateway's words are lost",
        WORDS,
        edit("_answer:_words", 'return ": ".join(text for text in titled if text)', 'return ""'),
    ),
    Fault(
        "errors",
        "a message is found only under its usual name",
        WORDS,
        edit("_answer:_object", "name.lower()", "name"),
    ),
    Fault(
        "errors",
        "a message that is no text is lost",
        WORDS,
        edit("_answer:_first", "not value and value != 0", "isinstance(value, str)"),
    ),
    Fault(
        "errors",
        "the server's words go into ours as they are",
        "texts can be printed",
        swap("_answer:printable", lambda text, *_: text[:500]),
    ),
    Fault(
        "errors",
        "the server's words may have any length",
        "texts can be printed",
        edit("_text:printable", "len(shown) <= most", "True"),
    ),
    Fault("errors", "there are no hints", "hints", swap("_answer:_hint", lambda *_: "")),
    Fault(
        "errors",
        "the error of a read names the scope of a write",
        "hints",
        edit("_answer:_hint", "call.operation.reads", "False"),
    ),
    Fault(
        "errors",
        "an error does not name its record",
        "errors have a subject",
        edit(
            "_flow:identify",
            "error.record_id = printable(rules.redact(call.record_id)) or None",
            "pass",
        ),
    ),
    Fault(
        "errors",
        "httpx's error, which may hold the token, stands behind ours",
        "errors have no context",
        edit(
            "_exchange:Exchanger.send",
            "failure = error",
            "return _outcome(body, error, seconds, course)",
        ),
    ),
    Fault(
        "errors",
        "no error may be retried",
        "errors say whether the call may be made again",
        swap("errors:ExchangeFailed.retryable", value=False),
    ),
    Fault(
        "errors",
        "a wrong variable of the environment is not named",
        "errors say the way out",
        swap("_environment:complaint", lambda reason: reason),
    ),
]
