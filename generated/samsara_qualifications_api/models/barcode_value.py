from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.barcode import Barcode
from ..summary import summary as _summary

T = TypeVar("T", bound="BarcodeValue")


@_attrs_define
class BarcodeValue:
    """The barcodes in a table cell of the type `barcode`.

    Attributes:
        barcodes (list[Barcode]): All barcodes that the cell holds.
    """

    barcodes: list[Barcode]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        barcodes = []
        for barcodes_item_data in self.barcodes:
            barcodes_item = barcodes_item_data.to_dict()
            barcodes.append(barcodes_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "barcodes": barcodes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.barcode import Barcode  # noqa: PLC0415

        d = dict(src_dict)
        barcodes = []
        _barcodes = d.pop("barcodes")
        for barcodes_item_data in _barcodes:
            barcodes_item = Barcode.from_dict(barcodes_item_data)

            barcodes.append(barcodes_item)

        barcode_value = cls(
            barcodes=barcodes,
        )

        barcode_value.additional_properties = d
        return barcode_value

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
