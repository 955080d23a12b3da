from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.processing_status import ProcessingStatus
from ..summary import summary as _summary
from ..types import UNSET, Unset

T = TypeVar("T", bound="MediaRecord")


@_attrs_define
class MediaRecord:
    """One uploaded file.

    Attributes:
        id (UUID): The file's id.
        processing_status (ProcessingStatus): How far Samsara is with an uploaded file.
        url (str | Unset): Where to download the file. There once `processingStatus` is `finished`.
        url_expires_at (datetime.datetime | Unset): Until when `url` works (RFC 3339, UTC).
    """

    id: UUID
    processing_status: ProcessingStatus
    url: str | Unset = UNSET
    url_expires_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    __repr__ = _summary

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        processing_status = self.processing_status.value

        url = self.url

        url_expires_at: str | Unset = UNSET
        if not isinstance(self.url_expires_at, Unset):
            url_expires_at = (
                self.url_expires_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
            )

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "processingStatus": processing_status,
            }
        )
        if url is not UNSET:
            field_dict["url"] = url
        if url_expires_at is not UNSET:
            field_dict["urlExpiresAt"] = url_expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        processing_status = ProcessingStatus(d.pop("processingStatus"))

        url = d.pop("url", UNSET)

        _url_expires_at = d.pop("urlExpiresAt", UNSET)
        url_expires_at: datetime.datetime | Unset
        if isinstance(_url_expires_at, Unset):
            url_expires_at = UNSET
        else:
            url_expires_at = datetime.datetime.fromisoformat(_url_expires_at)

        media_record = cls(
            id=id,
            processing_status=processing_status,
            url=url,
            url_expires_at=url_expires_at,
        )

        media_record.additional_properties = d
        return media_record

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
