"""Counts by month and by what happened: occurrences, offences and victims of each definition, over all of its hours.

Pure functions of the records as they stand. An incident has the time and place of the earliest of its records that
count, as in `night_counts`, and is described by the gravest; an offence and its victim stand on their own.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from nte.area import Area, Definition
from nte.disclosure import least_shown_of
from nte.tables.counts import OUTSIDE, UNPLACED
from nte.tables.slices import (
    CELL,
    COUNTS,
    ELSEWHERE,
    HOUR_PROFILE,
    NOT_KEPT,
    NOT_STATED,
    OUTSIDE_DISTRICT,
    SLICE_COUNTS,
    UNKNOWN,
)
from nte.words import Audience, TimeClass
from transforms.definitions import is_counted
from transforms.versions import latest_versions, parts_of

INCIDENT = ["source", "incident_id"]
CELLS = [column.name for column in CELL]
N = [column.name for column in COUNTS]
WHERE_AND_WHEN = ["month", "district", "place_code", "time_class"]
WHAT = ["offence_group", "knife", "alcohol", "age_group", "location_group", "method_group"]
TEXTS = [*WHERE_AND_WHEN[1:], *WHAT]
FEW_WORDS = pl.Categorical()
"""Of columns with few words it is several times faster to count by."""
FIRST_TO_GO, NEXT_TO_GO = (
    ("alcohol", "age_group", "location_group", "method_group"),
    ("offence_group", "knife"),
)
"""What a small cell is no longer described by when its records are gone."""
FRIDAY, SATURDAY, SUNDAY = 5, 6, 7


def sliced(records: pl.DataFrame, area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `slice_counts` and `hour_profile` of records; of very many a part is described at a time."""
    parts = [_sliced(_described(part, area), area) for part in parts_of(records)]
    cells, hours = (pl.concat(frames) for frames in zip(*parts, strict=True))
    return SLICE_COUNTS.conform(_summed(cells)), HOUR_PROFILE.conform(
        hours.group_by(HOUR_PROFILE.keys).agg(pl.col("n_incidents").sum())
    )


def _described(records: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return the latest version of each record that is not withdrawn, with the columns that counts are cut by."""
    latest = latest_versions(records).filter(~pl.col("is_withdrawn"))
    local = pl.col("occurred_at").dt.convert_time_zone(area.time_zone)
    day = pl.coalesce("happened_on", "night", local.dt.date())
    described = latest.with_columns(
        day.alias("day"),
        day.dt.truncate("1mo").alias("month"),
        _time_class(pl.col("night")),
        local.alias("local"),
        *_offence(area),
        *(_said(pl.col(f"has_{name}")).alias(name) for name in ("knife", "alcohol")),
        pl.col("age_group", "location_group", "method_group").fill_null(UNKNOWN),
        (pl.len().over(INCIDENT) == 1).alias("is_alone"),
    ).with_columns(_district(area))
    placed = described.with_columns(_place(area))
    return placed.with_columns(pl.col(*TEXTS, "source").cast(FEW_WORDS))


def _time_class(night: pl.Expr) -> pl.Expr:
    weekday = night.dt.weekday()
    return (
        pl.when(night.is_null() & pl.col("occurred_at").is_null())
        .then(pl.lit(TimeClass.UNKNOWN.value))
        .when(night.is_null())
        .then(pl.lit(TimeClass.DAY.value))
        .when(weekday.is_in([FRIDAY, SATURDAY]))
        .then(pl.lit(TimeClass.FRI_SAT_NIGHT.value))
        .when(weekday == SUNDAY)
        .then(pl.lit(TimeClass.SUNDAY_NIGHT.value))
        .otherwise(pl.lit(TimeClass.OTHER_NIGHT.value))
        .alias("time_class")
    )


def class_of_night(evening: date) -> TimeClass:
    """Return the class of a night."""
    of_weekend = {
        FRIDAY: TimeClass.FRI_SAT_NIGHT,
        SATURDAY: TimeClass.FRI_SAT_NIGHT,
        SUNDAY: TimeClass.SUNDAY_NIGHT,
    }
    return of_weekend.get(evening.isoweekday(), TimeClass.OTHER_NIGHT)


def _said(flag: pl.Expr) -> pl.Expr:
    return pl.when(flag).then(pl.lit("yes")).when(~flag).then(pl.lit("no")).otherwise(pl.lit(UNKNOWN))


def _offence(area: Area) -> list[pl.Expr]:
    """Return its group, how grave that is (0 gravest) and whether it has a victim of its own."""
    found = {
        f"{group.source}|{code}": (group, rank)
        for rank, group in enumerate(area.offence_groups)
        for code in group.offence_codes
    }
    names = {code: group.offence_group for code, (group, _) in found.items()}
    ranks = {code: rank for code, (_, rank) in found.items()}
    without = [code for code, (group, _) in found.items() if not group.has_victim]
    code = pl.concat_str("source", pl.lit("|"), pl.col("offence_code").fill_null(""))
    return [
        code.replace_strict(names, default=NOT_STATED, return_dtype=pl.String).alias("offence_group"),
        code.replace_strict(ranks, default=len(ranks), return_dtype=pl.Int64).alias("rank"),
        (~code.is_in(without)).alias("has_victim"),
    ]


def _district(area: Area) -> pl.Expr:
    """Return the district of its town centre, else the one that it states, where the area has it; empty: not known."""
    of_centres = {centre.centre_code: centre.district for centre in area.current_centres}
    stated = pl.col("district").replace_strict(
        {d: d for d in area.districts}, default="", return_dtype=pl.String
    )
    centre = pl.col("place_code").replace_strict(of_centres, default=None, return_dtype=pl.String)
    return pl.coalesce(centre, stated).alias("district")


def _place(area: Area) -> pl.Expr:
    outside = pl.col("district").replace_strict(places_outside(area), default=OUTSIDE, return_dtype=pl.String)
    is_elsewhere = (pl.col("place_code") == UNPLACED) & (pl.col("place_basis") == "elsewhere")
    return (
        pl.when(is_elsewhere)
        .then(pl.lit(ELSEWHERE))
        .when(pl.col("place_code") == OUTSIDE)
        .then(outside)
        .otherwise("place_code")
        .alias("place_code")
    )


def places_outside(area: Area) -> Mapping[str, str]:
    """Return the place code of each district outside its town centres."""
    return {d: OUTSIDE_DISTRICT.format(d.lower().replace(" ", "_").replace("-", "_")) for d in area.districts}


def _sliced(described: pl.DataFrame, area: Area) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells and hours of records that are described; cells and hours may stand there more than once."""
    is_crime = pl.col("source").is_in(
        [name for name, source in area.sources.items() if source.kind == "police"]
    )
    counted, hours = list[pl.DataFrame](), list[pl.DataFrame]()
    for definition in area.definitions:
        name = pl.lit(definition.definition).cast(FEW_WORDS).alias("definition")
        own = described.filter(is_counted(definition)).with_columns(name)
        alone = own.filter("is_alone", _in_hours(definition))
        others = own.filter(~pl.col("is_alone"))
        incidents = _incidents(others).filter(_in_hours(definition))
        counted += [
            alone.select(*CELLS, *_count(1, 1, "has_victim")),
            others.filter(_in_hours(definition)).select(*CELLS, *_count(0, 1, "has_victim")),
            incidents.select(*CELLS, *_count(1, 0, None)),
        ]
        hours += [_by_hour(alone), _by_hour(incidents)]
    summed = _summed(pl.concat(counted)).with_columns(
        pl.when(is_crime).then("n_offences").alias("n_offences")
    )
    return summed, pl.concat(hours)


def _count(n_incidents: int, n_offences: int, victims: str | None) -> list[pl.Expr]:
    n_victims = pl.col(victims).cast(pl.Int64) if victims else pl.lit(0, pl.Int64)
    return [
        pl.lit(n_incidents, pl.Int64).alias("n_incidents"),
        pl.lit(n_offences, pl.Int64).alias("n_offences"),
        n_victims.alias("n_victims"),
    ]


def _incidents(others: pl.DataFrame) -> pl.DataFrame:
    """Return one row an incident: where and when the earliest of its records says, as the gravest describes it."""
    ordered = others.sort("occurred_at", "record_id", nulls_last=True)
    earliest = ordered.unique(INCIDENT, keep="first", maintain_order=True)
    by_gravity = ordered.sort("rank", pl.col("knife") != "yes", maintain_order=True)
    gravest = by_gravity.unique(INCIDENT, keep="first", maintain_order=True).select(*INCIDENT, *WHAT)
    return earliest.drop(WHAT).join(gravest, on=INCIDENT)


def _in_hours(definition: Definition) -> pl.Expr:
    return pl.lit(value=definition.hours == "all") | (pl.col("time_class") != TimeClass.DAY)


def _summed(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells added up; the sum of unknowns is unknown."""
    n_offences = pl.when(pl.col("n_offences").null_count() < pl.len()).then(pl.col("n_offences").sum())
    sums = pl.col("n_incidents").sum(), n_offences.alias("n_offences"), pl.col("n_victims").sum()
    return cells.group_by(CELLS).agg(sums).sort("month", maintain_order=True)


def _by_hour(incidents: pl.DataFrame) -> pl.DataFrame:
    local = pl.col("local")
    parts = {"year": local.dt.year(), "weekday": local.dt.weekday(), "hour": local.dt.hour()}
    timed = incidents.drop_nulls("local").with_columns(e.cast(pl.Int64).alias(n) for n, e in parts.items())
    return (
        timed.group_by(HOUR_PROFILE.keys)
        .agg(pl.len().cast(pl.Int64).alias("n_incidents"))
        .select(HOUR_PROFILE.names)
    )


def coarsened(cells: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return cells whose records go: a small one is added to others that are no longer described so closely.

    All sums stay. What is left of a small cell is its month, place and kind of night, which `night_counts` keeps too.
    """
    least = least_shown_of(area, Audience.LICENSING)
    for columns in (FIRST_TO_GO, NEXT_TO_GO):
        is_small = pl.max_horizontal(N) < pl.col("source").replace_strict(
            least, default=0, return_dtype=pl.Int64
        )
        gone = (pl.when(is_small).then(pl.lit(NOT_KEPT)).otherwise(name).alias(name) for name in columns)
        cells = _summed(cells.with_columns(gone))
    return SLICE_COUNTS.conform(cells.sort(CELLS))
