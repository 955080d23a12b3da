from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.date_time_type import DateTimeType
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="DateTimeValue")


@_attrs_define
class DateTimeValue:
    """The date, the time, or both, in a datetime field.

    Attributes:
        type_ (DateTimeType): What a date-and-time value means: a point in time, a calendar day, or a time of day.
        value (datetime.datetime): The value as a point in time (RFC 3339, UTC).
        date_value (datetime.date | Unset): The calendar day (`YYYY-MM-DD`) in the field's own time zone. There when
            `type` is `date`.
    """

    type_: DateTimeType
    value: datetime.datetime
    date_value: datetime.date | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_.value

        value = self.value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")

        date_value: str | Unset = UNSET
        if not isinstance(self.date_value, Unset):
            date_value = self.date_value.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "value": value,
            }
        )
        if date_value is not UNSET:
            field_dict["dateValue"] = date_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = DateTimeType(d.pop("type"))

        value = datetime.datetime.fromisoformat(d.pop("value"))

        _date_value = d.pop("dateValue", UNSET)
        date_value: datetime.date | Unset
        if isinstance(_date_value, Unset):
            date_value = UNSET
        else:
            date_value = datetime.date.fromisoformat(_date_value)

        date_time_value = cls(
            type_=type_,
            value=value,
            date_value=date_value,
        )

        date_time_value.additional_properties = d
        return date_time_value

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
