"""How each feed stands: what came last, what is late or refused, which nights are not known, where it is silent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from nte.area import Area
from nte.due import Deliveries, due_evenings, next_action, state_of_source
from nte.english import listed, say_days
from reports.night_state import Row, alert_sources

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
    """A state of `nte.words.FeedState`."""
    words: str
    next_action: str
    last: Row | None
    """Its last believed delivery."""
    nights: tuple[CoveredNight, ...]
    not_known: str
    """The nights that are not known, in words; empty without any."""
    ask: str
    """'; ask data desk, extension 1234', where a night is not known whose delivery was due; empty for any other."""
    silent: str
    """The centres that it never serves."""


def feeds(
    area: Area, come: Deliveries, deliveries: list[Row], coverage: pl.DataFrame, as_of: datetime
) -> list[Feed]:
    """Return every source's state as of a moment.

    `deliveries`: newest first, with their verdicts; `coverage`: evening, source, centre_code, is_covered.
    """
    return [_feed(area, source, come, deliveries, coverage, as_of) for source in area.sources]


def _feed(  # noqa: PLR0917  what is shown of one source
    area: Area, name: str, come: Deliveries, deliveries: list[Row], coverage: pl.DataFrame, as_of: datetime
) -> Feed:
    state = state_of_source(area, name, come, as_of)
    believed = next((d for d in deliveries if d["source"] == name and d["is_conformed"]), None)
    nights = covered_nights(area, name, coverage, as_of) if name in alert_sources(area) else []
    missing = [n.evening for n in nights if n.state != "covered"]
    is_due = set(due_evenings(area, name, as_of)) & {*missing, *state.missing}
    silent = [c.name for c in area.current_centres if name not in c.covered_by]
    return Feed(
        name,
        area.sources[name].title,
        str(state.state),
        state.state.meaning,
        area.ask(str(state.refused["summary"]), name) if state.refused else next_action(state, area),
        believed,
        tuple(nights),
        say_days(missing) if missing else "",
        area.ask_about(name, None) if is_due else "",
        listed(silent) if silent else "",
    )


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
