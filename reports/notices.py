"""What stands above every page: a pause, an old copy, forecasts that need a question asked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nte.area import Area
from nte.english import say_instant, say_short_day
from nte.stops import PAUSE, say_pause, say_silence
from reports.night_state import Row

OLD = timedelta(hours=30)
"""Every morning brings a new copy; with a day's run between them, one that is older was missed."""


@dataclass(frozen=True)
class Notice:
    """One line above the page."""

    kind: str
    """service | pause | old | ask."""
    text: str
    entry: str = ""
    """The runbook entry that says what to do."""


def moment_of(now: datetime, as_of: datetime) -> datetime:
    """Return the moment as of which feeds are judged: the clock's, or the copy's own where it is old."""
    return now if now - as_of < OLD else as_of


def notices(
    area: Area,
    now: datetime,
    as_of: datetime,
    *,
    silences: Sequence[Row],
    shifts: Sequence[Row],
    drifts: Sequence[Row],
    not_running: Sequence[str] = (),
) -> list[Notice]:
    """Return what a reader must know before anything else; `not_running`: what of the service does not run."""
    found = [Notice("service", text, "service") for text in not_running]
    stopped = sorted((row for row in silences if _stands(row, now)), key=lambda row: row["kind"])
    found += [_stop(area, row) for row in stopped]
    if moment_of(now, as_of) == as_of:
        ask = f" Ask {area.contacts.ops}." if area.contacts.ops else ""
        text = f"Nothing was judged since {say_instant(as_of, area)}. Everything here is as known then.{ask}"
        found.append(Notice("old", text, "pages-are-old"))
    return [*found, *(_shift(area, row) for row in shifts), *(_drift(area, row) for row in drifts)]


def _stands(row: Row, now: datetime) -> bool:
    return bool(row["starts_at"] <= now and (row["ends_at"] is None or row["ends_at"] > now))


def _stop(area: Area, row: Row) -> Notice:
    if row["kind"] == PAUSE:
        return Notice("pause", say_pause(row, area), "alerts-are-paused")
    return Notice("pause", f"{say_silence(row, area)}.", "a-town-centre-is-silent")


def _shift(area: Area, row: Row) -> Notice:
    names = {c.centre_code: c.name for c in area.current_centres}
    place = names.get(row["centre_code"], "the whole area")
    text = (
        f"{area.sources[row['source']].short_title}, {place}: {row['ratio']:.2f} times what was to be expected "
        f"since {say_short_day(row['since_evening'])}, for {row['n_weekends']} weekends. Ask the provider."
    )
    return Notice("ask", area.ask(text, row["source"]), "level-shift")


def _drift(area: Area, row: Row) -> Notice:
    title = area.sources[row["source"]].short_title if row["source"] in area.sources else "All sources"
    return Notice(
        "ask", f"{title}: the bands of the {row['span']} do not fit what came.", "bands-out-of-bounds"
    )
