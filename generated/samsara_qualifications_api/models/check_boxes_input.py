from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="CheckBoxesInput")


@_attrs_define
class CheckBoxesInput:
    """The ticked options, for a field of type `check_boxes`.

    Attributes:
        value_ids (list[UUID]): The ids of all ticked options.
    """

    value_ids: list[UUID]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        value_ids = []
        for value_ids_item_data in self.value_ids:
            value_ids_item = str(value_ids_item_data)
            value_ids.append(value_ids_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "valueIds": value_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value_ids = []
        _value_ids = d.pop("valueIds")
        for value_ids_item_data in _value_ids:
            value_ids_item = UUID(value_ids_item_data)

            value_ids.append(value_ids_item)

        check_boxes_input = cls(
            value_ids=value_ids,
        )

        check_boxes_input.additional_properties = d
        return check_boxes_input

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
