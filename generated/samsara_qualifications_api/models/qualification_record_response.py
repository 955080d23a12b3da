from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.qualification_record import QualificationRecord
from ..summary import summary as _summary

T = TypeVar("T", bound="QualificationRecordResponse")


@_attrs_define
class QualificationRecordResponse:
    """One record, as it stands after the request.

    Attributes:
        data (QualificationRecord): One qualification of one worker or asset: a driver's licence, a certificate, an
            inspection.
    """

    data: QualificationRecord
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.qualification_record import QualificationRecord  # noqa: PLC0415

        d = dict(src_dict)
        data = QualificationRecord.from_dict(d.pop("data"))

        qualification_record_response = cls(
            data=data,
        )

        qualification_record_response.additional_properties = d
        return qualification_record_response

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
