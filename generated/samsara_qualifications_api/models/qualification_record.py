from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.external_ids import ExternalIds
from ..models.field import Field
from ..models.owner import Owner
from ..models.qualification_type_reference import QualificationTypeReference
from ..models.record_status import RecordStatus
from ..models.user_reference import UserReference
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="QualificationRecord")


@_attrs_define
class QualificationRecord:
    """One qualification of one worker or asset: a driver's licence, a certificate, an inspection.

    Attributes:
        id (str): The record's id.
        record_status (RecordStatus): Whether the record is in use (`active`), put away (`archived`) or `deleted`.
        qualification_type (QualificationTypeReference): The type of a record.
        owner (Owner): The worker or asset that holds the qualification.
        issue_date (datetime.datetime): When the qualification was issued or took effect (RFC 3339, UTC).
        fields (list[Field]): The values of the custom fields.
        created_at_time (datetime.datetime): When the record was created (RFC 3339, UTC).
        created_by (UserReference): A driver or a user of the organisation.
        updated_at_time (datetime.datetime): When the record last changed (RFC 3339, UTC).
        updated_by (UserReference): A driver or a user of the organisation.
        expiration_date (datetime.datetime | Unset): When the qualification expires (RFC 3339, UTC), if it does.
        external_ids (ExternalIds | Unset): Ids that other systems use for the object, by the system's key. No two
            objects of the organisation share a value under one key.
    """

    id: str
    record_status: RecordStatus
    qualification_type: QualificationTypeReference
    owner: Owner
    issue_date: datetime.datetime
    fields: list[Field]
    created_at_time: datetime.datetime
    created_by: UserReference
    updated_at_time: datetime.datetime
    updated_by: UserReference
    expiration_date: datetime.datetime | Unset = UNSET
    external_ids: ExternalIds | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        record_status = self.record_status.value

        qualification_type = self.qualification_type.to_dict()

        owner = self.owner.to_dict()

        issue_date = self.issue_date.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")

        fields = []
        for fields_item_data in self.fields:
            fields_item = fields_item_data.to_dict()
            fields.append(fields_item)

        created_at_time = (
            self.created_at_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        )

        created_by = self.created_by.to_dict()

        updated_at_time = (
            self.updated_at_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        )

        updated_by = self.updated_by.to_dict()

        expiration_date: str | Unset = UNSET
        if not isinstance(self.expiration_date, Unset):
            expiration_date = (
                self.expiration_date.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
            )

        external_ids: dict[str, Any] | Unset = UNSET
        if not isinstance(self.external_ids, Unset):
            external_ids = self.external_ids.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "recordStatus": record_status,
                "qualificationType": qualification_type,
                "owner": owner,
                "issueDate": issue_date,
                "fields": fields,
                "createdAtTime": created_at_time,
                "createdBy": created_by,
                "updatedAtTime": updated_at_time,
                "updatedBy": updated_by,
            }
        )
        if expiration_date is not UNSET:
            field_dict["expirationDate"] = expiration_date
        if external_ids is not UNSET:
            field_dict["externalIds"] = external_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.external_ids import ExternalIds  # noqa: PLC0415
        from ..models.field import Field  # noqa: PLC0415
        from ..models.owner import Owner  # noqa: PLC0415
        from ..models.qualification_type_reference import QualificationTypeReference  # noqa: PLC0415
        from ..models.user_reference import UserReference  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        record_status = RecordStatus(d.pop("recordStatus"))

        qualification_type = QualificationTypeReference.from_dict(d.pop("qualificationType"))

        owner = Owner.from_dict(d.pop("owner"))

        issue_date = datetime.datetime.fromisoformat(d.pop("issueDate"))

        fields = []
        _fields = d.pop("fields")
        for fields_item_data in _fields:
            fields_item = Field.from_dict(fields_item_data)

            fields.append(fields_item)

        created_at_time = datetime.datetime.fromisoformat(d.pop("createdAtTime"))

        created_by = UserReference.from_dict(d.pop("createdBy"))

        updated_at_time = datetime.datetime.fromisoformat(d.pop("updatedAtTime"))

        updated_by = UserReference.from_dict(d.pop("updatedBy"))

        _expiration_date = d.pop("expirationDate", UNSET)
        expiration_date: datetime.datetime | Unset
        if isinstance(_expiration_date, Unset):
            expiration_date = UNSET
        else:
            expiration_date = datetime.datetime.fromisoformat(_expiration_date)

        _external_ids = d.pop("externalIds", UNSET)
        external_ids: ExternalIds | Unset
        if isinstance(_external_ids, Unset):
            external_ids = UNSET
        else:
            external_ids = ExternalIds.from_dict(_external_ids)

        qualification_record = cls(
            id=id,
            record_status=record_status,
            qualification_type=qualification_type,
            owner=owner,
            issue_date=issue_date,
            fields=fields,
            created_at_time=created_at_time,
            created_by=created_by,
            updated_at_time=updated_at_time,
            updated_by=updated_by,
            expiration_date=expiration_date,
            external_ids=external_ids,
        )

        qualification_record.additional_properties = d
        return qualification_record

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
