from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.media_record import MediaRecord
from ..summary import summary as _summary

T = TypeVar("T", bound="SignatureValue")


@_attrs_define
class SignatureValue:
    """The signature in a signature field.

    Attributes:
        media (MediaRecord): One uploaded file.
    """

    media: MediaRecord
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
        from ..models.media_record import MediaRecord  # noqa: PLC0415

        d = dict(src_dict)
        media = MediaRecord.from_dict(d.pop("media"))

        signature_value = cls(
            media=media,
        )

        signature_value.additional_properties = d
        return signature_value

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
