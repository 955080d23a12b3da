"""Faults of the client's exchanges: what a caller's client lends, their time, size and number."""

from __future__ import annotations

import math

from samsara_qualifications_contract.mutants.fault import Table, edit, swap

HEADERS = "headers = httpx.Headers(self._headers)"
MADE = "made.read()"

FAULTS: Table = {
    ("exchange", "a caller's httpx client lends connections and hooks, nothing else"): {
        "headers of the caller's httpx client go out": edit(
            "_exchange:_Exchanger._request",
            HEADERS,
            "headers = httpx.Headers({**self._client.headers, **self._headers})",
        ),
        "parameters of the caller's httpx client go out": edit(
            "_exchange:_Exchanger._request",
            HEADERS,
            f"{HEADERS}\n    if self._client.params:\n        url = url.copy_merge_params("
            "self._client.params)",
        ),
        "cookies of the caller's httpx client go out": edit(
            "_exchange:_Exchanger._request",
            MADE,
            f"{MADE}\n    self._client.cookies.set_cookie_header(made)",
        ),
        "the caller's httpx client authenticates": edit(
            "_exchange:Exchanger.send",
            "self._transport.handle_request(made)",
            "self._client.send(made, stream=True)",
        ),
        "hooks of the caller's httpx client are not called": edit(
            "_exchange:_Exchanger._hooks", "self._owned", "True"
        ),
        "a response hook that fails decides": edit(
            "_exchange:Exchanger._show", "except Exception as", "except KeyError as"
        ),
        "the caller's httpx client is closed with ours": edit(
            "_exchange:Exchanger.close", "if self._owned:", "if True:"
        ),
    },
    ("exchange", "errors say whether the call was applied"): {
        "httpx's error, which may hold the token, stands behind ours": edit(
            "_exchange:Exchanger.send",
            "failure = error",
            "return _outcome(body, error, seconds, course)",
        ),
        "a request hook that fails counts as sent": edit(
            "_exchange:Exchanger.send",
            "with _deadline.within(seconds):",
            "course.handed_over = True\n        with _deadline.within(seconds):",
        ),
        "a success that breaks off counts as no answer": edit(
            "_exchange:_outcome", "if body is not None:", "if body is not None and not failure:"
        ),
        "what a proxy was asked counts as sent": edit(
            "_exchange:_Course.note", 'info["request"].method != b"CONNECT"', "True"
        ),
    },
    ("exchange", "a client that is closed says so"): {
        "a closed client sends": edit(
            "_sync.driver:Driver._ready", "self._exchanger.closed", "False"
        ),
    },
    ("exchange", "one deadline bounds all"): {
        "headers that drip have no end": edit(
            "_exchange:blocking", "if given is None:", "if False:"
        ),
        "a body that drips has no end": edit(
            "_exchange:Exchanger.send", f"break\n{24 * ' '}_deadline.left()", "break"
        ),
        "an async exchange has no end": edit(
            "_exchange:AsyncExchanger.send", "asyncio.timeout(seconds)", "asyncio.timeout(None)"
        ),
        "a call in a hook outlasts the call around it": edit(
            "_deadline:within.__enter__",
            "min(self._before, time.monotonic() + self._seconds)",
            "time.monotonic() + self._seconds",
        ),
        "an exchange is begun with no time left": swap("_flow:SHORTEST", 0.0),
    },
    ("exchange", "bodies are bounded"): {
        "gzip is decoded without a bound": edit(
            "_exchange:_Body._decoded", "decompress(part, room)", "decompress(part)"
        ),
        "the answer of a write has no bound": swap("_exchange:MAX_WRITE", 1 << 40),
        "the body of an error has no bound": swap("_exchange:MAX_ERROR", 1 << 40),
        "an answer may hold any number of small values": swap("_wire:_is_crowded", lambda _: False),
    },
    ("exchange", "connections: each address is tried, an answer is whole and its request's"): {
        "an answer that broke off is read all the same": edit(
            "_answer:read", 'answer.broken, ""', '"", ""'
        ),
        "only the first member of gzip is read": edit(
            "_exchange:_Body._decoded", "while self._zipped.unused_data and", "while False and"
        ),
        "only the first address of a host is tried": edit(
            "_deadline:Backend.connect_tcp", "for entry in found))", "for entry in found[:1]))"
        ),
        "what follows an answer is taken for the next one": swap(
            "_exchange:_retire_if_more_came", lambda _: None
        ),
    },
    ("gate", "few exchanges are under way"): {
        "any number of exchanges is under way": edit(
            "_gate:Gate._admit", "len(self._counted) < self._most - kept", "True"
        ),
        "bulk calls pass interactive ones": edit(
            "_gate:Gate._admit", "self._lines.items()", "[*self._lines.items()][::-1]"
        ),
        "no exchange is kept for interactive calls": edit(
            "_gate:Gate._admit", '1 if lane == "bulk" and self._most > 1 else 0', "0"
        ),
        "an exchange that has ended still counts": edit(
            "_gate:Gate.leave", "self._counted.pop(one, None)", "pass"
        ),
        "who gives up waiting for others stays in line": edit(
            "_gate:Gate.leave", "self._lines[one.lane].pop(one, None)", "pass"
        ),
        "slow answers hold up all others": swap("_gate:SLOW", math.inf),
        "the deadline does not bound the wait for others": edit(
            "_flow:_attempt", "min(PATIENCE, progress.end - rules.clock())", "PATIENCE"
        ),
    },
    ("gate", "the budget keeps the limit"): {
        "a call that gave up waiting for others keeps its slot": edit(
            "_async.driver:AsyncDriver._send",
            "if sent else permit.refund_async())",
            "if sent else permit.settle_async())",
        ),
    },
}
