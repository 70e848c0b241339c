"""`nte replay`: why an alert was raised, from what was known then."""

from datetime import date, datetime
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from cli.terminal import harmless, say_line
from forecasts.steps import check_judgements
from nte.area import Area
from nte.english import say_limit, say_odds
from nte.errors import MisuseError
from nte.settings import Settings
from nte.warehouse import read_published

ALERT = "SELECT * FROM alerts WHERE alert_id = ?"
RECENT = "SELECT alert_id, headline FROM alerts ORDER BY raised_as_of DESC LIMIT 10"
DECISIONS = "SELECT * FROM decisions WHERE alert_id = ? ORDER BY decided_as_of"
NIGHTS = """
SELECT j.*, b.lower, b.upper, b.issued_as_of, b.is_retrospective, b.model_version, b.trained_from, b.trained_to
FROM judgements j JOIN bands b USING (evening, centre_code, source, definition)
WHERE j.centre_code = ? AND j.definition = ? AND j.evening BETWEEN ? AND ?
ORDER BY evening, source, as_of
"""
WINDOWS = """
SELECT * FROM window_scores WHERE centre_code = ? AND last_evening BETWEEN ? AND ? ORDER BY detector, as_of
"""


def replay(console: Console, settings: Settings, area: Area, alert_id: str) -> bool:
    """Print an alert's life, the bands and counts behind it as known each morning, and whether they come out again.

    Returns whether every judgement of its nights comes out as it stands. Raises MisuseError for an unknown alert.
    """
    found = read_published(settings.published_file, ALERT, [alert_id])
    if found.is_empty():
        raise MisuseError(_unknown(settings, alert_id))
    alert = found.row(0, named=True)
    span = [alert["first_evening"], alert["last_evening"]]
    console.print(
        f"[bold]{harmless(alert['headline'])}[/]\n{alert['state']}; found by: {', '.join(alert['detectors'])}",
        highlight=False,
    )
    console.print(_life(read_published(settings.published_file, DECISIONS, [alert_id]), area))
    where = [alert["centre_code"], alert["definition"], *span]
    nights = read_published(settings.published_file, NIGHTS, where)
    _say_bands(console, nights, area)
    console.print(_evidence(nights, area))
    windows = read_published(settings.published_file, WINDOWS, [alert["centre_code"], *span])
    for row in windows.filter("is_exceedance").iter_rows(named=True):
        console.print(
            f"{row['detector'].replace('_', ' ')} from {row['first_evening']} as known {_local(row['as_of'], area)}: "
            f"score {row['score']:.2f}, limit {row['score_limit']:.2f}",
            highlight=False,
        )
    return _made_again(console, settings, area, alert)


def _unknown(settings: Settings, alert_id: str) -> str:
    recent = read_published(settings.published_file, RECENT)
    known = "\n".join(f"  {row['alert_id']}  {row['headline']}" for row in recent.iter_rows(named=True))
    return f"{alert_id!r} is no alert of this installation. The latest:\n{known or '  none yet'}"


def _life(decisions: pl.DataFrame, area: Area) -> Table:
    table = Table(title="What was decided each morning", title_justify="left")
    for name in ("morning", "decision", "said"):
        table.add_column(name)
    for row in decisions.iter_rows(named=True):
        reason = row["reason"].replace("_", " ")
        table.add_row(_local(row["decided_as_of"], area), reason, "yes" if row["is_said"] else "no")
    return table


def _say_bands(console: Console, nights: pl.DataFrame, area: Area) -> None:
    """Say each band once: what was expected, how it was made, and from what."""
    for row in nights.unique(["evening", "source"], keep="first", maintain_order=True).iter_rows(named=True):
        made = ", made afterwards" if row["is_retrospective"] else ""
        say_line(
            console,
            f"{row['evening']:%a %d %b}",
            "bold",
            f"{area.source_title(row['source'])}: expected {row['expected']:.2f}, band {row['lower']} to "
            f"{row['upper']}, {say_limit(row['alert_limit'])}. Issued {_local(row['issued_as_of'], area)}{made}, "
            f"{row['model_version']}, trained {row['trained_from']} to {row['trained_to']}.",
        )


def _evidence(nights: pl.DataFrame, area: Area) -> Table:
    """Return what was known of each night on each morning, within 80 columns."""
    table = Table(
        title="Each night, as known each morning",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for name in ("night", "source", "as known", "count", "so far", "stands", "verdict"):
        table.add_column(name)
    for row in nights.iter_rows(named=True):
        chance = row["stands_chance"]
        table.add_row(
            f"{row['evening']:%a %d %b}",
            area.source_title(row["source"]),
            f"{row['as_of'].astimezone(area.clock.time_zone):%a %d %b %H:%M}",
            _count(row["n_incidents"]),
            "-" if row["expected_so_far"] is None else f"{row['expected_so_far']:.1f}",
            "-" if chance is None else say_odds(chance).replace("less than ", "<"),
            row["verdict"].replace("_", " "),
        )
    table.caption = "so far: what should be in by then; stands: chance to end above the alert limit"
    table.caption_justify = "left"
    return table


def _made_again(console: Console, settings: Settings, area: Area, alert: dict[str, Any]) -> bool:
    first, last = alert["first_evening"], alert["last_evening"]
    n_days = (last - first).days + 1
    evenings = [date.fromordinal(first.toordinal() + n) for n in range(n_days)]
    done = check_judgements(settings, area, evenings, str(alert["centre_code"]))
    for line in done.differences:
        say_line(console, "differs", "red", line)
    if done.differences:
        console.print(
            "What counts as known then has changed, which no delivery does: look for a change in the area's folder."
        )
    else:
        console.print(
            f"[green]Made again from what was known then: all {done.n_compared} judgements come out the same.[/]"
        )
    return not done.differences


def _local(instant: datetime, area: Area) -> str:
    return f"{instant.astimezone(area.clock.time_zone):%a %d %b %Y %H:%M}"


def _count(value: int | None) -> str:
    return "not known" if value is None else str(value)
