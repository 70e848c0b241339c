"""What ops hear of bands and alerts themselves: shifts, bands out of bounds, alerts that fall; each once."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import strong
from nte.area import Area
from nte.english import say_day

PURPOSE = "model"
STANDS_FOR = timedelta(weeks=4)
"""A shift that was named less than this ago may be named again any Monday: it is not over."""
TESTED_SPAN = "last 26 weekends"
MIDDLE, EDGE = 0.52, 0.48
"""Where counts lie in their bands on average: between these it is the scatter that is wrong, not the height."""
_SMALL_SHIFT = (
    "The bands follow by themselves within weeks. A rise of violence and a new recording practice look alike "
    "in the counts: only the provider can tell."
)
_SMALL_BANDS = "Alerts go on. This is said once, and once more when the bands are back."
_SMALL_ALERTS = "Alerts go on. This is said once, and once more when they stand again."


def model_intents(
    area: Area,
    shifts: pl.DataFrame,
    scores: pl.DataFrame,
    alert_scores: pl.DataFrame,
    *,
    outbox: pl.DataFrame,
    base_url: str = "",
) -> list[Intent]:
    """Return what ops have not been told yet of bands and alerts: each trouble once, each end of it once.

    `shifts`, `scores` and `alert_scores` are the rows of level_shifts, band_scores and alert_scores as known now, all
    Mondays.
    """
    told = set(outbox.filter(pl.col("purpose") == PURPOSE)["message_id"])
    writer = OpsWriter(area, PURPOSE, told, Links(base_url))
    looks = [m for m in (shifts["as_of"].max(), scores["as_of"].max()) if isinstance(m, datetime)]
    if not looks:
        return []
    return [
        *_about_shifts(shifts, max(looks), writer),
        *_about_bands(scores, writer),
        *_about_alerts(alert_scores, writer),
    ]


def _about_shifts(shifts: pl.DataFrame, last_look: datetime, writer: OpsWriter) -> list[Intent]:
    """A shift is one series and the evening since which it is out; it stands while it is named, and a while after."""
    latest = shifts.sort("as_of").unique(["source", "centre_code", "since_evening"], keep="last")
    rows = {
        _shift_id(row): row
        for row in latest.sort("since_evening", "source", "centre_code").iter_rows(named=True)
    }
    intents = []
    for head_id, row in rows.items():
        if last_look - row["as_of"] <= STANDS_FOR:
            text = _say_shift(row, writer.area)
            intents += writer.head(head_id, text, _SMALL_SHIFT, links=writer.links.runbook("level-shift"))
    for head_id in writer.standing("shift|"):
        if head_id not in rows or last_look - rows[head_id]["as_of"] > STANDS_FOR:
            text = (
                strong("The shift is over") + ": for four weeks counts have come out as the bands forecast."
            )
            intents += writer.ended(head_id, f"{_series_of(head_id, writer.area)}: {text}")
    return intents


def _shift_id(row: dict[str, Any]) -> str:
    return f"shift|{row['source']}|{row['centre_code']}|{row['since_evening']}"


def _series_of(head_id: str, area: Area) -> str:
    _, source, centre, _ = head_id.split("|")
    return _series(area, source, centre)


def _series(area: Area, source: str, centre: str) -> str:
    return f"{area.source_title(source)}, {area.centre_name(centre) or 'the whole area'}"


def _say_shift(row: dict[str, Any], area: Area) -> str:
    ratio = row["ratio"]
    how = f"{ratio:.1f} times" if ratio > 1 else f"{round(100 * ratio)} % of"
    way = "higher" if ratio > 1 else "lower"
    series, since = _series(area, row["source"], row["centre_code"]), say_day(row["since_evening"])
    title = strong(f"{series}: counts have shifted.")
    said = (
        f"{title} Since {since}, for {row['n_weekends']} weekends, they come out {way} "
        f"than expected: {how} what was forecast. Ask the provider whether something changed in how it records "
        "or sends. If so, enter the date under recording_changes in area.toml."
    )
    return area.ask(said, row["source"])


def _about_bands(scores: pl.DataFrame, writer: OpsWriter) -> list[Intent]:
    """Bands of a source are out of bounds as long as no Monday's test has found them within."""
    tested = scores.filter(pl.col("span") == TESTED_SPAN).drop_nulls("is_out_of_bounds")
    latest = tested.sort("as_of").unique("source", keep="last", maintain_order=True).sort("source")
    intents = []
    for row in latest.iter_rows(named=True):
        standing = writer.standing(f"bands|{row['source']}|")
        if row["is_out_of_bounds"] and not standing:
            head_id = f"bands|{row['source']}|{row['as_of']:%Y-%m-%d}"
            text, links = _say_bands(row, writer.area), writer.links.runbook("bands-out-of-bounds")
            intents += writer.head(head_id, text, _SMALL_BANDS, links=links)
        elif not row["is_out_of_bounds"]:
            title = writer.area.source_title(row["source"])
            for head_id in standing:
                text = f"{strong(f'{title}: the bands are back within bounds.')} Counts lie where the bands say again."
                intents += writer.ended(head_id, text)
    return intents


def _say_bands(row: dict[str, Any], area: Area) -> str:
    if row["mean_pit"] > MIDDLE:
        what = (
            "counts come out higher than the bands forecast, so that false alarms are likelier than budgeted"
        )
    elif row["mean_pit"] < EDGE:
        what = "counts come out lower than the bands forecast, so that a real rise may be missed"
    else:
        what = (
            "counts are more extreme than the bands forecast, so that false alarms are likelier than budgeted"
        )
    title = strong(f"{area.source_title(row['source'])}: the bands are out of bounds.")
    said = (
        f"{title} Over the last {row['n_weekends']} weekends "
        f"{what}. Look for a change at the provider first; then see the band scores (`nte scores`)."
    )
    return area.ask(said, row["source"])


def _about_alerts(alert_scores: pl.DataFrame, writer: OpsWriter) -> list[Intent]:
    """Alerts do not stand as long as no Monday's test has found them within their bound."""
    tested = alert_scores.drop_nulls("is_out_of_bounds").sort("as_of")
    standing = writer.standing("alerts|")
    for row in tested.tail(1).iter_rows(named=True):
        if row["is_out_of_bounds"] and not standing:
            links = writer.links.runbook("alerts-do-not-stand")
            return writer.head(
                f"alerts|{row['as_of']:%Y-%m-%d}", _say_alerts(row), _SMALL_ALERTS, links=links
            )
        if not row["is_out_of_bounds"]:
            text = f"{strong('Alerts stand again.')} Of the {row['span']}' {_how_many(row)} did not."
            return [intent for head_id in standing for intent in writer.ended(head_id, text)]
    return []


def _say_alerts(row: dict[str, Any]) -> str:
    bound = round(100 * row["not_standing_bound_share"])
    n_gone = row["n_withdrawn_record_gone"]
    gone = "none" if not n_gone else f"{n_gone}"
    return (
        f"{strong('Too many alerts do not stand.')} Of the {row['span']}' {_how_many(row)} did not, {gone} of them "
        f"because records had gone. By their own rule at most {bound} % may fall; chance would bring so many more less "
        "than once in two years. Has a provider changed how soon it sends, or how much it takes back? `nte scores` "
        "shows whether the chances that are stated are true."
    )


def _how_many(row: dict[str, Any]) -> str:
    return f"{row['n_alerts']} alerts {row['n_alerts'] - row['n_stood']}"
