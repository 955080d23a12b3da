from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.media_record import MediaRecord
from ..summary import summary as _summary

T = TypeVar("T", bound="MediaValue")


@_attrs_define
class MediaValue:
    """The files in a media field.

    Attributes:
        media_list (list[MediaRecord]): The uploaded files.
    """

    media_list: list[MediaRecord]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        media_list = []
        for media_list_item_data in self.media_list:
            media_list_item = media_list_item_data.to_dict()
            media_list.append(media_list_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mediaList": media_list,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.media_record import MediaRecord  # noqa: PLC0415

        d = dict(src_dict)
        media_list = []
        _media_list = d.pop("mediaList")
        for media_list_item_data in _media_list:
            media_list_item = MediaRecord.from_dict(media_list_item_data)

            media_list.append(media_list_item)

        media_value = cls(
            media_list=media_list,
        )

        media_value.additional_properties = d
        return media_value

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
