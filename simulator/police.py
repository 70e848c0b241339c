"""Police records: crimes of occurrences, recorded late, some reclassified or cancelled days afterwards."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from simulator.clock import DAY, MINUTE, Happenings, delivery_morning, existing, recorded_before
from simulator.counts import Cell
from simulator.draws import Ints, Texts, Times, draw_labels, to_frame
from simulator.figures import Police
from simulator.ground import Spot
from simulator.offences import Crimes, draw_crimes, first_codes
from simulator.points import NOWHERE, Points

LICENSED_KINDS = ("pub", "bar", "nightclub")
MOST_MINUTES_TO_REPORT = 600
CORRECTED_AT_HOUR = 3
COLUMNS = (
    "crime_ref", "occurrence_ref", "record_version", "last_modified_at", "status", "ho_code", "offence_title",
    "committed_from", "committed_to", "reported_at", "recorded_at", "easting", "northing", "location_type",
    "district", "flag_alcohol", "flag_knife", "flag_domestic", "victim_age_band",
)  # fmt: skip


def police_records(
    rng: np.random.Generator,
    police: Police,
    happened: Happenings,
    points: Points,
    *,
    cells: Sequence[Cell],
    spots: Sequence[Spot],
    knife_rng: np.random.Generator,
) -> pl.DataFrame:
    """Return every version of every record, with the `morning` on which it is delivered.

    What is stated of knives alone is drawn by `knife_rng`, so that nothing else depends on whether it is stated.
    """
    crimes = draw_crimes(rng, police, len(happened))
    occurrences = _occurrences(rng, police, happened, points, cells=cells, spots=spots)
    chance = rng.random(len(happened))
    is_cancelled = rng.random(len(happened)) < police.cancelled_share
    final = _crime_frame(rng, police, crimes, knife_rng).join(
        occurrences, on="occurrence", maintain_order="left"
    )
    titles = {offence.ho_code: offence.title for offence in police.offences}
    final = final.with_columns(
        first_code=pl.Series(first_codes(police, crimes, chance)),
        is_cancelled=pl.Series(is_cancelled[crimes.occurrence]),
    )
    return _versions(final, titles)


def _occurrences(
    rng: np.random.Generator,
    police: Police,
    happened: Happenings,
    points: Points,
    *,
    cells: Sequence[Cell],
    spots: Sequence[Spot],
) -> pl.DataFrame:
    """One row an occurrence: window, place, and when it was reported, recorded, delivered and corrected."""
    n = len(happened)
    committed_from, committed_to = _windows(rng, police, happened.occurred_at)
    morning = delivery_morning(rng, committed_to, police.mornings)
    recorded_at = np.maximum(recorded_before(rng, committed_to, morning), committed_to)
    to_report = rng.integers(0, MOST_MINUTES_TO_REPORT, n) * MINUTE
    reported_at = np.minimum(existing(committed_to + to_report), recorded_at)
    cancelled, reclassified = police.cancelled_after_days, police.reclassified_after_days
    return to_frame(
        {
            "occurrence": np.arange(n, dtype=np.int64),
            "committed_from": committed_from,
            "committed_to": committed_to,
            "reported_at": reported_at,
            "recorded_at": recorded_at,
            "morning": morning,
            "cancelled_on": morning + rng.integers(cancelled[0], cancelled[1] + 1, n) * DAY,
            "reclassified_on": morning + rng.integers(reclassified[0], reclassified[1] + 1, n) * DAY,
            "easting": np.round(points.easting).astype(np.int64),
            "northing": np.round(points.northing).astype(np.int64),
            "district": np.array([cell.district for cell in cells], dtype=np.str_)[happened.cell],
            "location_type": _location_types(rng, police, points.spot, spots),
            "flag_alcohol": draw_labels(rng, police.flag_alcohol, n),
        }
    )


def _windows(rng: np.random.Generator, police: Police, occurred_at: Times) -> tuple[Times, Times]:
    """Return windows about each instant, so that their midpoint is the instant."""
    length = draw_labels(rng, police.window_minutes, len(occurred_at)).astype(np.int64) * MINUTE.astype(
        "m8[s]"
    )
    return existing(occurred_at - length // 2), existing(occurred_at + length // 2)


def _location_types(rng: np.random.Generator, police: Police, spot: Ints, spots: Sequence[Spot]) -> Texts:
    n = len(spot)
    kind = np.array([*(s.kind for s in spots), "elsewhere"], dtype="<U20")[
        np.where(spot == NOWHERE, -1, spot)
    ]
    street, elsewhere = draw_labels(rng, police.street_types, n), draw_labels(rng, police.elsewhere_types, n)
    venue = np.where(np.isin(kind, LICENSED_KINDS), "licensed_premises", kind)
    found = np.where(kind == "elsewhere", elsewhere, np.where(kind == "street", street, venue))
    return np.asarray(found, dtype=np.str_)


def _crime_frame(
    rng: np.random.Generator, police: Police, crimes: Crimes, knife_rng: np.random.Generator
) -> pl.DataFrame:
    n = len(crimes.occurrence)
    is_unknown = rng.random(n) < police.domestic_unknown_share
    codes = np.array([offence.ho_code for offence in police.offences], dtype=np.str_)
    ages = draw_labels(rng, police.victim_age_band, n)
    if police.knife_victim_age_band is not None:
        ages = np.where(crimes.has_knife, draw_labels(knife_rng, police.knife_victim_age_band, n), ages)
    return to_frame(
        {
            "occurrence": crimes.occurrence,
            "number": crimes.number,
            "final_code": codes[crimes.offence],
            "flag_knife": np.where(crimes.has_knife, "Y", "N"),
            "flag_domestic": np.where(crimes.is_domestic, "Y", np.where(is_unknown, "", "N")),
            "victim_age_band": ages,
        }
    )


def _versions(final: pl.DataFrame, titles: dict[str, str]) -> pl.DataFrame:
    """Return the first version of each record, and the second of those that are corrected."""
    reference = pl.format("OC{}", (pl.col("occurrence") + 1).cast(pl.String).str.zfill(8))
    named = final.with_columns(occurrence_ref=reference, crime_ref=pl.format("{}-{}", reference, "number"))
    first = named.with_columns(
        record_version=pl.lit(1),
        status=pl.lit("recorded"),
        ho_code="first_code",
        last_modified_at="recorded_at",
    )
    is_changed = pl.col("first_code") != pl.col("final_code")
    second = named.filter(pl.col("is_cancelled") | is_changed).with_columns(
        record_version=pl.lit(2),
        status=pl.when("is_cancelled").then(pl.lit("cancelled")).otherwise(pl.lit("reclassified")),
        ho_code=pl.when("is_cancelled").then("first_code").otherwise("final_code"),
        morning=pl.when("is_cancelled").then("cancelled_on").otherwise("reclassified_on"),
    ).with_columns(last_modified_at=pl.col("morning") + pl.duration(hours=CORRECTED_AT_HOUR))  # fmt: skip
    both = pl.concat([first, second.select(first.columns)])
    both = both.with_columns(offence_title=pl.col("ho_code").replace_strict(titles))
    return both.select(*COLUMNS, "morning").sort("crime_ref", "record_version")
