from enum import StrEnum


class TableCellType(StrEnum):
    BARCODE = "barcode"
    CHECK_BOXES = "check_boxes"
    DATETIME = "datetime"
    MEDIA = "media"
    MULTIPLE_CHOICE = "multiple_choice"
    NUMBER = "number"
    PERSON = "person"
    SIGNATURE = "signature"
    TEXT = "text"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "TableCellType | None":
        """Keep a value that is newer than this package, so that it survives a round trip"""
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member
