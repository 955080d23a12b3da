"""The fault table: what happens, and what is right. `row` says what each value means."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from tests.faults.row import (
    ANY,
    LAST_PAGE,
    OTHER,
    RECORD,
    RECORDS,
    SEED,
    TOKEN,
    Row,
    answers,
    head,
    large,
    page,
    record,
    response,
    sends,
)

ONCE: Final[dict[str, Any]] = {"attempts": 1}
UNKNOWN: Final[dict[str, Any]] = {"outcome": "ExchangeFailed", "applied": None, "requests": 2}
"""The exchange broke; an update was sent again, in vain."""

NOT_SENT: Final[dict[str, Any]] = {
    "outcome": "ConnectionFailed",
    "applied": False,
    "requests": 0,
}
APPLIED: Final[dict[str, Any]] = {
    "outcome": "UnexpectedResponse",
    "applied": True,
    "requests": 1,
    "values": {"status": 200, "incomplete": False},
}
"""Success was answered in a form that cannot be read; nothing was sent again."""

CUT_OFF: Final[dict[str, Any]] = APPLIED | {"values": {"status": 200, "incomplete": True}}
TLS: Final = "https://127.0.0.1:{port}"
NAMED: Final = "https://samsara.test:{port}"
QUICK: Final[dict[str, Any]] = {"timeout": 0.4}
UNHURRIED: Final[dict[str, Any]] = {"timeout": 5.0, "deadline": 1.2}
PATIENT: Final[dict[str, Any]] = {"timeout": 1.0}
"""Long enough that a connection's time-out, a tenth shorter, comes first on a busy machine."""

TIGHT: Final[dict[str, Any]] = {"timeout": 5.0, "deadline": 0.6}

CONNECTION: Final = [
    Row(name="well", what="A whole answer comes", script=[answers()], result=SEED),
    Row(name="refused", what="Nobody listens", door="shut", **NOT_SENT),
    Row(
        name="refused-named",
        what="Nobody listens: the message names host and port",
        door="shut",
        says=("127.0.0.1:",),
        **NOT_SENT,
    ),
    Row(
        name="outage-bulk",
        what="Connections are refused for a second: a call in the bulk lane waits until it is over",
        door="late",
        script=[answers()],
        call="update-bulk",
        retry={"backoff": 0.05},
        at_least=0.9,
        result=SEED,
    ),
    Row(
        name="outage-interactive",
        what="Connections are refused for a second: a call in the interactive lane fails at once",
        door="late",
        script=[answers()],
        retry={"backoff": 0.05},
        **NOT_SENT,
    ),
    Row(
        name="never-accepted",
        client=PATIENT,
        retry=ONCE,
        what="The host never accepts a connection",
        door="full",
        **NOT_SENT,
    ),
    Row(
        name="reset-unread",
        what="The connection is reset before the request is read",
        script=[[["peek"], ["reset"]]],
        **UNKNOWN | {"requests": 0},
    ),
    Row(
        name="reset-at-once",
        what="The connection is reset as soon as it is made, and the next one is good",
        script=[[["reset"]], answers()],
    ),
    Row(
        name="reset-read",
        what="The connection is reset once the request is read",
        script=[[["read"], ["reset"]]],
        **UNKNOWN,
    ),
    Row(
        name="closed-read",
        what="The connection is closed once the request is read",
        script=[[["read"]]],
        **UNKNOWN,
    ),
    Row(
        name="closed-read-create",
        what="The connection is closed once a creation is read: it is not sent again",
        script=[[["read"]]],
        call="create",
        **UNKNOWN | {"requests": 1},
    ),
    Row(
        name="closed-then-well",
        what="The connection is closed once, and the next one is good",
        script=[[["read"]], answers()],
        requests=2,
    ),
    Row(
        name="silent",
        client=QUICK,
        what="The request is read, and nothing is said",
        script=[[["read"], ["silence"]]],
        **UNKNOWN,
    ),
    Row(
        name="silent-deadline",
        what="Nothing is said, and the deadline is shorter than the time-out",
        script=[[["read"], ["silence"]]],
        client=TIGHT,
        within=1.6,
        **UNKNOWN | {"requests": 1},
    ),
    Row(
        name="closed-on-reuse",
        what="A kept connection is closed when the second request has been read",
        script=[[["read"], ["send", response()], ["read"]], answers()],
        call="update+update",
        requests=3,
    ),
    Row(
        name="closed-on-reuse-create",
        what="A kept connection is closed when the second request, a creation, has been read",
        script=[[["read"], ["send", response()], ["read"]], answers()],
        call="update+create",
        **UNKNOWN,
    ),
    Row(
        name="reset-on-reuse",
        what="A kept connection is reset when the second request arrives",
        script=[[["read"], ["send", response()], ["peek"], ["reset"]], answers()],
        call="update+update",
        requests=2,
    ),
    Row(
        name="closed-while-idle",
        what="A kept connection is closed before the second request",
        script=[[["read"], ["send", response()]], answers()],
        call="update+pause+update",
        requests=2,
    ),
    Row(
        name="closed-while-idle-create",
        what="A kept connection is closed before the second request, a creation: nothing is lost",
        script=[[["read"], ["send", response()]], answers(201)],
        call="update+pause+create",
        requests=2,
    ),
    Row(
        name="408-while-idle",
        what="A load balancer says 408 on an idle connection, and closes it",
        script=[
            [["read"], ["send", response()], ["sleep", 0.05], ["send", response(408, "")]],
            answers(),
        ],
        call="update+pause+update",
        requests=2,
    ),
    Row(
        name="kept",
        what="A connection is kept for the second request",
        script=[[["read"], ["send", response()]] * 2],
        call="update+update",
        requests=2,
    ),
    Row(
        name="two-answers",
        what="A second answer, which nobody asked for, follows the first",
        script=[
            [["read"], ["send", response() + response(404, "")], ["read"], ["send", response()]],
            answers(),
        ],
        call="update+update",
        requests=2,
        result=SEED,
    ),
    Row(
        name="answer-before-request",
        what="The server answers before it has read the request",
        script=[
            [["send", response(503, "", "connection: close\r\n")], ["read"]],
            [["read"], ["sleep", 0.2], ["send", response()]],
        ],
        requests=2,
    ),
    Row(
        name="no-address",
        what="The name has no address",
        url=NAMED,
        addresses=[],
        **NOT_SENT,
    ),
    Row(
        name="slow-resolver",
        what="The resolver takes longer than the deadline",
        url=NAMED,
        addresses=["127.0.0.1"],
        resolving=1.8,
        client=UNHURRIED,
        retry=ONCE,
        within=2.2,
        **NOT_SENT,
    ),
    Row(
        name="dead-addresses",
        what="None of four addresses accepts a connection",
        url=NAMED,
        door="full",
        addresses=["127.0.0.1"] * 4,
        client=UNHURRIED,
        retry=ONCE,
        within=2.2,
        **NOT_SENT,
    ),
    Row(
        name="dead-address-then-live",
        what="The first address refuses, the second one is good",
        url="http://localhost:{port}",
        script=[answers()],
        addresses=["127.0.0.2", "127.0.0.1"],
    ),
    Row(
        name="deadline-too-short",
        what="The deadline is too short for anything to be sent",
        script=[answers()],
        client={"deadline": 0.0001},
        outcome="QualificationsError",
        applied=False,
        requests=0,
    ),
    Row(
        name="chain-refused",
        what="Nobody listens: the exception's chain holds no request",
        door="shut",
        **NOT_SENT,
    ),
    Row(
        name="chain-closed",
        what="The answer is lost: the exception's chain holds no request",
        script=[[["read"]]],
        **UNKNOWN,
    ),
    Row(
        name="chain-cut-off",
        what="The body breaks off: the exception's chain holds no request",
        script=[[*answers()[:1], ["send", head(200, "content-length: 900\r\n") + "{"]]],
        retry=ONCE,
        **CUT_OFF,
    ),
]

SECURE: Final = [
    Row(
        name="tls",
        what="TLS with a good certificate",
        url=TLS,
        script=[[["tls", "good"], *answers()]],
    ),
    Row(
        name="tls-stranger",
        what="The certificate is of an authority that nobody trusts",
        url=TLS,
        script=[[["tls", "stranger"], *answers()]],
        **NOT_SENT,
    ),
    Row(
        name="tls-other-host",
        what="The certificate is for another host",
        url=TLS,
        script=[[["tls", "other-host"], *answers()]],
        **NOT_SENT,
    ),
    Row(
        name="tls-expired",
        what="The certificate has expired",
        url=TLS,
        script=[[["tls", "expired"], *answers()]],
        **NOT_SENT,
    ),
    Row(
        name="tls-plain",
        what="The port speaks plain HTTP",
        url=TLS,
        script=[[["peek"], ["send", response(400, "")], ["sleep", 0.1]]],
        **NOT_SENT,
    ),
    Row(
        name="tls-silent",
        client=PATIENT,
        retry=ONCE,
        what="The handshake is never answered",
        url=TLS,
        script=[[["silence"]]],
        **NOT_SENT,
    ),
    Row(
        name="tls-drip",
        what="The handshake drips, and never ends",
        url=TLS,
        script=[[["peek"], ["drip", "\x16\x03\x03\x40\x00" + "\x00" * 65, 0.04]]],
        client=UNHURRIED,
        retry=ONCE,
        within=2.2,
        **NOT_SENT,
    ),
    Row(
        name="tls-closed",
        what="The connection is closed in the handshake",
        url=TLS,
        script=[[["peek"]]],
        **NOT_SENT,
    ),
    Row(
        name="tls-damaged",
        what="A damaged record follows the request",
        url=TLS,
        script=[[["tls", "good"], ["read"], ["past-tls", "\x17\x03\x03\x00\x20" + "x" * 32]]],
        **UNKNOWN,
    ),
    Row(
        name="tls-damaged-body",
        what="A damaged record stands in the body of a success",
        url=TLS,
        script=[
            [
                ["tls", "good"],
                *sends(response()[:-50]),
                ["past-tls", "\x17\x03\x03\x00\x20" + "x" * 32],
            ]
        ],
        **CUT_OFF,
    ),
    Row(
        name="tls-wants-certificate",
        what="The server demands a certificate of the client",
        url=TLS,
        script=[[["tls-client", "good"], *answers()]],
        **NOT_SENT,
    ),
    Row(
        name="tls-cut",
        what="TLS ends without notice in the body, short of its length",
        url=TLS,
        script=[[["tls", "good"], *sends(response()[:-50])]],
        **CUT_OFF,
    ),
    Row(
        name="tls-cut-no-length",
        what="TLS ends without notice in a body without a length",
        url=TLS,
        script=[[["tls", "good"], *sends(head() + RECORD[:-50])]],
        **APPLIED | {"values": {"status": 200}},
    ),
]

PROXY: Final[dict[str, Any]] = {
    "url": "https://api.samsara.com",
    "environment": {"HTTPS_PROXY": "http://user:Pa55word@127.0.0.1:{port}"},
    "hides": ("Pa55word", "dXNlcjpQYTU1d29yZA"),
}
CONNECTED: Final = sends("HTTP/1.1 200 Connection established\r\n\r\n")


def refused_setting(
    name: str, what: str, variables: dict[str, str], *hides: str, **more: Any
) -> Row:
    """Return a row for a variable that no client can be made with."""
    variable = next(iter(variables))
    return Row(
        name=name,
        what=what,
        url="https://samsara.test",
        environment=variables,
        outcome="ConfigurationError",
        applied=False,
        requests=0,
        says=(variable,),
        hides=hides,
        **more,
    )


PROXIES: Final = [
    Row(
        name="proxy",
        what="A proxy of the environment carries the request",
        script=[[*CONNECTED, ["tls", "good"], *answers()]],
        **PROXY,
    ),
    Row(
        name="proxy-407",
        what="The proxy wants a password",
        script=[answers(407, "<html>who are you?</html>")],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-502",
        what="The proxy answers 502 and HTML",
        script=[answers(502, "<html>bad gateway</html>")],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-302",
        what="The proxy points elsewhere",
        script=[answers(302, "", "location: http://127.0.0.1:1/\r\n")],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-garbage",
        what="The proxy does not speak HTTP",
        script=[sends("SSH-2.0-OpenSSH_9.6\r\n")],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-dies",
        what="The proxy closes the connection instead of an answer",
        script=[[["read"]]],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-refuses",
        what="No proxy listens",
        door="shut",
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-silent",
        client=QUICK,
        what="The proxy never answers",
        script=[[["read"], ["silence"]]],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-drips",
        what="The proxy's answer drips",
        script=[[["read"], ["drip", "HTTP/1.1 200 OK\r\n" + "x: y\r\n" * 9, 0.04]]],
        client=TIGHT,
        retry=ONCE,
        within=1.6,
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-stranger",
        what="The proxy breaks TLS open with a certificate of its own",
        script=[[*CONNECTED, ["tls", "stranger"], *answers()]],
        **PROXY | NOT_SENT,
    ),
    Row(
        name="proxy-dies-later",
        what="The proxy dies once the request has gone through",
        script=[[*CONNECTED, ["tls", "good"], ["read"], ["reset"]]],
        **PROXY | UNKNOWN,
    ),
    Row(
        name="proxy-http-only",
        what="HTTP_PROXY is set, and does not concern https",
        url=TLS,
        script=[[["tls", "good"], *answers()]],
        environment={"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": ""},
    ),
    Row(
        name="proxy-exception",
        what="NO_PROXY names the host",
        url=TLS,
        script=[[["tls", "good"], *answers()]],
        environment={"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"},
    ),
    Row(
        name="proxy-loopback",
        what="Broken variables, and plain HTTP at home, which takes no proxy",
        script=[answers()],
        environment={"ALL_PROXY": "socks5://127.0.0.1:1", "SSL_CERT_FILE": "{folder}/none"},
    ),
    refused_setting(
        "setting-socks5",
        "ALL_PROXY is a SOCKS proxy, and nothing that speaks SOCKS is installed",
        {"ALL_PROXY": "socks5://user:Pa55word@127.0.0.1:1"},
        "Pa55word",
    ),
    refused_setting(
        "setting-socks4",
        "ALL_PROXY names SOCKS 4",
        {"ALL_PROXY": "socks4://127.0.0.1:1"},
    ),
    refused_setting(
        "setting-scheme",
        "HTTPS_PROXY has an unknown scheme",
        {"HTTPS_PROXY": "foo://user:Pa55word@127.0.0.1:1"},
        "Pa55word",
    ),
    refused_setting(
        "setting-port",
        "HTTPS_PROXY has a port that is no number",
        {"HTTPS_PROXY": "http://user:Pa55word@127.0.0.1:port"},
        "Pa55word",
    ),
    refused_setting(
        "setting-password",
        "A proxy's password holds a bare #",
        {"HTTPS_PROXY": "http://user:Pa55#word@127.0.0.1:1"},
        "Pa55",
    ),
    refused_setting(
        "setting-no-proxy",
        "NO_PROXY holds an address in brackets",
        {"NO_PROXY": "[::1]"},
    ),
    refused_setting(
        "setting-lower-case",
        "The variable is written https_proxy",
        {"https_proxy": "foo://127.0.0.1:1"},
    ),
    refused_setting(
        "setting-no-certificates",
        "SSL_CERT_FILE does not exist",
        {"SSL_CERT_FILE": "{folder}/none.pem"},
    ),
    refused_setting(
        "setting-broken-certificates",
        "SSL_CERT_FILE holds no certificate",
        {"SSL_CERT_FILE": "{folder}/broken.pem"},
    ),
    Row(
        name="setting-port-0",
        what="The base URL has the port 0",
        url="https://h:0",
        outcome="ConfigurationError",
        applied=False,
        requests=0,
    ),
    Row(
        name="setting-blank",
        what="The base URL ends with a blank",
        url="https://127.0.0.1:1 ",
        outcome="ConfigurationError",
        applied=False,
        requests=0,
    ),
    refused_setting(
        "setting-key-log",
        "SSLKEYLOGFILE cannot be written",
        {"SSLKEYLOGFILE": "{folder}/none/keys.log"},
    ),
]


def broken_head(name: str, what: str, *data: Any, **more: Any) -> Row:
    """Return a row for an answer that breaks before its status is known."""
    return Row(name=f"head-{name}", what=what, script=[sends(*data)], **UNKNOWN | more)


CROWD: Final[dict[str, Any]] = UNKNOWN | {
    "requests": 1,
    "within": 1.6,
    "client": TIGHT,
}
HEADS: Final = [
    broken_head("garbage", "The answer is no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"),
    broken_head("half", "The head breaks off", "HTTP/1.1 200 OK\r\n"),
    broken_head("http2", "The answer says HTTP/2", "HTTP/2 200 OK\r\n\r\n" + RECORD),
    broken_head("status-0", "The status has two digits", "HTTP/1.1 20 OK\r\n\r\n"),
    broken_head("huge", "A header has 200 kB", head(200, "x: " + "y" * 200_000 + "\r\n")),
    broken_head("many", "There are 40,000 headers", head(200, "x: y\r\n" * 40_000)),
    broken_head("huge-status", "The status line has 200 kB", head("200 " + "y" * 200_000)),
    broken_head("no-colon", "A header has no colon", head(200, "no colon\r\n")),
    broken_head("nul", "A header holds a NUL", head(200, "x: a\0b\r\n")),
    broken_head("negative", "The length is negative", head(200, "content-length: -5\r\n")),
    broken_head("no-number", "The length is no number", head(200, "content-length: ten\r\n")),
    broken_head(
        "two-lengths",
        "There are two different lengths",
        head(200, "content-length: 5\r\ncontent-length: 6\r\n") + "123456",
    ),
    broken_head(
        "coding", "The transfer encoding is unknown", head(200, "transfer-encoding: gzip\r\n")
    ),
    broken_head("interim", "Only a 100 comes", head(100)),
    broken_head("101", "Another protocol is offered", head(101, "upgrade: x\r\n")),
    Row(
        name="head-hints",
        what="A 100 and fifty early hints come before the answer",
        script=[sends(head(100), head(103, "link: </x>\r\n") * 50, response())],
    ),
    Row(
        name="head-http10",
        what="The answer is HTTP/1.0; its body ends with the connection",
        script=[sends("HTTP/1.0 200 OK\r\n\r\n" + RECORD)],
    ),
    Row(
        name="head-line-feeds",
        what="Lines end with a line feed alone",
        script=[sends(f"HTTP/1.1 200 OK\ncontent-length: {len(RECORD)}\n\n" + RECORD)],
    ),
    Row(
        name="head-no-reason",
        what="The status has no reason",
        script=[sends(response("200"))],
    ),
    Row(
        name="head-split",
        what="The answer comes in single bytes, soon enough",
        script=[
            [
                ["read"],
                ["drip", head(200, f"content-length: {len(RECORD)}\r\n"), 0.0],
                ["send", RECORD],
            ]
        ],
    ),
    Row(
        name="head-102s",
        what="102s come for ever",
        script=[[["read"], ["flood", head(102), 0.05]]],
        **CROWD,
    ),
    Row(
        name="head-100s",
        what="100s come for ever, as fast as they can",
        script=[[["read"], ["flood", head(100) * 100, 0.02]]],
        **CROWD,
    ),
    Row(
        name="head-drip",
        what="A byte of the headers comes each 40 ms",
        script=[[["read"], ["drip", head(200, "x: y\r\n" * 9), 0.04]]],
        **CROWD,
    ),
    Row(
        name="head-status-drip",
        what="A byte of the status line comes each 40 ms",
        script=[[["read"], ["drip", "HTTP/1.1 200 " + "y" * 60, 0.04]]],
        **CROWD,
    ),
    Row(
        name="head-slow-drip",
        what="A byte of the headers comes each 0.12 s, and the deadline is 2 s",
        script=[[["read"], ["drip", head(200, "x: y\r\n" * 5), 0.12]]],
        **CROWD | {"client": {"timeout": 5.0, "deadline": 2.0}, "within": 3.0},
    ),
    Row(
        name="head-drip-timeout",
        what="A byte of the headers comes each 40 ms, and the time-out of an exchange is 0.4 s",
        script=[[["read"], ["drip", head(200, "x: y\r\n" * 9), 0.04]]],
        retry=ONCE,
        **CROWD | {"client": QUICK},
    ),
]


def unreadable(name: str, what: str, body: str, headers: str = "", **more: Any) -> Row:
    """Return a row for a success whose body cannot be read."""
    script = [answers(200, body, "x-request-id: r-1\r\n" + headers)]
    values = APPLIED["values"] | {"request_id": "r-1"}
    return Row(name=f"body-{name}", what=what, script=script, **APPLIED | {"values": values} | more)


def cut_off(name: str, what: str, *data: Any, **more: Any) -> Row:
    """Return a row for a success whose body breaks off."""
    return Row(
        name=f"body-{name}",
        what=what,
        script=[sends(*data)],
        **CUT_OFF | more,
    )


def heavy(name: str, what: str, script: list[Any], memory: int = 300, **more: Any) -> Row:
    """Return a row for an answer that must not fill the memory."""
    values = APPLIED | {"values": {"status": 200}}
    return Row(
        name=f"heavy-{name}",
        what=what,
        script=[script],
        child="memory",
        memory=memory,
        within=10.0,
        client={"timeout": 9.0, "deadline": 9.0},
        **values | more,
    )


GZIP: Final = "content-encoding: gzip\r\n"
BRACKETS: Final = {"join": ["[", {"times": 20_000_000, "of": "[],"}, "[]]"]}
CHUNKED: Final = "transfer-encoding: chunked\r\n"
NAN: Final = RECORD.replace(
    '"textValue": {"value": "Exposed wires"}', '"numberValue": {"value": NaN}'
)
BODIES: Final = [
    cut_off("short", "The body is shorter than its length", response()[:-100]),
    cut_off(
        "none", "The connection is closed where the body should begin", response()[: -len(RECORD)]
    ),
    cut_off("bad-chunk", "A chunk's length is no number", head(200, CHUNKED) + "ZZ\r\n"),
    cut_off("no-last-chunk", "The last chunk is missing", head(200, CHUNKED) + "2\r\n{}\r\n"),
    Row(
        name="body-reset",
        what="The connection is reset in the body",
        script=[[["read"], ["send", response()[:-100]], ["sleep", 0.1], ["reset"]]],
        **CUT_OFF,
    ),
    Row(
        name="body-drip",
        client=QUICK,
        what="The body drips, and takes longer than the time-out",
        script=[[["read"], ["send", response()[: -len(RECORD)]], ["drip", RECORD, 0.02]]],
        **CUT_OFF,
    ),
    Row(
        name="body-silence",
        client=QUICK,
        what="The body stops, and nothing more is said",
        script=[[["read"], ["send", response()[:-100]], ["silence"]]],
        **CUT_OFF,
    ),
    Row(
        name="body-drip-silence",
        what="The body drips, and then nothing more is said",
        script=[
            [
                ["read"],
                ["send", response()[: -len(RECORD)]],
                ["drip", RECORD[:10], 0.05],
                ["silence"],
            ]
        ],
        client={"timeout": 3.0, "deadline": 0.6},
        within=1.3,
        **CUT_OFF,
    ),
    Row(
        name="body-slow",
        what="The body drips, and is whole in time",
        script=[[["read"], ["send", response()[:-20]], ["drip", RECORD[-20:], 0.01]]],
        result=SEED,
    ),
    Row(
        name="body-create-short",
        what="The answer to a creation is shorter than its length",
        script=[sends(response()[:-100])],
        call="create",
        **CUT_OFF,
    ),
    Row(
        name="body-archive-short",
        what="The answer to an archiving, whose body says nothing, is shorter than its length",
        script=[sends(response()[:-100])],
        call="archive",
    ),
    Row(
        name="body-read-short",
        what="The answer to a read breaks off: it is asked for again",
        script=[sends(response(200, RECORDS)[:-100]), answers(200, RECORDS)],
        call="get",
        requests=2,
        result=SEED,
    ),
    Row(
        name="body-page-short",
        what="The second page of a stream breaks off: it is asked for again",
        script=[
            answers(200, page(record(), more=True, endCursor="a")),
            sends(response(200, LAST_PAGE)[:-100]),
            answers(200, LAST_PAGE),
        ],
        call="stream",
        requests=3,
        result=2,
    ),
    Row(
        name="body-read-short-twice",
        what="Each answer to a read breaks off",
        script=[sends(response(200, RECORDS)[:-100])],
        call="get",
        **CUT_OFF | {"requests": 2},
    ),
    Row(
        name="body-long",
        what="The body is longer than its length",
        script=[sends(response() + "and more")],
        result=SEED,
    ),
    Row(
        name="body-long-kept",
        what="The body is longer than its length, and the client calls again",
        script=[[*sends(response() + "and more"), ["read"]], answers()],
        call="update+update",
        requests=2,
    ),
    Row(
        name="body-gzip",
        what="The body is compressed",
        script=[large(GZIP, {"gzip": RECORD})],
        result=SEED,
    ),
    Row(
        name="body-gzip-members",
        what="The body is compressed in two members",
        script=[large(GZIP, {"join": [{"gzip": RECORD[:50]}, {"gzip": RECORD[50:]}]})],
        result=SEED,
    ),
    Row(
        name="body-chunks",
        what="The body comes in chunks with extensions and a trailer",
        script=[
            sends(head(200, CHUNKED) + f"{len(RECORD):x};a=b\r\n{RECORD}\r\n0\r\nx: y\r\n\r\n")
        ],
        result=SEED,
    ),
    Row(
        name="body-half-gzip",
        what="The compressed body is cut, and its length says so",
        script=[large(GZIP, {"gzip": RECORD}, 30)],
        **APPLIED | {"values": {"status": 200}},
    ),
    unreadable("no-gzip", "The body is not compressed, but says so", RECORD, GZIP),
    unreadable(
        "brotli", "The encoding is one that was not asked for", RECORD, "content-encoding: br\r\n"
    ),
    unreadable(
        "nested", "The body is compressed twice", RECORD, "content-encoding: gzip, gzip\r\n"
    ),
    unreadable("html", "The body is HTML", "<html>OK</html>", "content-type: text/html\r\n"),
    unreadable("empty", "The body is empty", ""),
    unreadable("null", "The body is null", "null"),
    unreadable("list", "The body is a list", f"[{RECORD}]"),
    unreadable("text", "The body is a text", '"OK"'),
    unreadable("no-record", "The record is empty", '{"data": {}}'),
    unreadable("records", "The body is a list of records", RECORDS),
    unreadable("half", "The body is half of a record", RECORD[:-50]),
    unreadable("no-utf8", "The body is no UTF-8", RECORD.replace("Exposed", "\xff\xfe")),
    unreadable("nan", "A number is NaN", NAN),
    unreadable("infinite", "A number is too large", NAN.replace("NaN", "1e999")),
    unreadable("digits", "A number has 5,000 digits", NAN.replace("NaN", "1" * 5_000)),
    unreadable("deep", "The body is nested 100,000 deep", "[" * 100_000 + "]" * 100_000),
    unreadable(
        "deep-inside",
        "A new property is nested 100,000 deep",
        RECORD[:-2] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}}",
    ),
    Row(
        name="body-bom",
        what="A byte order mark stands before the body",
        script=[answers(200, "\xef\xbb\xbf" + RECORD)],
        result=SEED,
    ),
    Row(
        name="body-surrogate",
        what="A text holds half of a pair of surrogates",
        script=[answers(200, RECORD.replace("Exposed", "\\ud800"))],
        result=SEED,
    ),
    Row(
        name="body-twice",
        what="A key stands twice: the last one counts",
        script=[answers(200, '{"data": {}, ' + RECORD[1:])],
        result=SEED,
    ),
    Row(
        name="body-unknown",
        what="The record has properties and values that are not in the spec",
        script=[answers(200, json.dumps({"data": record(recordStatus="lost", shoeSize=[44])}))],
        result=SEED,
    ),
    heavy(
        "gzip-bomb",
        "256 MB of zeros, compressed",
        large(GZIP, {"gzip": {"times": 256, "of": {"times": 1_000_000, "of": "\0"}}}),
    ),
    heavy(
        "gzip-brackets",
        "58 kB that are 60 MB of [],[],",
        large(GZIP, {"gzip": BRACKETS}),
    ),
    heavy("brackets", "60 MB of [],[],", large("", BRACKETS)),
    heavy(
        "brackets-read",
        "60 MB of [],[], as the answer to a read",
        large("", BRACKETS),
        call="get",
    ),
    heavy(
        "text",
        "A record with a text of 60 MB",
        large(
            "",
            {"join": [RECORD.partition("Exposed")[0], {"times": 60_000_000, "of": "x"}, '"}}]}}']},
        ),
    ),
    heavy(
        "error",
        "A 400 with 60 MB of text",
        large("", {"times": 30_000_000, "of": "x "}, status=400),
        outcome="BadRequest",
        applied=False,
        values={"status": 400},
    ),
    heavy(
        "error-gzip",
        "A 400 with 60 MB of brackets in 58 kB",
        large(GZIP, {"gzip": BRACKETS}, status=400),
        outcome="BadRequest",
        applied=False,
        values={"status": 400},
    ),
    heavy(
        "error-endless",
        "A 400 whose body never ends",
        [["read"], ["send", head(400)], ["flood", {"times": 100_000, "of": "x"}, 0.0]],
        outcome="BadRequest",
        applied=False,
        values={"status": 400},
    ),
    heavy(
        "success-endless",
        "A success whose body never ends",
        [["read"], ["send", head()], ["flood", {"times": 100_000, "of": "x"}, 0.0]],
    ),
    heavy(
        "page",
        "A hundred large records, 20 MB in all, which are legitimate",
        large(
            "",
            {
                "join": [
                    '{"data": [',
                    {
                        "times": 99,
                        "of": {
                            "join": [
                                json.dumps(record()).partition("Exposed")[0],
                                {"times": 200_000, "of": "x"},
                                json.dumps(record()).partition("wires")[2],
                                ",",
                            ]
                        },
                    },
                    json.dumps(record()),
                    "]}",
                ]
            },
        ),
        memory=256,
        call="get-many",
        outcome="success",
        applied=ANY,
        result=100,
    ),
]

WORDS: Final = {"message": "No such thing", "requestId": "r-7"}
ERRORS: Final[dict[int, tuple[str, bool | None, int]]] = {
    300: ("RedirectRefused", False, 1),
    400: ("BadRequest", False, 1),
    401: ("Unauthorized", False, 1),
    402: ("BadRequest", False, 1),
    403: ("Forbidden", False, 1),
    404: ("NotFound", False, 1),
    405: ("BadRequest", False, 1),
    408: ("RequestTimedOut", None, 2),
    409: ("BadRequest", False, 1),
    413: ("BadRequest", False, 1),
    422: ("BadRequest", False, 1),
    429: ("RateLimited", False, 2),
    451: ("BadRequest", False, 1),
    500: ("ServerError", None, 2),
    501: ("ServerError", None, 1),
    502: ("ServerError", None, 2),
    503: ("ServerError", None, 2),
    504: ("ServerError", None, 2),
    520: ("ServerError", None, 1),
    600: ("ServerError", None, 1),
    999: ("ServerError", None, 1),
}
"""For each status: class, `applied`, and how often an update is sent at two attempts."""

CREATIONS: Final[dict[int, tuple[str, bool | None, int]]] = {
    400: ("BadRequest", False, 1),
    429: ("RateLimited", False, 2),
    500: ("ServerError", None, 1),
    503: ("ServerError", None, 1),
}
FORMS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "html": ("HTML", "<html>\n <h1>Bad gateway</h1>\n</html>", ("Bad gateway",)),
    "capital": (
        '{"Message"}',
        json.dumps({"Message": "No such thing"}),
        ("No such thing",),
    ),
    "title": (
        '{"title", "detail"}',
        json.dumps({"title": "Not good", "detail": "id is wrong", "status": 400}),
        ("Not good", "id is wrong"),
    ),
    "errors": (
        '{"errors"}',
        json.dumps({"errors": [{"message": "first fault"}, {"message": "second fault"}]}),
        ("first fault",),
    ),
    "nested": (
        "a message that is no text",
        json.dumps({"message": {"code": 17, "text": "No such thing"}}),
        ("No such thing",),
    ),
    "list": ("a list", json.dumps([{"message": "No such thing"}]), ("No such thing",)),
    "text": ("a text", json.dumps("No such thing"), ("No such thing",)),
    "plain": ("plain text", "No such thing", ("No such thing",)),
    "empty": ("nothing", "", ()),
    "binary": ("bytes that are no text", "\0\x1b[31m\xff\xfe\x80 gateway", ("gateway",)),
}
"""For each form of an error's body: its name, an example, and what must show."""

UPDATED: Final = json.dumps({"data": [record(issueDate="2026-01-01T00:00:00Z")]})
"""A read's answer once the usual update has been applied."""

STATUSES: Final = [
    *(
        Row(
            name=f"status-{status}",
            what=f"{status}, with the documented body",
            script=[answers(status, json.dumps(WORDS))],
            outcome=kind,
            applied=applied,
            requests=requests,
            values={"status": status, "message": "No such thing", "request_id": "r-7"},
            says=("No such thing", "r-7", str(status)),
        )
        for status, (kind, applied, requests) in ERRORS.items()
    ),
    *(
        Row(
            name=f"create-{status}",
            what=f"{status} to a creation",
            script=[answers(status, json.dumps(WORDS))],
            call="create",
            outcome=kind,
            applied=applied,
            requests=requests,
            values={"status": status},
        )
        for status, (kind, applied, requests) in CREATIONS.items()
    ),
    *(
        Row(
            name=f"form-{status}-{form}",
            what=f"{status}, with {label}",
            script=[answers(status, body, "x-request-id: r-8\r\n")],
            outcome=ERRORS[status][0],
            applied=ERRORS[status][1],
            requests=ERRORS[status][2],
            values={"status": status, "request_id": "r-8"},
            says=says,
        )
        for status in (400, 429, 502)
        for form, (label, body, says) in FORMS.items()
    ),
    Row(
        name="error-short",
        what="A 404 whose body breaks off: the status counts",
        script=[sends(response(404, json.dumps(WORDS))[:-20])],
        outcome="NotFound",
        applied=False,
        values={"status": 404},
    ),
    Row(
        name="error-silent",
        client=QUICK,
        what="A 404 whose body never comes: the status counts",
        script=[[["read"], ["send", head(404, "content-length: 10\r\n")], ["silence"]]],
        outcome="NotFound",
        applied=False,
        values={"status": 404},
    ),
    Row(
        name="error-encoding",
        what="A 503 in an encoding that was not asked for",
        script=[answers(503, "?", "content-encoding: br\r\n")],
        outcome="ServerError",
        applied=None,
        requests=2,
        values={"status": 503},
    ),
    Row(
        name="error-deep",
        what="A 400 whose body is nested 100,000 deep",
        script=[answers(400, "[" * 100_000)],
        outcome="BadRequest",
        applied=False,
    ),
    Row(
        name="error-body",
        what="A 400 with HTML: the exception keeps the body",
        script=[answers(400, "<html>Bad gateway</html>")],
        outcome="BadRequest",
        applied=False,
        values={"body": "<html>Bad gateway</html>"},
    ),
    Row(
        name="error-cut",
        what="A 400 with 5 MB: the exception keeps the first 64 KiB",
        script=[large("", {"times": 5_000_000, "of": "x"}, status=400)],
        outcome="BadRequest",
        applied=False,
        values={"body": "x" * 65_536},
    ),
    Row(
        name="error-413",
        what="A 413 in plain text",
        script=[answers(413, "Content Too Large response.", "content-type: text/plain\r\n")],
        outcome="BadRequest",
        applied=False,
        values={"status": 413, "message": "Content Too Large response."},
    ),
    Row(
        name="error-record",
        what="A 400: the exception names the record",
        script=[answers(400, json.dumps(WORDS))],
        outcome="BadRequest",
        applied=False,
        values={"record_id": SEED},
    ),
    Row(
        name="hint-401",
        what="A 401: the message hints at the region, which may be another one",
        script=[answers(401, json.dumps(WORDS))],
        outcome="Unauthorized",
        applied=False,
        says=("region",),
    ),
    Row(
        name="hint-403",
        what="A 403: the message names the scope that a token needs",
        script=[answers(403, json.dumps(WORDS))],
        outcome="Forbidden",
        applied=False,
        says=("Write Qualification Records",),
    ),
    Row(
        name="unknown-then-404",
        what="The answer is lost, then a 404: the outcome stays unknown",
        script=[[["read"]], answers(404, json.dumps(WORDS))],
        outcome="NotFound",
        applied=None,
        requests=2,
    ),
    Row(
        name="confirm-reset",
        what="Each answer is lost, and the update is there: `confirm` says so",
        script=[[["read"], ["reset"]], [["read"], ["reset"]], answers(200, UPDATED)],
        call="confirm",
        requests=3,
        result=True,
    ),
    Row(
        name="confirm-503",
        what="A 503, twice, and the record is as it was: `confirm` says that, too",
        script=[answers(503, ""), answers(503, ""), answers(200, RECORDS)],
        call="confirm",
        requests=3,
        result=False,
    ),
    Row(
        name="confirm-404",
        what="A 503, twice, and the record is gone",
        script=[answers(503, ""), answers(503, ""), answers(200, '{"data": []}')],
        call="confirm",
        outcome="NotFound",
        applied=False,
        requests=3,
    ),
    Row(
        name="429-then-well",
        what="A 429, then a success",
        script=[answers(429, "", "retry-after: 0.01\r\n"), answers()],
        requests=2,
    ),
    Row(
        name="503-then-well",
        what="A 503, then a success",
        script=[answers(503, ""), answers()],
        requests=2,
    ),
    Row(
        name="success-201",
        what="201 to an update",
        script=[answers(201)],
        result=SEED,
    ),
    Row(name="success-202", what="202 to an update", script=[answers(202)], result=SEED),
    Row(name="success-create-201", what="201 to a creation", script=[answers(201)], call="create"),
    Row(name="success-create-200", what="200 to a creation", script=[answers()], call="create"),
    Row(
        name="success-204",
        what="204 to an update, which needs a record",
        script=[sends(head(204))],
        **APPLIED | {"values": {"status": 204, "incomplete": False}},
    ),
    Row(
        name="success-204-delete",
        what="204 to a deletion",
        script=[sends(head(204))],
        call="delete",
    ),
    Row(
        name="success-200-delete",
        what="200 to a deletion, and a body that nobody reads",
        script=[answers(200, "<html>OK</html>")],
        call="delete",
    ),
    Row(
        name="success-404-delete",
        what="404 to a deletion that was sent again after an unknown outcome",
        script=[[["read"]], answers(404, "")],
        call="delete",
        outcome="NotFound",
        applied=None,
        requests=2,
    ),
    Row(
        name="success-206",
        what="206 and a part of the record",
        script=[answers(206, RECORD[:-50])],
        **APPLIED | {"values": {"status": 206}},
    ),
]


def waiting(name: str, what: str, headers: str, seconds: Any, **more: Any) -> Row:
    """Return a row for a 429 whose `Retry-After` is read, and not waited for."""
    return Row(
        name=f"wait-{name}",
        what=what,
        script=[answers(429, "", headers)],
        retry={"rate_limited_attempts": 1},
        outcome="RateLimited",
        applied=False,
        values={"retry_after": seconds},
        **more,
    )


WAITS: Final = [
    waiting("fraction", "Retry-After is a fraction", "retry-after: 0.40235\r\n", 0.40235),
    waiting("integer", "Retry-After is an integer", "retry-after: 3\r\n", 3.0),
    waiting(
        "date",
        "Retry-After is a date",
        "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
        (1e11, 1e12),
    ),
    waiting(
        "past",
        "Retry-After is a date long ago",
        "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        0.0,
    ),
    waiting(
        "no-date", "Retry-After is no date", "retry-after: Sun, 99 Nov 1994 08:49:37 GMT\r\n", None
    ),
    waiting("negative", "Retry-After is negative", "retry-after: -5\r\n", 0.0),
    waiting("nan", "Retry-After is nan", "retry-after: nan\r\n", None),
    waiting("infinite", "Retry-After is inf", "retry-after: inf\r\n", math.inf),
    waiting("huge", "Retry-After has 400 digits", f"retry-after: {'9' * 400}\r\n", math.inf),
    waiting("garbage", "Retry-After is a word", "retry-after: soon\r\n", None),
    waiting("empty", "Retry-After is empty", "retry-after:\r\n", None),
    waiting("none", "There is no Retry-After", "", None),
    waiting(
        "underscore",
        "Retry-After is 1_0, which Python reads as 10",
        "retry-after: 1_0\r\n",
        None,
    ),
    waiting(
        "two",
        "There are two Retry-After headers: the longer counts",
        "retry-after: 0.01\r\nretry-after: 2.5\r\n",
        2.5,
    ),
    waiting(
        "list",
        "A proxy has joined two Retry-After headers: the longer counts",
        "retry-after: 2, 0.01\r\n",
        2.0,
    ),
    Row(
        name="wait-is-kept",
        what="A 429 asks for 0.6 s, and a success follows",
        script=[answers(429, "", "retry-after: 0.6\r\n"), answers()],
        requests=2,
        at_least=0.6,
    ),
    Row(
        name="wait-longer-is-kept",
        what="A 429 asks for 0.01 and for 0.6 s, and a success follows",
        script=[answers(429, "", "retry-after: 0.01\r\nretry-after: 0.6\r\n"), answers()],
        requests=2,
        at_least=0.6,
    ),
    Row(
        name="wait-503",
        what="A 503 asks for 0.6 s, and a success follows",
        script=[answers(503, "", "retry-after: 0.6\r\n"), answers()],
        requests=2,
        at_least=0.6,
    ),
    Row(
        name="wait-too-long",
        what="A 429 asks for longer than the deadline: the call fails at once",
        script=[answers(429, "", "retry-after: 30\r\n")],
        outcome="RateLimited",
        applied=False,
        values={"retry_after": 30.0},
        says=("It was not sent again",),
    ),
    Row(
        name="wait-absurd",
        what="A 429 asks for a day: the call fails at once, whatever the deadline",
        script=[answers(429, "", "retry-after: 86400\r\n")],
        client={"deadline": 1e9},
        outcome="RateLimited",
        applied=False,
        values={"retry_after": 86_400.0},
    ),
    Row(
        name="wait-absurd-503",
        what="A 503 asks for a day: the call fails at once, and the outcome is unknown",
        script=[answers(503, "", "retry-after: 86400\r\n")],
        outcome="ServerError",
        applied=None,
        values={"retry_after": 86_400.0},
    ),
]


def redirect(name: str, what: str, status: int, location: str | None, **more: Any) -> Row:
    """Return a row for a redirect, which is never followed."""
    headers = "" if location is None else f"location: {location}\r\n"
    return Row(
        name=f"redirect-{name}",
        what=what,
        script=[answers(status, "", headers)],
        outcome="RedirectRefused",
        applied=False,
        values={"status": status},
        **more,
    )


REDIRECTS: Final = [
    *(
        redirect(
            str(status),
            f"{status} to another place",
            status,
            "https://127.0.0.1:1/x",
            says=("127.0.0.1:1/x",),
        )
        for status in (301, 302, 303, 307, 308)
    ),
    redirect("304", "304, although nothing was conditional", 304, None),
    redirect("none", "302 without a Location", 302, None),
    redirect("relative", "307 to a path", 307, "/qualification-records/"),
    redirect("empty", "302 to nothing", 302, ""),
    redirect("long", "302 to a Location of 90 kB", 302, "https://x/" + "y" * 90_000),
    redirect("script", "302 to javascript:", 302, "javascript:alert(1)"),
    redirect("no-url", "302 to http://[::bad", 302, "http://[::bad"),
    redirect("no-port", "302 to a port that is none", 302, "https://h:99999999/"),
    redirect("no-ascii", "302 to bytes that are no text", 302, "https://h/\xff\xfe"),
    redirect("no-host", "302 to https:///", 302, "https:///x"),
    Row(
        name="redirect-follower",
        what="A 307, and the caller's own httpx client follows redirects",
        script=[answers(307, "", "location: /x\r\n")],
        lends={"follow_redirects": True},
        outcome="RedirectRefused",
        applied=False,
    ),
    Row(
        name="cookie",
        what="A cookie with a byte that is no ASCII; the next call works, and brings no cookie",
        script=[answers(200, RECORD, "set-cookie: a=\xff\xe9; path=/\r\n")],
        call="update+update",
        requests=2,
        lacks=("ookie",),
    ),
    Row(
        name="cookie-plain",
        what="A cookie; the next call brings none",
        script=[answers(200, RECORD, "set-cookie: session=1; path=/\r\n")],
        call="update+update",
        requests=2,
        lacks=("ookie",),
    ),
]

WRONG: Final = json.dumps({"data": record(OTHER)})
PAGES: Final = [
    Row(
        name="other-record",
        what="An update is answered with another record",
        script=[answers(200, WRONG, "x-request-id: r-1\r\n")],
        outcome="UnexpectedResponse",
        applied=None,
        values={"status": 200, "request_id": "r-1", "path": "data.id"},
    ),
    Row(
        name="other-record-201",
        what="An update is answered with 201 and another record",
        script=[answers(201, WRONG)],
        outcome="UnexpectedResponse",
        applied=None,
        values={"status": 201},
    ),
    Row(
        name="uuid",
        what="A record's id is passed as a UUID",
        script=[answers()],
        call="update-uuid",
        result=SEED,
    ),
    Row(
        name="get-other",
        what="A read is answered with another record",
        script=[answers(200, json.dumps({"data": [record(OTHER)]}))],
        call="get",
        outcome=("NotFound", "UnexpectedResponse"),
    ),
    Row(
        name="get-second",
        what="The record asked for is the second of two",
        script=[answers(200, json.dumps({"data": [record(OTHER), record()]}))],
        call="get",
        result=SEED,
    ),
    Row(
        name="get-none",
        what="A read is answered with no record",
        script=[answers(200, '{"data": []}', "x-request-id: r-1\r\n")],
        call="get",
        outcome="NotFound",
        applied=False,
        values={"request_id": "r-1"},
    ),
    Row(
        name="pages",
        what="Two pages",
        script=[answers(200, page(record(), more=True, endCursor="a")), answers(200, LAST_PAGE)],
        call="stream",
        requests=2,
        result=2,
    ),
    *(
        Row(
            name=f"cursor-{name}",
            what=f"There are more pages, and the cursor is {label}",
            script=[answers(200, page(record(), more=True, **cursor))],
            call="stream",
            outcome="UnexpectedResponse",
        )
        for name, label, cursor in (
            ("empty", "empty", {"endCursor": ""}),
            ("missing", "missing", {}),
            ("null", "null", {"endCursor": None}),
            ("half", "half of a pair of surrogates", {"endCursor": "\ud800"}),
        )
    ),
    Row(
        name="cursor-types",
        what="There are more pages of types, and the cursor is empty",
        script=[answers(200, page(more=True, endCursor=""))],
        call="types",
        outcome="UnexpectedResponse",
    ),
    Row(
        name="cursor-twice",
        what="The same cursor comes twice",
        script=[answers(200, page(record(), more=True, endCursor="a"))],
        call="stream",
        outcome="UnexpectedResponse",
        requests=2,
        values={"status": 200, "path": "pagination.endCursor"},
    ),
    Row(
        name="cursor-circle",
        what="The cursors are a, b, a, b",
        script=[
            *(answers(200, page(record(), more=True, endCursor=cursor)) for cursor in "abab"),
            answers(200, LAST_PAGE),
        ],
        call="stream",
        outcome="UnexpectedResponse",
        requests=3,
    ),
    Row(
        name="cursor-escaped",
        what="A cursor holds &, =, a blank and a line end: it comes back whole, and adds nothing",
        script=[
            answers(200, page(record(), more=True, endCursor="a&ids=1 \r\nx: y")),
            answers(200, LAST_PAGE),
        ],
        call="stream",
        requests=2,
        result=2,
        lacks=("&ids=1", "\nx: y"),
    ),
    Row(
        name="page-empty",
        what="A page without records stands between two others",
        script=[
            answers(200, page(record(), more=True, endCursor="a")),
            answers(200, page(more=True, endCursor="b")),
            answers(200, LAST_PAGE),
        ],
        call="stream",
        requests=3,
        result=2,
    ),
]


def lent(name: str, what: str, lends: dict[str, Any], *lacks: str, **more: Any) -> Row:
    """Return a row for something of the caller's httpx client that must not be in a request."""
    return Row(name=f"lent-{name}", what=what, script=[answers()], lends=lends, lacks=lacks, **more)


HOOKED: Final = {"hook": ["response", "raise"]}
HOOKS: Final = [
    *(
        Row(
            name=f"hook-{status}",
            what=f"A hook of the caller's raises for {status}: the answer decides",
            script=[answers(status, json.dumps(WORDS), "x-request-id: r-7\r\n")],
            lends=HOOKED,
            outcome=ERRORS[status][0],
            applied=ERRORS[status][1],
            requests=ERRORS[status][2],
            values={"status": status, "request_id": "r-7"},
        )
        for status in (400, 404, 429, 501, 503)
    ),
    Row(
        name="hook-302",
        what="A hook of the caller's raises for 302: the answer decides",
        script=[answers(302, "", "location: https://127.0.0.1:1/x\r\n")],
        lends=HOOKED,
        outcome="RedirectRefused",
        applied=False,
        values={"status": 302},
    ),
    Row(
        name="hook-create-429",
        what="A hook raises for a 429 to a creation, which is sent again, as without the hook",
        script=[answers(429, "", "retry-after: 0.01\r\n"), answers(201)],
        call="create",
        lends=HOOKED,
        requests=2,
    ),
    Row(
        name="hook-read",
        what="A hook reads the body and raises for 404",
        script=[answers(404, json.dumps(WORDS))],
        lends={"hook": ["response", "read-and-raise"]},
        outcome="NotFound",
        applied=False,
        values={"status": 404},
    ),
    Row(
        name="hook-success",
        what="A hook reads the body of a success",
        script=[answers()],
        lends={"hook": ["response", "read-and-raise"]},
        result=SEED,
    ),
    Row(
        name="hook-fails-after",
        what="A hook fails on the answer, by a mistake of its own: success stays success",
        script=[answers()],
        lends={"hook": ["response", "fail"]},
        outcome=("success", "UnexpectedResponse"),
    ),
    Row(
        name="hook-fails-before",
        what="A hook fails before anything is sent",
        script=[answers()],
        lends={"hook": ["request", "fail"]},
        outcome="QualificationsError",
        applied=False,
        requests=0,
    ),
    Row(
        name="hook-calls",
        what="A request hook calls with a client of its own, whose answer drips: one deadline",
        script=[[["read"], ["drip", head(200, "x: y\r\n" * 9), 0.04]]],
        lends={"hook": ["request", "call"]},
        client=TIGHT,
        retry=ONCE,
        within=1.6,
        outcome="QualificationsError",
        applied=False,
    ),
    lent(
        "params",
        "The caller's client has parameters",
        {"params": {"x": "1"}},
        "x=1",
    ),
    lent(
        "cookies",
        "The caller's client has cookies",
        {"cookies": {"x": "1"}},
        "ookie",
    ),
    lent("auth", "The caller's client knows a password", {"auth": ("user", "Pa55word")}, "Basic"),
    lent("base", "The caller's client has a base URL", {"base_url": "http://127.0.0.1:1/x"}, "/x/"),
    lent(
        "headers",
        "The caller's client has headers",
        {"headers": {"X-Own": "1"}},
        "X-Own",
        "x-own",
    ),
    lent(
        "token",
        "The caller's client has another token",
        {"headers": {"Authorization": "Bearer another"}},
        "another",
    ),
    Row(
        name="lent-timeout",
        client=QUICK,
        what="The caller's client waits for ever; the time-out of ours counts",
        script=[[["read"], ["silence"]]],
        lends={"timeout": None},
        **UNKNOWN,
    ),
]


def told(name: str, what: str, body: dict[str, Any] | str, headers: str = "", **more: Any) -> Row:
    """Return a row for a 400 whose words are hard to print."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Row(
        name=f"words-{name}",
        what=what,
        script=[answers(400, text, headers)],
        **{"outcome": "BadRequest", "applied": False, **more},
    )


ECHO: Final = f"You sent {TOKEN}"
TEXTS: Final = [
    told("lines", "The message has several lines", {"message": "a\r\nb\tc"}, says=("a b c",)),
    told("control", "The message holds NUL and ESC", {"message": "a\0b\x1b[31mc"}),
    told(
        "bidi",
        "The message turns the direction of writing",
        {"message": "a\u202eb\u2066c"},
    ),
    told("surrogate", "The message holds half of a pair", {"message": "a\ud800b"}),
    told("long", "The message has a million characters", {"message": "x" * 1_000_000}),
    told(
        "id-lines",
        "The request id has several lines",
        {"message": "a", "requestId": "r\r\nX: y"},
    ),
    told(
        "id-control",
        "The request id holds ESC",
        {"message": "a", "requestId": "r\x1b[31m"},
    ),
    told(
        "id-long",
        "The request id has 100,000 characters",
        {"message": "a", "requestId": "r" * 100_000},
    ),
    told(
        "id-surrogate",
        "The request id holds half of a pair",
        {"message": "a", "requestId": "r\udfff"},
    ),
    told(
        "id-header",
        "The x-request-id header has 50 kB",
        {},
        f"x-request-id: {'r' * 50_000}\r\n",
    ),
    told("id-number", "The request id is a number", {"message": "a", "requestId": 17}),
    told("location", "The Location holds ESC", {}, "location: /\x1b[31m\r\n"),
    told("echo-message", "The message holds the token", {"message": ECHO}),
    told(
        "echo-plain",
        "A proxy's page holds the token",
        f"<html>Authorization: Bearer {TOKEN}</html>",
    ),
    told("echo-id", "The request id holds the token", {"message": "a", "requestId": TOKEN}),
    told(
        "echo-header", "The x-request-id header holds the token", {}, f"x-request-id: {TOKEN}\r\n"
    ),
    told(
        "echo-escaped",
        "The message holds the token with escapes",
        '{"message": "\\u0074oken-of-a-test"}',
    ),
    redirect("echo", "The Location holds the token", 302, f"https://h/?t={TOKEN}"),
    broken_head("echo", "A header without a colon holds the token", head(200, f"{TOKEN}\r\n")),
    broken_head("echo-status", "A status line that is none holds the token", f"{TOKEN}\r\n\r\n"),
    unreadable("echo", "A date is the token", RECORD.replace("2025-08-27T10:20:30Z", TOKEN)),
    unreadable(
        "echo-encoding", "The encoding is the token", RECORD, f"content-encoding: {TOKEN}\r\n"
    ),
    Row(
        name="echo-path",
        what="The key of an external id that is no text is the token",
        script=[answers(200, json.dumps({"data": record(externalIds={TOKEN: 1})}))],
        **APPLIED,
    ),
    Row(
        name="echo-success-id",
        what="The x-request-id of a success that cannot be read is the token",
        script=[answers(200, "{}", f"x-request-id: {TOKEN}\r\n")],
        **APPLIED,
    ),
    Row(
        name="long-path",
        what="The key of an external id that is no text has 100,000 characters",
        script=[answers(200, json.dumps({"data": record(externalIds={"k" * 100_000: 1})}))],
        **APPLIED,
    ),
    Row(
        name="echo-record",
        what="The record that comes instead of ours has the token for an id",
        script=[answers(200, json.dumps({"data": record(TOKEN)}))],
        outcome="UnexpectedResponse",
        applied=None,
    ),
    Row(
        name="echo-cursor",
        what="The cursor that comes twice is the token",
        script=[answers(200, page(record(), more=True, endCursor=TOKEN))],
        call="stream",
        outcome="UnexpectedResponse",
        requests=2,
    ),
    Row(
        name="echo-retried",
        what="The message of a 503 holds the token; it is logged and noted",
        script=[answers(503, json.dumps({"message": ECHO}))],
        outcome="ServerError",
        applied=None,
        requests=2,
    ),
]

SLOW: Final = [["read"], ["sleep", 0.3], ["send", response(200, RECORD, "connection: close\r\n")]]
CALLERS: Final = [
    Row(
        name="cancel-connecting",
        what="A task is cancelled while it connects",
        door="full",
        call="cancel_early",
        kinds=("async",),
        requests=0,
        client={"timeout": 2.0},
        within=1.5,
    ),
    Row(
        name="cancel-resolving",
        what="A task is cancelled while its host's name is resolved",
        url=NAMED,
        addresses=["127.0.0.1"],
        resolving=0.8,
        call="cancel_early",
        kinds=("async",),
        requests=0,
        within=1.5,
    ),
    Row(
        name="cancel-waiting",
        what="A task is cancelled while it waits for the answer; the next call works",
        script=[[["read"], ["silence"]], answers()],
        call="cancel_then_update",
        kinds=("async",),
        requests=2,
        result=SEED,
        client={"timeout": 2.0},
    ),
    Row(
        name="cancel-in-body",
        what="A task is cancelled in the body; the next call works",
        script=[[["read"], ["send", response()[:-50]], ["silence"]], answers()],
        call="cancel_in_body",
        kinds=("async",),
        requests=2,
        result=SEED,
        client={"timeout": 2.0},
    ),
    Row(
        name="interrupt",
        what="Ctrl-C while a call waits for the answer",
        script=[[["read"], ["silence"]]],
        child="interrupt",
        outcome="KeyboardInterrupt",
        client={"timeout": 5.0},
    ),
    Row(
        name="close-during",
        what="The client is closed while a call waits for the answer",
        script=[[["read"], ["silence"]]],
        call="close_during",
        client=QUICK,
        retry=ONCE,
        **UNKNOWN | {"requests": 1},
    ),
    Row(
        name="closed",
        what="A closed client is called",
        script=[answers()],
        call="closed",
        outcome="ConfigurationError",
        applied=False,
        requests=0,
    ),
    Row(
        name="fork",
        what="The process forks while a call is under way; both update",
        script=[SLOW, answers()],
        call="fork_during",
        child="apart",
        kinds=("blocking",),
        client={"timeout": 3.0},
        requests=2,
        result=SEED,
    ),
    Row(
        name="loops-close",
        what="asyncio.run(client.update()), then asyncio.run(client.aclose())",
        script=[[["read"], ["send", response()], ["silence"]]],
        call="closed_in_another_loop",
        child="apart",
        kinds=("async",),
        outcome=("success", "ConfigurationError"),
    ),
    Row(
        name="loops-update",
        what="asyncio.run(client.update()), twice with one client",
        script=[[["read"], ["send", response()], ["silence"]], answers()],
        call="called_in_another_loop",
        child="apart",
        kinds=("async",),
        outcome="ConfigurationError",
        applied=False,
    ),
    Row(
        name="twenty",
        what="Twenty threads, or tasks, update with one client at once",
        script=[answers()],
        call="twenty",
        client={"timeout": 3.0},
        requests=20,
        result=20,
    ),
    Row(
        name="exit-pending",
        what="The interpreter ends while a call is under way",
        script=[[["read"], ["silence"]]],
        call="leave_pending",
        child="exit",
        client={"timeout": 5.0},
        within=2.5,
    ),
    Row(
        name="exit-handler",
        what="An exit handler updates while the interpreter ends",
        script=[answers()],
        call="at_exit",
        child="exit",
        kinds=("blocking",),
        client={"timeout": 2.0},
    ),
    Row(
        name="clock-jumps",
        what="The wall clock jumps a day ahead and two days back while calls are under way",
        script=[answers(503, ""), answers()],
        call="update+update",
        jumps=[0.0, 86_400.0, -86_400.0],
        requests=3,
        result=SEED,
    ),
]

GROUPS: Final = {
    "Connection": CONNECTION,
    "TLS": SECURE,
    "Proxies and variables": PROXIES,
    "Head of the answer": HEADS,
    "Body of the answer": BODIES,
    "Statuses": STATUSES,
    "Retry-After": WAITS,
    "Redirects and cookies": REDIRECTS,
    "Records and pages": PAGES,
    "The caller's httpx client": HOOKS,
    "The server's text": TEXTS,
    "Callers": CALLERS,
}
ROWS: Final[list[Row]] = [row for rows in GROUPS.values() for row in rows]
