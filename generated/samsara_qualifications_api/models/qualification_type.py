from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entity_type import EntityType
from ..models.field_definition import FieldDefinition
from ..models.user_reference import UserReference
from ..summary import summary as _summary

T = TypeVar("T", bound="QualificationType")


@_attrs_define
class QualificationType:
    """A kind of qualification: who can hold it, and which custom fields its records have.

    Attributes:
        id (UUID): The type's id.
        name (str): The type's name, for example `Driver License`.
        entity_type (EntityType): The kind of owner: `worker` for a driver or other employee, `asset` for a vehicle,
            trailer or piece of equipment.
        fields (list[FieldDefinition]): The custom fields of the type's records.
        revision_id (UUID): The id of the type's current revision.
        created_at_time (datetime.datetime): When the type was created (RFC 3339, UTC).
        created_by (UserReference): A driver or a user of the organisation.
        updated_at_time (datetime.datetime): When the type last changed (RFC 3339, UTC).
        updated_by (UserReference): A driver or a user of the organisation.
    """

    id: UUID
    name: str
    entity_type: EntityType
    fields: list[FieldDefinition]
    revision_id: UUID
    created_at_time: datetime.datetime
    created_by: UserReference
    updated_at_time: datetime.datetime
    updated_by: UserReference
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        entity_type = self.entity_type.value

        fields = []
        for fields_item_data in self.fields:
            fields_item = fields_item_data.to_dict()
            fields.append(fields_item)

        revision_id = str(self.revision_id)

        created_at_time = (
            self.created_at_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        )

        created_by = self.created_by.to_dict()

        updated_at_time = (
            self.updated_at_time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
        )

        updated_by = self.updated_by.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "entityType": entity_type,
                "fields": fields,
                "revisionId": revision_id,
                "createdAtTime": created_at_time,
                "createdBy": created_by,
                "updatedAtTime": updated_at_time,
                "updatedBy": updated_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.field_definition import FieldDefinition  # noqa: PLC0415
        from ..models.user_reference import UserReference  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        entity_type = EntityType(d.pop("entityType"))

        fields = []
        _fields = d.pop("fields")
        for fields_item_data in _fields:
            fields_item = FieldDefinition.from_dict(fields_item_data)

            fields.append(fields_item)

        revision_id = UUID(d.pop("revisionId"))

        created_at_time = datetime.datetime.fromisoformat(d.pop("createdAtTime"))

        created_by = UserReference.from_dict(d.pop("createdBy"))

        updated_at_time = datetime.datetime.fromisoformat(d.pop("updatedAtTime"))

        updated_by = UserReference.from_dict(d.pop("updatedBy"))

        qualification_type = cls(
            id=id,
            name=name,
            entity_type=entity_type,
            fields=fields,
            revision_id=revision_id,
            created_at_time=created_at_time,
            created_by=created_by,
            updated_at_time=updated_at_time,
            updated_by=updated_by,
        )

        qualification_type.additional_properties = d
        return qualification_type

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
