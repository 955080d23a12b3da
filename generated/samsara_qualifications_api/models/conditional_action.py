from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action import Action
from ..models.condition import Condition
from ..summary import summary as _summary

T = TypeVar("T", bound="ConditionalAction")


@_attrs_define
class ConditionalAction:
    """Actions that a choice sets off.

    Attributes:
        condition (Condition): When the actions of a field are taken.
        actions (list[Action]): What to do once the condition holds.
    """

    condition: Condition
    actions: list[Action]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        condition = self.condition.to_dict()

        actions = []
        for actions_item_data in self.actions:
            actions_item = actions_item_data.to_dict()
            actions.append(actions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "condition": condition,
                "actions": actions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.action import Action  # noqa: PLC0415
        from ..models.condition import Condition  # noqa: PLC0415

        d = dict(src_dict)
        condition = Condition.from_dict(d.pop("condition"))

        actions = []
        _actions = d.pop("actions")
        for actions_item_data in _actions:
            actions_item = Action.from_dict(actions_item_data)

            actions.append(actions_item)

        conditional_action = cls(
            condition=condition,
            actions=actions,
        )

        conditional_action.additional_properties = d
        return conditional_action

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
