"""Faults of the client's exchanges: what a caller's client lends, their time, size and number."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import math

from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

LENT = "a caller's httpx client lends connections and hooks, nothing else"
TIME = "one deadline bounds all"
SIZE = "bodies are bounded"
FEW = "few exchanges are under way"
HEADERS = "headers = httpx.Headers(self._headers)"
MADE = "made.read()"

FAULTS = [
    Fault(
        "exchange",
        "headers of the caller's httpx client go out",
        LENT,
        edit(
            "_exchange:_Exchanger._request",
            HEADERS,
            "headers = httpx.Headers({**self._client.headers, **self._headers})",
        ),
    ),
    Fault(
        "exchange",
        "parameters of the caller's httpx client go out",
        LENT,
        edit(
            "_exchange:_Exchanger._request",
            HEADERS,
            f"{HEADERS}\n    if self._client.params:\n        url = url.copy_merge_params("
            "self._client.params)",
        ),
    ),
    Fault(
        "exchange",
        "cookies of the caller's httpx client go out",
        LENT,
        edit(
            "_exchange:_Exchanger._request",
            MADE,
            f"{MADE}\n    self._client.cookies.set_cookie_header(made)",
        ),
    ),
    Fault(
        "exchange",
        "the caller's httpx client authenticates",
        LENT,
        edit(
            "_exchange:Exchanger.send",
            "self._transport.handle_request(made)",
            "self._client.send(made, stream=True)",
        ),
    ),
    Fault(
        "exchange",
        "hooks of the caller's httpx client are not called",
        LENT,
        edit("_exchange:_Exchanger._hooks", "self._owned", "True"),
    ),
    Fault(
        "exchange",
        "a response hook that fails decides",
        LENT,
        edit("_exchange:Exchanger._show", "except Exception as", "except KeyError as"),
    ),
    Fault(
        "exchange",
        "a request hook that fails counts as sent",
        "errors say whether the call was applied",
        edit(
            "_exchange:Exchanger.send",
            "with _deadline.within(seconds):",
            "course.handed_over = True\n        with _deadline.within(seconds):",
        ),
    ),
    Fault(
        "exchange",
        "the caller's httpx client is closed with ours",
        LENT,
        edit("_exchange:Exchanger.close", "if self._owned:", "if True:"),
    ),
    Fault(
        "exchange",
        "a closed client sends",
        "a client that is closed says so",
        edit("_sync.driver:Driver._ready", "self._exchanger.closed", "False"),
    ),
    Fault(
        "exchange",
        "headers that drip have no end",
        TIME,
        edit("_exchange:blocking", "if given is None:", "if False:"),
    ),
    Fault(
        "exchange",
        "a body that drips has no end",
        TIME,
        edit(
            "_exchange:Exchanger.send",
            f"break\n{24 * ' '}_deadline.left()",
            "break",
        ),
    ),
    Fault(
        "exchange",
        "an async exchange has no end",
        TIME,
        edit("_exchange:AsyncExchanger.send", "asyncio.timeout(seconds)", "asyncio.timeout(None)"),
    ),
    Fault(
        "exchange",
        "gzip is decoded without a bound",
        SIZE,
        edit("_exchange:_Body._decoded", "decompress(part, room)", "decompress(part)"),
    ),
    Fault(
        "exchange",
        "the answer of a write has no bound",
        SIZE,
        swap("_exchange:MAX_WRITE", 1 << 40),
    ),
    Fault(
        "exchange",
        "a success that breaks off counts as no answer",
        "errors say whether the call was applied",
        edit("_exchange:_outcome", "if body is not None:", "if body is not None and not failure:"),
    ),
    Fault(
        "exchange",
        "an answer that broke off is read all the same",
        "an answer is whole",
        edit("_answer:read", 'answer.broken, ""', '"", ""'),
    ),
    Fault(
        "exchange",
        "a call in a hook outlasts the call around it",
        TIME,
        edit(
            "_deadline:within.__enter__",
            "min(self._before, time.monotonic() + self._seconds)",
            "time.monotonic() + self._seconds",
        ),
    ),
    Fault(
        "exchange",
        "only the first address of a host is tried",
        "each address is tried",
        edit("_deadline:Backend.connect_tcp", "for entry in found))", "for entry in found[:1]))"),
    ),
    Fault(
        "exchange",
        "an exchange is begun with no time left",
        TIME,
        swap("_flow:SHORTEST", 0.0),
    ),
    Fault(
        "exchange",
        "what follows an answer is taken for the next one",
        "an answer belongs to its request",
        swap("_exchange:_retire_if_more_came", lambda _: None),
    ),
    Fault(
        "exchange",
        "what a proxy was asked counts as sent",
        "errors say whether the call was applied",
        edit("_exchange:_Course.note", 'info["request"].method != b"CONNECT"', "True"),
    ),
    Fault(
        "exchange",
        "only the first member of gzip is read",
        "an answer is whole",
        edit("_exchange:_Body._decoded", "while self._zipped.unused_data and", "while False and"),
    ),
    Fault(
        "exchange", "the body of an error has no bound", SIZE, swap("_exchange:MAX_ERROR", 1 << 40)
    ),
    Fault(
        "exchange",
        "an answer may hold any number of small values",
        SIZE,
        swap("_wire:_is_crowded", lambda _: False),
    ),
    Fault(
        "gate",
        "any number of exchanges is under way",
        FEW,
        edit("_gate:Gate._admit", "len(self._counted) < self._most - kept", "True"),
    ),
    Fault(
        "gate",
        "bulk calls pass interactive ones",
        FEW,
        edit("_gate:Gate._admit", "self._lines.items()", "[*self._lines.items()][::-1]"),
    ),
    Fault(
        "gate",
        "no exchange is kept for interactive calls",
        FEW,
        edit("_gate:Gate._admit", '1 if lane == "bulk" and self._most > 1 else 0', "0"),
    ),
    Fault(
        "gate",
        "an exchange that has ended still counts",
        FEW,
        edit("_gate:Gate.leave", "self._counted.pop(one, None)", "pass"),
    ),
    Fault(
        "gate",
        "who gives up waiting for others stays in line",
        FEW,
        edit("_gate:Gate.leave", "self._lines[one.lane].pop(one, None)", "pass"),
    ),
    Fault("gate", "slow answers hold up all others", FEW, swap("_gate:SLOW", math.inf)),
    Fault(
        "gate",
        "the deadline does not bound the wait for others",
        TIME,
        edit("_flow:_attempt", "min(PATIENCE, progress.end - rules.clock())", "PATIENCE"),
    ),
    Fault(
        "gate",
        "a call that gave up waiting for others keeps its slot",
        "the budget keeps the limit",
        edit(
            "_async.driver:AsyncDriver._send",
            "if sent else permit.refund_async())",
            "if sent else permit.settle_async())",
        ),
    ),
]
