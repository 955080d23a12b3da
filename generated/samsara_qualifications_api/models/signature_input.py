from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

if TYPE_CHECKING:
    from ..models.media_item_input import MediaItemInput


T = TypeVar("T", bound="SignatureInput")


@_attrs_define
class SignatureInput:
    """A signature to upload, for a field of type `signature`.

    Attributes:
        media (MediaItemInput): One file with its content.
    """

    media: MediaItemInput
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        media = self.media.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "media": media,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.media_item_input import MediaItemInput  # noqa: PLC0415

        d = dict(src_dict)
        media = MediaItemInput.from_dict(d.pop("media"))

        signature_input = cls(
            media=media,
        )

        signature_input.additional_properties = d
        return signature_input

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
