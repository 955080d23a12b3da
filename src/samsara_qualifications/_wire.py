"""
The operations of the API, as requests and models of the generated code.

Nothing else in this package imports generated code, except through the names `models`, `UNSET` and
`Unset` of this module.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Protocol, Self, TypeAlias, TypeVar
from urllib.parse import urlencode

from samsara_qualifications_api import models
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
from samsara_qualifications_api.rate_limits import OPERATIONS, SHARED
from samsara_qualifications_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["OPERATIONS", "SHARED", "UNSET", "Operation", "Request", "Unset", "models"]

OperationName = Literal[
    "update", "create", "delete", "archive", "unarchive", "get", "stream", "types"
]


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as plain data, without host and token."""

    method: str
    target: str
    content: bytes | None


class Model(Protocol):
    """What every generated model can do."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a model from parsed JSON."""
        ...


ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, slots=True)
class Operation(Generic[ModelT]):
    """
    One operation of the API.

    Attributes:
        name: The client's method, and the key of its rate limit.
        operation_id: Its id in the spec.
        module: The generated module that renders its requests.
        model: The generated model of its response; `None` where that has no body.
        repeatable: Whether sending it again after an unknown outcome does no harm.
    """

    name: OperationName
    operation_id: str
    module: ModuleType
    model: type[ModelT] | None = None
    repeatable: bool = True

    @property
    def component(self) -> str:
        """The component of the spec that the response follows; empty where it has no body."""
        return self.model.__name__ if self.model else ""

    @property
    def rate_limit(self) -> tuple[int, float]:
        """The limit that the spec states: requests, and the window in seconds."""
        return OPERATIONS[self.operation_id]

    def request(self, **arguments: Any) -> Request:
        """Render a request from the arguments of the generated function."""
        built = self.module._get_kwargs(**arguments)  # noqa: SLF001  it has no public name
        query = {key: _text(value) for key, value in built.get("params", {}).items()}
        return Request(
            method=built["method"].upper(),
            target=built["url"] + ("?" + urlencode(query, safe=",:") if query else ""),
            content=_encode(built["json"]) if "json" in built else None,
        )


NoBody: TypeAlias = Any
"""Where a response has no body, a call returns nothing."""

UPDATE: Final = Operation(
    "update",
    "updateQualificationRecord",
    update_qualification_record,
    model=models.QualificationRecordResponse,
)
CREATE: Final = Operation(
    "create",
    "createQualificationRecord",
    create_qualification_record,
    model=models.QualificationRecordResponse,
    repeatable=False,
)
DELETE: Final[Operation[NoBody]] = Operation(
    "delete", "deleteQualificationRecord", delete_qualification_record
)
ARCHIVE: Final[Operation[NoBody]] = Operation(
    "archive", "archiveQualificationRecord", archive_qualification_record
)
UNARCHIVE: Final[Operation[NoBody]] = Operation(
    "unarchive", "unarchiveQualificationRecord", unarchive_qualification_record
)
GET: Final = Operation(
    "get",
    "getQualificationRecords",
    get_qualification_records,
    model=models.QualificationRecordList,
)
STREAM: Final = Operation(
    "stream",
    "streamQualificationRecords",
    stream_qualification_records,
    model=models.QualificationRecordPage,
)
TYPES: Final = Operation(
    "types", "listQualificationTypes", list_qualification_types, model=models.QualificationTypePage
)
ALL: Final = (UPDATE, CREATE, DELETE, ARCHIVE, UNARCHIVE, GET, STREAM, TYPES)


@cache
def spec() -> dict[str, Any]:
    """Return the OpenAPI document that the client was generated from. Shared: do not change it."""
    text = resources.files("samsara_qualifications_api").joinpath("openapi.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encode(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
