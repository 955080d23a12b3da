from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.table_cell_input_type import TableCellInputType
from ..summary import summary as _summary
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.barcode_input import BarcodeInput
    from ..models.check_boxes_input import CheckBoxesInput
    from ..models.date_time_input import DateTimeInput
    from ..models.multiple_choice_input import MultipleChoiceInput
    from ..models.number_input import NumberInput
    from ..models.person_input import PersonInput
    from ..models.text_input import TextInput


T = TypeVar("T", bound="TableCellInput")


@_attrs_define
class TableCellInput:
    """One cell of a row. `type` says which one of the `…Value` properties carries its value.

    Attributes:
        id (UUID): The cell's id.
        type_ (TableCellInputType): The type of a table cell whose value is sent.
        number_value (NumberInput | Unset): A number, for a field of type `number`.
        text_value (TextInput | Unset): A text, for a field of type `text`.
        multiple_choice_value (MultipleChoiceInput | Unset): One chosen option, for a field of type `multiple_choice`.
        check_boxes_value (CheckBoxesInput | Unset): The ticked options, for a field of type `check_boxes`.
        date_time_value (DateTimeInput | Unset): A point in time, for a field of type `datetime`.
        person_value (PersonInput | Unset): A person, for a table cell of type `person`.
        barcode_value (BarcodeInput | Unset): The barcodes to put into a table cell of the type `barcode`.
    """

    id: UUID
    type_: TableCellInputType
    number_value: NumberInput | Unset = UNSET
    text_value: TextInput | Unset = UNSET
    multiple_choice_value: MultipleChoiceInput | Unset = UNSET
    check_boxes_value: CheckBoxesInput | Unset = UNSET
    date_time_value: DateTimeInput | Unset = UNSET
    person_value: PersonInput | Unset = UNSET
    barcode_value: BarcodeInput | Unset = UNSET
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
        if barcode_value is not UNSET:
            field_dict["barcodeValue"] = barcode_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.barcode_input import BarcodeInput  # noqa: PLC0415
        from ..models.check_boxes_input import CheckBoxesInput  # noqa: PLC0415
        from ..models.date_time_input import DateTimeInput  # noqa: PLC0415
        from ..models.multiple_choice_input import MultipleChoiceInput  # noqa: PLC0415
        from ..models.number_input import NumberInput  # noqa: PLC0415
        from ..models.person_input import PersonInput  # noqa: PLC0415
        from ..models.text_input import TextInput  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = TableCellInputType(d.pop("type"))

        _number_value = d.pop("numberValue", UNSET)
        number_value: NumberInput | Unset
        if isinstance(_number_value, Unset):
            number_value = UNSET
        else:
            number_value = NumberInput.from_dict(_number_value)

        _text_value = d.pop("textValue", UNSET)
        text_value: TextInput | Unset
        if isinstance(_text_value, Unset):
            text_value = UNSET
        else:
            text_value = TextInput.from_dict(_text_value)

        _multiple_choice_value = d.pop("multipleChoiceValue", UNSET)
        multiple_choice_value: MultipleChoiceInput | Unset
        if isinstance(_multiple_choice_value, Unset):
            multiple_choice_value = UNSET
        else:
            multiple_choice_value = MultipleChoiceInput.from_dict(_multiple_choice_value)

        _check_boxes_value = d.pop("checkBoxesValue", UNSET)
        check_boxes_value: CheckBoxesInput | Unset
        if isinstance(_check_boxes_value, Unset):
            check_boxes_value = UNSET
        else:
            check_boxes_value = CheckBoxesInput.from_dict(_check_boxes_value)

        _date_time_value = d.pop("dateTimeValue", UNSET)
        date_time_value: DateTimeInput | Unset
        if isinstance(_date_time_value, Unset):
            date_time_value = UNSET
        else:
            date_time_value = DateTimeInput.from_dict(_date_time_value)

        _person_value = d.pop("personValue", UNSET)
        person_value: PersonInput | Unset
        if isinstance(_person_value, Unset):
            person_value = UNSET
        else:
            person_value = PersonInput.from_dict(_person_value)

        _barcode_value = d.pop("barcodeValue", UNSET)
        barcode_value: BarcodeInput | Unset
        if isinstance(_barcode_value, Unset):
            barcode_value = UNSET
        else:
            barcode_value = BarcodeInput.from_dict(_barcode_value)

        table_cell_input = cls(
            id=id,
            type_=type_,
            number_value=number_value,
            text_value=text_value,
            multiple_choice_value=multiple_choice_value,
            check_boxes_value=check_boxes_value,
            date_time_value=date_time_value,
            person_value=person_value,
            barcode_value=barcode_value,
        )

        table_cell_input.additional_properties = d
        return table_cell_input

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
