"""What a run found, in the terminal: what stands out in the last weekend, the messages, and where everything is."""

from datetime import date, datetime
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from cli.terminal import harmless
from nte.area import Area
from nte.english import FILLING_HIGH, say_number, say_span
from nte.settings import Settings
from nte.warehouse import read_published
from reports.pages import NothingPublishedError
from reports.steps import as_leads_read
from reports.views import NOT_JUDGED, NOT_SERVED

STYLES = {"far_above": "bold red", "above": "yellow", FILLING_HIGH: "", "within": ""}
ORDER = list(STYLES)
"""The gravest first; what is within its limit stands here only where it is above its band."""
NO_ALERT = {FILLING_HIGH: FILLING_HIGH, "within": "above band"}
"""How what stands out and is no alert is called."""
MOST_ROWS = 10
MOST_UNKNOWN = 3
LAST_WEEKEND = """
SELECT * FROM start_here
WHERE evening BETWEEN (SELECT max(evening) FROM nights WHERE is_monitored) - 2
                  AND (SELECT max(evening) FROM nights WHERE is_monitored)
ORDER BY evening, town_centre, source
"""
ROWS_TAKEN = """
SELECT d.source, v.verdict, count(*) AS n, sum(v.n_rows)::BIGINT AS n_rows, sum(v.n_quarantined)::BIGINT AS n_aside
FROM verdicts v JOIN deliveries d USING (delivery_id) GROUP BY ALL ORDER BY ALL
"""
UNKNOWN_NIGHTS = """
SELECT source, evening FROM night_counts GROUP BY ALL HAVING NOT bool_or(is_covered) ORDER BY evening DESC, source
"""
Row = dict[str, Any]


def show_run(
    console: Console, settings: Settings, area: Area, as_of: datetime, *, is_brief: bool = False
) -> None:
    """Print what was taken, what stands out in the last weekend, the messages, and where everything is.

    `is_brief`: of the messages only the one about what stands out most.
    """
    rows = read_published(settings.published_file, LAST_WEEKEND)
    try:
        weekend = as_leads_read(settings, area, rows, as_of)
    except NothingPublishedError as why:  # the first weeks of an area: the run has done what there is to do
        _show_taken(console, settings)
        console.print(harmless(why), highlight=False, soft_wrap=True)
        return
    found = standing_out(weekend)
    _show_taken(console, settings)
    _show_unknown(console, settings)
    show_weekend(console, weekend, found, area)
    _show_messages(console, settings, area, as_of, found[0]["town_centre"] if found and is_brief else "")
    console.print(f"Slack, as it would look:  {harmless(settings.reports / 'slack.html')}", soft_wrap=True)
    console.print(f"For analysts:  {harmless(settings.published_file)}  (open it, then:", soft_wrap=True)
    console.print(f"  {harmless(_query(weekend, found))})", highlight=False, soft_wrap=True)


def standing_out(weekend: pl.DataFrame) -> list[Row]:
    """Return the rows of `start_here` that are above their limit or their band or fill high, the gravest first."""
    is_out = pl.col("verdict").is_in(ORDER[:-1]) | (
        (pl.col("verdict") == ORDER[-1]) & (pl.col("n_incidents") > pl.col("upper"))
    )
    found = weekend.filter(is_out).with_columns(
        grave=pl.col("verdict").replace_strict({v: n for n, v in enumerate(ORDER)}, return_dtype=pl.Int64)
    )
    by_centre = found.with_columns(gravest=pl.col("grave").min().over("town_centre"))
    return by_centre.sort("gravest", "town_centre", "grave", "evening", "source").to_dicts()


def show_weekend(console: Console, weekend: pl.DataFrame, found: list[Row], area: Area) -> None:
    """Print what stands out in a weekend, what of it is no alert, and how many town centres are quiet or not known."""
    first, last = weekend["evening"].min(), weekend["evening"].max()
    span = "no night yet"
    if isinstance(first, date) and isinstance(last, date):
        span = f"{say_span(first, last)} {last.year}"
    console.print(f"\n[bold]{harmless(area.name)}, {span}: what stands out, so far[/]", highlight=False)
    if found:
        console.print(weekend_table(found[:MOST_ROWS], area))
    n_quiet, n_unknown = quiet_and_unknown(weekend, found)
    no_alert = [
        word
        for verdict, word in NO_ALERT.items()
        if any(row["verdict"] == verdict for row in found[:MOST_ROWS])
    ]
    if no_alert:
        said = ", ".join(no_alert)
        console.print(f"[dim]{said[:1].upper()}{said[1:]}: no alert.[/]")
    if any(
        row["verdict"] not in NO_ALERT and row["n_incidents"] <= row["alert_limit"]
        for row in found[:MOST_ROWS]
    ):
        console.print(
            "[dim]A night that is still filling is above when it will very likely end above its limit.[/]"
        )
    rest = len(found) - MOST_ROWS
    more = f"{say_number(rest, 'more count')} above the band, " if rest > 0 else ""
    quiet = say_number(n_quiet, "quiet town centre")
    console.print(f"{'and ' if found else ''}{more}{quiet}", highlight=False)
    if n_unknown:
        unknown = say_number(n_unknown, "more town centre")
        console.print(f"[yellow]{unknown} not known on some night: that is not quiet[/]")


def quiet_and_unknown(weekend: pl.DataFrame, found: list[Row]) -> tuple[int, int]:
    """Return in how many town centres nothing stands out, all being known, and in how many something is not known."""
    rest = weekend.filter(~pl.col("town_centre").is_in([row["town_centre"] for row in found]))
    is_unknown = (pl.col("verdict") == NOT_JUDGED) & (pl.col("why_not_judged") != NOT_SERVED)
    n_unknown = rest.filter(is_unknown)["town_centre"].n_unique()
    return rest["town_centre"].n_unique() - n_unknown, n_unknown


def weekend_table(rows: list[Row], area: Area) -> Table:
    """Return what stands out as a table of 80 columns: a row a centre, night and source."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("Town centre", "Night", "Source"):
        table.add_column(name, no_wrap=True)
    for name in ("Count", "Usual", "Alert\nabove"):
        table.add_column(name, justify="right")
    table.add_column("")
    before = ""
    for row in rows:
        verdict = NO_ALERT.get(row["verdict"], row["verdict"].replace("_", " "))
        town = "" if row["town_centre"] == before else harmless(row["town_centre"])
        before = row["town_centre"]
        table.add_row(
            town,
            f"{row['evening']:%a} {row['evening'].day}",
            area.source_title(row["source"]),
            str(row["n_incidents"]),
            f"{row['expected']}",
            str(row["alert_limit"]),
            verdict,
            style=STYLES[row["verdict"]],
        )
    return table


def _query(weekend: pl.DataFrame, found: list[Row]) -> str:
    """Return a query that finds the night that stands out most, or the last one."""
    rows = found or weekend.sort("evening").tail(1).to_dicts()
    if not rows:
        return "FROM start_here"
    return (
        f"FROM start_here WHERE evening = '{rows[0]['evening']}' AND centre_code = '{rows[0]['centre_code']}'"
    )


def _show_taken(console: Console, settings: Settings) -> None:
    for row in read_published(settings.published_file, ROWS_TAKEN).iter_rows(named=True):
        aside = f", {row['n_aside']:,} set aside" if row["n_aside"] else ""
        verdict = row["verdict"].replace("_", " ")
        deliveries = "1 delivery" if row["n"] == 1 else f"{row['n']} deliveries"
        console.print(f"{row['source']}: {deliveries} {verdict}, {row['n_rows'] or 0:,} rows{aside}")


def _show_unknown(console: Console, settings: Settings) -> None:
    nights = read_published(settings.published_file, UNKNOWN_NIGHTS).to_dicts()
    for row in nights[:MOST_UNKNOWN]:
        console.print(
            f"[yellow]{row['source']}: the night of {row['evening']:%A %d %B %Y} is unknown: "
            "no believed delivery accounts for it.[/]"
        )
    if len(nights) > MOST_UNKNOWN:
        n_more = len(nights) - MOST_UNKNOWN
        is_are = "is" if n_more == 1 else "are"
        console.print(f"[yellow]and {say_number(n_more, 'night')} before that {is_are} unknown.[/]")


def _show_messages(console: Console, settings: Settings, area: Area, as_of: datetime, about: str) -> None:
    from alerts.steps import terminal_messages  # charts take a while to import

    for renderable in terminal_messages(settings, area, as_of, about=about):
        console.print(renderable)
