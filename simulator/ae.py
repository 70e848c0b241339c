"""A&E records: attendances after an assault, with the place in a receptionist's words."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from simulator.clock import (
    HOUR,
    MINUTE,
    SECOND,
    Happenings,
    delivery_morning,
    existing,
    first_morning,
    six_o_clock,
)
from simulator.counts import Cell
from simulator.draws import Ints, Texts, Times, draw_labels, to_frame
from simulator.figures import Ae
from simulator.ground import Spot
from simulator.place_text import names_no_place, place_texts
from simulator.points import NOWHERE, Points

LEAST_MINUTES_TO_ARRIVE, MOST_MINUTES_TO_ARRIVE = 25, 150
HOURS_TO_LAST_CHANGE = 5
COLUMNS = (
    "attendance_ref", "record_version", "last_modified_at", "site_code", "arrival_at", "assault_at",
    "assault_time_precision", "assault_method", "place_type", "place_text", "arrival_mode", "police_informed",
    "age_band",
)  # fmt: skip


def ae_records(
    rng: np.random.Generator,
    ae: Ae,
    happened: Happenings,
    points: Points,
    *,
    cells: Sequence[Cell],
    spots: Sequence[Spot],
) -> pl.DataFrame:
    """Return every record with the `morning` on which it is delivered."""
    n = len(happened)
    minutes = rng.integers(LEAST_MINUTES_TO_ARRIVE, MOST_MINUTES_TO_ARRIVE, n) * MINUTE
    arrival = existing(happened.occurred_at + minutes)
    precision = draw_labels(rng, ae.assault_time_precision, n)
    spot = np.where(names_no_place(rng, ae, n), NOWHERE, points.spot)
    towns = {cell.centres[0].centre_code: cell.centres[0].town for cell in cells if cell.is_centre}
    frame = to_frame(
        {
            "last_modified_at": _last_modified(arrival),
            "site_code": np.array([cell.ae_site for cell in cells], dtype=np.str_)[happened.cell],
            "arrival_at": arrival,
            "assault_at": _as_precise(happened.occurred_at, precision),
            "assault_time_precision": precision,
            "assault_method": draw_labels(rng, ae.assault_method, n),
            "place_type": _place_types(spot, spots),
            "place_text": np.array(place_texts(rng, ae, spot, spots, towns), dtype=np.str_),
            "arrival_mode": draw_labels(rng, ae.arrival_mode, n),
            "police_informed": draw_labels(rng, ae.police_informed, n),
            "age_band": draw_labels(rng, ae.age_band, n),
            "morning": delivery_morning(rng, arrival, ae.mornings),
        }
    )
    return _numbered(frame)


def _last_modified(arrival: Times) -> Times:
    """Return a few hours after arrival, but a minute before the next morning's extract is taken."""
    extract = six_o_clock(first_morning(arrival)) - 60 * SECOND
    return np.maximum(np.minimum(existing(arrival + HOURS_TO_LAST_CHANGE * HOUR), extract), arrival)


def _as_precise(assaulted: Times, precision: Texts) -> Times:
    """Return the assault's time as recorded: exact, to the full hour before, or not at all."""
    hour = assaulted.astype("datetime64[h]").astype("datetime64[s]")
    known = np.where(precision == "hour", hour, assaulted)
    return np.where(precision == "unknown", np.datetime64("NaT", "s"), known)


def _place_types(chosen: Ints, spots: Sequence[Spot]) -> Texts:
    """Return licensed for venues, street for streets, other where no place is named."""
    types = {"street": "street", "takeaway": "other"}
    kinds = [types.get(spot.kind, "licensed") for spot in spots]
    return np.array([*kinds, "other"], dtype=np.str_)[chosen]


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the attendances in order of arrival."""
    ordered = frame.sort("arrival_at", maintain_order=True).with_row_index("n", offset=1)
    reference = pl.format("AE{}", pl.col("n").cast(pl.String).str.zfill(8))
    named = ordered.with_columns(attendance_ref=reference, record_version=pl.lit(1))
    return named.select(*COLUMNS, "morning")
