from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.person_entry_type import PersonEntryType
from ..models.user_reference import UserReference
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="Person")


@_attrs_define
class Person:
    """A driver or user of the organisation, or a name typed in by hand.

    Attributes:
        entry_type (PersonEntryType): Whether the person is known to Samsara (`tracked`) or typed in by hand
            (`untracked`).
        name (str | Unset): The name that was typed in for an `untracked` person.
        polymorphic_user_id (UserReference | Unset): A driver or a user of the organisation.
    """

    entry_type: PersonEntryType
    name: str | Unset = UNSET
    polymorphic_user_id: UserReference | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        entry_type = self.entry_type.value

        name = self.name

        polymorphic_user_id: dict[str, Any] | Unset = UNSET
        if not isinstance(self.polymorphic_user_id, Unset):
            polymorphic_user_id = self.polymorphic_user_id.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "entryType": entry_type,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if polymorphic_user_id is not UNSET:
            field_dict["polymorphicUserId"] = polymorphic_user_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.user_reference import UserReference  # noqa: PLC0415

        d = dict(src_dict)
        entry_type = PersonEntryType(d.pop("entryType"))

        name = d.pop("name", UNSET)

        _polymorphic_user_id = d.pop("polymorphicUserId", UNSET)
        polymorphic_user_id: UserReference | Unset
        if isinstance(_polymorphic_user_id, Unset):
            polymorphic_user_id = UNSET
        else:
            polymorphic_user_id = UserReference.from_dict(_polymorphic_user_id)

        person = cls(
            entry_type=entry_type,
            name=name,
            polymorphic_user_id=polymorphic_user_id,
        )

        person.additional_properties = d
        return person

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
