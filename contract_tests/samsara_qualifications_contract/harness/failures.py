"""What a failure says: the request that broke the contract, what was expected, and what came."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

MODEL_SOURCE = "the reference model (oracle/model.py)"
TOKEN = "SAMSARA_API_TOKEN"
_WHOLE, _CUT = f"${{{TOKEN}}}", f"${{{TOKEN}%?}}"  # as a shell writes a token, and all but its end
_SHOWN, _SHOWN_OF_A_VALUE, _FOR_A_SHELL = 4000, 300, 20_000
_IDENTITY = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}
_UNUSUAL = {"identity", "application/json"}
_VALUES = re.compile(r'\{.*\}|\[.*\]|"[^"]*"|(?<!\S)(?![1-5]\d\d\b)\S*\d\S*')


class Breach(AssertionError):
    """The server broke the contract; `failure` says how, and `steps` led to it."""

    def __init__(self, failure: Failure, steps: Sequence[Step]) -> None:
        super().__init__(failure.text())
        self.failure = failure
        self.steps = steps


@dataclass(frozen=True)
class Step:
    """One request of a test, its token masked, and the id that it made, where it made one."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    made: str | None = None


@dataclass(frozen=True)
class Failure:
    """
    One breach of the contract.

    Attributes:
        operation: Method and path of the request that broke it.
        expected: What should have come.
        source: The rule: a place in the spec, a behaviour, or the model.
        request: The request: method, target, and headers that are not the usual ones.
        body: Its body.
        noticed: The later read that showed it; empty where the answer itself did.
        came: Status and body of the answer that showed it.
        hints: What else it may rest on.
        curl: The request as a line for the shell.
        base_url: The server; empty where it was the suite's own mock.
    """

    operation: str
    expected: str
    source: str
    request: str
    body: str
    noticed: str
    came: str
    curl: str
    base_url: str
    hints: list[str] = field(default_factory=list[str])

    @property
    def cause(self) -> str:
        """The same for all failures of one rule that differ in ids and values only."""
        rule = self.operation if self.source == MODEL_SOURCE and not self.hints else self.source
        return _VALUES.sub("…", f"{rule}: {self.expected}")

    def rows(self) -> list[tuple[str, str]]:
        """Return all but the headline, with its labels."""
        noticed = [("shown by", self.noticed)] if self.noticed else []
        rows = [("rule", self.source), *noticed, ("came", self.came)]
        rows.append(("request", f"{self.request} {self.body}"))
        return [*rows, *(("perhaps", hint) for hint in self.hints)]

    def text(self) -> str:
        """Return all of it, each part on a line."""
        rows = (f"  {label:<8} {text}" for label, text in self.rows())
        return "\n".join([f"{self.operation}: {self.expected}", *rows])


def breach(
    request: httpx.Request,
    response: httpx.Response | str,
    wrote: Sequence[httpx.Request],
    steps: Sequence[Step],
    *,
    expected: str,
    source: str,
    hints: Sequence[str],
    token: str,
    own_server: bool,
) -> Breach:
    """
    Return a failure that a stranger can repeat.

    Args:
        request: The request whose answer shows it.
        response: That answer, or why there is none.
        wrote: The writes that it shows, the last of which is to blame; none where it is itself.
        steps: The requests since the server was fresh, these included.
        expected: What should have come.
        source: Where that stands.
        hints: What else it may rest on.
        token: The right token.
        own_server: Whether the server is the suite's own mock, which is made anew to repeat.
    """
    culprit = [request, *wrote][-1]
    came = response
    if not isinstance(came, str):
        came = f"{came.status_code} {shown_bytes(came.content)}".strip()
    after = f", after {len(wrote)} writes, of which this was the last" if len(wrote) > 1 else ""
    failure = Failure(
        operation=f"{culprit.method} {culprit.url.path}",
        expected=_printable(expected),
        source=source,
        request=_line(culprit) + _oddities(_headers(culprit, token)),
        body=shown_bytes(culprit.content),
        noticed=f"{_line(request)}{after}" if wrote else "",
        came=came,
        curl=_curl(culprit, token, own_server=own_server),
        base_url="" if own_server else _origin(request),
        hints=list(hints),
    )
    return Breach(failure, steps)


def step(request: httpx.Request, token: str, made: str | None) -> Step:
    """Return a request as a step, without the token."""
    body = request.content.decode("utf-8", "surrogateescape")
    target = request.url.raw_path.decode("ascii")
    return Step(request.method, target, _headers(request, token), body, made)


def _curl(request: httpx.Request, token: str, *, own_server: bool) -> str:
    """Return a line for the shell, if it can hold the body; a mock's URL is the environment's."""
    target = shlex.quote(str(request.url))
    if own_server:
        target = f'"$SAMSARA_BASE_URL"{shlex.quote(request.url.raw_path.decode("ascii"))}'
    headers = [
        f'-H "{name}: {value}"' if TOKEN in value else f"-H {shlex.quote(f'{name}: {value}')}"
        for name, value in _headers(request, token).items()
    ]
    text = request.content.decode("utf-8", "replace")
    if "\ufffd" in text or len(text) > _FOR_A_SHELL:
        return ""
    body = [f"--data-binary {shlex.quote(text)}"] if text else []
    return " ".join([f"curl -i -X {request.method}", *headers, *body, target])


def unmasked(text: str, token: str) -> str:
    """Return a header as it was, with this token."""
    return text.replace(_WHOLE, token).replace(_CUT, token[:-1])


def shown_bytes(content: bytes) -> str:
    """Return a body on one line, safe to print, and cut where it is long."""
    text = re.sub(r"\r?\n\s*", " ", content[: 4 * _SHOWN].decode("utf-8", "replace").strip())
    text = _printable(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(content)} bytes)"


def shown(value: Any) -> str:
    """Return a value of the model as text for a message."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _SHOWN_OF_A_VALUE else f"{text[:_SHOWN_OF_A_VALUE]}…"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _headers(request: httpx.Request, token: str) -> dict[str, str]:
    """Return the headers that matter, without the token."""
    headers = {
        k: v for k, v in request.headers.items() if k.lower() not in _IDENTITY or v in _UNUSUAL
    }
    for mask, secret in ((_WHOLE, token), (_CUT, token[:-1])):
        if secret and "authorization" in headers:
            headers["authorization"] = headers["authorization"].replace(secret, mask)
    return headers


def _oddities(headers: dict[str, str]) -> str:
    usual = {"authorization": f"Bearer {_WHOLE}", "content-type": "application/json"}
    odd = [f"{name}: {value}" for name, value in headers.items() if usual.get(name) != value]
    odd += ["no authorization"] if "authorization" not in headers else []
    return f" ({', '.join(odd)})" if odd else ""


def _line(request: httpx.Request) -> str:
    return f"{request.method} {request.url.raw_path.decode('ascii')}"


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode()}"
