"""Faults of the client's reader: what it loses, and what it takes on trust."""

# Faults stand in the place of functions of any type.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

import json
import re
from typing import Any

from contract_tests.mutations.fault import Fault, edit, swap
from samsara_qualifications import _reader

RULES = "the rules of the tolerant reader"


def _first(cls: Any, _: object) -> Any:
    return next(iter(cls))


def _no_enum(*_: object) -> Any:
    raise ValueError("unknown value")


def _first_word(self: _reader.UnreadableError, parent: str) -> _reader.UnreadableError:
    return _reader.UnreadableError(str(self), parent)


def _lossy(body: bytes, component: str) -> dict[str, Any]:
    value = original_read(body, component)
    text = json.dumps(value, allow_nan=True)
    again: dict[str, Any] = json.loads(text, parse_int=float)
    return again


original_read = _reader.read

FAULTS = [
    Fault(
        "reader",
        "an answer about another record is a success",
        RULES,
        edit("_requests:confirm_update", "raise error", "return"),
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
        edit(
            "_reader:_object",
            "if not (item is None and name in readers and name not in required)",
            "if name in readers and not (item is None and name not in required)",
        ),
    ),
    Fault(
        "reader",
        "null for an optional property is refused",
        RULES,
        edit(
            "_reader:_object",
            "if not (item is None and name in readers and name not in required)",
            "",
        ),
    ),
    Fault(
        "reader",
        "null for a required property is read as absent",
        RULES,
        edit("_reader:_object", " and name not in required)", ")"),
    ),
    Fault(
        "reader",
        "a missing property is not noticed",
        RULES,
        edit("_reader:_object", "for name in required:", "for name in ():"),
    ),
    Fault(
        "reader",
        "any JSON type passes for a string",
        RULES,
        edit(
            "_reader:_string",
            '_expect(isinstance(value, str), "a string", value)',
            "value = str(value)",
        ),
    ),
    Fault(
        "reader",
        "true passes for a number",
        RULES,
        edit("_reader:_number", " and not isinstance(value, bool)", ""),
    ),
    Fault(
        "reader",
        "any value passes for a truth value",
        RULES,
        edit("_reader:_boolean", "isinstance(value, bool)", "True"),
    ),
    Fault(
        "reader",
        "a date-time may lack its offset",
        RULES,
        swap(
            "_reader:_DATE_TIME",
            re.compile(_reader._DATE_TIME.pattern.replace("([Zz]|", "([Zz]?|")),
        ),
    ),
    Fault(
        "reader",
        "a leap second is refused",
        RULES,
        edit("_reader:_date_time", 'second == "60"', "False"),
    ),
    Fault(
        "reader",
        "a leap second is read as the minute before",
        RULES,
        edit("_reader:_date_time", '"59", ".999999"', '"00", ""'),
    ),
    Fault(
        "reader",
        "fractions of a second are dropped",
        RULES,
        edit("_reader:_date_time", "{second}{fraction}", "{second}"),
    ),
    Fault(
        "reader", "offsets are ignored", RULES, edit("_reader:_date_time", "{offset.upper()}", "Z")
    ),
    Fault(
        "reader",
        "lower case is refused",
        RULES,
        swap(
            "_reader:_DATE_TIME",
            re.compile(_reader._DATE_TIME.pattern.replace("Tt", "T").replace("Zz", "Z"), re.ASCII),
        ),
    ),
    Fault(
        "reader",
        "any text passes for a UUID",
        RULES,
        swap("_reader:_FORMATS", {k: v for k, v in _reader._FORMATS.items() if k != "uuid"}),
    ),
    Fault(
        "reader",
        "any text passes for a date",
        RULES,
        swap("_reader:_FORMATS", {k: v for k, v in _reader._FORMATS.items() if k != "date"}),
    ),
    Fault("reader", "whole numbers lose digits", RULES, swap("_reader:read", _lossy)),
    Fault(
        "reader",
        "the path names only the outermost part",
        "errors name the path",
        swap("_reader:UnreadableError.under", _first_word),
    ),
    Fault(
        "reader",
        "an integer may not be written as 3.0",
        RULES,
        edit("_reader:_integer", "_number(value) == int(value)", "isinstance(value, int)"),
    ),
    Fault(
        "reader",
        "a body that is not JSON leaks json's error",
        "every failure is of the package",
        edit("_reader:parse", "except ValueError as error:", "except KeyError as error:"),
    ),
    Fault("reader", "strict checks nothing", "strict=True", swap("_strict:check", lambda *_: None)),
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
