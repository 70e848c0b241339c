"""How each feed stands: what came last, what is late or refused, which nights are not known, where it is silent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from nte.area import Area
from reports.night_state import Row, alert_sources
from reports.wording import listed, say_days

NIGHTS_SHOWN = 14
DAYS_OF_DELIVERIES = 14


@dataclass(frozen=True)
class CoveredNight:
    """Whether deliveries account for one night of a source: covered, partly or not-known."""

    evening: date
    state: str
    words: str


@dataclass(frozen=True)
class Feed:
    """One source's state in words."""

    source: str
    title: str
    state: str
    """here | late | refused | never-came."""
    words: str
    next_action: str
    last: Row | None
    """Its last believed delivery."""
    nights: tuple[CoveredNight, ...]
    not_known: str
    """The nights that are not known, in words; empty without any."""
    silent: str
    """The centres that it never serves."""


def feeds(area: Area, deliveries: list[Row], coverage: pl.DataFrame, as_of: datetime) -> list[Feed]:
    """Return every source's state as of a moment.

    `deliveries`: newest first, with their verdicts; `coverage`: evening, source, centre_code, is_covered.
    """
    return [_feed(area, source, deliveries, coverage, as_of) for source in area.sources]


def _feed(area: Area, name: str, deliveries: list[Row], coverage: pl.DataFrame, as_of: datetime) -> Feed:
    source = area.sources[name]
    own = [d for d in deliveries if d["source"] == name]
    believed = [d for d in own if d["is_conformed"]]
    due = due_morning(area, name, as_of)
    state, words, action = _state(own, believed, due, area)
    nights = covered_nights(area, name, coverage, as_of) if name in alert_sources(area) else []
    missing = [n.evening for n in nights if n.state != "covered"]
    silent = [c.name for c in area.current_centres if name not in c.covered_by]
    return Feed(
        name,
        source.title,
        state,
        words,
        action,
        believed[0] if believed else None,
        tuple(nights),
        say_days(missing) if missing else "",
        listed(silent) if silent else "",
    )


def due_morning(area: Area, source: str, as_of: datetime) -> datetime:
    """Return the latest morning whose delivery should have come by `as_of`."""
    local = as_of.astimezone(area.clock.time_zone)
    is_due = local.time() >= area.sources[source].due_by
    return area.clock.morning_of(local.date() - timedelta(days=0 if is_due else 1))


def _state(own: list[Row], believed: list[Row], due: datetime, area: Area) -> tuple[str, str, str]:
    if believed and believed[0]["known_at"] >= due:
        return "here", "here", ""
    refused = [d for d in own if d["verdict"] == "rejected" and d["known_at"] >= due]
    if refused:
        return "refused", "the last delivery was refused", str(refused[0]["summary"])
    if not believed:
        return "never-came", "nothing has come yet", "Put its deliveries into the inbox."
    n_days = (area.clock.local_date(due) - area.clock.local_date(believed[0]["known_at"])).days
    mornings = "1 morning" if n_days == 1 else f"{n_days} mornings"
    return "late", f"late: {mornings} missing", "Ask the provider; its nights are unknown until then."


def covered_nights(area: Area, source: str, coverage: pl.DataFrame, as_of: datetime) -> list[CoveredNight]:
    """Return the last nights of a source, oldest first; a night without a row is not known."""
    today = area.clock.local_date(as_of)
    evenings = [today - timedelta(days=n) for n in reversed(range(NIGHTS_SHOWN + 2))]
    closed = [e for e in evenings if area.clock.closes_at(e) <= as_of][-NIGHTS_SHOWN:]
    served = {c.centre_code for c in area.current_centres if source in c.covered_by}
    own = coverage.filter(pl.col("source") == source, pl.col("centre_code").is_in(served))
    covered: dict[date, set[str]] = {evening: set() for evening in closed}
    for row in own.filter("is_covered").iter_rows(named=True):
        covered.get(row["evening"], set()).add(row["centre_code"])
    return [_covered(evening, len(covered[evening]), len(served)) for evening in closed]


def _covered(evening: date, n_covered: int, n_served: int) -> CoveredNight:
    if n_covered == 0:
        return CoveredNight(evening, "not-known", "not known")
    if n_covered < n_served:
        return CoveredNight(evening, "partly", f"not known for {n_served - n_covered} of {n_served} centres")
    return CoveredNight(evening, "covered", "known")


def recent_deliveries(deliveries: list[Row], as_of: datetime) -> list[Row]:
    """Return what came in the last two weeks, newest first."""
    since = as_of - timedelta(days=DAYS_OF_DELIVERIES)
    return [d for d in deliveries if d["known_at"] >= since]
