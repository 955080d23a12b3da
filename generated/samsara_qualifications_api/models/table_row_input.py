from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

if TYPE_CHECKING:
    from ..models.table_cell_input import TableCellInput


T = TypeVar("T", bound="TableRowInput")


@_attrs_define
class TableRowInput:
    """One row of a table.

    Attributes:
        id (UUID): The row's id.
        cells (list[TableCellInput]): The row's cells.
    """

    id: UUID
    cells: list[TableCellInput]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        cells = []
        for cells_item_data in self.cells:
            cells_item = cells_item_data.to_dict()
            cells.append(cells_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "cells": cells,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.table_cell_input import TableCellInput  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        cells = []
        _cells = d.pop("cells")
        for cells_item_data in _cells:
            cells_item = TableCellInput.from_dict(cells_item_data)

            cells.append(cells_item)

        table_row_input = cls(
            id=id,
            cells=cells,
        )

        table_row_input.additional_properties = d
        return table_row_input

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
