from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_type import ActionType
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="Action")


@_attrs_define
class Action:
    """What to do once a condition holds.

    Attributes:
        type_ (ActionType): What a condition sets off: a further field, a section, a photo, a note, or an issue.
        field_id (str | Unset): The id of the field to ask for. There for `askFollowupQuestion`.
        section_id (str | Unset): The id of the section to show. There for `showSection`.
    """

    type_: ActionType
    field_id: str | Unset = UNSET
    section_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        field_id = self.field_id

        section_id = self.section_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
            }
        )
        if field_id is not UNSET:
            field_dict["fieldId"] = field_id
        if section_id is not UNSET:
            field_dict["sectionId"] = section_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = ActionType(d.pop("type"))

        field_id = d.pop("fieldId", UNSET)

        section_id = d.pop("sectionId", UNSET)

        action = cls(
            type_=type_,
            field_id=field_id,
            section_id=section_id,
        )

        action.additional_properties = d
        return action

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
