"""Faults of the client's reader: what it loses, and what it takes on trust."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import json
import re
from typing import Any

from samsara_qualifications_api import reading
from samsara_qualifications_contract.mutants.fault import Fault, edit, swap

RULES = "the rules of the tolerant reader"
PATH = "errors name the path"
ANOTHER = "an answer is about what was asked"
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


FAULTS = [
    Fault(
        "reader",
        "an answer about another record is a success",
        RULES,
        edit(
            "_calls:update",
            "raise _another_record(model.data.id, checked, answer, applied=None)",
            "pass",
        ),
    ),
    Fault(
        "reader",
        "get returns another record than was asked for",
        ANOTHER,
        edit(
            "_calls:get",
            "raise _another_record(model.data[0].id, checked, answer, applied=False)",
            "return model.data[0]",
        ),
    ),
    Fault(
        "reader",
        "get returns the first record, whichever was asked for",
        ANOTHER,
        edit("_calls:get", "_is_about(record, checked)", "True"),
    ),
    Fault(
        "reader",
        "an unknown enum value crashes",
        RULES,
        swap("_wire:models.RecordStatus._missing_", classmethod(_no_enum)),
    ),
    Fault(
        "reader",
        "an unknown enum value is read as none",
        RULES,
        swap("_wire:models.ProcessingStatus._missing_", classmethod(_first)),
    ),
    Fault(
        "reader",
        "unknown properties are dropped",
        RULES,
        edit(DECODE + "table_cell", "rest or {}", "{}"),
    ),
    Fault(
        "reader",
        "null for an optional property is refused",
        RULES,
        edit(
            DECODE + "qualification_record",
            'rest.pop("externalIds", None)\n        it.external_ids = UNSET if item is None',
            'rest.pop("externalIds", UNSET)\n        it.external_ids = UNSET if item is UNSET',
        ),
    ),
    Fault(
        "reader",
        "null for a required property is read as absent",
        RULES,
        edit(
            DECODE + "user_reference",
            'it.id = read.string(rest.pop("id"))',
            'item = rest.pop("id")\n        it.id = UNSET if item is None else read.string(item)',
        ),
    ),
    Fault(
        "reader",
        "a missing property is not noticed",
        RULES,
        edit(DECODE + "owner", 'rest.pop("id")', 'rest.pop("id", "")'),
    ),
    Fault(
        "reader",
        "one property is read into another's place",
        RULES,
        edit(
            DECODE + "qualification_record",
            "it.updated_by = user_reference(",
            "it.updated_by, it.created_by = it.created_by, user_reference(",
        ),
    ),
    Fault(
        "reader",
        "any JSON type passes for a string",
        RULES,
        edit(READING + "string", 'raise _unlike("a string", value)', "return str(value)"),
    ),
    Fault(
        "reader",
        "true passes for a number",
        RULES,
        edit(READING + "number", "type(value) is int", "isinstance(value, int)"),
    ),
    Fault(
        "reader",
        "a number beyond the doubles passes",
        RULES,
        edit(READING + "number", "math.isfinite(value)", "True"),
    ),
    Fault(
        "reader",
        "any value passes for a truth value",
        RULES,
        edit(READING + "boolean", "type(value) is not bool", "False"),
    ),
    Fault(
        "reader",
        "a date-time may lack its offset",
        RULES,
        swap(READING + "_DATE_TIME", _pattern("([Zz]|", "([Zz]?|")),
    ),
    Fault(
        "reader",
        "a leap second is refused",
        RULES,
        edit(READING + "_plain", 'second == "60"', "False"),
    ),
    Fault(
        "reader",
        "a leap second is read as the minute before",
        RULES,
        edit(READING + "_plain", '"59", ".999999"', '"00", ""'),
    ),
    Fault(
        "reader",
        "fractions of a second are dropped",
        RULES,
        edit(READING + "_plain", "{second}{fraction[:7]}", "{second}"),
    ),
    Fault(
        "reader", "offsets are ignored", RULES, edit(READING + "_plain", "{offset.upper()}", "Z")
    ),
    Fault(
        "reader",
        "lower case is refused",
        RULES,
        swap(READING + "_DATE_TIME", _pattern("Tt ]", "T ]")),
    ),
    Fault(
        "reader",
        "a date-time of the usual form is not checked further",
        RULES,
        swap(READING + "_USUAL_DATE_TIME", re.compile(r"[\d-]{10}T[\d:]{5,8}Z?", re.ASCII)),
    ),
    Fault("reader", "any text passes for a UUID", RULES, swap(READING + "uuid", reading.string)),
    Fault(
        "reader",
        "any text passes for a date",
        RULES,
        edit(READING + "calendar_day", "day is None or day.isoformat() != text", "False"),
    ),
    Fault(
        "reader",
        "a date may be written in another form",
        RULES,
        edit(READING + "calendar_day", " or day.isoformat() != text", ""),
    ),
    Fault(
        "reader",
        "whole numbers lose digits",
        RULES,
        swap(
            READING + "_JSON",
            json.JSONDecoder(parse_int=float, parse_constant=reading._refuse_constant),
        ),
    ),
    Fault(
        "reader",
        "the path names only the outermost part",
        PATH,
        swap(READING + "Unreadable.under", _first_word),
    ),
    Fault(
        "reader",
        "the path does not say which item of a list",
        PATH,
        edit(READING + "array", 'raise fault.under(f"[{len(result)}]") from None', "raise"),
    ),
    Fault(
        "reader",
        "an integer may not be written as 3.0",
        RULES,
        edit(
            READING + "integer",
            'number(value, "an integer") != int(value)',
            "type(value) is not int",
        ),
    ),
    Fault(
        "reader",
        "a body that is not JSON leaks json's error",
        "every failure is of the package",
        edit(READING + "parse", "except ValueError as error:", "except KeyError as error:"),
    ),
    Fault(
        "reader",
        "a body that is nested too deeply leaks a RecursionError",
        "every failure is of the package",
        edit(READING + "parse", "except RecursionError:", "except KeyError:"),
    ),
    Fault(
        "reader",
        "strict checks nothing",
        "strict=True",
        swap("_strict:checker", lambda: lambda *_: None),
    ),
    Fault(
        "reader",
        "strict checks no formats",
        "strict=True",
        edit("_strict:_validator", "validate_formats=True", "validate_formats=False"),
    ),
    Fault(
        "reader",
        "a cleared date reads as 1970",
        "reading the expiration",
        edit("sentinels:expiration_of", " or date == EPOCH", ""),
    ),
]
