from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.external_ids import ExternalIds
    from ..models.field_input import FieldInput
    from ..models.owner_input import OwnerInput
    from ..models.qualification_type_input import QualificationTypeInput


T = TypeVar("T", bound="CreateQualificationRecordRequest")


@_attrs_define
class CreateQualificationRecordRequest:
    """A new record. It must give a value for every custom field that its qualification type requires.

    Attributes:
        qualification_type (QualificationTypeInput): Names the type of a new record.
        owner (OwnerInput): Who or what holds the qualification.
        issue_date (datetime.datetime): When the qualification was issued or took effect (RFC 3339, UTC).
        expiration_date (datetime.datetime | Unset): When the qualification expires (RFC 3339, UTC), if it does.
        fields (list[FieldInput] | Unset): Values of the type's custom fields.
        external_ids (ExternalIds | Unset): Ids that other systems use for the object, by the system's key. No two
            objects of the organisation share a value under one key.
    """

    qualification_type: QualificationTypeInput
    owner: OwnerInput
    issue_date: datetime.datetime
    expiration_date: datetime.datetime | Unset = UNSET
    fields: list[FieldInput] | Unset = UNSET
    external_ids: ExternalIds | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        qualification_type = self.qualification_type.to_dict()

        owner = self.owner.to_dict()

        issue_date = self.issue_date.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")

        expiration_date: str | Unset = UNSET
        if not isinstance(self.expiration_date, Unset):
            expiration_date = (
                self.expiration_date.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
            )

        fields: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = []
            for fields_item_data in self.fields:
                fields_item = fields_item_data.to_dict()
                fields.append(fields_item)

        external_ids: dict[str, Any] | Unset = UNSET
        if not isinstance(self.external_ids, Unset):
            external_ids = self.external_ids.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "qualificationType": qualification_type,
                "owner": owner,
                "issueDate": issue_date,
            }
        )
        if expiration_date is not UNSET:
            field_dict["expirationDate"] = expiration_date
        if fields is not UNSET:
            field_dict["fields"] = fields
        if external_ids is not UNSET:
            field_dict["externalIds"] = external_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.external_ids import ExternalIds  # noqa: PLC0415
        from ..models.field_input import FieldInput  # noqa: PLC0415
        from ..models.owner_input import OwnerInput  # noqa: PLC0415
        from ..models.qualification_type_input import QualificationTypeInput  # noqa: PLC0415

        d = dict(src_dict)
        qualification_type = QualificationTypeInput.from_dict(d.pop("qualificationType"))

        owner = OwnerInput.from_dict(d.pop("owner"))

        issue_date = datetime.datetime.fromisoformat(d.pop("issueDate"))

        _expiration_date = d.pop("expirationDate", UNSET)
        expiration_date: datetime.datetime | Unset
        if isinstance(_expiration_date, Unset):
            expiration_date = UNSET
        else:
            expiration_date = datetime.datetime.fromisoformat(_expiration_date)

        _fields = d.pop("fields", UNSET)
        fields: list[FieldInput] | Unset = UNSET
        if _fields is not UNSET:
            fields = []
            for fields_item_data in _fields:
                fields_item = FieldInput.from_dict(fields_item_data)

                fields.append(fields_item)

        _external_ids = d.pop("externalIds", UNSET)
        external_ids: ExternalIds | Unset
        if isinstance(_external_ids, Unset):
            external_ids = UNSET
        else:
            external_ids = ExternalIds.from_dict(_external_ids)

        create_qualification_record_request = cls(
            qualification_type=qualification_type,
            owner=owner,
            issue_date=issue_date,
            expiration_date=expiration_date,
            fields=fields,
            external_ids=external_ids,
        )

        create_qualification_record_request.additional_properties = d
        return create_qualification_record_request

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
