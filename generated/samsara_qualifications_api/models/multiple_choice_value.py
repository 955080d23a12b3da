from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="MultipleChoiceValue")


@_attrs_define
class MultipleChoiceValue:
    """The option chosen in a multiple-choice field.

    Attributes:
        value (str): The option's label.
        value_id (str): The option's id.
    """

    value: str
    value_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        value = self.value

        value_id = self.value_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "value": value,
                "valueId": value_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value = d.pop("value")

        value_id = d.pop("valueId")

        multiple_choice_value = cls(
            value=value,
            value_id=value_id,
        )

        multiple_choice_value.additional_properties = d
        return multiple_choice_value

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
