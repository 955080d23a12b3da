from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.allowed_date_time_type import AllowedDateTimeType
from ..models.select_option import SelectOption
from ..models.table_column_definition_type import TableColumnDefinitionType
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="TableColumnDefinition")


@_attrs_define
class TableColumnDefinition:
    """A column of a table field, as a qualification type defines it. Settings that do not apply to its `type` are absent.

    Attributes:
        id (UUID): The column's id.
        type_ (TableColumnDefinitionType): The type of a table column in a qualification type.
        label (str): The column's heading.
        options (list[SelectOption] | Unset): The options of a multiple-choice or check-boxes column.
        num_decimal_places (int | Unset): How many decimal places a number column allows.
        allowed_date_time_value_type (AllowedDateTimeType | Unset): What a date-and-time field lets people enter: a
            point in time, a calendar day, or a time of day.
        include_drivers (bool | Unset): Whether drivers can be chosen in a person column.
        include_users (bool | Unset): Whether users can be chosen in a person column.
        filter_by_role_ids (list[str] | Unset): The ids of the roles whose members can be chosen in a person column.
        allow_manual_entry (bool | Unset): Whether a name can be typed into a person column.
    """

    id: UUID
    type_: TableColumnDefinitionType
    label: str
    options: list[SelectOption] | Unset = UNSET
    num_decimal_places: int | Unset = UNSET
    allowed_date_time_value_type: AllowedDateTimeType | Unset = UNSET
    include_drivers: bool | Unset = UNSET
    include_users: bool | Unset = UNSET
    filter_by_role_ids: list[str] | Unset = UNSET
    allow_manual_entry: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_ = self.type_.value

        label = self.label

        options: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = []
            for options_item_data in self.options:
                options_item = options_item_data.to_dict()
                options.append(options_item)

        num_decimal_places = self.num_decimal_places

        allowed_date_time_value_type: str | Unset = UNSET
        if not isinstance(self.allowed_date_time_value_type, Unset):
            allowed_date_time_value_type = self.allowed_date_time_value_type.value

        include_drivers = self.include_drivers

        include_users = self.include_users

        filter_by_role_ids: list[str] | Unset = UNSET
        if not isinstance(self.filter_by_role_ids, Unset):
            filter_by_role_ids = self.filter_by_role_ids

        allow_manual_entry = self.allow_manual_entry

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "label": label,
            }
        )
        if options is not UNSET:
            field_dict["options"] = options
        if num_decimal_places is not UNSET:
            field_dict["numDecimalPlaces"] = num_decimal_places
        if allowed_date_time_value_type is not UNSET:
            field_dict["allowedDateTimeValueType"] = allowed_date_time_value_type
        if include_drivers is not UNSET:
            field_dict["includeDrivers"] = include_drivers
        if include_users is not UNSET:
            field_dict["includeUsers"] = include_users
        if filter_by_role_ids is not UNSET:
            field_dict["filterByRoleIds"] = filter_by_role_ids
        if allow_manual_entry is not UNSET:
            field_dict["allowManualEntry"] = allow_manual_entry

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.select_option import SelectOption  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = TableColumnDefinitionType(d.pop("type"))

        label = d.pop("label")

        _options = d.pop("options", UNSET)
        options: list[SelectOption] | Unset = UNSET
        if _options is not UNSET:
            options = []
            for options_item_data in _options:
                options_item = SelectOption.from_dict(options_item_data)

                options.append(options_item)

        num_decimal_places = d.pop("numDecimalPlaces", UNSET)

        _allowed_date_time_value_type = d.pop("allowedDateTimeValueType", UNSET)
        allowed_date_time_value_type: AllowedDateTimeType | Unset
        if isinstance(_allowed_date_time_value_type, Unset):
            allowed_date_time_value_type = UNSET
        else:
            allowed_date_time_value_type = AllowedDateTimeType(_allowed_date_time_value_type)

        include_drivers = d.pop("includeDrivers", UNSET)

        include_users = d.pop("includeUsers", UNSET)

        filter_by_role_ids = cast(list[str], d.pop("filterByRoleIds", UNSET))

        allow_manual_entry = d.pop("allowManualEntry", UNSET)

        table_column_definition = cls(
            id=id,
            type_=type_,
            label=label,
            options=options,
            num_decimal_places=num_decimal_places,
            allowed_date_time_value_type=allowed_date_time_value_type,
            include_drivers=include_drivers,
            include_users=include_users,
            filter_by_role_ids=filter_by_role_ids,
            allow_manual_entry=allow_manual_entry,
        )

        table_column_definition.additional_properties = d
        return table_column_definition

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
