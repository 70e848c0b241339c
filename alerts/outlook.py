"""The outlook: what is to be expected of the coming nights, beside what is usual, and what is special."""

from datetime import date

import polars as pl

from alerts import blocks
from alerts.mrkdwn import escape
from alerts.weekend import Weekend
from alerts.wording import say_day, say_expected
from nte.area import Area

BUSIER, QUIETER = 1.25, 0.8
"""An expectation so far from the usual one of that night of the week is worth a word."""
LEAST_DIFFERENCE = 1.0
"""Incidents: less is no difference that anybody would notice."""
MOST_LINES = 6


def beside_usual(bands: pl.DataFrame, weekend: Weekend) -> pl.DataFrame:
    """Return the weekend's bands with `usual`, the mean expectation of that night of the week before."""
    key = ["centre_code", "source", "weekday"]
    dated = bands.with_columns(weekday=pl.col("evening").dt.weekday())
    is_ahead = pl.col("evening").is_in(weekend.evenings)
    usual = dated.filter(~is_ahead).group_by(key).agg(usual=pl.col("expected").mean())
    return dated.filter(is_ahead).join(usual, on=key, how="left")


def write_outlook(
    area: Area, weekend: Weekend, rows: pl.DataFrame, special: dict[date, str], codes: list[str]
) -> blocks.Payload:
    """Return the outlook for the readers of some town centres; `rows` as `beside_usual` makes them."""
    own = rows.filter(pl.col("centre_code").is_in(codes))
    parts = [blocks.header(f"The weekend ahead: {weekend.title}")]
    spoken = [f"The weekend ahead, {weekend.title}."]
    for evening in weekend.evenings:
        lines = _outlook_lines(area, own.filter(pl.col("evening") == evening))
        what = f" · {escape(special[evening])}" if evening in special else ""
        parts.append(blocks.section("\n".join([f"*{say_day(evening)}*{what}", *lines])))
        spoken.append(f"{say_day(evening)}{what}: {'; '.join(lines)}.")
    title = escape(area.sources[next(iter(area.sources))].short_title)
    small = f"{title} incidents to be expected. An alert comes only when a count is rare beside that."
    parts.append(blocks.context(small))
    return blocks.payload(" ".join(spoken).replace("*", ""), parts)


def _outlook_lines(area: Area, rows: pl.DataFrame) -> list[str]:
    """Return a line a centre, the busiest first: its first source, beside what is usual."""
    lead = next(iter(area.sources))
    names = {c.centre_code: c.name for c in area.current_centres}
    ordered = rows.filter(pl.col("source") == lead).sort("expected", descending=True)
    lines = [
        f"*{escape(names[r['centre_code']])}*: {say_expected(r['expected'])}, up to {r['upper']} is usual"
        f"{_beside_usual(r['expected'], r['usual'])}"
        for r in ordered[:MOST_LINES].iter_rows(named=True)
    ]
    rest = ordered.height - MOST_LINES
    return (
        [*lines, f"{rest} more, each {say_expected(float(ordered['expected'][MOST_LINES]))} or fewer"]
        if rest > 0
        else lines
    )


def _beside_usual(expected: float, usual: float | None) -> str:
    if not usual:
        return ""
    if abs(expected - usual) < LEAST_DIFFERENCE:
        return ""
    ratio = expected / usual
    if ratio >= BUSIER:
        return f"; *busier than most* ({say_expected(usual)})"
    return f"; quieter than most ({say_expected(usual)})" if ratio <= QUIETER else ""
