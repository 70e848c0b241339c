"""Nights after an alert that was acted on, beside nights after one that was not."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from forecasts.effects.acted_on import alerts_told, compare_actions, nights_after
from tests.areas import derbyshire

FIRST = date(2025, 1, 3)
AS_OF = datetime(2026, 1, 1, 6, tzinfo=UTC)


def alert(n: int, *, is_acted_on: bool, centre: str = "derby", withdrawn: bool = False) -> dict[str, object]:
    """The alert about the Friday of the n-th month; who acts on it does so on the Sunday afternoon."""
    friday = FIRST + timedelta(weeks=4 * n)
    told = datetime(friday.year, friday.month, friday.day, 8, tzinfo=UTC) + timedelta(days=1)
    return {
        "alert_id": f"{centre}-{n}", "centre_code": centre, "last_evening": friday, "is_withdrawn": withdrawn,
        "told_at": told, "acted_on_at": told + timedelta(days=1, hours=8) if is_acted_on else None,
    }  # fmt: skip


def told(*alerts: dict[str, object]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "alert_id": pl.String, "centre_code": pl.String, "last_evening": pl.Date, "is_withdrawn": pl.Boolean,
        "told_at": pl.Datetime("us", "UTC"), "acted_on_at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    return alerts_told(pl.DataFrame(list(alerts), schema, orient="row"), derbyshire(), AS_OF)


def nights(n_after_action: int = 3) -> pl.DataFrame:
    """Weekend nights of a year with five incidents, and fewer after the alerts of even months, which are acted on."""
    rows = []
    for day in range(365):
        evening = FIRST + timedelta(days=day)
        if evening.isoweekday() >= 5:
            month, since = divmod(day, 28)
            is_after_action = month % 2 == 0 and 1 < since <= 14
            rows.append((evening, "derby", "police", n_after_action if is_after_action else 5, 5.0))
    return pl.DataFrame(
        rows, schema=["evening", "centre_code", "source", "n_incidents", "mean"], orient="row"
    )


def test_nights_begin_when_it_is_acted_on_and_end_two_weeks_after_its_last_night() -> None:
    after = nights_after(told(alert(0, is_acted_on=True), alert(1, is_acted_on=False)), nights())
    by_alert = dict(after.group_by("alert_id").agg(pl.col("evening").sort()).iter_rows())
    assert by_alert["derby-0"] == [FIRST + timedelta(days=n) for n in (2, 7, 8, 9, 14)]
    assert by_alert["derby-1"] == [FIRST + timedelta(days=28 + n) for n in (1, 2, 7, 8, 9, 14)]


def test_a_night_after_two_alerts_counts_once_as_acted_on() -> None:
    same = alert(0, is_acted_on=False) | {"alert_id": "weekend"}
    after = nights_after(told(alert(0, is_acted_on=True), same), nights())
    assert after["evening"].is_unique().all()
    assert dict(after.group_by("alert_id").len().iter_rows()) == {"derby-0": 5, "weekend": 1}


def test_what_was_withdrawn_or_acted_on_later_is_not_known_as_such() -> None:
    late = alert(2, is_acted_on=True) | {"acted_on_at": AS_OF + timedelta(days=1)}
    found = told(alert(0, is_acted_on=True, withdrawn=True), late)
    assert found.select("alert_id", "is_acted_on").rows() == [("derby-2", False)]


def test_a_fall_after_what_was_acted_on_is_read_back_with_its_interval() -> None:
    alerts = told(*(alert(n, is_acted_on=n % 2 == 0) for n in range(12)))
    row = compare_actions(alerts, nights(), derbyshire()).filter(source="police").row(0, named=True)
    assert row["ratio"] == pytest.approx(0.6, rel=0.01)
    assert row["lower"] < 0.6 < row["upper"] < 1
    assert (row["n_nights"], row["is_post_hoc"]) == (6 * 5, True)
    none = compare_actions(alerts, nights(5), derbyshire()).filter(source="police").row(0, named=True)
    assert none["lower"] < 1 < none["upper"]


def test_too_few_alerts_of_a_kind_say_so() -> None:
    alerts = told(*(alert(n, is_acted_on=n < 2) for n in range(12)))
    rows = compare_actions(alerts, nights(), derbyshire())
    assert rows["ratio"].null_count() == rows.height == 3
    whys = dict(rows.select("source", "why_not").iter_rows())
    assert whys["police"].startswith("2 alerts with known nights after them were acted on and 10 were not")
    assert whys["emas"].startswith("0 alerts")
