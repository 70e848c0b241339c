"""From the text of a delivery to records: times, places and codes in the service's own words, minimised."""

from collections.abc import Mapping, Sequence

import polars as pl

from nte.area import Area, Source
from nte.tables.counts import OUTSIDE, UNPLACED
from nte.tables.records import RECORDS
from transforms.place_text import Gazetteer, build_gazetteer, squeeze
from transforms.places import place_points
from transforms.times import place_in_time

Known = dict[str, object]


def conform_records(
    text: pl.DataFrame, source: Source, area: Area, *, known: Known, has_dates_only: bool = False
) -> pl.DataFrame:
    """Return the `records` of one delivery.

    `text` holds the accepted rows as strings, with row_number. `known` gives delivery_id and known_at.
    Free text is used to find a town centre and goes no further. Of `has_dates_only` see transforms/times.py.
    """
    times = place_in_time(text, source, area, has_dates_only=has_dates_only)
    places = _places(text, times["happened_on"], source, area)
    said = _said(text, source, area).with_columns(pl.lit(value).alias(name) for name, value in known.items())
    return RECORDS.conform(pl.concat([said, times, places], how="horizontal"))


def _said(text: pl.DataFrame, source: Source, area: Area) -> pl.DataFrame:
    """Return what the rows say themselves, in our words: read here, beside no column that we derive."""
    role = source.columns

    def there(column: str | None) -> str | None:
        """Return a column that describes, where the delivery has it: such a one may be optional."""
        return column if column in text.columns else None

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
        _district(role.district, area).alias("district"),
        _text(role.site_code).alias("site_code"),
        *(
            _coded(there(getattr(role, name)), words).alias(name)
            for name, words in source.codes.model_dump().items()
        ),
        _flag(there(role.is_police_informed), source).alias("is_police_informed"),
        _coded(there(role.time_precision), {word: word for word in source.known_precisions}).alias(
            "time_precision"
        ),
    )


def _text(column: str | None) -> pl.Expr:
    return pl.lit(None, pl.String) if column is None else pl.col(column).str.strip_chars()


def _version(column: str | None) -> pl.Expr:
    return pl.lit(1, pl.Int64) if column is None else _text(column).cast(pl.Int64)


def _coded(column: str | None, words: Mapping[str, str]) -> pl.Expr:
    """Return our word for what a cell says; what is none of its codes is unknown and goes no further."""
    return _text(column).replace_strict(dict(words), default=None, return_dtype=pl.String)


def _flag(column: str | None, source: Source) -> pl.Expr:
    """Empty or unheard of is unknown, never no."""
    said = _text(column)
    return (
        pl.when(said.is_in(source.yes))
        .then(pl.lit(value=True))
        .when(said.is_in(source.no))
        .then(pl.lit(value=False))
    )


def _district(column: str | None, area: Area) -> pl.Expr:
    """Return a district of the area; any other text might be anything."""
    known = {name.casefold(): name for name in area.districts}
    return _text(column).str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)


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
    placed = _place_frame(codes, "text", [match.confidence if match else None for match in matches])
    return placed.with_columns(_basis_of_texts(text[column], codes, area))


def _basis_of_texts(texts: pl.Series, codes: Sequence[str], area: Area) -> pl.Series:
    """Say how each text states a place: in a town centre, elsewhere, one that we do not know, or none."""
    rules = area.places.text
    elsewhere, not_known = ({squeeze(t) for t in known} for known in (rules.elsewhere, rules.not_known))

    def basis(said: str, code: str) -> str:
        if code != UNPLACED:
            return "text"
        if said in elsewhere:
            return "elsewhere"
        return "none" if not said or said in not_known else "unmatched"

    said = [squeeze(text or "") for text in texts]
    return pl.Series("place_basis", map(basis, said, codes), dtype=pl.String)


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
