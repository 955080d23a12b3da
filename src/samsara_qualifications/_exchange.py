"""
One HTTP exchange: within a time, within a size, and with our own exceptions.

The only module that knows httpx. It takes a client's transport and hooks, and nothing else of it:
no cookies, parameters, authentication, base URL or headers, and no redirects.
"""

from __future__ import annotations

import logging
import socket
import ssl
import zlib
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, cast

import httpx

from . import _deadline, _environment
from ._values import shown
from .errors import ConfigurationError, ConnectionFailed, ExchangeFailed, InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Iterator, Mapping

    from ._token import Token
    from ._wire import Request
    from .errors import QualificationsError

MIB: Final = 1024 * 1024
MAX_READ: Final = 64 * MIB
"""Bytes of a read's body, after decoding, at most: a hundred large records fit."""

MAX_WRITE: Final = 8 * MIB
"""Bytes of a write's body, after decoding, at most: one record."""

MAX_ERROR: Final = 64 * 1024
"""Bytes of an error's body that are kept; the rest is not read."""

CONNECT_SECONDS: Final = 10.0
"""Seconds that making a connection may take at most."""

_NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    _deadline.NotConnectedError,
)

_GZIP: Final = 16 + zlib.MAX_WBITS
HOOK_FAILED: Final = "a response hook of your httpx client raised %s; the answer counts"

_log = logging.getLogger("samsara_qualifications")

ClientT = TypeVar("ClientT", httpx.Client, httpx.AsyncClient)


class Answer(NamedTuple):
    """
    What the server sent.

    Attributes:
        status: The HTTP status.
        headers: The headers; names are not case-sensitive.
        body: The decoded body, as far as it came.
        broken: Why the body is incomplete or cannot be decoded; empty where it is whole.
        incomplete: Whether the body broke off.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    broken: str = ""
    incomplete: bool = False

    @property
    def request_id(self) -> str | None:
        """The server's id of the request, from the headers."""
        return self.headers.get("x-request-id")


class _Body:
    """Collects a body as it comes, decoded, and stops at a size."""

    def __init__(self, response: httpx.Response, method: str) -> None:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        self._response = response
        self._zipped = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        self._success = 200 <= response.status_code < 300  # noqa: PLR2004  HTTP's success class
        self._most = (MAX_READ if method == "GET" else MAX_WRITE) if self._success else MAX_ERROR
        self._content = bytearray()
        self._begun = False
        self._whole = False
        self._incomplete = False
        # What was not asked for is refused: nested or unknown encodings can blow up in memory.
        known = encoding in {"", "gzip", "identity"}
        self._broken = "" if known else f"has the content-encoding {encoding!r:.40}"

    def begin(self) -> bool:
        """Return whether there is anything to read: a hook may have read or closed the response."""
        if self._response.is_closed:
            if hasattr(self._response, "_content"):
                self._zipped = None
                self.add(self._response.content)
                self.end()
            else:
                self.cut("a hook of your httpx client closed the response")
        return not self._broken and not self._whole

    def add(self, part: bytes) -> bool:
        """Take the next part; return whether more is wanted."""
        self._begun = self._begun or bool(part)
        try:
            self._content += self._decoded(part, self._most + 1 - len(self._content))
        except zlib.error as error:
            self._broken = f"cannot be unzipped: {error}"
            return False
        if len(self._content) <= self._most:
            return True
        del self._content[self._most :]
        self._broken = f"is larger than {self._most} bytes" if self._success else ""
        return False

    def _decoded(self, part: bytes, room: int) -> bytes:
        if self._zipped is None:
            return part[:room]
        data = self._zipped.decompress(part, room)
        while self._zipped.unused_data and len(data) < room:  # another member follows
            rest, self._zipped = self._zipped.unused_data, zlib.decompressobj(_GZIP)
            data += self._zipped.decompress(rest, room - len(data))
        return data

    def end(self) -> None:
        """Note that the last part has come."""
        if self._zipped and self._begun and not self._zipped.eof:
            self.cut("the gzip stream ends early")
        self._whole = True

    def cut(self, reason: str) -> None:
        """Note that the body broke off, unless all of it is there."""
        if not self._whole and not self._broken:
            self._broken, self._incomplete = f"broke off: {reason}", True

    def answer(self) -> Answer:
        """Return what has come."""
        return Answer(
            self._response.status_code,
            self._response.headers,
            bytes(self._content),
            self._broken,
            self._incomplete,
        )


class _Course:
    """How far an exchange has come, for the error that it may end with."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.handed_over = False
        self.heard = False
        self.begun = False

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Hear what httpcore does: through a proxy, the first request is only the way to ours."""
        self.heard = True
        if event.endswith("send_request_headers.started"):
            self.begun = self.begun or info["request"].method != b"CONNECT"

    async def anote(self, event: str, info: dict[str, Any]) -> None:
        """Do what `note` does."""
        self.note(event, info)


class _Exchanger(Generic[ClientT]):
    """What both kinds share: the client, and how a request of ours becomes one of httpx."""

    def __init__(
        self,
        client: ClientT,
        base_url: str,
        headers: Mapping[str, str],
        token: Token,
        *,
        owned: bool,
    ) -> None:
        self._client: ClientT = client
        self._owned = owned
        self._base_url = base_url
        self._urls: dict[str, httpx.URL] = {}
        url = self._url("/")
        self._host = url.netloc.decode()
        self._token = token
        authorization = {"Authorization": f"Bearer {token.latest}"}
        self._headers = httpx.Headers({"Host": self._host, **authorization, **headers})
        self._transport: Any = client._transport_for_url(url)  # noqa: SLF001  what the client lends
        proxied = hasattr(getattr(self._transport, "_pool", None), "_proxy_url")
        # Where the errors alone do not tell whether the request has left; it costs a little.
        self._traced = proxied or not owned or isinstance(client, httpx.AsyncClient)

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        closed: bool = self._client.is_closed
        return closed

    def _request(self, request: Request, seconds: float, trace: Any) -> httpx.Request:
        url = self._urls.get(request.target) or self._url(request.target)
        headers = httpx.Headers(self._headers)
        if self._token.rotates:
            headers["Authorization"] = f"Bearer {self._token.current()}"
        if request.content is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(request.content))
        made = httpx.Request(
            request.method,
            url,
            headers=headers,
            stream=httpx.ByteStream(request.content or b""),
            extensions={"timeout": _timeout(seconds)} | ({"trace": trace} if self._traced else {}),
        )
        made.read()  # so that a hook can look at its content
        return made

    def _url(self, target: str) -> httpx.URL:
        try:
            url = httpx.URL(self._base_url + target)
        except httpx.InvalidURL as error:
            reason = str(error)
        else:
            if "?" not in target:  # there are few paths, and any number of queries
                self._urls[target] = url
            return url
        if target == "/":
            raise ConfigurationError(f"base_url={self._base_url!r} is not a valid URL: {reason}")
        raise InvalidInput(
            f"The ids and filters do not fit into a URL: {reason}; pass fewer at a time"
        )

    def _hooks(self, event: str) -> list[Any]:
        return [] if self._owned else self._client.event_hooks[event]


class Exchanger(_Exchanger[httpx.Client]):
    """Performs exchanges over an httpx client, blocking."""

    def send(self, request: Request, seconds: float) -> Answer:
        """
        Perform one exchange.

        Args:
            request: The request.
            seconds: How long all of it may take. Over a transport of the caller's own, each single
                wait (to connect, to write, for a part of the answer) may take so long.

        Raises:
            ConnectionFailed: Nothing was sent.
            ExchangeFailed: The exchange broke or timed out after that.
        """
        course = _Course(self._host)
        made = self._request(request, seconds, course.note)
        body: _Body | None = None
        failure: Exception | None = None
        try:
            with _deadline.within(seconds):
                for hook in self._hooks("request"):
                    hook(made)
                _deadline.left()
                course.handed_over = True
                response: httpx.Response = self._transport.handle_request(made)
                body = _Body(response, made.method)
                try:
                    self._show(response, made)
                    if body.begin():
                        for part in cast("Iterable[bytes]", response.stream):
                            if not body.add(part):
                                break
                            _deadline.left()
                        body.end()
                    _retire_if_more_came(response)
                finally:
                    response.close()
        except Exception as error:  # noqa: BLE001  whatever a transport raises becomes ours
            failure = error
        return _outcome(body, failure, seconds, course)

    def _show(self, response: httpx.Response, made: httpx.Request) -> None:
        response.request = made
        for hook in self._hooks("response"):
            try:
                hook(response)
            except Exception as error:  # noqa: BLE001  the answer decides, not the hook
                _log.warning(HOOK_FAILED, type(error).__name__)

    def close(self) -> None:
        """Close the client, unless it is the caller's."""
        if self._owned:
            self._client.close()


class AsyncExchanger(_Exchanger[httpx.AsyncClient]):
    """Performs exchanges over an httpx client, on an event loop."""

    async def send(self, request: Request, seconds: float) -> Answer:
        """Do what `Exchanger.send` does; the time is kept over any transport."""
        import asyncio  # noqa: PLC0415  blocking clients do without it

        course = _Course(self._host)
        made = self._request(request, seconds, course.anote)
        body: _Body | None = None
        failure: Exception | None = None
        try:
            async with asyncio.timeout(seconds):
                for hook in self._hooks("request"):
                    await hook(made)
                course.handed_over = True
                response: httpx.Response = await self._transport.handle_async_request(made)
                body = _Body(response, made.method)
                try:
                    await self._show(response, made)
                    if body.begin():
                        async for part in cast("AsyncIterable[bytes]", response.stream):
                            if not body.add(part):
                                break
                        body.end()
                    _retire_if_more_came(response)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001  whatever a transport raises becomes ours
            failure = error
        return _outcome(body, failure, seconds, course)

    async def _show(self, response: httpx.Response, made: httpx.Request) -> None:
        response.request = made
        for hook in self._hooks("response"):
            try:
                await hook(response)
            except Exception as error:  # noqa: BLE001  the answer decides, not the hook
                _log.warning(HOOK_FAILED, type(error).__name__)

    async def aclose(self) -> None:
        """Close the client, unless it is the caller's; a loop that has ended took it along."""
        if self._owned:
            try:
                await self._client.aclose()
            except Exception as error:  # noqa: BLE001  nothing is left to close
                _log.debug("closing the connections failed: %s", _reason(error))


def _retire_if_more_came(response: httpx.Response) -> None:
    """
    Let a connection go on which something follows the answer.

    It would be read as the answer to the next request, and that one's as the next after it.
    """
    stream: Any = response.stream
    for name in ("_httpcore_stream", "_stream", "_connection", "_h11_state"):
        stream = getattr(stream, name, None)
    if stream is not None and stream.trailing_data[0]:
        stream.send_failed()


def _outcome(
    body: _Body | None, failure: Exception | None, seconds: float, course: _Course
) -> Answer:
    """Return the answer, or raise why there is none: with no context, which holds the token."""
    if body is not None:
        if failure is not None:
            body.cut(_reason(failure, seconds))
        return body.answer()
    assert failure is not None  # noqa: S101  without a body something was raised
    raise _failure(failure, seconds, course)


def _failure(error: Exception, seconds: float, course: _Course) -> QualificationsError:
    if not course.handed_over and not isinstance(error, TimeoutError):
        return ConfigurationError(f"a request hook of your httpx client failed: {_reason(error)}")
    unsent = isinstance(error, _NOTHING_SENT) or course.heard
    if not course.handed_over or (unsent and not course.begun):
        return _unreached(course.host, error)
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return ExchangeFailed(f"no complete answer within {seconds:g} s")
    return ExchangeFailed(f"the exchange broke off: {_reason(error)}")


def _reason(error: Exception, seconds: float | None = None) -> str:
    if seconds is not None and isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return f"not complete within {seconds:g} s"
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  of another's exception
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _unreached(host: str, error: Exception) -> ConnectionFailed:
    # The innermost errors name the addresses.
    causes = [it for it in _chain(error) if isinstance(it, OSError | _deadline.NotConnectedError)]
    reason = "; ".join(dict.fromkeys(str(it) or type(it).__name__ for it in causes))
    refused = isinstance(error, httpx.ProxyError)
    failure = ConnectionFailed(f"no connection to {host}: {reason or _reason(error)}")
    failure.unknown_host = any(
        isinstance(it, socket.gaierror | _deadline.UnknownHostError) for it in causes
    )
    failure.lasting = refused or any(isinstance(it, ssl.SSLCertVerificationError) for it in causes)
    return failure


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that an error comes from, those that come from no other."""
    todo: list[BaseException] = [error]
    seen: list[BaseException] = []
    while todo:
        one = todo.pop(0)
        if any(one is known for known in seen):
            continue
        seen.append(one)
        inner = list(getattr(one, "exceptions", ())) or [one.__cause__ or one.__context__]
        if inner == [None]:
            yield one
        todo += [it for it in inner if it is not None]


def _timeout(seconds: float) -> dict[str, float]:
    # Less than all the time, so that a connection that cannot be made is told from a lost answer.
    before = 0.9 * seconds
    return {
        "pool": before,
        "connect": min(before, CONNECT_SECONDS),
        "write": seconds,
        "read": seconds,
    }


def blocking(given: Any, base_url: str, headers: Mapping[str, str], token: Token) -> Exchanger:
    """
    Return what performs a blocking client's exchanges.

    Args:
        given: The caller's `httpx.Client`, or `None` for one of our own.
        base_url: Where requests go.
        headers: What each request says.
        token: The token that it shows.

    Raises:
        ConfigurationError: It is another kind of client, or none can be made.
    """
    client = _client(httpx.Client, given, base_url)
    if given is None:
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  no public way
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _deadline.Backend(pool._network_backend)  # noqa: SLF001
    return Exchanger(client, base_url, headers, token, owned=given is None)


def for_event_loop(
    given: Any, base_url: str, headers: Mapping[str, str], token: Token
) -> AsyncExchanger:
    """Do what `blocking` does, for an async client."""
    client = _client(httpx.AsyncClient, given, base_url)
    return AsyncExchanger(client, base_url, headers, token, owned=given is None)


def _client(kind: type[ClientT], given: Any, base_url: str) -> ClientT:
    if given is None:
        return _own(kind, secure=base_url.startswith("https:"))
    if not isinstance(given, kind):
        raise ConfigurationError(
            f"http_client must be an httpx.{kind.__name__}, not {shown(given)}"
        )
    return given


def _own(kind: type[ClientT], *, secure: bool) -> ClientT:
    try:
        return kind(
            # Plain http stays on this machine: it needs no proxy, and no list of certificates.
            trust_env=secure,
            verify=True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )
    except Exception as error:  # noqa: BLE001  of a value in the environment, whatever it is
        reason = type(error).__name__
    raise ConfigurationError(_environment.complaint(reason))
