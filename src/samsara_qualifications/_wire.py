"""
The operations of the API, as requests and models of the generated code.

Nothing else in this package imports generated code, but for `sentinels`, which is light, and
`_types`, which loads the models by name.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import urlencode

from samsara_qualifications_api import models, reading
from samsara_qualifications_api.rate_limits import OPERATIONS, SHARED
from samsara_qualifications_api.reading import Unreadable as UnreadableError
from samsara_qualifications_api.types import UNSET, Unset

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from samsara_qualifications_api.api.qualifications import (
        archive_qualification_record,
        create_qualification_record,
        delete_qualification_record,
        get_qualification_records,
        list_qualification_types,
        stream_qualification_records,
        unarchive_qualification_record,
        update_qualification_record,
    )

    LOADED_BY_NAME = (  # so that programs that freeze others see them
        archive_qualification_record,
        create_qualification_record,
        delete_qualification_record,
        get_qualification_records,
        list_qualification_types,
        stream_qualification_records,
        unarchive_qualification_record,
        update_qualification_record,
    )

__all__ = [
    "SHARED",
    "UNSET",
    "Operation",
    "Request",
    "UnreadableError",
    "Unset",
    "models",
]

OperationName = Literal[
    "update", "create", "delete", "archive", "unarchive", "get", "stream", "types"
]
MANY: Final = 100_000
"""So many values are nothing unusual: a page of records has them."""

ModelT = TypeVar("ModelT")

_ENDPOINTS: Final = "samsara_qualifications_api.api.qualifications"


class Request(NamedTuple):
    """An HTTP request as plain data, without host and token."""

    method: str
    target: str
    content: bytes | None = None


class Operation(NamedTuple, Generic[ModelT]):
    """
    One operation of the API.

    Attributes:
        name: The client's method, and the key of its rate limit.
        operation_id: Its id in the spec.
        component: The component of the spec that its response follows; empty where it has no body.
        repeatable: Whether sending it again after an unknown outcome does no harm.
    """

    name: OperationName
    operation_id: str
    component: str = ""
    repeatable: bool = True

    @property
    def module(self) -> str:
        """The generated module that renders its requests."""
        return _snake(self.operation_id)

    @property
    def decoder(self) -> str:
        """The generated function that reads its responses."""
        return _snake(self.component)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.name in {"get", "stream", "types"}

    @property
    def rate_limit(self) -> tuple[int, float]:
        """The limit that the spec states: requests, and the window in seconds."""
        return OPERATIONS[self.operation_id]

    def request(self, **arguments: Any) -> Request:
        """
        Render a request from the arguments of the generated function.

        This also loads what reads the answer: nothing is left to load once a request has gone.
        """
        if self.component:
            _reader(self.decoder)
        built = _builder(self.module)(**arguments)
        query = {key: _text(value) for key, value in built.get("params", {}).items()}
        return Request(
            method=built["method"].upper(),
            target=built["url"] + ("?" + urlencode(query, safe=",:") if query else ""),
            content=_encode(built["json"]) if "json" in built else None,
        )

    def read(self, body: bytes) -> ModelT:
        """
        Return the model of a success's body.

        Raises:
            UnreadableError: The body is not JSON, or a value breaks the rules of the generated
                module `decode`.
        """
        model: ModelT = _reader(self.decoder)(body)
        return model


UPDATE: Final[Operation[models.QualificationRecordResponse]] = Operation(
    "update", "updateQualificationRecord", "QualificationRecordResponse"
)
CREATE: Final[Operation[models.QualificationRecordResponse]] = Operation(
    "create", "createQualificationRecord", "QualificationRecordResponse", repeatable=False
)
DELETE: Final[Operation[None]] = Operation("delete", "deleteQualificationRecord")
ARCHIVE: Final[Operation[None]] = Operation("archive", "archiveQualificationRecord")
UNARCHIVE: Final[Operation[None]] = Operation("unarchive", "unarchiveQualificationRecord")
GET: Final[Operation[models.QualificationRecordList]] = Operation(
    "get", "getQualificationRecords", "QualificationRecordList"
)
STREAM: Final[Operation[models.QualificationRecordPage]] = Operation(
    "stream", "streamQualificationRecords", "QualificationRecordPage"
)
TYPES: Final[Operation[models.QualificationTypePage]] = Operation(
    "types", "listQualificationTypes", "QualificationTypePage"
)
ALL: Final[tuple[Operation[Any], ...]] = (
    *(UPDATE, CREATE, DELETE, ARCHIVE, UNARCHIVE),
    *(GET, STREAM, TYPES),
)


@cache
def spec() -> dict[str, Any]:
    """Return the OpenAPI document that the client was generated from. Shared: do not change it."""
    from importlib import resources  # noqa: PLC0415  only `strict` and the mock read the spec

    place = resources.files("samsara_qualifications_api").joinpath("openapi.json")
    try:
        document: dict[str, Any] = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            "the spec, openapi.json, was left out of this program: with PyInstaller, add "
            "--collect-data samsara_qualifications_api"
        ) from None
    return document


def _is_crowded(body: bytes) -> bool:
    """Return whether a body would take up many times its size once it is parsed."""
    things, commas = body.count(b"[") + body.count(b"{"), body.count(b",")
    return (things > MANY and 16 * things > len(body)) or (commas > MANY and 8 * commas > len(body))


parse = reading.parse


@cache
def _builder(module: str) -> Callable[..., dict[str, Any]]:
    """Return what builds the requests of an operation; it loads httpx."""
    built: Callable[..., dict[str, Any]] = import_module(f"{_ENDPOINTS}.{module}")._get_kwargs  # noqa: SLF001  it has no public name
    return built


@cache
def _reader(component: str) -> Callable[[bytes], Any]:
    """Return what reads a body as a component of the spec; it loads the models."""
    module: Any
    if component == "qualification_type_page":
        from samsara_qualifications_api import decode_types as module  # noqa: PLC0415  they take a while
    else:
        from samsara_qualifications_api import decode as module  # noqa: PLC0415  the same
    build: Callable[[Any], Any] = getattr(module, component)

    def read(body: bytes) -> Any:
        if _is_crowded(body):
            raise UnreadableError("holds more values in less room than any record")
        return build(reading.parse(body))

    return read


@cache
def _snake(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encode(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
