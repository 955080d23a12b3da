"""Validate responses against the spec to the letter, for clients made with `strict=True`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from . import _wire
from ._wire import UnreadableError
from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._wire import Operation

try:
    import jsonschema_rs
except ImportError:
    raise ConfigurationError(
        "strict=True needs jsonschema-rs: pip install 'samsara-qualifications[mock]'"
    ) from None


def checker() -> Callable[[Operation[Any], bytes], None]:
    """Return what validates a success's body; the spec is read here, before anything is sent."""
    validators = {it.component: _validator(it.component) for it in _wire.ALL if it.component}

    def check(operation: Operation[Any], body: bytes) -> None:
        value = _wire.parse(body)
        try:
            violation = next(validators[operation.component].iter_errors(value), None)
        except (ValueError, RecursionError) as error:  # a lone surrogate, a deep nesting
            raise UnreadableError(f"cannot be validated: {error}") from None
        if violation:
            reason = f"breaks the spec: {violation.message:.200}"
            raise UnreadableError(reason, _dotted(violation.instance_path))

    return check


@cache
def _validator(component: str) -> Any:
    schema = {
        "$ref": f"#/components/schemas/{component}",
        "components": {"schemas": _wire.spec()["components"]["schemas"]},
    }
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _dotted(path: list[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")
