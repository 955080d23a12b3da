"""What each request says besides the token, checked: a header may inject others."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Final

from ._values import shown
from ._version import __version__
from .errors import ConfigurationError

_FIXED: Final = frozenset(
    (
        *("authorization", "host", "connection", "transfer-encoding"),
        *("content-type", "content-length", "content-encoding", "accept", "accept-encoding"),
    )
)
_OPTIONS: Final = {"user-agent": "app_info", "x-samsara-version": "api_version"}
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def headers(
    api_version: str | None, app_info: str | None, more: Mapping[str, str] | None
) -> dict[str, str]:
    """
    Return the headers of each request.

    Args:
        api_version: The version of the API, a day; `None` for the token's own.
        app_info: What follows in `User-Agent`; `None` for nothing.
        more: Any others.

    Raises:
        ConfigurationError: One of them cannot be a header, or is the client's own.
    """
    result = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": _user_agent(app_info),
    }
    if api_version is not None:
        result["X-Samsara-Version"] = _version(api_version)
    if not isinstance(more, Mapping | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError(f"default_headers must map names to texts, not {shown(more)}")
    for name, value in (more or {}).items():
        result[_checked_name(name)] = _text(f"default_headers: {name!r:.80}", value)
    return result


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(f"default_headers: {name!r:.80} is not a valid name")
    if name.lower() in _FIXED:
        raise ConfigurationError(f"default_headers names {name!r}, which the client sets")
    if option := _OPTIONS.get(name.lower()):
        raise ConfigurationError(f"default_headers names {name!r}: pass {option} instead")
    return name


def _user_agent(app_info: str | None) -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    ours = f"samsara-qualifications/{__version__} python/{python}"
    return ours if app_info is None else f"{ours} {_text('app_info', app_info)}"


def _version(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ConfigurationError(f"api_version={value!r:.80} must be a day such as '2025-10-23'")
    return value


def _text(name: str, value: object) -> str:
    fits = isinstance(value, str) and value.strip() and value.isascii() and value.isprintable()
    if not isinstance(value, str) or not fits:
        raise ConfigurationError(f"{name} must be printable ASCII, and not blank")
    return value
