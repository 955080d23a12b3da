"""The mock as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .http import MAX_BODY
from .messages import Request

if TYPE_CHECKING:
    from .messages import Handler, Response

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


def application(server: Handler) -> App:
    """Return an application; to break a connection, it must find it in the scope's state."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the mock speaks http, not {scope['type']}")
        body = await _body(receive)
        if body is not None:
            response = server.handle(_request(scope, body))
            await asyncio.sleep(response.delay)
            await _send(response, scope, receive, send)

    return app


async def _body(receive: Receive) -> bytes | None:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _request(scope: Message, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path, query = (scope[name].decode("latin-1") for name in ("raw_path", "query_string"))
    return Request(method=scope["method"], path=path, query=query, headers=headers, body=body)


async def _send(response: Response, scope: Message, receive: Receive, send: Send) -> None:
    if response.cut and response.cut != "body":
        await _break(scope, receive, "abort")
        return
    headers = [(n.lower().encode(), v.encode()) for n, v in response._sized_headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    for part in response._parts():
        await asyncio.sleep(response.drip)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    if response.cut:
        await _break(scope, receive, "close")
    else:
        await send({"type": "http.response.body", "body": b""})


async def _break(scope: Message, receive: Receive, how: str) -> None:
    connection = scope.get("state", {}).get("connection")
    if connection is None:
        raise ConnectionAbortedError("the mock breaks this connection on request")
    getattr(connection, how)()
    await receive()  # until the connection has gone
