"""What a failure says: the operation, what was expected and why, what came, how to repeat it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_SHOWN = 1500
_TOKEN = "$SAMSARA_API_TOKEN"
_REPLAY = "python -m samsara_qualifications_contract.harness.replay"
_IDENTITY = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}


class Breach(AssertionError):
    """The server or the client broke the contract."""


@dataclass(frozen=True)
class Step:
    """One request of a test, and the id of the record that it made, where it made one."""

    method: str
    target: str
    body: bytes
    made: str | None = None


def breach(
    request: httpx.Request,
    response: httpx.Response,
    *,
    operation: str,
    expected: str,
    source: str,
    steps: list[Step],
    own_server: bool,
) -> Breach:
    """
    Return a failure that a stranger can repeat.

    Args:
        request: What was sent.
        response: What came.
        operation: The operationId, or the method and path where there is none.
        expected: What should have come.
        source: Where that stands: a place in the spec, a behaviour, or the model.
        steps: The requests since the server was fresh, this one included.
        own_server: Whether the server is the suite's own mock, which is made anew to repeat.
    """
    lines = [
        f"{operation}: {expected}",
        f"  stands in  {source}",
        f"  came       {response.status_code} {_text(response.content)}",
        f"  curl       {curl(request, own_server=own_server)}",
        f"  Python     {python(steps, None if own_server else _origin(request))}",
    ]
    return Breach("\n".join(lines))


def curl(request: httpx.Request, *, own_server: bool = False) -> str:
    """
    Return a line for the shell; the token is left to the environment.

    Args:
        request: The request.
        own_server: Whether it went to a mock in this process, so that the URL is left, too.
    """
    target = shlex.quote(str(request.url))
    if own_server:
        target = f'"$SAMSARA_BASE_URL"{shlex.quote(request.url.raw_path.decode("ascii"))}'
    headers = [
        f"-H {shlex.quote(f'{name}: {value}')}"
        for name, value in request.headers.items()
        if name.lower() not in _IDENTITY | {"authorization"}
    ]
    if "authorization" in request.headers:
        headers.insert(0, f'-H "Authorization: Bearer {_TOKEN}"')
    body = [f"--data-binary {shlex.quote(_text(request.content))}"] if request.content else []
    return " ".join(["curl -i", f"-X {request.method}", *headers, *body, target])


def python(steps: list[Step], base_url: str | None) -> str:
    """Return a line for the shell that repeats all steps of a test, on a fresh mock or the URL."""
    story = [
        [step.method, step.target, step.body.decode("utf-8", "replace"), step.made]
        for step in steps
    ]
    where = "" if base_url is None else f" --base-url {shlex.quote(base_url)}"
    return f"{_REPLAY}{where} {shlex.quote(json.dumps(story))}"


def _origin(request: httpx.Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc.decode()}"


def _text(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(content)} bytes)"


def shown(value: Any) -> str:
    """Return a value of the model as text for a message."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)[:_SHOWN]
