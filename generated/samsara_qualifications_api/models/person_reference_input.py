from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="PersonReferenceInput")


@_attrs_define
class PersonReferenceInput:
    """Names a driver or user of the organisation.

    Attributes:
        polymorphic_user_id (str): The driver's or user's id in Samsara.
    """

    polymorphic_user_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        polymorphic_user_id = self.polymorphic_user_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "polymorphicUserId": polymorphic_user_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        polymorphic_user_id = d.pop("polymorphicUserId")

        person_reference_input = cls(
            polymorphic_user_id=polymorphic_user_id,
        )

        person_reference_input.additional_properties = d
        return person_reference_input

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
