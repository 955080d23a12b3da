from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

if TYPE_CHECKING:
    from ..models.media_item_input import MediaItemInput


T = TypeVar("T", bound="MediaInput")


@_attrs_define
class MediaInput:
    """Files to upload, for a field of type `media`.

    Attributes:
        media_list (list[MediaItemInput]): The files.
    """

    media_list: list[MediaItemInput]
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
        from ..models.media_item_input import MediaItemInput  # noqa: PLC0415

        d = dict(src_dict)
        media_list = []
        _media_list = d.pop("mediaList")
        for media_list_item_data in _media_list:
            media_list_item = MediaItemInput.from_dict(media_list_item_data)

            media_list.append(media_list_item)

        media_input = cls(
            media_list=media_list,
        )

        media_input.additional_properties = d
        return media_input

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
