from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.allowed_asset_type import AllowedAssetType
from ..models.allowed_date_time_type import AllowedDateTimeType
from ..models.conditional_action import ConditionalAction
from ..models.field_definition_type import FieldDefinitionType
from ..models.select_option import SelectOption
from ..models.table_column_definition import TableColumnDefinition
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="FieldDefinition")


@_attrs_define
class FieldDefinition:
    """A custom field, as a qualification type defines it. Settings that do not apply to its `type` are absent.

    Attributes:
        id (UUID): The field's id.
        type_ (FieldDefinitionType): The type of a custom field in a qualification type.
        label (str): The field's label.
        is_required (bool): Whether every record must have a value for the field.
        options (list[SelectOption] | Unset): The options of a multiple-choice or check-boxes field.
        num_decimal_places (int | Unset): How many decimal places a number field allows.
        allowed_date_time_value_type (AllowedDateTimeType | Unset): What a date-and-time field lets people enter: a
            point in time, a calendar day, or a time of day.
        allowed_asset_types (list[AllowedAssetType] | Unset): The kinds of asset that can be chosen in an asset field.
        columns (list[TableColumnDefinition] | Unset): The columns of a table field.
        include_drivers (bool | Unset): Whether drivers can be chosen in a person field.
        include_users (bool | Unset): Whether users can be chosen in a person field.
        filter_by_role_ids (list[str] | Unset): The ids of the roles whose members can be chosen in a person field.
        allow_manual_entry (bool | Unset): Whether a name can be typed into a person field.
        is_autofill_source (bool | Unset): Whether other fields can be filled in from this media field.
        autofill_from_id (str | Unset): The id of the media field that this field can be filled in from.
        question_weight (int | Unset): The highest score that the field can give, when its options are scored: the best
            option's of a multiple-choice field, the sum of a check-boxes field.
        conditional_actions (list[ConditionalAction] | Unset): What happens when certain options are chosen.
    """

    id: UUID
    type_: FieldDefinitionType
    label: str
    is_required: bool
    options: list[SelectOption] | Unset = UNSET
    num_decimal_places: int | Unset = UNSET
    allowed_date_time_value_type: AllowedDateTimeType | Unset = UNSET
    allowed_asset_types: list[AllowedAssetType] | Unset = UNSET
    columns: list[TableColumnDefinition] | Unset = UNSET
    include_drivers: bool | Unset = UNSET
    include_users: bool | Unset = UNSET
    filter_by_role_ids: list[str] | Unset = UNSET
    allow_manual_entry: bool | Unset = UNSET
    is_autofill_source: bool | Unset = UNSET
    autofill_from_id: str | Unset = UNSET
    question_weight: int | Unset = UNSET
    conditional_actions: list[ConditionalAction] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_ = self.type_.value

        label = self.label

        is_required = self.is_required

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

        allowed_asset_types: list[str] | Unset = UNSET
        if not isinstance(self.allowed_asset_types, Unset):
            allowed_asset_types = []
            for allowed_asset_types_item_data in self.allowed_asset_types:
                allowed_asset_types_item = allowed_asset_types_item_data.value
                allowed_asset_types.append(allowed_asset_types_item)

        columns: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.columns, Unset):
            columns = []
            for columns_item_data in self.columns:
                columns_item = columns_item_data.to_dict()
                columns.append(columns_item)

        include_drivers = self.include_drivers

        include_users = self.include_users

        filter_by_role_ids: list[str] | Unset = UNSET
        if not isinstance(self.filter_by_role_ids, Unset):
            filter_by_role_ids = self.filter_by_role_ids

        allow_manual_entry = self.allow_manual_entry

        is_autofill_source = self.is_autofill_source

        autofill_from_id = self.autofill_from_id

        question_weight = self.question_weight

        conditional_actions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.conditional_actions, Unset):
            conditional_actions = []
            for conditional_actions_item_data in self.conditional_actions:
                conditional_actions_item = conditional_actions_item_data.to_dict()
                conditional_actions.append(conditional_actions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "label": label,
                "isRequired": is_required,
            }
        )
        if options is not UNSET:
            field_dict["options"] = options
        if num_decimal_places is not UNSET:
            field_dict["numDecimalPlaces"] = num_decimal_places
        if allowed_date_time_value_type is not UNSET:
            field_dict["allowedDateTimeValueType"] = allowed_date_time_value_type
        if allowed_asset_types is not UNSET:
            field_dict["allowedAssetTypes"] = allowed_asset_types
        if columns is not UNSET:
            field_dict["columns"] = columns
        if include_drivers is not UNSET:
            field_dict["includeDrivers"] = include_drivers
        if include_users is not UNSET:
            field_dict["includeUsers"] = include_users
        if filter_by_role_ids is not UNSET:
            field_dict["filterByRoleIds"] = filter_by_role_ids
        if allow_manual_entry is not UNSET:
            field_dict["allowManualEntry"] = allow_manual_entry
        if is_autofill_source is not UNSET:
            field_dict["isAutofillSource"] = is_autofill_source
        if autofill_from_id is not UNSET:
            field_dict["autofillFromId"] = autofill_from_id
        if question_weight is not UNSET:
            field_dict["questionWeight"] = question_weight
        if conditional_actions is not UNSET:
            field_dict["conditionalActions"] = conditional_actions

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.conditional_action import ConditionalAction  # noqa: PLC0415
        from ..models.select_option import SelectOption  # noqa: PLC0415
        from ..models.table_column_definition import TableColumnDefinition  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = FieldDefinitionType(d.pop("type"))

        label = d.pop("label")

        is_required = d.pop("isRequired")

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

        _allowed_asset_types = d.pop("allowedAssetTypes", UNSET)
        allowed_asset_types: list[AllowedAssetType] | Unset = UNSET
        if _allowed_asset_types is not UNSET:
            allowed_asset_types = []
            for allowed_asset_types_item_data in _allowed_asset_types:
                allowed_asset_types_item = AllowedAssetType(allowed_asset_types_item_data)

                allowed_asset_types.append(allowed_asset_types_item)

        _columns = d.pop("columns", UNSET)
        columns: list[TableColumnDefinition] | Unset = UNSET
        if _columns is not UNSET:
            columns = []
            for columns_item_data in _columns:
                columns_item = TableColumnDefinition.from_dict(columns_item_data)

                columns.append(columns_item)

        include_drivers = d.pop("includeDrivers", UNSET)

        include_users = d.pop("includeUsers", UNSET)

        filter_by_role_ids = cast(list[str], d.pop("filterByRoleIds", UNSET))

        allow_manual_entry = d.pop("allowManualEntry", UNSET)

        is_autofill_source = d.pop("isAutofillSource", UNSET)

        autofill_from_id = d.pop("autofillFromId", UNSET)

        question_weight = d.pop("questionWeight", UNSET)

        _conditional_actions = d.pop("conditionalActions", UNSET)
        conditional_actions: list[ConditionalAction] | Unset = UNSET
        if _conditional_actions is not UNSET:
            conditional_actions = []
            for conditional_actions_item_data in _conditional_actions:
                conditional_actions_item = ConditionalAction.from_dict(
                    conditional_actions_item_data
                )

                conditional_actions.append(conditional_actions_item)

        field_definition = cls(
            id=id,
            type_=type_,
            label=label,
            is_required=is_required,
            options=options,
            num_decimal_places=num_decimal_places,
            allowed_date_time_value_type=allowed_date_time_value_type,
            allowed_asset_types=allowed_asset_types,
            columns=columns,
            include_drivers=include_drivers,
            include_users=include_users,
            filter_by_role_ids=filter_by_role_ids,
            allow_manual_entry=allow_manual_entry,
            is_autofill_source=is_autofill_source,
            autofill_from_id=autofill_from_id,
            question_weight=question_weight,
            conditional_actions=conditional_actions,
        )

        field_definition.additional_properties = d
        return field_definition

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
