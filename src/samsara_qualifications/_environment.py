"""Which variable of the environment keeps httpx from making a client, and what it should hold."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable


def _certificates(**options: Any) -> None:
    ssl.create_default_context(**options)


def _key_log(value: str) -> None:
    Path(value).open("a").close()


def _proxy(value: str) -> None:
    parts = urlsplit(value if "://" in value else f"http://{value}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "#" in value:
        raise ValueError
    _ = parts.port


_CERTIFICATES: Final = "it must name a file of certificates (PEM) that this user can read"
_KEY_LOG: Final = "it must name a file that this user can write"
_PROXY: Final = (
    "it must be http://host:port or https://host:port; a SOCKS proxy needs "
    "pip install 'httpx[socks]' and socks5://host:port; in a password write # as %23"
)
_NO_PROXY: Final = "it must hold host names, separated by commas, and IPv6 addresses without [ ]"

_CHECKS: Final[dict[str, tuple[Callable[[str], None], str]]] = {
    "SSLKEYLOGFILE": (_key_log, _KEY_LOG),  # first: the next ones read it, too
    "SSL_CERT_FILE": (lambda value: _certificates(cafile=value), _CERTIFICATES),
    "SSL_CERT_DIR": (lambda value: _certificates(capath=value), _CERTIFICATES),
    "HTTPS_PROXY": (_proxy, _PROXY),
    "HTTP_PROXY": (_proxy, _PROXY),
    "ALL_PROXY": (_proxy, _PROXY),
}


def complaint(reason: str) -> str:
    """
    Say which variable is wrong. No value is shown: a proxy's holds a password.

    Args:
        reason: What httpx made of it, in a word.
    """
    for name, (check, way_out) in _CHECKS.items():
        for spelling in (name, name.lower()):
            if value := os.environ.get(spelling):
                try:
                    check(value)
                except (OSError, ValueError):
                    return f"{spelling} in the environment cannot be used ({reason}): {way_out}"
    for spelling in ("NO_PROXY", "no_proxy"):
        if os.environ.get(spelling):
            return f"{spelling} in the environment cannot be used ({reason}): {_NO_PROXY}"
    return f"no HTTP client can be made in this environment ({reason}); pass one as http_client"
