"""What would be counted of an export, and what would not and why: the real steps, in a home of their own that goes."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console

from cli.terminal import harmless, say_line
from cli.whole_nights import A_DAY, daily_leaves, name_of, whole_nights
from expectations.steps import check_deliveries
from nte.area import Area, Source
from nte.deliveries.inbox import Arrival, arrival_at, safe_name
from nte.english import say_day
from nte.settings import Settings
from nte.tables.counts import NIGHT_COUNTS, UNPLACED
from nte.tables.records import RECORDS
from nte.warehouse import open_warehouse
from transforms.definitions import is_counted
from transforms.steps import conform_deliveries, count_nights

MOST_NIGHTS = 14


def show_counts(console: Console, area: Area, files: Sequence[Path], source: str, now: datetime) -> None:
    """Print what a check says of the files, how many incidents of their nights count, and why others do not."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", inbox=Path(folder) / "inbox", manifest_wait_minutes=0)
        inbox = settings.inbox_folder / source
        inbox.mkdir(parents=True)
        arrivals = [_put(file, inbox, area.sources[source], area, now) for file in files]
        known = max((a.known_at for a in arrivals if a), default=now)
        if not all(arrivals):
            console.print("What would be counted cannot be shown: no name can be made of daily_pattern.")
            return
        for arrival in filter(None, arrivals):
            _say_names(console, arrival, area.sources[source], area, now)
        then = max(now, known + timedelta(hours=1))
        for checked in check_deliveries(settings, area, source, then).checked:
            console.print(harmless(area.ask(checked.summary, source)), highlight=False, soft_wrap=True)
        conform_deliveries(settings, area, source)
        count_nights(settings, area, then)
        with open_warehouse(settings) as warehouse:
            records = warehouse.read(RECORDS)
            counts = warehouse.read(NIGHT_COUNTS, "definition = ?", [area.alert_definition])
    _show_nights(console, counts, records)
    for reason, n in _not_counted(records, area):
        say_line(console, "not counted", "dim", f"{n} rows: {reason}")


def _put(file: Path, inbox: Path, source: Source, area: Area, now: datetime) -> Arrival | None:
    """Copy a file into an inbox under its agreed name, by the nights it is about; None where there is no such name."""
    arrival = arrival_at(file, source, area)
    if arrival is None:
        nights = whole_nights(file, source, area, now)
        name = name_of(source, nights) if nights else None
        arrival = arrival_at(inbox / name, source, area) if name else None
    if arrival is None:
        return None
    shutil.copyfile(file, inbox / arrival.file_name)
    return replace(arrival, path=inbox / arrival.file_name)


def _say_names(console: Console, arrival: Arrival, source: Source, area: Area, now: datetime) -> None:
    """Say what a daily name would leave uncounted of a file that is about several nights."""
    nights = whole_nights(arrival.path, source, area, now)
    if nights and (said := daily_leaves(nights, source, nights[1] + A_DAY)):
        say_line(console, "name", "yellow", f"{safe_name(arrival.file_name)}: {said}")


def _show_nights(console: Console, counts: pl.DataFrame, records: pl.DataFrame) -> None:
    """Print how many incidents of each night count, the whole area together; of many nights the last."""
    of_file = counts.filter(pl.col("evening").is_in(records["night"].drop_nulls().unique().implode()))
    nights = (
        of_file.group_by("evening")
        .agg(pl.col("n_incidents").sum(), pl.col("is_covered").any())
        .sort("evening")
    )
    known = nights.filter("is_covered")
    shown = f"; the last {MOST_NIGHTS}" if known.height > MOST_NIGHTS else ""
    total, counted = known["n_incidents"].sum(), "1 night" if known.height == 1 else f"{known.height} nights"
    console.print(f"{total} incidents count in {counted}{shown}:", highlight=False)
    for row in known.tail(MOST_NIGHTS).iter_rows(named=True):
        console.print(f"  {say_day(row['evening'])}: {row['n_incidents']}", highlight=False)
    if others := len(set(records["night"].drop_nulls()) - set(known["evening"])):
        which = "1 other night" if others == 1 else f"{others} other nights"
        said = f"{which} of which it holds records: not known, as the file does not account for all of them"
        say_line(console, "not counted", "dim", said)


def _not_counted(records: pl.DataFrame, area: Area) -> Iterator[tuple[str, int]]:
    """Yield why rows do not count, and how many; each row under the first reason that holds."""
    definition = area.definition(area.alert_definition)
    reasons = {
        "withdrawn": pl.col("is_withdrawn"),
        "domestic": pl.col("is_domestic").fill_null(value=False) & pl.lit(definition.excludes_domestic),
        "of no kind that counts": ~is_counted(definition),
        "their time does not say their night": pl.col("time_basis") == "time_uncertain",
        "by day": pl.col("night").is_null(),
        "in no place that is known; they count in the area's total alone": pl.col("place_code") == UNPLACED,
    }
    left = records
    for reason, holds in reasons.items():
        n = left.filter(holds).height
        left = left.filter(~holds)
        if n:
            yield reason, n
