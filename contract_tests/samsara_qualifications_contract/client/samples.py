"""Valid answers of every operation, from the spec's examples: where mutations start."""

from __future__ import annotations

import copy
from typing import Any

from samsara_qualifications_contract.oracle import spec
from samsara_qualifications_contract.oracle.spec import JSON_TYPE, Json

USER: Json = {"id": "938172", "type": "user"}
MOMENT = "2024-08-08T18:53:23Z"
UUID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"

_PATCH = spec.OPERATIONS["updateQualificationRecord"].node
RECORD: Json = _PATCH["responses"]["200"]["content"][JSON_TYPE]["examples"]["seed"]["value"]["data"]
RECORD_ID = "r"
"""What the calls of `calls.py` name: an update is answered with the record that it names."""
PAGINATION: Json = {"endCursor": "", "hasNextPage": False}
ERROR: Json = {"message": "no such record", "requestId": "req-1"}

_OPTION: Json = {
    "id": "a",
    "label": "A",
    "optionScoreWeight": 3,
    "ignoreQuestionFromScoreIfSelected": False,
}
_CONDITION: Json = {
    "condition": {"type": "multipleChoiceValueCondition", "selectedOptionIds": ["a"]},
    "actions": [{"type": "showSection", "sectionId": "s", "fieldId": "f"}],
}
_COLUMN: Json = {
    "id": UUID,
    "type": "number",
    "label": "Axle",
    "options": [_OPTION],
    "numDecimalPlaces": 2,
    "allowedDateTimeValueType": "date",
    "includeDrivers": True,
    "includeUsers": False,
    "filterByRoleIds": ["r"],
    "allowManualEntry": True,
}
TYPE: Json = {
    "id": UUID,
    "name": "Driver License",
    "entityType": "worker",
    "fields": [
        {
            **_COLUMN,
            "isRequired": True,
            "allowedAssetTypes": ["trailer"],
            "columns": [_COLUMN],
            "isAutofillSource": False,
            "autofillFromId": "f",
            "questionWeight": 5,
            "conditionalActions": [_CONDITION],
        }
    ],
    "revisionId": UUID,
    "createdAtTime": MOMENT,
    "createdBy": USER,
    "updatedAtTime": MOMENT,
    "updatedBy": USER,
}


def full_record() -> Json:
    """Return a record that has every property of the spec, external ids included."""
    record = copy.deepcopy(RECORD)
    record["id"] = RECORD_ID
    record["externalIds"] = {"hr": "7"}
    record["owner"]["externalIds"] = {"payroll": "E-1"}
    [cell] = record["fields"][0]["tableValue"]["rows"][0]["cells"]
    cell["barcodeValue"] = {"barcodes": [{"value": "0123"}]}
    return record


def body_of(operation_id: str) -> Any:
    """Return a valid body of an operation's success; `None` where it has none."""
    record, more = full_record(), {"pagination": dict(PAGINATION)}
    bodies: Json = {
        "updateQualificationRecord": {"data": record},
        "createQualificationRecord": {"data": record},
        "getQualificationRecords": {"data": [record]},
        "streamQualificationRecords": {"data": [record], **more},
        "listQualificationTypes": {"data": [copy.deepcopy(TYPE)], **more},
    }
    return bodies.get(operation_id)
