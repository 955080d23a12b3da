"""What is asked of the mock itself, not of the API: `/_mock/reset` and `/_mock/faults`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import faults, http, strict_json
from .messages import Refused, Request, Response

if TYPE_CHECKING:
    from .faults import Faults

PREFIX = "/_mock/"


def answer(request: Request, token: str, arranged: Faults, reset: Callable[[], object]) -> Response:
    """Do what is asked for; return the faults that are still to come, or what was wrong."""
    actions: dict[str, dict[str, Callable[[], object]]] = {
        f"{PREFIX}reset": {"POST": reset},
        f"{PREFIX}faults": {
            "GET": lambda: None,
            "POST": lambda: arranged.add(*faults.read(strict_json.parse(request.body))),
            "DELETE": arranged.clear,
        },
    }
    try:
        http.authorise(request, token)
        http.find(actions, request)()
    except Refused as refusal:
        return http.answer(refusal.status, {"message": str(refusal)}, refusal.headers)
    except ValueError as error:
        return http.answer(400, {"message": str(error)}, {})
    return http.answer(200, {"faults": arranged.as_json()}, {})
