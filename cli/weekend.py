"""What a run found, in the terminal: the last weekend by centre, night and source."""

from datetime import date, datetime

import polars as pl
from rich.console import Console
from rich.table import Table

from nte.area import Area
from nte.settings import Settings
from nte.warehouse import read_published

VERDICT_STYLES = {"within": "green", "above": "yellow", "far_above": "bold red", "not judged": "dim"}
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
SELECT source, evening FROM night_counts GROUP BY ALL HAVING NOT bool_or(is_covered) ORDER BY ALL
"""


def show_run(console: Console, settings: Settings, area: Area, as_of: datetime) -> None:
    """Print what was taken, the last weekend, the messages, and where everything is."""
    weekend = read_published(settings.published_file, LAST_WEEKEND)
    _show_taken(console, settings)
    console.print(weekend_table(weekend, area))
    _show_messages(console, settings, area, as_of)
    console.print(
        f"For analysts:  {settings.published_file}  (open it, then: FROM start_here)", soft_wrap=True
    )
    console.print(f"Slack, as it would look:  {settings.reports / 'slack.html'}", soft_wrap=True)


def _show_taken(console: Console, settings: Settings) -> None:
    for row in read_published(settings.published_file, ROWS_TAKEN).iter_rows(named=True):
        aside = f", {row['n_aside']:,} set aside" if row["n_aside"] else ""
        verdict = row["verdict"].replace("_", " ")
        console.print(f"{row['source']}: {row['n']} deliveries {verdict}, {row['n_rows'] or 0:,} rows{aside}")
    for row in read_published(settings.published_file, UNKNOWN_NIGHTS).iter_rows(named=True):
        console.print(
            f"[yellow]{row['source']}: the night of {row['evening']:%A %d %B %Y} is unknown: "
            "no believed delivery accounts for it.[/]"
        )


def weekend_table(weekend: pl.DataFrame, area: Area) -> Table:
    """Return the weekend as a table: a row a centre and night, each source observed / expected / band / verdict."""
    first, last = weekend["evening"].min(), weekend["evening"].max()
    title = (
        f"{first:%d %B} to {last:%d %B %Y}"
        if isinstance(first, date) and isinstance(last, date)
        else "No night yet"
    )
    table = Table(
        title=f"{area.name}, {title}: observed so far (expected; band) verdict", title_justify="left"
    )
    table.add_column("Town centre", no_wrap=True)
    table.add_column("Night", no_wrap=True)
    for source in area.sources.values():
        table.add_column(source.short_title)
    cells = {(r["town_centre"], r["evening"], r["source"]): r for r in weekend.iter_rows(named=True)}
    for town, evening in dict.fromkeys(
        (r["town_centre"], r["evening"]) for r in weekend.sort("town_centre", "evening").iter_rows(named=True)
    ):
        row = [cell_text(cells.get((town, evening, name))) for name in area.sources]
        table.add_row(town, f"{evening:%a %d}", *row)
    return table


def cell_text(night: dict[str, object] | None) -> str:
    """Return one source's night in a few signs; what is not known says why."""
    if night is None:
        return "[dim]–[/]"
    verdict = str(night["verdict"])
    observed = "?" if night["observed"] is None else str(night["observed"])
    if verdict == "not judged":
        why = str(night["why_not_judged"])
        return f"[dim]{observed} {'not served' if 'serve' in why else why}[/]"
    style = VERDICT_STYLES[verdict]
    band = f"({night['expected']}; {night['lower']}–{night['upper']})"
    return f"{observed} [dim]{band}[/] [{style}]{verdict.replace('_', ' ')}[/]"


def _show_messages(console: Console, settings: Settings, area: Area, as_of: datetime) -> None:
    from alerts.steps import terminal_messages  # charts take a while to import

    for renderable in terminal_messages(settings, area, as_of):
        console.print(renderable)
