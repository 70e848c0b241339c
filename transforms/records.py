"""From the text of a delivery to records: times, places and codes in the service's own words, minimised."""

from datetime import timedelta

import polars as pl

from nte.area import Area, Source
from nte.columns import INSTANT
from nte.local_times import parse_local, written_time
from nte.tables.counts import OUTSIDE, UNPLACED
from nte.tables.records import RECORDS
from transforms.place_text import Gazetteer, build_gazetteer
from transforms.places import place_points

Known = dict[str, object]


def conform_records(text: pl.DataFrame, source: Source, area: Area, *, known: Known) -> pl.DataFrame:
    """Return the `records` of one delivery.

    `text` holds the accepted rows as strings, with row_number. `known` gives delivery_id and known_at.
    Free text is used to find a town centre and goes no further.
    """
    times = _times(text, source, area)
    places = _places(text, times["happened_on"], source, area)
    said = _said(text, source).with_columns(pl.lit(value).alias(name) for name, value in known.items())
    return RECORDS.conform(pl.concat([said, times.drop("happened_on"), places], how="horizontal"))


def _said(text: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return what the rows say themselves, in our words: read here, beside no column that we derive."""
    role = source.columns
    return text.select(
        pl.lit(source.source).alias("source"),
        _text(role.record_id).alias("record_id"),
        pl.coalesce(_text(role.incident_id), _text(role.record_id)).alias("incident_id"),
        _version(role.record_version).alias("record_version"),
        "row_number",
        _text(role.state).is_in(source.withdrawn_states).fill_null(value=False).alias("is_withdrawn"),
        _text(role.state).alias("state"),
        _text(role.offence_code).alias("offence_code"),
        _flag(role.is_domestic, source).alias("is_domestic"),
        _flag(role.has_knife, source).alias("has_knife"),
        _flag(role.has_alcohol, source).alias("has_alcohol"),
        _text(role.district).alias("district"),
        _text(role.site_code).alias("site_code"),
    )


def _text(column: str | None) -> pl.Expr:
    return pl.lit(None, pl.String) if column is None else pl.col(column).str.strip_chars()


def _version(column: str | None) -> pl.Expr:
    return pl.lit(1, pl.Int64) if column is None else _text(column).cast(pl.Int64)


def _flag(column: str | None, source: Source) -> pl.Expr:
    """Empty or unheard of is unknown, never no."""
    said = _text(column)
    return (
        pl.when(said.is_in(source.yes))
        .then(pl.lit(value=True))
        .when(said.is_in(source.no))
        .then(pl.lit(value=False))
    )


def _times(text: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    """Return occurred_at, time_basis, night and happened_on of each row.

    A window of at most `longest_window_hours` counts at its midpoint; a longer one is time_uncertain.
    Without an event time the fallback (such as the arrival) stands in, and says so.
    """
    role, zone = source.columns, area.zone_of(source).key
    longest = timedelta(hours=source.longest_window_hours)

    def instant(column: str | None) -> pl.Expr:
        if column is None:
            return pl.lit(None, INSTANT)
        return parse_local(written_time(column, source), source.time_formats, zone)

    parsed = text.select(
        instant(role.event_from).alias("_from"),
        instant(role.event_to).alias("_to"),
        instant(role.fallback_at).alias("_fallback"),
    )
    window = pl.coalesce("_to", "_from") - pl.col("_from")
    return (
        parsed.with_columns(
            pl.when(pl.col("_from").is_null() & pl.col("_fallback").is_null())
            .then(pl.lit("time_uncertain"))
            .when(pl.col("_from").is_null())
            .then(pl.lit("fallback"))
            .when(window > longest)
            .then(pl.lit("time_uncertain"))
            .when(window > timedelta(0))
            .then(pl.lit("window_midpoint"))
            .otherwise(pl.lit("event"))
            .alias("time_basis")
        )
        .with_columns(
            pl.when(pl.col("time_basis") == "fallback")
            .then("_fallback")
            .when(pl.col("time_basis") != "time_uncertain")
            .then(pl.col("_from") + window / 2)
            .cast(INSTANT)
            .alias("occurred_at")
        )
        .with_columns(area.clock.evening_column(pl.col("occurred_at")).alias("night"))
        .with_columns(_happened_on(area))
        .select("occurred_at", "time_basis", "night", "happened_on")
    )


def _happened_on(area: Area) -> pl.Expr:
    """The evening of its night, else the local date: by it the boundary that was valid is chosen."""
    local = pl.coalesce("occurred_at", "_from").dt.convert_time_zone(area.time_zone).dt.date()
    return pl.coalesce("night", local).alias("happened_on")


def _places(text: pl.DataFrame, happened_on: pl.Series, source: Source, area: Area) -> pl.DataFrame:
    role = source.columns
    if role.x is not None and role.y is not None:
        points = pl.DataFrame({"x": text[role.x], "y": text[role.y], "happened_on": happened_on})
        return place_points(points, source, area)
    if role.centre is not None:
        return _stated_places(text[role.centre], source)
    if role.place_text is not None:
        return _named_places(text, role.place_text, source, area)
    return _place_frame([UNPLACED] * text.height, "none", [None] * text.height)


def _stated_places(column: pl.Series, source: Source) -> pl.DataFrame:
    named = column.str.strip_chars().replace_strict(source.centre_names, default=None, return_dtype=pl.String)
    codes = [
        code or (UNPLACED if said is None else OUTSIDE) for code, said in zip(named, column, strict=True)
    ]
    return _place_frame(codes, "centre_column", [1.0 if code else None for code in named])


def _named_places(text: pl.DataFrame, column: str, source: Source, area: Area) -> pl.DataFrame:
    gazetteer: Gazetteer = build_gazetteer(area)
    served = {
        site: frozenset(c.centre_code for c in area.current_centres if site in c.sites.get(source.source, ()))
        for site in source.sites
    }
    sites = text[source.columns.site_code].to_list() if source.columns.site_code else [None] * text.height
    nearby = [served.get((site or "").strip(), frozenset[str]()) for site in sites]
    matches = gazetteer.match([said or "" for said in text[column]], nearby)
    codes = [match.centre_code if match else UNPLACED for match in matches]
    return _place_frame(codes, "text", [match.confidence if match else None for match in matches])


def _place_frame(codes: list[str], basis: str, confidence: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"place_code": codes, "place_confidence": confidence},
        schema={"place_code": pl.String, "place_confidence": pl.Float64},
    ).with_columns(
        pl.when(pl.col("place_code") == UNPLACED)
        .then(pl.lit("none"))
        .otherwise(pl.lit(basis))
        .alias("place_basis")
    )
