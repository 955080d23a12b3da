from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

T = TypeVar("T", bound="Pagination")


@_attrs_define
class Pagination:
    """Where a page ends and whether another follows.

    Attributes:
        end_cursor (str): Pass it as `after` to get the next page. May be empty on the last page.
        has_next_page (bool): Whether another page can be fetched right away.
    """

    end_cursor: str
    has_next_page: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        end_cursor = self.end_cursor

        has_next_page = self.has_next_page

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "endCursor": end_cursor,
                "hasNextPage": has_next_page,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        end_cursor = d.pop("endCursor")

        has_next_page = d.pop("hasNextPage")

        pagination = cls(
            end_cursor=end_cursor,
            has_next_page=has_next_page,
        )

        pagination.additional_properties = d
        return pagination

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
