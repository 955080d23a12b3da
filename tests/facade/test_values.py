"""What a caller passes in: the forms that are taken, and clear refusals of all others."""

from __future__ import annotations

import enum
import math
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from samsara_qualifications import CLEAR, InvalidInput, _values
from samsara_qualifications.sentinels import Exactly

if TYPE_CHECKING:
    from collections.abc import Callable

ID = "9814a1fa-f0c6-408b-bf85-51dc3bc71ac7"
HUGE = 10**5000  # has no repr, and fits into no double


class Stamp(datetime):
    """A datetime subclass with nanoseconds, as data frames have."""

    def isoformat(self, *arguments: Any, **options: Any) -> str:
        """Return more digits than a datetime has."""
        return super().isoformat(*arguments, **options) + "000"


class NaT(datetime):
    """A moment that is none, as pandas.NaT: a datetime that refuses to be used as one."""

    def utcoffset(self) -> NoReturn:
        """Refuse."""
        raise ValueError("NaTType does not support utcoffset")


class BrokenZone(tzinfo):
    """A time zone without an offset."""


class Day(date):
    """A date subclass."""


class Word(str):
    """A string subclass."""

    __slots__ = ()


class Unprintable:
    """An object without a repr."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2027, 1, 1, 12, tzinfo=UTC), "2027-01-01T12:00:00+00:00"),
        (datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-12-31T22:00:00+00:00"),
        (datetime(2027, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")), "2027-06-30T22:00:00+00:00"),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
            "2026-10-25T01:30:00+00:00",
        ),
        (datetime(2027, 1, 1, 0, 0, 0, 123, tzinfo=UTC), "2027-01-01T00:00:00.000123+00:00"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00+00:00"),
        (date(2027, 1, 1), "2027-01-01T00:00:00+00:00"),
        (Day(2027, 1, 1), "2027-01-01T00:00:00+00:00"),
        (Stamp(2027, 1, 1, tzinfo=UTC), "2027-01-01T00:00:00+00:00"),
        (date(1970, 1, 1), "1970-01-01T00:00:00+00:00"),
    ],
)
def test_a_moment_becomes_a_plain_datetime_in_utc(value: date, expected: str) -> None:
    """Whatever zone or class it came in."""
    moment = _values.instant("issue_date", value)
    assert (expected, datetime) == (moment.isoformat(), type(moment))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "issue_date must be an aware datetime or a date, not None"),
        ("2027-01-01", "not str '2027-01-01'"),
        (0, "not int 0"),
        (time(12), "not time datetime.time"),
        pytest.param(HUGE, "not int without a repr", id="huge"),
        (Unprintable(), "not Unprintable without a repr"),
        (datetime(2027, 1, 1), "issue_date=2027-01-01T00:00:00 has no time zone: add one"),  # noqa: DTZ001
        (datetime.min, "has no time zone"),  # noqa: DTZ901
        (NaT(2027, 1, 1), "is not a valid moment in UTC: NaTType does not support utcoffset"),
        (datetime(2027, 1, 1, tzinfo=BrokenZone()), "is not a valid moment in UTC"),
        (
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
            "is not a valid moment in UTC",
        ),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "is not a valid moment in UTC"),
    ],
)
def test_what_is_no_moment_is_refused(value: Any, message: str) -> None:
    """The message names argument, value and way out."""
    with pytest.raises(InvalidInput) as caught:
        _values.instant("issue_date", value)
    assert message in str(caught.value)


def test_the_epoch_is_told_from_its_neighbours() -> None:
    """Only the clear value is suspicious, and what becomes it when fractions are cut off."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for near in (epoch + timedelta(seconds=1), epoch - timedelta(seconds=1)):
        assert near == _values.no_empty_date("issue_date", near, "pass another")
    for same in (epoch, epoch + timedelta(microseconds=1), epoch + timedelta(microseconds=999_999)):
        with pytest.raises(InvalidInput, match=r"issue_date=1970-01-01T00:00:00.*: pass another"):
            _values.no_empty_date("issue_date", same, "pass another")
    with pytest.raises(InvalidInput, match=r"issue_date=1969-12-31T23:59:59\.5"):
        _values.no_empty_date("issue_date", epoch - timedelta(seconds=0.5), "pass another")


def test_an_expiration_before_1971_is_an_empty_date_unless_it_is_meant() -> None:
    """The opt-out is plain."""
    last, first = datetime(1970, 12, 31, tzinfo=UTC), datetime(1971, 1, 1, tzinfo=UTC)
    assert first == _values.expiration("expiration_date", first, "pass another")
    with pytest.raises(InvalidInput, match=r"pass another, or pass Exactly\(value\)"):
        _values.expiration("expiration_date", last, "pass another")
    assert last == _values.expiration("expiration_date", Exactly(last), "pass another")


@pytest.mark.parametrize(
    "value",
    [
        date(1, 1, 1),
        date(1753, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1904, 1, 1),
        date(1970, 1, 1),
        Stamp(1900, 1, 1, tzinfo=UTC),
        datetime(1904, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(1900, 1, 1, 23, 59, tzinfo=UTC),
        datetime(1904, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(1970, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1970, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    ],
)
def test_an_empty_date_is_refused_unless_it_is_meant(value: date) -> None:
    """By its own day or by the day in UTC; the message names the way out."""
    with pytest.raises(InvalidInput) as caught:
        _values.no_empty_date("issue_date", value, "pass the real one")
    moment = value if isinstance(value, datetime) else _values.instant("x", value)
    written = datetime.isoformat(moment)
    assert (
        f"issue_date={written} is what an empty date looks like in a database or a spreadsheet: "
        "pass the real one, or pass Exactly(value) if this very date is meant"
    ) == str(caught.value)
    meant = _values.no_empty_date("issue_date", Exactly(value), "pass the real one")
    assert _values.instant("issue_date", value) == meant


@pytest.mark.parametrize(
    "value",
    [
        *(date(1969, 12, 31), date(1970, 1, 2), date(1900, 1, 2), date(1899, 12, 29)),
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(1969, 6, 1, tzinfo=UTC),
    ],
)
def test_an_early_date_is_no_empty_one(value: date) -> None:
    """A date of birth may be in 1969."""
    assert _values.instant("x", value) == _values.no_empty_date("x", value, "pass the real one")


def test_a_blank_text_is_refused_unless_it_is_meant() -> None:
    """An empty cell must never empty a licence number."""
    for blank in ("", " ", "\t\n\u00a0"):
        with pytest.raises(InvalidInput, match=r"hr=.* is what an empty cell looks like: leave it"):
            _values.filled_text("hr", blank)
        assert blank == _values.filled_text("hr", Exactly(blank))
    assert ["", " x "] == [_values.filled_text("hr", value) for value in (CLEAR, " x ")]


@pytest.mark.parametrize("value", ["1", "key:value", "a b", "ä", Word("x"), "x" * 5000])
def test_an_id_is_kept_as_it_is(value: str) -> None:
    """Nothing is trimmed or normalised; it is a plain string then."""
    checked = _values.identifier("record_id", value)
    assert (value, str) == (checked, type(checked))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "record_id='' is not a valid id"),
        (" ", "is not a valid id"),
        ("1 ", "begin or end with a blank"),
        ("1\n", "is not a valid id"),
        ("a\x00b", "or hold control characters"),
        ("a\u200bb", "or hold control characters"),
        ("\ud800", r"record_id='\ud800' holds a lone surrogate"),
        ("x" * 10_000 + "\n", "xxx is not a valid id"),
        ("\ud800" * 10_000, "holds a lone surrogate"),
        (None, "record_id must be a string, not None"),
        (281474, "not int 281474"),
        (b"1", "not bytes b'1'"),
        pytest.param(HUGE, "not int without a repr", id="huge"),
    ],
)
def test_what_is_no_id_is_refused(value: Any, message: str) -> None:
    """Briefly, however long it is."""
    with pytest.raises(InvalidInput) as caught:
        _values.identifier("record_id", value)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 250


def test_ids_are_taken_from_any_iterable_once_and_in_order() -> None:
    """A generator, a set's view, a dict's keys: each id goes out once."""
    assert ["b", "a"] == _values.identifiers("ids", iter(["b", "a", "b"]))
    assert ["b"] == _values.identifiers("ids", {"b": 1})
    assert [] == _values.identifiers("ids", [])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("abc", "ids must be a sequence of ids, not str 'abc'"),
        (None, "not None"),
        (5, "not int 5"),
        ([1], "ids[0] must be a string, not int 1"),
        (["a", ""], "ids[1]='' is not a valid id"),
        (["a,b"], "ids holds 'a,b': ids go out joined by commas"),
        (b"ab", "ids[0] must be a string, not int 97"),
    ],
)
def test_wrong_ids_are_refused(values: Any, message: str) -> None:
    """The message names the place."""
    with pytest.raises(InvalidInput) as caught:
        _values.identifiers("ids", values)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [ID, ID.upper(), UUID(ID), Word(ID)])
def test_a_uuid_is_taken_in_its_usual_forms(value: Any) -> None:
    """As an object or as text."""
    assert UUID(ID) == _values.uuid("id", value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        ID[:-1],
        ID + "\n",
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("a", "_"),
        ID.replace("1", "\uff11"),
        UUID(ID).bytes,
        None,
        5,
        pytest.param(HUGE, id="huge"),
    ],
)
def test_what_is_no_uuid_is_refused(value: Any) -> None:
    """Also the forms that Python's UUID would take, or mistake."""
    with pytest.raises(InvalidInput, match="id must be a UUID, such as 9814a1fa"):
        _values.uuid("id", value)


class Kind(enum.Enum):
    """A caller's own enum."""

    WORKER = "worker"


@pytest.mark.parametrize("value", ["worker", Word("worker"), _values.models.EntityType.WORKER])
def test_an_entity_type_is_taken(value: Any) -> None:
    """As text or as the generated enum."""
    assert _values.models.EntityType.WORKER == _values.entity_type("entity_type", value)


@pytest.mark.parametrize(
    "value",
    [
        "driver",
        "Worker",
        "",
        None,
        5,
        ["worker"],
        Kind.WORKER,
        _values.models.EntityType("vehicle"),
        pytest.param(HUGE, id="huge"),
    ],
)
def test_an_unknown_entity_type_is_refused(value: Any) -> None:
    """Also one that the tolerant enum has learnt from a response."""
    with pytest.raises(InvalidInput, match="must be one of 'asset', 'worker'"):
        _values.entity_type("entity_type", value)


@pytest.mark.parametrize("value", [0, 1, -1, 123.456, -0.0, 5e-324, 1.7e308, 2**1023, 2**53 + 1])
def test_a_finite_number_is_kept_as_it_is(value: float) -> None:
    """An int stays an int, to the last digit."""
    checked = _values.number("value", value)
    assert (value, type(value)) == (checked, type(checked))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "value=float nan must be finite"),
        (math.inf, "value=float inf must be finite"),
        (10**400, "must be finite"),
        pytest.param(HUGE, "value=int without a repr must be finite", id="huge"),
        (True, "value must be an int or a float, not bool True"),
        (Decimal(1), "not Decimal Decimal('1')"),
        ("1", "not str '1'"),
        (None, "not None"),
        (1j, "not complex 1j"),
    ],
)
def test_what_is_no_finite_number_is_refused(value: Any, message: str) -> None:
    """JSON has no NaN, and a bool is no number."""
    with pytest.raises(InvalidInput) as caught:
        _values.number("value", value)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [1, 0, None, "true", "", pytest.param(HUGE, id="huge")])
def test_only_a_bool_is_a_flag(value: Any) -> None:
    """Truthiness is not asked for."""
    assert [True, False] == [_values.flag("flag", flag) for flag in (True, False)]
    with pytest.raises(InvalidInput, match="flag must be True or False, not "):
        _values.flag("flag", value)


def test_external_ids_are_a_map_from_text_to_text() -> None:
    """An id is removed by `CLEAR` alone; a system's name may not be empty."""
    assert {"hr": "7", "x": ""} == _values.external_ids("external_ids", {"hr": "7", "x": CLEAR})


def test_a_uuid_is_an_id() -> None:
    """The client's own results hold some: what it returns it also takes."""
    assert ID == _values.identifier("record_id", UUID(ID))
    assert [ID] == _values.identifiers("type_ids", [UUID(ID), ID])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "external_ids must map strings to strings, not None"),
        ([("hr", "7")], "not list"),
        ({"hr": 7}, "external_ids['hr'] must be a string, not int 7"),
        ({"hr": None}, "external_ids['hr'] must be a string, not None"),
        ({7: "hr"}, "external_ids key must be a string, not int 7"),
        ({"": "7"}, "external_ids key='' is not a valid id"),
        pytest.param({HUGE: "7"}, "key must be a string, not int without a repr", id="huge"),
    ],
)
def test_wrong_external_ids_are_refused(value: Any, message: str) -> None:
    """The message names the key."""
    with pytest.raises(InvalidInput) as caught:
        _values.external_ids("external_ids", value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (_values.seconds, -1, "deadline=int -1 is not a valid time"),
        (_values.seconds, math.nan, "deadline=float nan is not a valid time"),
        (_values.seconds, -math.inf, "is not a valid time"),
        pytest.param(_values.seconds, -HUGE, "int without a repr is not a valid time", id="huge"),
        (_values.seconds, True, "deadline must be seconds as a number, not bool True"),
        (_values.seconds, "5", "not str '5'"),
        (_values.seconds, timedelta(seconds=5), "not timedelta"),
        (_values.time_span, 0, "deadline=0 leaves no time for anything"),
        (_values.time_span, -1, "is not a valid time"),
    ],
)
def test_what_is_no_time_span_is_refused(
    check: Callable[[str, Any], float], value: Any, message: str
) -> None:
    """Zero suits a pause, and no deadline."""
    with pytest.raises(InvalidInput) as caught:
        check("deadline", value)
    assert message in str(caught.value)


def test_a_time_span_may_be_endless() -> None:
    """Infinity is allowed, and so is what rounds to it."""
    assert [0.0, 0.5, math.inf, math.inf] == [
        _values.seconds("deadline", value) for value in (0, 0.5, math.inf, HUGE)
    ]
