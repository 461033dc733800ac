"""Published queries say what their publisher means once their placeholders are filled."""

from __future__ import annotations

import sqlite3

import pytest

from taskkit.sql.questions.placeholder import fill_placeholders

NOW = "2105-12-31 23:59:00"


@pytest.mark.parametrize(
    ("published", "filled"),
    [
        ("datetime(current_time,'-1 year')", f"datetime('{NOW}','-1 year')"),
        ("CURRENT_TIME", f"'{NOW}'"),
        ("x between sao2_lower and sao2_upper", "x between 95.0 and 100.0"),
        ("x > temperature_upper", "x > 38.1"),
        ("strftime('%y-%m', t)", "strftime('%Y-%m', t)"),
        ("strftime('%j', t)", "strftime('%J', t)"),
        ("strftime ( '%Y', t)", "strftime ( '%Y', t)"),
        ("drug like '%yeast%'", "drug like '%yeast%'"),
        ("d = 'Heparin Sodium'", "d = 'heparin sodium'"),
        ("d = 'crohn''s current_time'", "d = 'crohn''s current_time'"),
        ("pain_lower", "pain_lower"),
        ('"Current_Time"', '"Current_Time"'),
    ],
)
def test_placeholders_are_filled(published: str, filled: str) -> None:
    assert fill_placeholders(published, current_time=NOW) == filled


def test_a_year_is_found_again() -> None:
    sql = fill_placeholders("select strftime('%y', current_time)", current_time=NOW)
    assert sqlite3.connect(":memory:").execute(sql).fetchone() == ("2105",)
