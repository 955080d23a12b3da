from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="CheckBoxesValue")


@_attrs_define
class CheckBoxesValue:
    """The options ticked in a check-boxes field.

    Attributes:
        value (list[str]): The labels of the ticked options.
        value_ids (list[str]): The ids of the ticked options.
    """

    value: list[str]
    value_ids: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        value = self.value

        value_ids = self.value_ids

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "value": value,
                "valueIds": value_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value = cast(list[str], d.pop("value"))

        value_ids = cast(list[str], d.pop("valueIds"))

        check_boxes_value = cls(
            value=value,
            value_ids=value_ids,
        )

        check_boxes_value.additional_properties = d
        return check_boxes_value

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
