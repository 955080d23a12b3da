from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="QualificationTypeReference")


@_attrs_define
class QualificationTypeReference:
    """The type of a record.

    Attributes:
        id (UUID): The type's id.
        name (str | Unset): The type's name.
        revision_id (UUID | Unset): The id of the type's revision.
    """

    id: UUID
    name: str | Unset = UNSET
    revision_id: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        revision_id: str | Unset = UNSET
        if not isinstance(self.revision_id, Unset):
            revision_id = str(self.revision_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if revision_id is not UNSET:
            field_dict["revisionId"] = revision_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name", UNSET)

        _revision_id = d.pop("revisionId", UNSET)
        revision_id: UUID | Unset
        if isinstance(_revision_id, Unset):
            revision_id = UNSET
        else:
            revision_id = UUID(_revision_id)

        qualification_type_reference = cls(
            id=id,
            name=name,
            revision_id=revision_id,
        )

        qualification_type_reference.additional_properties = d
        return qualification_type_reference

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
