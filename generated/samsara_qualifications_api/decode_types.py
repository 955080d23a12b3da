"""
Read the API's answers: check, convert and build the models from parsed JSON, in one pass.

They are read tolerantly: what the API may add passes, what cannot be trusted does not.

Refused, with the path of the first such value: a missing required property; a value of another
JSON type than the spec's; a number that is no finite double; a date-time without offset or outside
the years 1 to 9999 in UTC; a date or UUID that is none.

Tolerated, by these rules:
- unknown properties and enum values are kept;
- `null` for an optional property is read as absent;
- a fraction of a second beyond microseconds is cut, and a leap second is the last microsecond of
  its minute, since Python's datetime knows neither;
- an integer may be written as `1.0`;
- a URI is any string, and a blank may stand for the `T` of a date-time.

Each function raises `reading.Unreadable`. It fills a model attribute by attribute, which is faster
than its constructor; `at` says where it is, for the path of a value that is refused.
"""

from __future__ import annotations

from typing import Any

from . import reading as read
from .models import (
    Action,
    ActionType,
    AllowedAssetType,
    AllowedDateTimeType,
    Condition,
    ConditionalAction,
    ConditionType,
    EntityType,
    FieldDefinition,
    FieldDefinitionType,
    Pagination,
    QualificationType,
    QualificationTypePage,
    SelectOption,
    TableColumnDefinition,
    TableColumnDefinitionType,
    UserReference,
    UserType,
)
from .types import UNSET

ENTITY_TYPE = read.Enumeration(EntityType)
USER_TYPE = read.Enumeration(UserType)
FIELD_DEFINITION_TYPE = read.Enumeration(FieldDefinitionType)
TABLE_COLUMN_DEFINITION_TYPE = read.Enumeration(TableColumnDefinitionType)
ALLOWED_DATE_TIME_TYPE = read.Enumeration(AllowedDateTimeType)
ALLOWED_ASSET_TYPE = read.Enumeration(AllowedAssetType)
ACTION_TYPE = read.Enumeration(ActionType)
CONDITION_TYPE = read.Enumeration(ConditionType)


def qualification_type_page(value: Any) -> QualificationTypePage:
    it = QualificationTypePage.__new__(QualificationTypePage)
    at = ""
    try:
        rest = read.members(value)
        at = ".data"
        it.data = read.array(rest.pop("data"), qualification_type)
        at = ".pagination"
        it.pagination = pagination(rest.pop("pagination"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def pagination(value: Any) -> Pagination:
    it = Pagination.__new__(Pagination)
    at = ""
    try:
        rest = read.members(value)
        at = ".endCursor"
        it.end_cursor = read.string(rest.pop("endCursor"))
        at = ".hasNextPage"
        it.has_next_page = read.boolean(rest.pop("hasNextPage"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def qualification_type(value: Any) -> QualificationType:
    it = QualificationType.__new__(QualificationType)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".name"
        it.name = read.string(rest.pop("name"))
        at = ".entityType"
        it.entity_type = ENTITY_TYPE[read.string(rest.pop("entityType"))]
        at = ".fields"
        it.fields = read.array(rest.pop("fields"), field_definition)
        at = ".revisionId"
        it.revision_id = read.uuid(rest.pop("revisionId"))
        at = ".createdAtTime"
        it.created_at_time = read.date_time(rest.pop("createdAtTime"))
        at = ".createdBy"
        it.created_by = user_reference(rest.pop("createdBy"))
        at = ".updatedAtTime"
        it.updated_at_time = read.date_time(rest.pop("updatedAtTime"))
        at = ".updatedBy"
        it.updated_by = user_reference(rest.pop("updatedBy"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def user_reference(value: Any) -> UserReference:
    it = UserReference.__new__(UserReference)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.string(rest.pop("id"))
        at = ".type"
        it.type_ = USER_TYPE[read.string(rest.pop("type"))]
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def field_definition(value: Any) -> FieldDefinition:
    it = FieldDefinition.__new__(FieldDefinition)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".type"
        it.type_ = FIELD_DEFINITION_TYPE[read.string(rest.pop("type"))]
        at = ".label"
        it.label = read.string(rest.pop("label"))
        at = ".isRequired"
        it.is_required = read.boolean(rest.pop("isRequired"))
        at = ".options"
        item = rest.pop("options", None)
        it.options = UNSET if item is None else read.array(item, select_option)
        at = ".numDecimalPlaces"
        item = rest.pop("numDecimalPlaces", None)
        it.num_decimal_places = UNSET if item is None else read.integer(item)
        at = ".allowedDateTimeValueType"
        item = rest.pop("allowedDateTimeValueType", None)
        it.allowed_date_time_value_type = (
            UNSET if item is None else ALLOWED_DATE_TIME_TYPE[read.string(item)]
        )
        at = ".allowedAssetTypes"
        item = rest.pop("allowedAssetTypes", None)
        it.allowed_asset_types = (
            UNSET
            if item is None
            else read.array(item, lambda value: ALLOWED_ASSET_TYPE[read.string(value)])
        )
        at = ".columns"
        item = rest.pop("columns", None)
        it.columns = UNSET if item is None else read.array(item, table_column_definition)
        at = ".includeDrivers"
        item = rest.pop("includeDrivers", None)
        it.include_drivers = UNSET if item is None else read.boolean(item)
        at = ".includeUsers"
        item = rest.pop("includeUsers", None)
        it.include_users = UNSET if item is None else read.boolean(item)
        at = ".filterByRoleIds"
        item = rest.pop("filterByRoleIds", None)
        it.filter_by_role_ids = UNSET if item is None else read.array(item, read.string)
        at = ".allowManualEntry"
        item = rest.pop("allowManualEntry", None)
        it.allow_manual_entry = UNSET if item is None else read.boolean(item)
        at = ".isAutofillSource"
        item = rest.pop("isAutofillSource", None)
        it.is_autofill_source = UNSET if item is None else read.boolean(item)
        at = ".autofillFromId"
        item = rest.pop("autofillFromId", None)
        it.autofill_from_id = UNSET if item is None else read.string(item)
        at = ".questionWeight"
        item = rest.pop("questionWeight", None)
        it.question_weight = UNSET if item is None else read.integer(item)
        at = ".conditionalActions"
        item = rest.pop("conditionalActions", None)
        it.conditional_actions = UNSET if item is None else read.array(item, conditional_action)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def table_column_definition(value: Any) -> TableColumnDefinition:
    it = TableColumnDefinition.__new__(TableColumnDefinition)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".type"
        it.type_ = TABLE_COLUMN_DEFINITION_TYPE[read.string(rest.pop("type"))]
        at = ".label"
        it.label = read.string(rest.pop("label"))
        at = ".options"
        item = rest.pop("options", None)
        it.options = UNSET if item is None else read.array(item, select_option)
        at = ".numDecimalPlaces"
        item = rest.pop("numDecimalPlaces", None)
        it.num_decimal_places = UNSET if item is None else read.integer(item)
        at = ".allowedDateTimeValueType"
        item = rest.pop("allowedDateTimeValueType", None)
        it.allowed_date_time_value_type = (
            UNSET if item is None else ALLOWED_DATE_TIME_TYPE[read.string(item)]
        )
        at = ".includeDrivers"
        item = rest.pop("includeDrivers", None)
        it.include_drivers = UNSET if item is None else read.boolean(item)
        at = ".includeUsers"
        item = rest.pop("includeUsers", None)
        it.include_users = UNSET if item is None else read.boolean(item)
        at = ".filterByRoleIds"
        item = rest.pop("filterByRoleIds", None)
        it.filter_by_role_ids = UNSET if item is None else read.array(item, read.string)
        at = ".allowManualEntry"
        item = rest.pop("allowManualEntry", None)
        it.allow_manual_entry = UNSET if item is None else read.boolean(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def select_option(value: Any) -> SelectOption:
    it = SelectOption.__new__(SelectOption)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.string(rest.pop("id"))
        at = ".label"
        it.label = read.string(rest.pop("label"))
        at = ".optionScoreWeight"
        item = rest.pop("optionScoreWeight", None)
        it.option_score_weight = UNSET if item is None else read.integer(item)
        at = ".ignoreQuestionFromScoreIfSelected"
        item = rest.pop("ignoreQuestionFromScoreIfSelected", None)
        it.ignore_question_from_score_if_selected = UNSET if item is None else read.boolean(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def conditional_action(value: Any) -> ConditionalAction:
    it = ConditionalAction.__new__(ConditionalAction)
    at = ""
    try:
        rest = read.members(value)
        at = ".condition"
        it.condition = condition(rest.pop("condition"))
        at = ".actions"
        it.actions = read.array(rest.pop("actions"), action)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def condition(value: Any) -> Condition:
    it = Condition.__new__(Condition)
    at = ""
    try:
        rest = read.members(value)
        at = ".type"
        it.type_ = CONDITION_TYPE[read.string(rest.pop("type"))]
        at = ".selectedOptionIds"
        item = rest.pop("selectedOptionIds", None)
        it.selected_option_ids = UNSET if item is None else read.array(item, read.string)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def action(value: Any) -> Action:
    it = Action.__new__(Action)
    at = ""
    try:
        rest = read.members(value)
        at = ".type"
        it.type_ = ACTION_TYPE[read.string(rest.pop("type"))]
        at = ".fieldId"
        item = rest.pop("fieldId", None)
        it.field_id = UNSET if item is None else read.string(item)
        at = ".sectionId"
        item = rest.pop("sectionId", None)
        it.section_id = UNSET if item is None else read.string(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it
