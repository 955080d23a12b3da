"""What lies below an exchange: the client for a server, and in words why there is no answer."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

TIMEOUT = 30.0
"""Seconds for each part of an exchange."""
PROBE_TIMEOUT = 10.0
_UNTRUSTED = re.compile(r"certificate verify failed: (.*?)(?: \(_ssl|$)")
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")


class NotReadyError(Exception):
    """The checks cannot begin; the message says why, and the way out."""


class Interruption:
    """Ctrl-C as it should be while records are made: once, and between two exchanges."""

    def __init__(self) -> None:
        self._asked = self._raised = False

    @contextmanager
    def deferred(self) -> Generator[None]:
        """Let Ctrl-C wait for the end of an exchange: its answer may name what must be deleted."""
        before = {
            number: signal.signal(number, self._note)
            for number in (signal.SIGINT, signal.SIGTERM)
            if signal.getsignal(number) == signal.default_int_handler
        }
        try:
            yield
            self.check()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Raise what waited."""
        if self._asked and not self._raised:
            self._raised = True
            raise KeyboardInterrupt

    def _note(self, *_: object) -> None:
        self._asked = True


INTERRUPTION = Interruption()


def open_client(base_url: str, timeout: float = TIMEOUT) -> httpx.Client:
    """
    Return a client for a server.

    Args:
        base_url: Where the server is.
        timeout: Seconds for each part of an exchange.

    Raises:
        NotReadyError: The environment names a proxy or certificates that cannot be used.
    """
    try:
        return httpx.Client(base_url=base_url, timeout=timeout)
    except OSError as error:
        raise _unusable(("SSL_CERT_FILE", "SSL_CERT_DIR"), error) from error
    except (ImportError, ValueError) as error:
        raise _unusable(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"), error) from error


def _unusable(variables: tuple[str, ...], error: Exception) -> NotReadyError:
    return NotReadyError(f"{' or '.join(filter(_variable, variables))} cannot be used: {error}")


def answers(url: str) -> bool:
    """Tell whether a server answers at all."""
    try:
        with open_client(url, PROBE_TIMEOUT) as client:
            client.get("/")
    except httpx.RequestError:
        return False
    return True


def reason(error: httpx.RequestError) -> str:
    """Say why there is no answer, and the way out where there is one."""
    return f"{_what(error)}{_by_way_of(error.request.url)}"


def _what(error: httpx.RequestError) -> str:
    text = _ERRNO.sub("", str(error))
    if found := _UNTRUSTED.search(text):
        return (
            f"its certificate is not trusted ({found[1]}): name the file of its authority in "
            "SSL_CERT_FILE"
        )
    if "[SSL" in text:
        return f"it does not speak TLS as it should ({text}): is it http, not https?"
    if isinstance(error, httpx.TimeoutException):
        return f"nothing came in time ({type(error).__name__})"
    if isinstance(error, httpx.DecodingError):
        return f"its body is not what its Content-Encoding says ({text})"
    return text or type(error).__name__


def _by_way_of(url: httpx.URL) -> str:
    """Name the proxy that stands between, if there is one."""
    names = [name for name in (f"{url.scheme.upper()}_PROXY", "ALL_PROXY") if _variable(name)]
    if not names or urllib.request.proxy_bypass(url.host):
        return ""
    return f" (by way of the proxy in {names[0]}; NO_PROXY exempts a host)"


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower()) or ""
