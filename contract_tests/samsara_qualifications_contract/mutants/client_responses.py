"""Faults of the client's reader: what it loses, and what it takes on trust."""

from __future__ import annotations

import json
import re
from typing import Any

from samsara_qualifications_api import reading
from samsara_qualifications_contract.mutants.fault import Table, edit, swap

PATH = "errors name the path"
DECODE = "samsara_qualifications_api.decode:"
READING = "samsara_qualifications_api.reading:"


def _first(cls: Any, _: object) -> Any:
    return next(iter(cls))


def _no_enum(*_: object) -> Any:
    raise ValueError("unknown value")


def _first_word(self: reading.Unreadable, parent: str) -> reading.Unreadable:
    self._path = parent
    return self


def _pattern(old: str, new: str) -> re.Pattern[str]:
    return re.compile(reading._DATE_TIME.pattern.replace(old, new), re.ASCII)


FAULTS: Table = {
    ("reader", "the rules of the tolerant reader"): {
        "an answer about another record is a success": edit(
            "_calls:update",
            "raise _another_record(model.data.id, checked, answer, applied=None)",
            "pass",
        ),
        "an unknown enum value crashes": swap(
            "_wire:models.RecordStatus._missing_", classmethod(_no_enum)
        ),
        "an unknown enum value is read as none": swap(
            "_wire:models.ProcessingStatus._missing_", classmethod(_first)
        ),
        "unknown properties are dropped": edit(DECODE + "table_cell", "rest or {}", "{}"),
        "null for an optional property is refused": edit(
            DECODE + "qualification_record",
            'rest.pop("externalIds", None)\n        it.external_ids = UNSET if item is None',
            'rest.pop("externalIds", UNSET)\n        it.external_ids = UNSET if item is UNSET',
        ),
        "null for a required property is read as absent": edit(
            DECODE + "user_reference",
            'it.id = read.string(rest.pop("id"))',
            'item = rest.pop("id")\n        it.id = UNSET if item is None else read.string(item)',
        ),
        "a missing property is not noticed": edit(
            DECODE + "owner", 'rest.pop("id")', 'rest.pop("id", "")'
        ),
        "one property is read into another's place": edit(
            DECODE + "qualification_record",
            "it.updated_by = user_reference(",
            "it.updated_by, it.created_by = it.created_by, user_reference(",
        ),
        "any JSON type passes for a string": edit(
            READING + "string", 'raise _unlike("a string", value)', "return str(value)"
        ),
        "true passes for a number": edit(
            READING + "number", "type(value) is int", "isinstance(value, int)"
        ),
        "a number beyond the doubles passes": edit(
            READING + "number", "math.isfinite(value)", "True"
        ),
        "any value passes for a truth value": edit(
            READING + "boolean", "type(value) is not bool", "False"
        ),
        "a date-time may lack its offset": swap(
            READING + "_DATE_TIME", _pattern("([Zz]|", "([Zz]?|")
        ),
        "a leap second is refused": edit(READING + "_plain", 'second == "60"', "False"),
        "a leap second is read as the minute before": edit(
            READING + "_plain", '"59", ".999999"', '"00", ""'
        ),
        "fractions of a second are dropped": edit(
            READING + "_plain", "{second}{fraction[:7]}", "{second}"
        ),
        "offsets are ignored": edit(READING + "_plain", "{offset.upper()}", "Z"),
        "lower case is refused": swap(READING + "_DATE_TIME", _pattern("Tt ]", "T ]")),
        "a date-time of the usual form is not checked further": swap(
            READING + "_USUAL_DATE_TIME", re.compile(r"[\d-]{10}T[\d:]{5,8}Z?", re.ASCII)
        ),
        "any text passes for a UUID": swap(READING + "uuid", reading.string),
        "any text passes for a date": edit(
            READING + "calendar_day", "day is None or day.isoformat() != text", "False"
        ),
        "a date may be written in another form": edit(
            READING + "calendar_day", " or day.isoformat() != text", ""
        ),
        "whole numbers lose digits": swap(
            READING + "_JSON",
            json.JSONDecoder(parse_int=float, parse_constant=reading._refuse_constant),
        ),
        "an integer may not be written as 3.0": edit(
            READING + "integer",
            'number(value, "an integer") != int(value)',
            "type(value) is not int",
        ),
    },
    ("reader", "an answer is about what was asked"): {
        "get returns another record than was asked for": edit(
            "_calls:get",
            "raise _another_record(model.data[0].id, checked, answer, applied=False)",
            "return model.data[0]",
        ),
        "get returns the first record, whichever was asked for": edit(
            "_calls:get", "_is_about(record, checked)", "True"
        ),
        "the path names only the outermost part": swap(READING + "Unreadable.under", _first_word),
        "the path does not say which item of a list": edit(
            READING + "array", 'raise fault.under(f"[{len(result)}]") from None', "raise"
        ),
    },
    ("reader", "every failure is of the package"): {
        "a body that is not JSON leaks json's error": edit(
            READING + "parse", "except ValueError as error:", "except KeyError as error:"
        ),
        "a body that is nested too deeply leaks a RecursionError": edit(
            READING + "parse", "except RecursionError:", "except KeyError:"
        ),
    },
    ("reader", "strict=True"): {
        "strict checks nothing": swap("_strict:checker", lambda: lambda *_: None),
        "strict checks no formats": edit(
            "_strict:_validator", "validate_formats=True", "validate_formats=False"
        ),
        "a cleared date reads as 1970": edit("sentinels:expiration_of", " or date == EPOCH", ""),
    },
}
