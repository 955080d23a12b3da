"""The table of behaviours."""

import re
from pathlib import Path

import pytest

import samsara_qualifications.mock as package
from samsara_qualifications.mock import BEHAVIOURS, MockServer
from samsara_qualifications.mock.behaviours import as_markdown, choose

SOURCES = Path(package.__file__).parent


def test_choices_default_to_the_first() -> None:
    """Without overrides, each behaviour with alternatives does the first."""
    expected = {b.name: b.choices[0] for b in BEHAVIOURS if b.choices}

    assert expected == choose({})


def test_a_choice_can_be_overridden() -> None:
    """An override changes its behaviour and no other."""
    assert choose({}) | {"limiter": "fixed"} == choose({"limiter": "fixed"})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"limitter": "fixed"}, "no switchable behaviour 'limitter'; there are: .*limiter"),
        ({"page_size": "1"}, "no switchable behaviour 'page_size'"),
        (
            {"limiter": "none"},
            "limiter cannot be 'none'; choose from: sliding, fixed, token_bucket",
        ),
    ],
)
def test_unknown_overrides_are_refused(overrides: dict[str, str], message: str) -> None:
    """A misspelt name or choice is an error that names what there is."""
    with pytest.raises(ValueError, match=message):
        MockServer(behaviours=overrides)


def test_names_are_unique_and_every_text_is_a_sentence() -> None:
    """The table can be shown as it is."""
    names = [b.name for b in BEHAVIOURS]

    assert sorted(set(names)) == sorted(names)
    assert [] == [b.name for b in BEHAVIOURS if not re.fullmatch(r"[`A-Z\d].*(\.|: 400\.)", b.text)]


def test_choices_come_in_twos_at_least() -> None:
    """One choice is none."""
    assert [] == [b.name for b in BEHAVIOURS if len(b.choices) == 1]


def test_every_switch_is_read_somewhere() -> None:
    """A switch that nothing reads would be a lie."""
    code = "".join(
        path.read_text() for path in SOURCES.glob("*.py") if path.name != "behaviours.py"
    )

    assert [] == [b.name for b in BEHAVIOURS if b.choices and f'"{b.name}"' not in code]


def test_markdown_has_a_row_for_each() -> None:
    """The table for the documentation holds all, and the default first."""
    rows = as_markdown().splitlines()[2:]

    assert [b.name for b in BEHAVIOURS] == [row.split("`")[1] for row in rows]
    assert any(row.endswith("| sliding, fixed, token_bucket |") for row in rows)
