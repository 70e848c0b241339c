"""Ambulance records: attended assaults, and what must not count beside them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from simulator.clock import HOUR, MINUTE, Happenings, delivery_morning, existing
from simulator.counts import Cell
from simulator.draws import Ints, Texts, Times, draw_labels, to_frame
from simulator.figures import Emas
from simulator.points import Points, rounded_to_100_m

LEAST_MINUTES_TO_ARRIVE, MOST_MINUTES_TO_ARRIVE = 6, 50
MOST_MINUTES_TO_REPEAT = 10
ASSAULT_CARD, PENETRATING_CARD = "04D02", "27D03"
COLUMNS = (
    "incident_ref", "record_version", "last_modified_at", "call_connect_at", "arrived_at", "triage_system",
    "triage_code", "violence_class", "outcome", "easting", "northing", "location_type", "flag_alcohol",
    "hospital_code",
)  # fmt: skip
NOT_COUNTED = ("duplicate", "cancelled", "hear_and_treat", "sexual_assault", "none", "unknown")
"""What an incident may be instead of an attended assault; the last three are classes, the others outcomes."""


def emas_records(
    rng: np.random.Generator, emas: Emas, happened: Happenings, points: Points, cells: Sequence[Cell]
) -> pl.DataFrame:
    """Return every record with the `morning` on which it is delivered.

    What does not count comes on top of `happened`: a duplicate is called in minutes after its incident, from
    the same place; the others have the place of one incident and about the time of another.
    """
    row, time_row, extra = _with_extras(rng, emas, len(happened))
    n = len(row)
    later = rng.integers(1, MOST_MINUTES_TO_REPEAT, n) * MINUTE
    connect = existing(happened.occurred_at[time_row] + np.where(extra == "", 0 * MINUTE, later))
    arrived = existing(connect + rng.integers(LEAST_MINUTES_TO_ARRIVE, MOST_MINUTES_TO_ARRIVE, n) * MINUTE)
    is_attended = ~np.isin(extra, ("duplicate", "hear_and_treat"))
    outcome = draw_labels(
        rng, {"see_and_treat": emas.see_and_treat_share, "conveyed": 1 - emas.see_and_treat_share}, n
    )
    sites = np.array([cell.ae_site for cell in cells], dtype=np.str_)
    frame = to_frame(
        {
            "call_connect_at": connect,
            "arrived_at": np.where(is_attended, arrived, np.datetime64("NaT", "s")),
            "last_modified_at": existing(connect + 2 * HOUR),
            "violence_class": _classes(rng, emas, extra),
            "outcome": np.where(np.isin(extra, NOT_COUNTED[:3]), extra, outcome),
            "easting": rounded_to_100_m(points.easting[row]),
            "northing": rounded_to_100_m(points.northing[row]),
            "location_type": draw_labels(rng, emas.location_types, n),
            "flag_alcohol": draw_labels(rng, emas.flag_alcohol, n),
            "hospital_code": sites[happened.cell[row]],
            "morning": delivery_morning(rng, np.maximum(connect, arrived), emas.mornings),
        }
    )
    return _numbered(frame.with_columns(**_triage(emas, connect, frame["violence_class"])))


def _with_extras(rng: np.random.Generator, emas: Emas, n: int) -> tuple[Ints, Ints, Texts]:
    """Return whose place and whose time each row has, and what it is if it does not count, else empty."""
    shares = {
        "duplicate": emas.duplicate_share,
        "cancelled": emas.cancelled_share,
        "hear_and_treat": emas.not_attended_share,
        "sexual_assault": emas.sexual_assault_share,
        "none": emas.other_class_share / 2,
        "unknown": emas.other_class_share / 2,
    }
    n_extra = int(rng.poisson(n * sum(shares.values()) / (1 - sum(shares.values()))))
    place, other = rng.integers(0, max(n, 1), n_extra), rng.integers(0, max(n, 1), n_extra)
    extra = draw_labels(rng, shares, n_extra)
    own = np.arange(n, dtype=np.int64)
    time = np.where(extra == "duplicate", place, other)
    return np.concatenate([own, place]), np.concatenate([own, time]), np.concatenate([np.full(n, ""), extra])


def _classes(rng: np.random.Generator, emas: Emas, extra: Texts) -> Texts:
    shares = {"penetrating": emas.penetrating_share, "assault": 1 - emas.penetrating_share}
    violent = draw_labels(rng, shares, len(extra))
    return np.asarray(np.where(np.isin(extra, NOT_COUNTED[3:]), extra, violent), dtype=np.str_)


def _triage(emas: Emas, connect: Times, violence_class: pl.Series) -> dict[str, pl.Series]:
    """Return triage system and code: cards until the change to NHS Pathways, none after."""
    is_pathways = connect >= np.datetime64(emas.pathways_from, "s")
    card = np.where(violence_class.to_numpy() == "penetrating", PENETRATING_CARD, ASSAULT_CARD)
    return {
        "triage_system": pl.Series(np.where(is_pathways, "NHS_PATHWAYS", "AMPDS")),
        "triage_code": pl.Series(np.where(is_pathways, "", card)),
    }


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the incidents in order of their calls."""
    ordered = frame.sort("call_connect_at", maintain_order=True).with_row_index("n", offset=1)
    reference = pl.format("EM{}", pl.col("n").cast(pl.String).str.zfill(8))
    return ordered.with_columns(incident_ref=reference, record_version=pl.lit(1)).select(*COLUMNS, "morning")
