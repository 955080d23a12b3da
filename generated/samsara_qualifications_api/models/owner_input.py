from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entity_type import EntityType
from ..summary import summary as _summary

T = TypeVar("T", bound="OwnerInput")


@_attrs_define
class OwnerInput:
    """Who or what holds the qualification.

    Attributes:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee, `asset` for a vehicle,
            trailer or piece of equipment.
        id (str): The worker's or asset's id in Samsara.
    """

    entity_type: EntityType
    id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        entity_type = self.entity_type.value

        id = self.id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "entityType": entity_type,
                "id": id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        entity_type = EntityType(d.pop("entityType"))

        id = d.pop("id")

        owner_input = cls(
            entity_type=entity_type,
            id=id,
        )

        owner_input.additional_properties = d
        return owner_input

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
