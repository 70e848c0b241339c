"""What a delivery says of its nights: how many of its rows have which fault, where they are and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from nte.area import Area, Source
from nte.tables.counts import DELIVERY_FAULTS, DELIVERY_PLACES, OUTSIDE, UNPLACED
from nte.words import Fault
from transforms.definitions import is_counted

Floats = npt.NDArray[np.float64]
COUNTED_IN: Final = {
    Fault.CODES: "n_rows",
    Fault.NOT_COUNTED: "n_live",
    Fault.FLAGS: "n_counted",
    Fault.WITHDRAWN: "n_new",
    Fault.AGAIN: "n_daily",
    Fault.TIMES: "n_rows",
    Fault.PLACES: "n_rows",
    Fault.INCIDENTS: "n_rows",
    Fault.OUTSIDE: "n_rows",
    Fault.HOURS: "n_timed",
    Fault.DEFAULT_TIMES: "n_timed",
}
"""Faults that a record has, each with the rows that could have it; a row set aside is none, and a cut has no rows."""
OF_DELIVERY: Final = {Fault.WITHDRAWN, Fault.AGAIN, Fault.HOURS, Fault.DEFAULT_TIMES}
"""Faults of which a night alone says nothing: other deliveries do, or they move its rows out of it."""
LAST_HALF_DAY: Final = 13
"""A clock of twelve hours without its half of the day says no later hour."""
MIDNIGHT, NOON = time(0), time(12)
SAME: Final = ("record_id", "record_version", "state", "offence_code", "occurred_at", "place_code")
"""What makes a row the same as one that came before."""


@dataclass(frozen=True)
class Share:
    """How many rows have a fault, of how many that could have it."""

    n_bad: float = 0
    n_rows: float = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.n_bad + other.n_bad, self.n_rows + other.n_rows)

    @property
    def value(self) -> float:
        """Return it as a number, 0 where no row could have it."""
        return self.n_bad / self.n_rows if self.n_rows else 0.0


NONE: Final = Share()


@dataclass
class Said:
    """What one delivery says: how its rows are, as a whole and night by night."""

    delivery_id: str
    covers_from_at: datetime
    covers_to_at: datetime
    is_history: bool
    has_total: bool
    whole: dict[Fault, Share]
    nights: dict[date, dict[Fault, Share]]
    places: dict[str, int]
    ages: Floats
    """How many hours before the end of its span each of its rows is, in order; of rows with a time alone."""
    n_aside: int = 0

    @property
    def is_empty(self) -> bool:
        """Say whether the delivery has no row."""
        return not self.places and not self.n_aside


def at_one_point(n_most: int, n_placed: int) -> Share:
    """Return the share of a delivery's incidents, but for one, that are at the point of another one."""
    return Share(max(n_most - 1, 0), max(n_placed - 1, 0))


@dataclass(frozen=True)
class Seen:
    """How the rows of all deliveries of a source are."""

    faults: pl.DataFrame
    """Rows of `delivery_faults`."""
    places: pl.DataFrame
    """Rows of `delivery_places`."""


def look_over(records: pl.DataFrame, deliveries: pl.DataFrame, area: Area) -> Seen:
    """Return how the rows of each delivery are, of whole deliveries and of what is known of the same records.

    `deliveries`: at least those that brought `records`, which are ranked.
    """
    spans = deliveries.select("delivery_id", "covers_to_at", "is_history")
    records = records.join(spans, on="delivery_id", how="left", maintain_order="left")
    is_again = pl.col("covers_to_at").min().over(pl.struct(SAME).hash()) < pl.col("covers_to_at")
    records = records.with_columns(is_again.alias("is_again"), (~pl.col("is_history")).alias("is_daily"))
    faults, places = [DELIVERY_FAULTS.empty()], [DELIVERY_PLACES.empty()]
    for source in area.sources.values():
        marked = _marked(records.filter(pl.col("source") == source.source), source, area)
        sums = _sums(marked, "delivery_id")
        for fault, could_have_it in COUNTED_IN.items():
            n_rows = pl.col(could_have_it).alias("n_rows")
            named = pl.lit(str(fault)).alias("fault")
            faults.append(
                DELIVERY_FAULTS.conform(
                    sums.select("delivery_id", named, pl.col(fault).alias("n_bad"), n_rows)
                )
            )
        there = marked.group_by("delivery_id", "place_code").agg(pl.len().alias("n_rows"))
        places.append(DELIVERY_PLACES.conform(there))
    return Seen(pl.concat(faults).sort(DELIVERY_FAULTS.keys), pl.concat(places).sort(DELIVERY_PLACES.keys))


def describe(
    deliveries: pl.DataFrame, seen: Seen, records: pl.DataFrame, aside: pl.DataFrame, quarantined: Mapping[str, int], *,
    source: Source, area: Area,
) -> list[Said]:  # fmt: skip
    """Return what each delivery of one source says, in their order.

    `records` are those of deliveries of the source whose nights and times matter, ranked; `aside` the rows of
    `nights_aside`; `quarantined` how many rows of each delivery were set aside.
    """
    marked = _marked(records, source, area)
    whole: dict[str, dict[Fault, Share]] = {}
    for delivery_id, fault, n_bad, n_rows in seen.faults.select(DELIVERY_FAULTS.names).iter_rows():
        whole.setdefault(delivery_id, {})[Fault(fault)] = Share(n_bad, n_rows)
    nights: dict[str, dict[date, dict[str, Any]]] = {}
    for row in _sums(marked.drop_nulls("night"), "delivery_id", "night").iter_rows(named=True):
        nights.setdefault(row["delivery_id"], {})[row["night"]] = row
    places: dict[str, dict[str, int]] = {}
    for delivery_id, place, n in seen.places.select(DELIVERY_PLACES.names).iter_rows():
        places.setdefault(delivery_id, {})[place] = n
    ends = deliveries.select("delivery_id", "covers_to_at")
    ages = _ages(records, ends)
    of_aside: dict[str, list[dict[str, Any]]] = {}
    for row in aside.iter_rows(named=True):
        of_aside.setdefault(row["delivery_id"], []).append(row)
    found = []
    for d in deliveries.iter_rows(named=True):
        name = d["delivery_id"]
        by_night = {e: _shares_of_night(row) for e, row in nights.get(name, {}).items()}
        shares = dict(whole.get(name, {}))
        n_used, n_aside = int(shares.get(Fault.CODES, NONE).n_rows), quarantined.get(name, 0)
        shares[Fault.ASIDE] = Share(n_aside, n_used + n_aside)
        _add_aside(by_night, of_aside.get(name, []), n_used)
        found.append(
            Said(
                name, d["covers_from_at"], d["covers_to_at"], d["is_history"], d["n_declared"] is not None,
                shares, by_night, places.get(name, {}), ages.get(name, np.empty(0)), n_aside,
            )
        )  # fmt: skip
    return found


def _marked(records: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    """Return for each record, in order, which faults it has."""
    role = source.columns
    definition = area.definition(area.alert_definition)
    known = area.counted_codes(source.source) | set(source.known_codes)
    codes = {
        "offence_code": known if role.offence_code else (),
        "site_code": source.sites if role.site_code else (),
    }
    is_known = [pl.col(c).is_in(list(v)).fill_null(value=False) for c, v in codes.items() if v]
    is_live = ~pl.col("is_withdrawn")
    rank, first_live = (
        pl.col("delivery_rank"),
        pl.col("delivery_rank").filter(is_live).min().over("record_id"),
    )
    local = pl.col("occurred_at").dt.convert_time_zone(area.time_zone).dt.time()
    is_default = (pl.col("time_basis") == "event") & local.is_in([MIDNIGHT, NOON])
    is_daily = pl.col("is_daily") if "is_daily" in records.columns else pl.lit(value=False)
    is_again = pl.col("is_again") if "is_again" in records.columns else pl.lit(value=False)
    has_place = bool(role.x or role.centre or role.place_text)
    of_incident = pl.len().over("delivery_id", "incident_id") > 1 if role.incident_id else pl.lit(value=False)
    is_unsaid = (
        pl.col("is_domestic").is_null()
        if definition.excludes_domestic and role.is_domestic
        else pl.lit(value=False)
    )
    return records.select(
        "delivery_id", "night", "place_code", is_live.alias("is_live"), is_counted(definition).alias("is_counted"),
        (is_counted(definition) & is_unsaid).alias(str(Fault.FLAGS)),
        ((first_live >= rank) | first_live.is_null()).alias("is_new"), local.is_not_null().alias("is_timed"),
        is_daily.alias("is_daily"), (is_again & is_daily).alias(str(Fault.AGAIN)),
        (~pl.all_horizontal(is_known) if is_known else pl.lit(value=False)).alias(str(Fault.CODES)),
        (is_live & ~is_counted(definition)).alias(str(Fault.NOT_COUNTED)),
        (~is_live & ((first_live > rank) | first_live.is_null())).alias(str(Fault.WITHDRAWN)),
        pl.col("occurred_at").is_null().alias(str(Fault.TIMES)),
        ((pl.col("place_code") == UNPLACED) & has_place).alias(str(Fault.PLACES)),
        of_incident.alias(str(Fault.INCIDENTS)), (pl.col("place_code") == OUTSIDE).alias(str(Fault.OUTSIDE)),
        (local.dt.hour() < LAST_HALF_DAY).fill_null(value=False).alias(str(Fault.HOURS)),
        is_default.fill_null(value=False).alias(str(Fault.DEFAULT_TIMES)),
    )  # fmt: skip


def _sums(marked: pl.DataFrame, *by: str) -> pl.DataFrame:
    sums = [
        pl.col(f"is_{what}").sum().alias(f"n_{what}") for what in ("live", "new", "timed", "daily", "counted")
    ]
    faults = [pl.col(str(fault)).sum() for fault in COUNTED_IN]
    return marked.group_by(by).agg(pl.len().alias("n_rows"), *sums, *faults)


def _shares_of_night(row: Mapping[str, Any]) -> dict[Fault, Share]:
    return {
        fault: Share(row[str(fault)], row[could_have_it])
        for fault, could_have_it in COUNTED_IN.items()
        if fault not in OF_DELIVERY
    }


def _add_aside(
    nights: dict[date, dict[Fault, Share]], aside: Sequence[Mapping[str, Any]], n_used: int
) -> None:
    """Add to each night the rows of it that were set aside, and its part of those that say no time."""
    for row in aside:
        shares = nights.setdefault(row["evening"], {})
        n_own = shares[Fault.TIMES].n_rows if Fault.TIMES in shares else 0.0
        n_lost = row["n_rows"] + row["n_untimed"] * (n_own / n_used if n_own else 1.0)
        shares[Fault.ASIDE] = Share(n_lost, n_lost + n_own)


def _ages(records: pl.DataFrame, ends: pl.DataFrame) -> dict[str, Floats]:
    hours = (pl.col("covers_to_at") - pl.col("occurred_at")).dt.total_seconds() / 3600
    aged = (
        records.select("delivery_id", "occurred_at")
        .drop_nulls()
        .join(ends, on="delivery_id")
        .select("delivery_id", hours.alias("age"))
        .filter(pl.col("age") >= 0)
        .sort("age")
        .group_by("delivery_id", maintain_order=True)
        .agg("age")
    )
    return {name: np.array(ages) for name, ages in aged.iter_rows()}


def without_faulty(records: pl.DataFrame, unusable: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return the records without the faulty ones of unusable deliveries that would take the place of good ones.

    `unusable`: rows of `unusable_nights`. What cannot be used does not change what was known; where all its nights are
    usable after all, it does from then on.
    """
    faults = unusable.group_by("delivery_id").agg(
        "fault", pl.col("usable_at").max(), pl.col("usable_at").is_null().any().alias("is_open")
    )
    parts = []
    for source in area.sources.values():
        mine = records.filter(pl.col("source") == source.source)
        parts.append(_without_faulty(mine, faults, source, area))
    return pl.concat(parts)


def _without_faulty(records: pl.DataFrame, faults: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    bad = records.select("delivery_id").join(faults, on="delivery_id", how="left", maintain_order="left")
    if bad["fault"].null_count() == bad.height:
        return records
    marked = _marked(records, source, area)
    has_fault = [
        pl.col(str(fault)) & pl.col("fault").list.contains(str(fault)).fill_null(value=False)
        for fault in COUNTED_IN
    ]
    of_all = pl.any_horizontal(
        pl.col("fault").list.contains(str(f)).fill_null(value=False)
        for f in (Fault.ONE_PLACE, Fault.ONE_POINT)
    )
    is_faulty = pl.concat([marked.select(map(str, COUNTED_IN)), bad], how="horizontal").select(
        pl.any_horizontal(*has_fault, of_all).alias("is_faulty"), "usable_at", "is_open"
    )
    joined = pl.concat([records, is_faulty], how="horizontal")
    is_known = (pl.col("delivery_id").n_unique().over("record_id") > 1) & pl.col("is_faulty")
    since = pl.when(is_known).then(pl.max_horizontal("known_at", "usable_at")).otherwise("known_at")
    return (
        joined.filter(~(is_known & pl.col("is_open").fill_null(value=False)))
        .with_columns(since.alias("known_at"))
        .select(records.columns)
    )
