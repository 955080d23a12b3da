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
    Barcode,
    BarcodeValue,
    CheckBoxesValue,
    DateTimeType,
    DateTimeValue,
    EntityType,
    ExternalIds,
    Field,
    FieldType,
    MediaRecord,
    MediaValue,
    MultipleChoiceValue,
    NumberValue,
    Owner,
    Pagination,
    Person,
    PersonEntryType,
    PersonValue,
    ProcessingStatus,
    QualificationRecord,
    QualificationRecordList,
    QualificationRecordPage,
    QualificationRecordResponse,
    QualificationTypeReference,
    RecordStatus,
    SignatureValue,
    TableCell,
    TableCellType,
    TableColumn,
    TableColumnType,
    TableRow,
    TableValue,
    TextValue,
    UserReference,
    UserType,
)
from .types import UNSET

ENTITY_TYPE = read.Enumeration(EntityType)
RECORD_STATUS = read.Enumeration(RecordStatus)
USER_TYPE = read.Enumeration(UserType)
FIELD_TYPE = read.Enumeration(FieldType)
TABLE_CELL_TYPE = read.Enumeration(TableCellType)
TABLE_COLUMN_TYPE = read.Enumeration(TableColumnType)
DATE_TIME_TYPE = read.Enumeration(DateTimeType)
PROCESSING_STATUS = read.Enumeration(ProcessingStatus)
PERSON_ENTRY_TYPE = read.Enumeration(PersonEntryType)


def qualification_record_response(value: Any) -> QualificationRecordResponse:
    it = QualificationRecordResponse.__new__(QualificationRecordResponse)
    at = ""
    try:
        rest = read.members(value)
        at = ".data"
        it.data = qualification_record(rest.pop("data"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def qualification_record_list(value: Any) -> QualificationRecordList:
    it = QualificationRecordList.__new__(QualificationRecordList)
    at = ""
    try:
        rest = read.members(value)
        at = ".data"
        it.data = read.array(rest.pop("data"), qualification_record)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def qualification_record_page(value: Any) -> QualificationRecordPage:
    it = QualificationRecordPage.__new__(QualificationRecordPage)
    at = ""
    try:
        rest = read.members(value)
        at = ".data"
        it.data = read.array(rest.pop("data"), qualification_record)
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


def qualification_record(value: Any) -> QualificationRecord:
    it = QualificationRecord.__new__(QualificationRecord)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.string(rest.pop("id"))
        at = ".recordStatus"
        it.record_status = RECORD_STATUS[read.string(rest.pop("recordStatus"))]
        at = ".qualificationType"
        it.qualification_type = qualification_type_reference(rest.pop("qualificationType"))
        at = ".owner"
        it.owner = owner(rest.pop("owner"))
        at = ".issueDate"
        it.issue_date = read.date_time(rest.pop("issueDate"))
        at = ".expirationDate"
        item = rest.pop("expirationDate", None)
        it.expiration_date = UNSET if item is None else read.date_time(item)
        at = ".fields"
        it.fields = read.array(rest.pop("fields"), field)
        at = ".externalIds"
        item = rest.pop("externalIds", None)
        it.external_ids = UNSET if item is None else external_ids(item)
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


def qualification_type_reference(value: Any) -> QualificationTypeReference:
    it = QualificationTypeReference.__new__(QualificationTypeReference)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".name"
        item = rest.pop("name", None)
        it.name = UNSET if item is None else read.string(item)
        at = ".revisionId"
        item = rest.pop("revisionId", None)
        it.revision_id = UNSET if item is None else read.uuid(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def owner(value: Any) -> Owner:
    it = Owner.__new__(Owner)
    at = ""
    try:
        rest = read.members(value)
        at = ".entityType"
        it.entity_type = ENTITY_TYPE[read.string(rest.pop("entityType"))]
        at = ".id"
        it.id = read.string(rest.pop("id"))
        at = ".externalIds"
        item = rest.pop("externalIds", None)
        it.external_ids = UNSET if item is None else external_ids(item)
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


def field(value: Any) -> Field:
    it = Field.__new__(Field)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".type"
        it.type_ = FIELD_TYPE[read.string(rest.pop("type"))]
        at = ".label"
        item = rest.pop("label", None)
        it.label = UNSET if item is None else read.string(item)
        at = ".numberValue"
        item = rest.pop("numberValue", None)
        it.number_value = UNSET if item is None else number_value(item)
        at = ".textValue"
        item = rest.pop("textValue", None)
        it.text_value = UNSET if item is None else text_value(item)
        at = ".multipleChoiceValue"
        item = rest.pop("multipleChoiceValue", None)
        it.multiple_choice_value = UNSET if item is None else multiple_choice_value(item)
        at = ".checkBoxesValue"
        item = rest.pop("checkBoxesValue", None)
        it.check_boxes_value = UNSET if item is None else check_boxes_value(item)
        at = ".dateTimeValue"
        item = rest.pop("dateTimeValue", None)
        it.date_time_value = UNSET if item is None else date_time_value(item)
        at = ".tableValue"
        item = rest.pop("tableValue", None)
        it.table_value = UNSET if item is None else table_value(item)
        at = ".mediaList"
        item = rest.pop("mediaList", None)
        it.media_list = UNSET if item is None else read.array(item, media_record)
        at = ".signatureValue"
        item = rest.pop("signatureValue", None)
        it.signature_value = UNSET if item is None else signature_value(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def number_value(value: Any) -> NumberValue:
    it = NumberValue.__new__(NumberValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".value"
        it.value = read.number(rest.pop("value"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def text_value(value: Any) -> TextValue:
    it = TextValue.__new__(TextValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".value"
        it.value = read.string(rest.pop("value"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def multiple_choice_value(value: Any) -> MultipleChoiceValue:
    it = MultipleChoiceValue.__new__(MultipleChoiceValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".value"
        it.value = read.string(rest.pop("value"))
        at = ".valueId"
        it.value_id = read.string(rest.pop("valueId"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def check_boxes_value(value: Any) -> CheckBoxesValue:
    it = CheckBoxesValue.__new__(CheckBoxesValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".value"
        it.value = read.array(rest.pop("value"), read.string)
        at = ".valueIds"
        it.value_ids = read.array(rest.pop("valueIds"), read.string)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def date_time_value(value: Any) -> DateTimeValue:
    it = DateTimeValue.__new__(DateTimeValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".type"
        it.type_ = DATE_TIME_TYPE[read.string(rest.pop("type"))]
        at = ".value"
        it.value = read.date_time(rest.pop("value"))
        at = ".dateValue"
        item = rest.pop("dateValue", None)
        it.date_value = UNSET if item is None else read.calendar_day(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def person_value(value: Any) -> PersonValue:
    it = PersonValue.__new__(PersonValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".person"
        it.person = person(rest.pop("person"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def person(value: Any) -> Person:
    it = Person.__new__(Person)
    at = ""
    try:
        rest = read.members(value)
        at = ".entryType"
        it.entry_type = PERSON_ENTRY_TYPE[read.string(rest.pop("entryType"))]
        at = ".name"
        item = rest.pop("name", None)
        it.name = UNSET if item is None else read.string(item)
        at = ".polymorphicUserId"
        item = rest.pop("polymorphicUserId", None)
        it.polymorphic_user_id = UNSET if item is None else user_reference(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def media_value(value: Any) -> MediaValue:
    it = MediaValue.__new__(MediaValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".mediaList"
        it.media_list = read.array(rest.pop("mediaList"), media_record)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def signature_value(value: Any) -> SignatureValue:
    it = SignatureValue.__new__(SignatureValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".media"
        it.media = media_record(rest.pop("media"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def media_record(value: Any) -> MediaRecord:
    it = MediaRecord.__new__(MediaRecord)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".processingStatus"
        it.processing_status = PROCESSING_STATUS[read.string(rest.pop("processingStatus"))]
        at = ".url"
        item = rest.pop("url", None)
        it.url = UNSET if item is None else read.string(item)
        at = ".urlExpiresAt"
        item = rest.pop("urlExpiresAt", None)
        it.url_expires_at = UNSET if item is None else read.date_time(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def table_value(value: Any) -> TableValue:
    it = TableValue.__new__(TableValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".columns"
        it.columns = read.array(rest.pop("columns"), table_column)
        at = ".rows"
        it.rows = read.array(rest.pop("rows"), table_row)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def table_column(value: Any) -> TableColumn:
    it = TableColumn.__new__(TableColumn)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".type"
        it.type_ = TABLE_COLUMN_TYPE[read.string(rest.pop("type"))]
        at = ".label"
        it.label = read.string(rest.pop("label"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def table_row(value: Any) -> TableRow:
    it = TableRow.__new__(TableRow)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".cells"
        it.cells = read.array(rest.pop("cells"), table_cell)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def table_cell(value: Any) -> TableCell:
    it = TableCell.__new__(TableCell)
    at = ""
    try:
        rest = read.members(value)
        at = ".id"
        it.id = read.uuid(rest.pop("id"))
        at = ".type"
        it.type_ = TABLE_CELL_TYPE[read.string(rest.pop("type"))]
        at = ".numberValue"
        item = rest.pop("numberValue", None)
        it.number_value = UNSET if item is None else number_value(item)
        at = ".textValue"
        item = rest.pop("textValue", None)
        it.text_value = UNSET if item is None else text_value(item)
        at = ".multipleChoiceValue"
        item = rest.pop("multipleChoiceValue", None)
        it.multiple_choice_value = UNSET if item is None else multiple_choice_value(item)
        at = ".checkBoxesValue"
        item = rest.pop("checkBoxesValue", None)
        it.check_boxes_value = UNSET if item is None else check_boxes_value(item)
        at = ".dateTimeValue"
        item = rest.pop("dateTimeValue", None)
        it.date_time_value = UNSET if item is None else date_time_value(item)
        at = ".personValue"
        item = rest.pop("personValue", None)
        it.person_value = UNSET if item is None else person_value(item)
        at = ".mediaValue"
        item = rest.pop("mediaValue", None)
        it.media_value = UNSET if item is None else media_value(item)
        at = ".signatureValue"
        item = rest.pop("signatureValue", None)
        it.signature_value = UNSET if item is None else signature_value(item)
        at = ".barcodeValue"
        item = rest.pop("barcodeValue", None)
        it.barcode_value = UNSET if item is None else barcode_value(item)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def barcode_value(value: Any) -> BarcodeValue:
    it = BarcodeValue.__new__(BarcodeValue)
    at = ""
    try:
        rest = read.members(value)
        at = ".barcodes"
        it.barcodes = read.array(rest.pop("barcodes"), barcode)
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def barcode(value: Any) -> Barcode:
    it = Barcode.__new__(Barcode)
    at = ""
    try:
        rest = read.members(value)
        at = ".value"
        it.value = read.string(rest.pop("value"))
    except (KeyError, read.Unreadable) as fault:
        raise read.located(fault, at) from None
    it.additional_properties = rest or {}
    return it


def external_ids(value: Any) -> ExternalIds:
    it = ExternalIds.__new__(ExternalIds)
    it.additional_properties = read.mapping(value, read.string)
    return it
