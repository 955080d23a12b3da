from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.check_boxes_value import CheckBoxesValue
from ..models.date_time_value import DateTimeValue
from ..models.field_type import FieldType
from ..models.media_record import MediaRecord
from ..models.multiple_choice_value import MultipleChoiceValue
from ..models.number_value import NumberValue
from ..models.signature_value import SignatureValue
from ..models.table_value import TableValue
from ..models.text_value import TextValue
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="Field")


@_attrs_define
class Field:
    """One custom field of a record. `type` says which property carries the value: `mediaList` for `media`, else the
    `…Value` of that name.

        Attributes:
            id (UUID): The field's id, as the qualification type defines it.
            type_ (FieldType): The type of a record's custom field.
            label (str | Unset): The field's label.
            number_value (NumberValue | Unset): The number in a number field.
            text_value (TextValue | Unset): The text in a text field.
            multiple_choice_value (MultipleChoiceValue | Unset): The option chosen in a multiple-choice field.
            check_boxes_value (CheckBoxesValue | Unset): The options ticked in a check-boxes field.
            date_time_value (DateTimeValue | Unset): The date, the time, or both, in a datetime field.
            table_value (TableValue | Unset): The content of a table field.
            media_list (list[MediaRecord] | Unset): The files of a field of type `media`.
            signature_value (SignatureValue | Unset): The signature in a signature field.
    """

    id: UUID
    type_: FieldType
    label: str | Unset = UNSET
    number_value: NumberValue | Unset = UNSET
    text_value: TextValue | Unset = UNSET
    multiple_choice_value: MultipleChoiceValue | Unset = UNSET
    check_boxes_value: CheckBoxesValue | Unset = UNSET
    date_time_value: DateTimeValue | Unset = UNSET
    table_value: TableValue | Unset = UNSET
    media_list: list[MediaRecord] | Unset = UNSET
    signature_value: SignatureValue | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_ = self.type_.value

        label = self.label

        number_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.number_value, Unset):
            number_value = self.number_value.to_dict()

        text_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.text_value, Unset):
            text_value = self.text_value.to_dict()

        multiple_choice_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.multiple_choice_value, Unset):
            multiple_choice_value = self.multiple_choice_value.to_dict()

        check_boxes_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.check_boxes_value, Unset):
            check_boxes_value = self.check_boxes_value.to_dict()

        date_time_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.date_time_value, Unset):
            date_time_value = self.date_time_value.to_dict()

        table_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.table_value, Unset):
            table_value = self.table_value.to_dict()

        media_list: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.media_list, Unset):
            media_list = []
            for media_list_item_data in self.media_list:
                media_list_item = media_list_item_data.to_dict()
                media_list.append(media_list_item)

        signature_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.signature_value, Unset):
            signature_value = self.signature_value.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
            }
        )
        if label is not UNSET:
            field_dict["label"] = label
        if number_value is not UNSET:
            field_dict["numberValue"] = number_value
        if text_value is not UNSET:
            field_dict["textValue"] = text_value
        if multiple_choice_value is not UNSET:
            field_dict["multipleChoiceValue"] = multiple_choice_value
        if check_boxes_value is not UNSET:
            field_dict["checkBoxesValue"] = check_boxes_value
        if date_time_value is not UNSET:
            field_dict["dateTimeValue"] = date_time_value
        if table_value is not UNSET:
            field_dict["tableValue"] = table_value
        if media_list is not UNSET:
            field_dict["mediaList"] = media_list
        if signature_value is not UNSET:
            field_dict["signatureValue"] = signature_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_boxes_value import CheckBoxesValue  # noqa: PLC0415
        from ..models.date_time_value import DateTimeValue  # noqa: PLC0415
        from ..models.media_record import MediaRecord  # noqa: PLC0415
        from ..models.multiple_choice_value import MultipleChoiceValue  # noqa: PLC0415
        from ..models.number_value import NumberValue  # noqa: PLC0415
        from ..models.signature_value import SignatureValue  # noqa: PLC0415
        from ..models.table_value import TableValue  # noqa: PLC0415
        from ..models.text_value import TextValue  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = FieldType(d.pop("type"))

        label = d.pop("label", UNSET)

        _number_value = d.pop("numberValue", UNSET)
        number_value: NumberValue | Unset
        if isinstance(_number_value, Unset):
            number_value = UNSET
        else:
            number_value = NumberValue.from_dict(_number_value)

        _text_value = d.pop("textValue", UNSET)
        text_value: TextValue | Unset
        if isinstance(_text_value, Unset):
            text_value = UNSET
        else:
            text_value = TextValue.from_dict(_text_value)

        _multiple_choice_value = d.pop("multipleChoiceValue", UNSET)
        multiple_choice_value: MultipleChoiceValue | Unset
        if isinstance(_multiple_choice_value, Unset):
            multiple_choice_value = UNSET
        else:
            multiple_choice_value = MultipleChoiceValue.from_dict(_multiple_choice_value)

        _check_boxes_value = d.pop("checkBoxesValue", UNSET)
        check_boxes_value: CheckBoxesValue | Unset
        if isinstance(_check_boxes_value, Unset):
            check_boxes_value = UNSET
        else:
            check_boxes_value = CheckBoxesValue.from_dict(_check_boxes_value)

        _date_time_value = d.pop("dateTimeValue", UNSET)
        date_time_value: DateTimeValue | Unset
        if isinstance(_date_time_value, Unset):
            date_time_value = UNSET
        else:
            date_time_value = DateTimeValue.from_dict(_date_time_value)

        _table_value = d.pop("tableValue", UNSET)
        table_value: TableValue | Unset
        if isinstance(_table_value, Unset):
            table_value = UNSET
        else:
            table_value = TableValue.from_dict(_table_value)

        _media_list = d.pop("mediaList", UNSET)
        media_list: list[MediaRecord] | Unset = UNSET
        if _media_list is not UNSET:
            media_list = []
            for media_list_item_data in _media_list:
                media_list_item = MediaRecord.from_dict(media_list_item_data)

                media_list.append(media_list_item)

        _signature_value = d.pop("signatureValue", UNSET)
        signature_value: SignatureValue | Unset
        if isinstance(_signature_value, Unset):
            signature_value = UNSET
        else:
            signature_value = SignatureValue.from_dict(_signature_value)

        field = cls(
            id=id,
            type_=type_,
            label=label,
            number_value=number_value,
            text_value=text_value,
            multiple_choice_value=multiple_choice_value,
            check_boxes_value=check_boxes_value,
            date_time_value=date_time_value,
            table_value=table_value,
            media_list=media_list,
            signature_value=signature_value,
        )

        field.additional_properties = d
        return field

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
