from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="SelectOption")


@_attrs_define
class SelectOption:
    """One option of a multiple-choice or check-boxes field.

    Attributes:
        id (str): The option's id.
        label (str): The option's label.
        option_score_weight (int | Unset): The score that choosing the option gives. There only in a scored field.
        ignore_question_from_score_if_selected (bool | Unset): Whether choosing the option leaves the field out of the
            total score, as for an option that has no score of its own. There only in a scored field.
    """

    id: str
    label: str
    option_score_weight: int | Unset = UNSET
    ignore_question_from_score_if_selected: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        label = self.label

        option_score_weight = self.option_score_weight

        ignore_question_from_score_if_selected = self.ignore_question_from_score_if_selected

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "label": label,
            }
        )
        if option_score_weight is not UNSET:
            field_dict["optionScoreWeight"] = option_score_weight
        if ignore_question_from_score_if_selected is not UNSET:
            field_dict["ignoreQuestionFromScoreIfSelected"] = ignore_question_from_score_if_selected

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        label = d.pop("label")

        option_score_weight = d.pop("optionScoreWeight", UNSET)

        ignore_question_from_score_if_selected = d.pop("ignoreQuestionFromScoreIfSelected", UNSET)

        select_option = cls(
            id=id,
            label=label,
            option_score_weight=option_score_weight,
            ignore_question_from_score_if_selected=ignore_question_from_score_if_selected,
        )

        select_option.additional_properties = d
        return select_option

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
