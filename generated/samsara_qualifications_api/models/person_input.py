from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..summary import summary as _summary

if TYPE_CHECKING:
    from ..models.person_reference_input import PersonReferenceInput


T = TypeVar("T", bound="PersonInput")


@_attrs_define
class PersonInput:
    """A person, for a table cell of type `person`.

    Attributes:
        person (PersonReferenceInput): Names a driver or user of the organisation.
    """

    person: PersonReferenceInput
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        person = self.person.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "person": person,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.person_reference_input import PersonReferenceInput  # noqa: PLC0415

        d = dict(src_dict)
        person = PersonReferenceInput.from_dict(d.pop("person"))

        person_input = cls(
            person=person,
        )

        person_input.additional_properties = d
        return person_input

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
