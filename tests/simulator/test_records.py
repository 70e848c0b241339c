# ruff: noqa: DTZ001  the feeds give local times without an offset
"""The records: late, corrected, misspelt and incomplete as those of the real providers."""

import csv
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from simulator.calibration import load_calibration
from simulator.ground import load_ground
from simulator.place_text import misspelt
from tests.simulator.conftest import AREA, Inbox

CENTRES = {centre.centre_code: centre for centre in load_ground(AREA).centres}
SURGED = date(2026, 4, 4)


def within(centre_code: str, margin_m: float = 0) -> pl.Expr:
    """Select the rows in a town centre's circle."""
    centre = CENTRES[centre_code]
    x, y = pl.col("easting").cast(pl.Float64), pl.col("northing").cast(pl.Float64)
    return (x - centre.easting) ** 2 + (y - centre.northing) ** 2 <= (centre.radius_m - margin_m) ** 2


def on_night(column: str, evening: date) -> pl.Expr:
    """Select the rows between 18:00 and 06:00."""
    opens = datetime(evening.year, evening.month, evening.day, 18)
    return pl.col(column).is_between(opens, opens.replace(day=evening.day + 1, hour=6), closed="left")


def shares_by_morning(rows: pl.DataFrame, event: str) -> dict[int, float]:
    """Return the share of records by the morning of their first delivery, for full live weeks."""
    daily = rows.filter(pl.col("file").str.len_chars() < 20, pl.col("record_version") == 1)
    settled = daily.filter(pl.col(event).is_between(datetime(2026, 2, 9, 6), datetime(2026, 3, 8, 6)))
    delivered = pl.col("file").str.slice(-10).str.to_date()
    age = (delivered - (pl.col(event) - pl.duration(hours=6)).dt.date()).dt.total_days()
    return dict(settled.select(age=age)["age"].value_counts(normalize=True).rows())


@pytest.mark.parametrize(
    ("source", "event"), [("police", "committed_to"), ("emas", "call_connect_at"), ("ae", "arrival_at")]
)
def test_records_come_as_late_as_in_the_example_deliveries(inbox: Inbox, source: str, event: str) -> None:
    figures: Any = getattr(load_calibration(AREA), source)
    found = shares_by_morning(inbox.rows[source], event)
    for morning, share in enumerate(figures.mornings[:4], start=1):
        assert found[morning] == pytest.approx(share, abs=0.06), morning
    assert max(found) <= len(figures.mornings)


def test_a_version_never_comes_before_an_older_one(inbox: Inbox) -> None:
    police = inbox.rows["police"].with_columns(delivered=pl.col("file").str.slice(-10))
    both = police.filter(pl.col("crime_ref").is_duplicated()).sort("crime_ref", "record_version")
    ordered = both.group_by("crime_ref", maintain_order=True).agg(
        "record_version", "delivered", "last_modified_at"
    )
    assert ordered.height > 50
    for _, versions, delivered, modified in ordered.rows():
        assert versions == [1, 2]
        assert delivered[0] < delivered[1]
        assert modified[0] < modified[1]


def test_corrections_are_reclassified_or_cancelled_and_say_so(inbox: Inbox) -> None:
    by_status = inbox.rows["police"].group_by("status").agg(pl.col("record_version").unique())
    assert dict(by_status.rows()) == {"recorded": [1], "reclassified": [2], "cancelled": [2]}
    truth = inbox.truth("police", "crime_ref")
    assert truth["status"].eq("cancelled").mean() == pytest.approx(0.013, abs=0.004)
    assert truth["status"].eq("reclassified").mean() == pytest.approx(0.015, abs=0.006)


def test_a_record_comes_once_in_a_delivery(inbox: Inbox) -> None:
    for source, key in {"police": "crime_ref", "emas": "incident_ref", "ae": "attendance_ref"}.items():
        assert not inbox.rows[source].select("file", key).is_duplicated().any()


def test_times_of_a_crime_are_in_their_natural_order(inbox: Inbox) -> None:
    police = inbox.rows["police"]
    assert (police["committed_from"] <= police["committed_to"]).all()
    assert (police["committed_to"] <= police["reported_at"]).all()
    assert (police["reported_at"] <= police["recorded_at"]).all()


def test_no_time_lies_in_the_hour_that_the_clocks_skip(inbox: Inbox) -> None:
    for rows in inbox.rows.values():
        for column in rows.select(pl.col(pl.Datetime)).columns:
            local = (
                rows[column]
                .drop_nulls()
                .dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
            )
            assert local.null_count() == 0, column


def test_the_planted_surge_shows_in_police_and_a_and_e_and_not_in_emas(inbox: Inbox) -> None:
    police, ae, emas = inbox.rows["police"], inbox.rows["ae"], inbox.rows["emas"]
    surge = police.filter(within("derby"), on_night("committed_from", SURGED))["occurrence_ref"].n_unique()
    usual = [
        police.filter(within("derby"), on_night("committed_from", date(2026, 3, day)))[
            "occurrence_ref"
        ].n_unique()
        for day in (7, 14, 21)
    ]
    assert surge > 1.5 * max(usual)
    assert ae.filter(on_night("assault_at", SURGED), pl.col("site_code") == "RTG").height >= 8
    assert emas.filter(within("derby"), on_night("call_connect_at", SURGED)).height < 12


def test_several_crimes_can_be_one_occurrence_and_mostly_alike(inbox: Inbox) -> None:
    sizes = inbox.truth("police", "crime_ref").group_by("occurrence_ref").len()["len"]
    assert sizes.mean() == pytest.approx(1.149, abs=0.01)
    assert sizes.max() == 3


def test_rows_that_no_rule_counts_are_there(inbox: Inbox) -> None:
    police = inbox.truth("police", "crime_ref")
    assert {"8S", "8T", "104", "62A", "8L", "10D", "34A", "3B"} <= set(police["ho_code"])
    assert set(police["flag_domestic"]) == {"Y", "N", ""}
    hours = (police["committed_to"] - police["committed_from"]).dt.total_hours()
    assert (hours > 12).mean() == pytest.approx(0.0164, abs=0.004)
    emas = inbox.rows["emas"]
    assert {"duplicate", "cancelled", "hear_and_treat"} < set(emas["outcome"])
    assert {"sexual_assault", "none", "unknown"} < set(emas["violence_class"])


def test_emas_is_rounded_unattended_calls_have_no_arrival_and_pathways_no_code(inbox: Inbox) -> None:
    emas = inbox.rows["emas"]
    assert emas["easting"].str.ends_with("50").all()
    unattended = pl.col("outcome").is_in(["duplicate", "hear_and_treat"])
    assert emas.filter(unattended == pl.col("arrived_at").is_not_null()).is_empty()
    is_pathways = pl.col("call_connect_at") >= datetime(2024, 3, 1)
    assert set(emas.filter(is_pathways)["triage_system"]) == {"NHS_PATHWAYS"}
    assert set(emas.filter(is_pathways)["triage_code"]) == {""}
    assert set(emas.filter(~is_pathways)["triage_code"]) == {"04D02", "27D03"}


def test_emas_serves_no_one_in_glossop_and_a_and_e_no_town_without_a_site(inbox: Inbox) -> None:
    assert inbox.rows["emas"].filter(within("glossop")).is_empty()
    assert not inbox.rows["police"].filter(within("glossop")).is_empty()
    texts = inbox.rows["ae"]["place_text"].str.to_lowercase()
    for town in ("buxton", "glossop", "shirebrook"):
        assert not texts.str.contains(town).any(), town


def test_a_and_e_comes_to_the_hospital_of_the_town(inbox: Inbox) -> None:
    in_chesterfield = pl.col("place_text").str.to_lowercase().str.contains("chesterfield")
    assert set(inbox.rows["ae"].filter(in_chesterfield)["site_code"]) == {"RFS"}
    assert set(inbox.rows["ae"]["site_code"]) == {"RTG", "RFS"}


def test_texts_are_names_of_the_gazetteer_typed_well_and_badly(inbox: Inbox) -> None:
    with (AREA / "gazetteer.csv").open(encoding="utf-8") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    texts = inbox.rows["ae"]["place_text"]
    assert texts.is_in(sorted(names)).mean() == pytest.approx(0.2, abs=0.12)
    for sign in ("outside ", "?", ""):
        assert texts.str.starts_with(sign).any()
    assert texts.str.to_lowercase().eq(texts).any()
    assert set(texts.filter(texts.is_in(["home address", "country lane", "not known", "?", ""]))) == {
        "home address", "country lane", "not known", "?", "",
    }  # fmt: skip


def test_small_towns_see_well_under_one_incident_a_saturday_night_and_derby_several(inbox: Inbox) -> None:
    police = inbox.truth("police", "crime_ref").unique("occurrence_ref")
    at = pl.col("committed_from")
    night = (at.dt.hour() >= 18) | (at.dt.hour() < 6)
    saturdays = police.filter(night, (at - pl.duration(hours=12)).dt.weekday() == 6)
    n_weeks = len(inbox.plan.days) / 7
    assert 5 < saturdays.filter(within("derby")).height / n_weeks < 14
    for town in ("belper", "matlock", "ashbourne", "bolsover"):
        assert saturdays.filter(within(town)).height / n_weeks < 0.6, town


def test_most_happens_outside_every_town_centre(inbox: Inbox) -> None:
    police = inbox.truth("police", "crime_ref")
    inside = pl.any_horizontal([within(code) for code in CENTRES])
    assert police.select(inside.mean()).item() == pytest.approx(0.18, abs=0.02)


@pytest.mark.parametrize(
    ("kind", "text"), [(0.0, "The Ron Otter"), (0.5, "The IIron Otter"), (0.9, "The rIon Otter")]
)
def test_a_slip_of_the_fingers_loses_doubles_or_swaps_a_letter(kind: float, text: str) -> None:
    assert misspelt("The Iron Otter", kind, 0.28).lower() == text.lower()
