from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

if TYPE_CHECKING:
    from ..models.barcode_item_input import BarcodeItemInput


T = TypeVar("T", bound="BarcodeInput")


@_attrs_define
class BarcodeInput:
    """The barcodes to put into a table cell of the type `barcode`.

    Attributes:
        barcodes (list[BarcodeItemInput]): All barcodes of the cell.
    """

    barcodes: list[BarcodeItemInput]
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
        from ..models.barcode_item_input import BarcodeItemInput  # noqa: PLC0415

        d = dict(src_dict)
        barcodes = []
        _barcodes = d.pop("barcodes")
        for barcodes_item_data in _barcodes:
            barcodes_item = BarcodeItemInput.from_dict(barcodes_item_data)

            barcodes.append(barcodes_item)

        barcode_input = cls(
            barcodes=barcodes,
        )

        barcode_input.additional_properties = d
        return barcode_input

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
