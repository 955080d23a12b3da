"""Faults of the client's errors: what they know, what they say, and what they must not show."""

from __future__ import annotations

from samsara_qualifications import errors
from samsara_qualifications_contract.mutants.fault import Table, edit, swap, wrap

FAULTS: Table = {
    ("errors", "errors say whether the call was applied"): {
        "an unreadable success counts as not applied": swap(
            "errors:UnexpectedResponse.applied", value=False
        ),
        "a broken exchange counts as not applied": swap(
            "errors:ExchangeFailed.applied", value=False
        ),
        "a server error counts as not applied": swap("errors:ServerError.applied", value=False),
        "the last attempt alone decides what was applied": edit(
            "_flow:_Progress.note", "error.applied = self.applied", "pass"
        ),
        "a failed connection leaves the outcome open": swap(
            "errors:ConnectionFailed.applied", None
        ),
    },
    ("errors", "errors are classed by status, and whole"): {
        "a 404 is an error like any other": swap(
            "errors:_KINDS", {k: v for k, v in errors._KINDS.items() if k != 404}
        ),
        "an error body that is not an object raises": edit(
            "_answer:_object", "not isinstance(value, dict)", "False"
        ),
        "the request id is lost": edit(
            "_answer:_api_error", "request_id=request_id", "request_id=None"
        ),
        "the server's message is lost": edit("_answer:_api_error", "message=message", 'message=""'),
        "an error comes out of a pickle as another": swap(
            "errors:QualificationsError.__reduce__", lambda error: (ValueError, (str(error),))
        ),
    },
    ("secrets", "no text shows the token"): {
        "the server's echo of the token is shown": wrap(
            "_rules:Rules.__init__", lambda init, self, **o: init(self, **{**o, "redact": str})
        ),
        "the token is in the repr of the configuration": swap(
            "_config:Config.__repr__", lambda self: repr(self.token.latest)
        ),
    },
    ("secrets", "unsafe hosts are refused"): {
        "the token may go out over plain http": swap("_config:is_loopback", lambda _: True),
    },
    ("errors", "errors say what the server said"): {
        "the body of an error is lost": edit("_answer:_api_error", "body=body", 'body=""'),
        "a gateway's words are lost": edit(
            "_answer:_words", 'return ": ".join(text for text in titled if text)', 'return ""'
        ),
        "a message is found only under its usual name": edit(
            "_answer:_object", "name.lower()", "name"
        ),
        "a message that is no text is lost": edit(
            "_answer:_first", "not value and value != 0", "isinstance(value, str)"
        ),
    },
    ("errors", "texts can be printed"): {
        "the server's words go into ours as they are": swap(
            "_answer:printable", lambda text, *_: text[:500]
        ),
        "the server's words may have any length": edit(
            "_text:printable", "len(shown) <= most", "True"
        ),
    },
    ("errors", "errors say what failed, and the way out"): {
        "there are no hints": swap("_answer:_hint", lambda *_: ""),
        "the error of a read names the scope of a write": edit(
            "_answer:_hint", "call.operation.reads", "False"
        ),
        "an error does not name its record": edit(
            "_flow:identify",
            "error.record_id = printable(rules.redact(call.record_id)) or None",
            "pass",
        ),
        "no error may be retried": swap("errors:ExchangeFailed.retryable", value=False),
        "a wrong variable of the environment is not named": swap(
            "_environment:complaint", lambda reason: reason
        ),
    },
}
