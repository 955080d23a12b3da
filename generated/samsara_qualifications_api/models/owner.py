from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entity_type import EntityType
from ..models.external_ids import ExternalIds
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="Owner")


@_attrs_define
class Owner:
    """The worker or asset that holds the qualification.

    Attributes:
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee, `asset` for a vehicle,
            trailer or piece of equipment.
        id (str): The worker's or asset's id in Samsara.
        external_ids (ExternalIds | Unset): Ids that other systems use for the object, by the system's key. No two
            objects of the organisation share a value under one key.
    """

    entity_type: EntityType
    id: str
    external_ids: ExternalIds | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        entity_type = self.entity_type.value

        id = self.id

        external_ids: dict[str, Any] | Unset = UNSET
        if not isinstance(self.external_ids, Unset):
            external_ids = self.external_ids.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "entityType": entity_type,
                "id": id,
            }
        )
        if external_ids is not UNSET:
            field_dict["externalIds"] = external_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.external_ids import ExternalIds  # noqa: PLC0415

        d = dict(src_dict)
        entity_type = EntityType(d.pop("entityType"))

        id = d.pop("id")

        _external_ids = d.pop("externalIds", UNSET)
        external_ids: ExternalIds | Unset
        if isinstance(_external_ids, Unset):
            external_ids = UNSET
        else:
            external_ids = ExternalIds.from_dict(_external_ids)

        owner = cls(
            entity_type=entity_type,
            id=id,
            external_ids=external_ids,
        )

        owner.additional_properties = d
        return owner

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
