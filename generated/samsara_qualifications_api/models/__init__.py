"""Contains all the data models used in inputs/outputs, each loaded when it is first asked for"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .action import Action
    from .action_type import ActionType
    from .allowed_asset_type import AllowedAssetType
    from .allowed_date_time_type import AllowedDateTimeType
    from .barcode import Barcode
    from .barcode_input import BarcodeInput
    from .barcode_item_input import BarcodeItemInput
    from .barcode_value import BarcodeValue
    from .check_boxes_input import CheckBoxesInput
    from .check_boxes_value import CheckBoxesValue
    from .condition import Condition
    from .condition_type import ConditionType
    from .conditional_action import ConditionalAction
    from .create_qualification_record_request import CreateQualificationRecordRequest
    from .date_time_input import DateTimeInput
    from .date_time_type import DateTimeType
    from .date_time_value import DateTimeValue
    from .entity_type import EntityType
    from .error import Error
    from .external_ids import ExternalIds
    from .field import Field
    from .field_definition import FieldDefinition
    from .field_definition_type import FieldDefinitionType
    from .field_input import FieldInput
    from .field_input_type import FieldInputType
    from .field_type import FieldType
    from .media_input import MediaInput
    from .media_item_input import MediaItemInput
    from .media_record import MediaRecord
    from .media_value import MediaValue
    from .multiple_choice_input import MultipleChoiceInput
    from .multiple_choice_value import MultipleChoiceValue
    from .number_input import NumberInput
    from .number_value import NumberValue
    from .owner import Owner
    from .owner_input import OwnerInput
    from .pagination import Pagination
    from .person import Person
    from .person_entry_type import PersonEntryType
    from .person_input import PersonInput
    from .person_reference_input import PersonReferenceInput
    from .person_value import PersonValue
    from .processing_status import ProcessingStatus
    from .qualification_record import QualificationRecord
    from .qualification_record_list import QualificationRecordList
    from .qualification_record_page import QualificationRecordPage
    from .qualification_record_reference import QualificationRecordReference
    from .qualification_record_response import QualificationRecordResponse
    from .qualification_type import QualificationType
    from .qualification_type_input import QualificationTypeInput
    from .qualification_type_page import QualificationTypePage
    from .qualification_type_reference import QualificationTypeReference
    from .record_status import RecordStatus
    from .select_option import SelectOption
    from .signature_input import SignatureInput
    from .signature_value import SignatureValue
    from .table_cell import TableCell
    from .table_cell_input import TableCellInput
    from .table_cell_input_type import TableCellInputType
    from .table_cell_type import TableCellType
    from .table_column import TableColumn
    from .table_column_definition import TableColumnDefinition
    from .table_column_definition_type import TableColumnDefinitionType
    from .table_column_type import TableColumnType
    from .table_input import TableInput
    from .table_row import TableRow
    from .table_row_input import TableRowInput
    from .table_value import TableValue
    from .text_input import TextInput
    from .text_value import TextValue
    from .update_qualification_record_request import UpdateQualificationRecordRequest
    from .user_reference import UserReference
    from .user_type import UserType
else:
    _MODULES = {
        "Action": ".action",
        "ActionType": ".action_type",
        "AllowedAssetType": ".allowed_asset_type",
        "AllowedDateTimeType": ".allowed_date_time_type",
        "Barcode": ".barcode",
        "BarcodeInput": ".barcode_input",
        "BarcodeItemInput": ".barcode_item_input",
        "BarcodeValue": ".barcode_value",
        "CheckBoxesInput": ".check_boxes_input",
        "CheckBoxesValue": ".check_boxes_value",
        "Condition": ".condition",
        "ConditionType": ".condition_type",
        "ConditionalAction": ".conditional_action",
        "CreateQualificationRecordRequest": ".create_qualification_record_request",
        "DateTimeInput": ".date_time_input",
        "DateTimeType": ".date_time_type",
        "DateTimeValue": ".date_time_value",
        "EntityType": ".entity_type",
        "Error": ".error",
        "ExternalIds": ".external_ids",
        "Field": ".field",
        "FieldDefinition": ".field_definition",
        "FieldDefinitionType": ".field_definition_type",
        "FieldInput": ".field_input",
        "FieldInputType": ".field_input_type",
        "FieldType": ".field_type",
        "MediaInput": ".media_input",
        "MediaItemInput": ".media_item_input",
        "MediaRecord": ".media_record",
        "MediaValue": ".media_value",
        "MultipleChoiceInput": ".multiple_choice_input",
        "MultipleChoiceValue": ".multiple_choice_value",
        "NumberInput": ".number_input",
        "NumberValue": ".number_value",
        "Owner": ".owner",
        "OwnerInput": ".owner_input",
        "Pagination": ".pagination",
        "Person": ".person",
        "PersonEntryType": ".person_entry_type",
        "PersonInput": ".person_input",
        "PersonReferenceInput": ".person_reference_input",
        "PersonValue": ".person_value",
        "ProcessingStatus": ".processing_status",
        "QualificationRecord": ".qualification_record",
        "QualificationRecordList": ".qualification_record_list",
        "QualificationRecordPage": ".qualification_record_page",
        "QualificationRecordReference": ".qualification_record_reference",
        "QualificationRecordResponse": ".qualification_record_response",
        "QualificationType": ".qualification_type",
        "QualificationTypeInput": ".qualification_type_input",
        "QualificationTypePage": ".qualification_type_page",
        "QualificationTypeReference": ".qualification_type_reference",
        "RecordStatus": ".record_status",
        "SelectOption": ".select_option",
        "SignatureInput": ".signature_input",
        "SignatureValue": ".signature_value",
        "TableCell": ".table_cell",
        "TableCellInput": ".table_cell_input",
        "TableCellInputType": ".table_cell_input_type",
        "TableCellType": ".table_cell_type",
        "TableColumn": ".table_column",
        "TableColumnDefinition": ".table_column_definition",
        "TableColumnDefinitionType": ".table_column_definition_type",
        "TableColumnType": ".table_column_type",
        "TableInput": ".table_input",
        "TableRow": ".table_row",
        "TableRowInput": ".table_row_input",
        "TableValue": ".table_value",
        "TextInput": ".text_input",
        "TextValue": ".text_value",
        "UpdateQualificationRecordRequest": ".update_qualification_record_request",
        "UserReference": ".user_reference",
        "UserType": ".user_type",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        model = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return model

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = (
    "Action",
    "ActionType",
    "AllowedAssetType",
    "AllowedDateTimeType",
    "Barcode",
    "BarcodeInput",
    "BarcodeItemInput",
    "BarcodeValue",
    "CheckBoxesInput",
    "CheckBoxesValue",
    "Condition",
    "ConditionalAction",
    "ConditionType",
    "CreateQualificationRecordRequest",
    "DateTimeInput",
    "DateTimeType",
    "DateTimeValue",
    "EntityType",
    "Error",
    "ExternalIds",
    "Field",
    "FieldDefinition",
    "FieldDefinitionType",
    "FieldInput",
    "FieldInputType",
    "FieldType",
    "MediaInput",
    "MediaItemInput",
    "MediaRecord",
    "MediaValue",
    "MultipleChoiceInput",
    "MultipleChoiceValue",
    "NumberInput",
    "NumberValue",
    "Owner",
    "OwnerInput",
    "Pagination",
    "Person",
    "PersonEntryType",
    "PersonInput",
    "PersonReferenceInput",
    "PersonValue",
    "ProcessingStatus",
    "QualificationRecord",
    "QualificationRecordList",
    "QualificationRecordPage",
    "QualificationRecordReference",
    "QualificationRecordResponse",
    "QualificationType",
    "QualificationTypeInput",
    "QualificationTypePage",
    "QualificationTypeReference",
    "RecordStatus",
    "SelectOption",
    "SignatureInput",
    "SignatureValue",
    "TableCell",
    "TableCellInput",
    "TableCellInputType",
    "TableCellType",
    "TableColumn",
    "TableColumnDefinition",
    "TableColumnDefinitionType",
    "TableColumnType",
    "TableInput",
    "TableRow",
    "TableRowInput",
    "TableValue",
    "TextInput",
    "TextValue",
    "UpdateQualificationRecordRequest",
    "UserReference",
    "UserType",
)
