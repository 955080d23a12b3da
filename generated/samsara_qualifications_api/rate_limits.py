"""The rate limits that the spec states: (requests, window in seconds)."""

OPERATIONS: dict[str, tuple[int, float]] = {
    "archiveQualificationRecord": (100, 60.0),
    "createQualificationRecord": (100, 60.0),
    "deleteQualificationRecord": (100, 60.0),
    "getQualificationRecords": (5, 1.0),
    "listQualificationTypes": (5, 1.0),
    "streamQualificationRecords": (5, 1.0),
    "unarchiveQualificationRecord": (100, 60.0),
    "updateQualificationRecord": (100, 60.0),
}

SHARED: dict[str, tuple[int, float]] = {"organization": (200, 1.0), "token": (150, 1.0)}
