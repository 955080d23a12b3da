from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.field_input_type import FieldInputType
from ..summary import summary as _summary
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.check_boxes_input import CheckBoxesInput
    from ..models.date_time_input import DateTimeInput
    from ..models.media_input import MediaInput
    from ..models.multiple_choice_input import MultipleChoiceInput
    from ..models.number_input import NumberInput
    from ..models.signature_input import SignatureInput
    from ..models.table_input import TableInput
    from ..models.text_input import TextInput


T = TypeVar("T", bound="FieldInput")


@_attrs_define
class FieldInput:
    """A new value for one custom field. `type` says which one of the `…Value` properties carries it.

    Attributes:
        id (UUID): The field's id, as the qualification type defines it.
        type_ (FieldInputType): The type of a custom field whose value is sent.
        number_value (NumberInput | Unset): A number, for a field of type `number`.
        text_value (TextInput | Unset): A text, for a field of type `text`.
        multiple_choice_value (MultipleChoiceInput | Unset): One chosen option, for a field of type `multiple_choice`.
        check_boxes_value (CheckBoxesInput | Unset): The ticked options, for a field of type `check_boxes`.
        date_time_value (DateTimeInput | Unset): A point in time, for a field of type `datetime`.
        table_value (TableInput | Unset): The content of a field of type `table`.
        media_value (MediaInput | Unset): Files to upload, for a field of type `media`.
        signature_value (SignatureInput | Unset): A signature to upload, for a field of type `signature`.
    """

    id: UUID
    type_: FieldInputType
    number_value: NumberInput | Unset = UNSET
    text_value: TextInput | Unset = UNSET
    multiple_choice_value: MultipleChoiceInput | Unset = UNSET
    check_boxes_value: CheckBoxesInput | Unset = UNSET
    date_time_value: DateTimeInput | Unset = UNSET
    table_value: TableInput | Unset = UNSET
    media_value: MediaInput | Unset = UNSET
    signature_value: SignatureInput | Unset = UNSET
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

        table_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.table_value, Unset):
            table_value = self.table_value.to_dict()

        media_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.media_value, Unset):
            media_value = self.media_value.to_dict()

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
        if media_value is not UNSET:
            field_dict["mediaValue"] = media_value
        if signature_value is not UNSET:
            field_dict["signatureValue"] = signature_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_boxes_input import CheckBoxesInput  # noqa: PLC0415
        from ..models.date_time_input import DateTimeInput  # noqa: PLC0415
        from ..models.media_input import MediaInput  # noqa: PLC0415
        from ..models.multiple_choice_input import MultipleChoiceInput  # noqa: PLC0415
        from ..models.number_input import NumberInput  # noqa: PLC0415
        from ..models.signature_input import SignatureInput  # noqa: PLC0415
        from ..models.table_input import TableInput  # noqa: PLC0415
        from ..models.text_input import TextInput  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = FieldInputType(d.pop("type"))

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

        _table_value = d.pop("tableValue", UNSET)
        table_value: TableInput | Unset
        if isinstance(_table_value, Unset):
            table_value = UNSET
        else:
            table_value = TableInput.from_dict(_table_value)

        _media_value = d.pop("mediaValue", UNSET)
        media_value: MediaInput | Unset
        if isinstance(_media_value, Unset):
            media_value = UNSET
        else:
            media_value = MediaInput.from_dict(_media_value)

        _signature_value = d.pop("signatureValue", UNSET)
        signature_value: SignatureInput | Unset
        if isinstance(_signature_value, Unset):
            signature_value = UNSET
        else:
            signature_value = SignatureInput.from_dict(_signature_value)

        field_input = cls(
            id=id,
            type_=type_,
            number_value=number_value,
            text_value=text_value,
            multiple_choice_value=multiple_choice_value,
            check_boxes_value=check_boxes_value,
            date_time_value=date_time_value,
            table_value=table_value,
            media_value=media_value,
            signature_value=signature_value,
        )

        field_input.additional_properties = d
        return field_input

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
