from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.barcode_value import BarcodeValue
from ..models.check_boxes_value import CheckBoxesValue
from ..models.date_time_value import DateTimeValue
from ..models.media_value import MediaValue
from ..models.multiple_choice_value import MultipleChoiceValue
from ..models.number_value import NumberValue
from ..models.person_value import PersonValue
from ..models.signature_value import SignatureValue
from ..models.table_cell_type import TableCellType
from ..models.text_value import TextValue
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="TableCell")


@_attrs_define
class TableCell:
    """One cell of a row. `type` says which one of the `…Value` properties carries its value.

    Attributes:
        id (UUID): The cell's id.
        type_ (TableCellType): The type of a record's table cell.
        number_value (NumberValue | Unset): The number in a number field.
        text_value (TextValue | Unset): The text in a text field.
        multiple_choice_value (MultipleChoiceValue | Unset): The option chosen in a multiple-choice field.
        check_boxes_value (CheckBoxesValue | Unset): The options ticked in a check-boxes field.
        date_time_value (DateTimeValue | Unset): The date, the time, or both, in a datetime field.
        person_value (PersonValue | Unset): The person in a person field.
        media_value (MediaValue | Unset): The files in a media field.
        signature_value (SignatureValue | Unset): The signature in a signature field.
        barcode_value (BarcodeValue | Unset): The barcodes in a table cell of the type `barcode`.
    """

    id: UUID
    type_: TableCellType
    number_value: NumberValue | Unset = UNSET
    text_value: TextValue | Unset = UNSET
    multiple_choice_value: MultipleChoiceValue | Unset = UNSET
    check_boxes_value: CheckBoxesValue | Unset = UNSET
    date_time_value: DateTimeValue | Unset = UNSET
    person_value: PersonValue | Unset = UNSET
    media_value: MediaValue | Unset = UNSET
    signature_value: SignatureValue | Unset = UNSET
    barcode_value: BarcodeValue | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_ = self.type_.value

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

        person_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.person_value, Unset):
            person_value = self.person_value.to_dict()

        media_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.media_value, Unset):
            media_value = self.media_value.to_dict()

        signature_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.signature_value, Unset):
            signature_value = self.signature_value.to_dict()

        barcode_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.barcode_value, Unset):
            barcode_value = self.barcode_value.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
            }
        )
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
        if person_value is not UNSET:
            field_dict["personValue"] = person_value
        if media_value is not UNSET:
            field_dict["mediaValue"] = media_value
        if signature_value is not UNSET:
            field_dict["signatureValue"] = signature_value
        if barcode_value is not UNSET:
            field_dict["barcodeValue"] = barcode_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.barcode_value import BarcodeValue  # noqa: PLC0415
        from ..models.check_boxes_value import CheckBoxesValue  # noqa: PLC0415
        from ..models.date_time_value import DateTimeValue  # noqa: PLC0415
        from ..models.media_value import MediaValue  # noqa: PLC0415
        from ..models.multiple_choice_value import MultipleChoiceValue  # noqa: PLC0415
        from ..models.number_value import NumberValue  # noqa: PLC0415
        from ..models.person_value import PersonValue  # noqa: PLC0415
        from ..models.signature_value import SignatureValue  # noqa: PLC0415
        from ..models.text_value import TextValue  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = TableCellType(d.pop("type"))

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

        _person_value = d.pop("personValue", UNSET)
        person_value: PersonValue | Unset
        if isinstance(_person_value, Unset):
            person_value = UNSET
        else:
            person_value = PersonValue.from_dict(_person_value)

        _media_value = d.pop("mediaValue", UNSET)
        media_value: MediaValue | Unset
        if isinstance(_media_value, Unset):
            media_value = UNSET
        else:
            media_value = MediaValue.from_dict(_media_value)

        _signature_value = d.pop("signatureValue", UNSET)
        signature_value: SignatureValue | Unset
        if isinstance(_signature_value, Unset):
            signature_value = UNSET
        else:
            signature_value = SignatureValue.from_dict(_signature_value)

        _barcode_value = d.pop("barcodeValue", UNSET)
        barcode_value: BarcodeValue | Unset
        if isinstance(_barcode_value, Unset):
            barcode_value = UNSET
        else:
            barcode_value = BarcodeValue.from_dict(_barcode_value)

        table_cell = cls(
            id=id,
            type_=type_,
            number_value=number_value,
            text_value=text_value,
            multiple_choice_value=multiple_choice_value,
            check_boxes_value=check_boxes_value,
            date_time_value=date_time_value,
            person_value=person_value,
            media_value=media_value,
            signature_value=signature_value,
            barcode_value=barcode_value,
        )

        table_cell.additional_properties = d
        return table_cell

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
