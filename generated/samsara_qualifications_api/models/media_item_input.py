from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="MediaItemInput")


@_attrs_define
class MediaItemInput:
    """One file with its content.

    Attributes:
        media_type (str): The file's MIME type, for example `image/png`.
        base_64_payload (str): The file's bytes in base64.
    """

    media_type: str
    base_64_payload: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        media_type = self.media_type

        base_64_payload = self.base_64_payload

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mediaType": media_type,
                "base64Payload": base_64_payload,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        media_type = d.pop("mediaType")

        base_64_payload = d.pop("base64Payload")

        media_item_input = cls(
            media_type=media_type,
            base_64_payload=base_64_payload,
        )

        media_item_input.additional_properties = d
        return media_item_input

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
