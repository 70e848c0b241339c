"""What is due and what is late: the one place that says how a source's deliveries stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from nte.area import Area
from nte.deliveries.inbox import AHEAD, NOT_TAKEN_YET, WRONG_NAME, arrival_at
from nte.deliveries.near_names import agreed_name, likely_name, mended_name
from nte.english import say_share
from nte.words import DeliveryVerdict, Fault, FeedState

LOOK_BACK_NIGHTS = 14
LOOK_BACK = timedelta(days=LOOK_BACK_NIGHTS)
SILENT_AFTER = timedelta(days=7)
Row = dict[str, Any]
Query = Callable[[str, Sequence[object]], pl.DataFrame]

DELIVERIES = f"""
SELECT d.delivery_id, d.source, d.known_at, d.taken_at, d.covers_from_at, d.covers_to_at, d.is_history, d.is_conformed,
       arg_max(v.verdict, v.decided_at) AS verdict, arg_max(v.summary, v.decided_at) AS summary,
       min(v.decided_at) AS decided_at, b.delivery_id IS NOT NULL AS is_breach,
       y.delivery_id IS NOT NULL AS is_another_year, c.delivery_id IS NOT NULL AS is_contradicted,
       coalesce(o.named_at, d.known_at) AS named_at, w.message AS rows_warning
FROM deliveries d JOIN verdicts v USING (delivery_id) LEFT JOIN delivery_order o USING (delivery_id)
LEFT JOIN (SELECT DISTINCT delivery_id FROM verdict_reasons WHERE rule = 'personal_data') b USING (delivery_id)
LEFT JOIN (SELECT DISTINCT delivery_id FROM verdict_reasons WHERE rule = 'another_year') y USING (delivery_id)
LEFT JOIN (SELECT DISTINCT delivery_id FROM verdict_reasons WHERE rule = 'manifest_contradicts') c USING (delivery_id)
LEFT JOIN (SELECT delivery_id, min(message) AS message FROM verdict_reasons
           WHERE rule IN ('volume_unusual', 'source_gone_quiet', 'version_unlikely') GROUP BY ALL) w USING (delivery_id)
WHERE v.verdict <> '{DeliveryVerdict.ALREADY_SEEN}' AND d.known_at <= $1
GROUP BY ALL ORDER BY d.known_at DESC, d.delivery_id
"""
COVERED = (
    "SELECT DISTINCT source, evening FROM night_counts WHERE definition = $1 AND is_covered AND evening >= $2"
)
UNUSABLE = """
SELECT d.source, u.delivery_id, u.evening, u.fault, u.n_bad, u.n_rows, u.usual_share, d.file_name, d.known_at
FROM unusable_nights u JOIN deliveries d USING (delivery_id)
WHERE d.known_at <= $1 AND (u.usable_at IS NULL OR u.usable_at > $1) ORDER BY d.known_at, u.delivery_id, u.evening
"""
SEND_WHOLE = "Ask the provider to send the whole file again, or a right manifest."
WITHOUT_ROWS = {
    Fault.CUT_SHORT: "it seems cut short",
    Fault.HOLE: "a part of it seems to be missing",
}
STRAYS = "SELECT folder AS source, name, why FROM inbox_strays WHERE first_seen_at <= $1"


@dataclass(frozen=True)
class Deliveries:
    """What has come, what stands in the inbox, and which nights are accounted for, as of one moment."""

    rows: tuple[Row, ...]
    """Deliveries with their verdicts, the newest first."""
    covered: frozenset[tuple[str, date]]
    """Source and evening of each night that some centre's count says is covered."""
    strays: tuple[Row, ...] = ()
    """Files in the inbox that were not taken: source, name and why."""
    unusable: tuple[Row, ...] = ()
    """Nights that a delivery does not account for though they lie in its span, and why: rows of `unusable_nights`."""

    def of(self, source: str) -> list[Row]:
        """Return a source's deliveries, the newest first."""
        return [row for row in self.rows if row["source"] == source]


@dataclass(frozen=True)
class SourceState:
    """How a source stands: its latest due night, and the run of nights up to it that are not accounted for."""

    source: str
    state: FeedState
    missing: tuple[date, ...] = ()
    """Oldest first."""
    refused: Row | None = None
    """The refused delivery that explains it."""
    file_name: str = ""
    """The file in the inbox that explains it."""
    rename_to: str = ""
    """What that file should be called; empty where nobody can tell."""
    lies_in: str | None = None
    """The folder in which that file lies, where it is not the source's own; empty: the inbox itself."""
    last: Row | None = None
    """The last believed delivery."""
    unusable: Row | None = None
    """Why its last night cannot be used: a row of `unusable_nights`."""
    is_contradicted: bool = False
    """A manifest that came later contradicts the delivery of its last night."""


def read_deliveries(query: Query, area: Area, at: datetime) -> Deliveries:
    """Return what has come by `at`, from the warehouse or its published copy."""
    since = area.clock.local_date(at) - timedelta(days=LOOK_BACK_NIGHTS + 2)
    rows = query(DELIVERIES, [at]).rows(named=True)
    recent = (r["covers_from_at"] for r in rows if not r["is_history"] and r["decided_at"] >= at - LOOK_BACK)
    since = min([since, *(area.clock.local_date(start) for start in recent)])
    covered = query(COVERED, [area.alert_definition, since])
    strays, unusable = (tuple(query(sql, [at]).rows(named=True)) for sql in (STRAYS, UNUSABLE))
    return Deliveries(tuple(rows), frozenset(covered.iter_rows()), strays, unusable)


def state_of_source(area: Area, source: str, come: Deliveries, now: datetime) -> SourceState:
    """Return how a source stands at `now`."""
    missing: list[date] = []
    for evening in reversed(due_evenings(area, source, now)):
        if (source, evening) in come.covered:
            break
        missing.insert(0, evening)
    believed = [row for row in come.of(source) if row["is_conformed"]]
    last = believed[0] if believed else None
    if not missing:
        is_due = due_at(area, source, area.clock.local_date(now) - timedelta(days=1)) <= now
        return SourceState(source, FeedState.HERE if is_due else FeedState.NOT_DUE, last=last)
    state = state_of_night(area, source, missing[-1], come, now)
    refused = _refused(area, source, missing[-1], come)
    stray = {
        FeedState.MISNAMED: _misnamed(area, source, missing, come),
        FeedState.WAITING: _waiting(source, come),
    }.get(state)
    return SourceState(
        source,
        state,
        tuple(missing),
        refused if state is FeedState.REFUSED else None,
        stray["name"] if stray else "",
        stray.get("rename_to", "") if stray else "",
        stray["source"] if stray and stray["source"] != source else None,
        last,
        _unusable_by(source, missing[-1], come) if state is FeedState.UNUSABLE else None,
        state is FeedState.SHORT and _is_contradicted(area, source, missing[-1], come),
    )


def state_of_night(area: Area, source: str, evening: date, come: Deliveries, now: datetime) -> FeedState:
    """Return how the delivery stands that should account for one night of a source, at `now`."""
    own = come.of(source)
    last = max((e for s, e in come.covered if s == source and e < evening), default=None)
    holds = {
        FeedState.HERE: (source, evening) in come.covered,
        FeedState.UNUSABLE: _unusable_by(source, evening, come) is not None,
        FeedState.NOT_DUE: now < due_at(area, source, evening),
        FeedState.REFUSED: _refused(area, source, evening, come) is not None,
        FeedState.HELD: any(
            r["verdict"] == DeliveryVerdict.HELD and _should_cover(area, evening, r) for r in own
        ),
        FeedState.SHORT: any(row["is_conformed"] and _should_cover(area, evening, row) for row in own),
        FeedState.MISNAMED: _misnamed(area, source, [evening], come) is not None,
        FeedState.WAITING: _waiting(source, come) is not None,
        FeedState.SILENT: last is None or evening - last > SILENT_AFTER,
        FeedState.LATE: True,
    }
    return next(state for state, is_so in holds.items() if is_so)


def next_action(state: SourceState, area: Area) -> str:
    """Return what to do about a source that is not here, in one sentence; empty where nothing is to be done."""
    action = {
        FeedState.LATE: "Ask the provider for it; it is taken as soon as it lands.",
        FeedState.REFUSED: "Ask the provider for a clean file.",
        FeedState.HELD: "Say `nte accept` or `nte reject` with the file's name; `nte status` shows it.",
        FeedState.UNUSABLE: f"{_unusable(state)}Ask the provider to mend it and to send it again.",
        FeedState.SHORT: SEND_WHOLE
        if state.is_contradicted
        else "Ask the provider for the rest: its span ends before the night does.",
        FeedState.MISNAMED: _put_right(state),
        FeedState.WAITING: f"{state.file_name} is taken when it is whole and its day has come.",
        FeedState.SILENT: "Ask the provider whether they still send.",
    }.get(state.state, "")
    return area.ask(action, state.source)


def say_unusable(row: Row) -> str:
    """Return what is wrong with a delivery whose night cannot be used, by a row of `unusable_nights`."""
    fault, n_rows = Fault(row["fault"]), row["n_rows"]
    if fault is Fault.SPARSE:
        held = "1 row" if row["n_bad"] == 1 else f"{row['n_bad']} rows"
        return f"its first days are nearly empty: {held} of this one, where about {n_rows} are usual"
    if fault in WITHOUT_ROWS:
        return f"{WITHOUT_ROWS[fault]}: none of its rows {fault.meaning}, where about {n_rows} are usual"
    usual = "" if row["usual_share"] is None else f" (usually {say_share(row['usual_share'])})"
    counted = "1 row" if n_rows == 1 else f"{n_rows} rows"
    return f"{row['n_bad']} of {counted} {fault.meaning}{usual}"


def _put_right(state: SourceState) -> str:
    """Return what is to be done with a file that lies in the wrong place, or under a wrong name."""
    name, right = state.file_name, state.rename_to
    if state.lies_in is not None and "." not in name:
        return f"The folder {name} in the inbox is no feed's: put its files into {state.source}/."
    if state.lies_in is not None:
        where = f"the folder {state.lies_in}/" if state.lies_in else "the inbox itself"
        called = f" as {right}" if right and right != name else ""
        return f"{name} lies in {where}: move it to {state.source}/{called} if it is the one."
    if right:
        return f"{name} lies in the inbox: rename it to {right} if it is the one."
    return f"Ask the provider to name {name} as agreed; it is taken as soon as it is."


def _unusable(state: SourceState) -> str:
    return f"{state.unusable['file_name']}: {say_unusable(state.unusable)}. " if state.unusable else ""


def due_at(area: Area, source: str, evening: date) -> datetime:
    """Return when the delivery is due that accounts for a night: the next day, by the source's time."""
    day = evening + timedelta(days=1)
    local = datetime.combine(day, area.sources[source].due_by, area.clock.time_zone)
    return max(local, area.clock.closes_at(evening))


def due_evenings(area: Area, source: str, now: datetime) -> list[date]:
    """Return the evenings of the last fortnight whose delivery is due, oldest first."""
    today = area.clock.local_date(now)
    evenings = [today - timedelta(days=n) for n in range(LOOK_BACK_NIGHTS + 1, 0, -1)]
    return [evening for evening in evenings if due_at(area, source, evening) <= now][-LOOK_BACK_NIGHTS:]


def _should_cover(area: Area, evening: date, row: Row) -> bool:
    """Say whether a delivery is of the morning after a night, or its span touches it."""
    touches = row["covers_from_at"] < area.clock.closes_at(evening) and row[
        "covers_to_at"
    ] > area.clock.opens_at(evening)
    return bool(touches or row["named_at"] == area.clock.morning_of(evening + timedelta(days=1)))


def _refused(area: Area, source: str, evening: date, come: Deliveries) -> Row | None:
    refused = (row for row in come.of(source) if row["verdict"] == DeliveryVerdict.REJECTED)
    own = (
        row for row in refused if _should_cover(area, evening, row) or _is_of_another_year(area, evening, row)
    )
    return next(own, None)


def _unusable_by(source: str, evening: date, come: Deliveries) -> Row | None:
    """Return why the last delivery of a night cannot be used for it."""
    found = [u for u in come.unusable if (u["source"], u["evening"]) == (source, evening)]
    return found[-1] if found else None


def _is_of_another_year(area: Area, evening: date, row: Row) -> bool:
    """Say whether a delivery was refused for the year of its name, and is else that of the morning after a night."""
    named, day = area.clock.local_date(row["named_at"]), evening + timedelta(days=1)
    return bool(row["is_another_year"]) and (named.month, named.day) == (day.month, day.day)


def _is_contradicted(area: Area, source: str, evening: date, come: Deliveries) -> bool:
    return any(r["is_contradicted"] and _should_cover(area, evening, r) for r in come.of(source))


def _waiting(source: str, come: Deliveries) -> Row | None:
    return next((row for row in come.strays if row["source"] == source and row["why"] in NOT_TAKEN_YET), None)


def _misnamed(area: Area, source: str, missing: Sequence[date], come: Deliveries) -> Row | None:
    """Return the file that is probably the latest missing delivery under another name, with its right name.

    One that lies beside the feeds' folders, or in that of another feed, is among them if it names the source.
    """
    strays = [row for row in come.strays if _is_misnamed(source, row, area)]
    for evening in reversed(missing):
        day = evening + timedelta(days=1)
        for row in strays:
            if _may_be_of(row["name"], source, day, area):
                return row | {"rename_to": agreed_name(area.sources[source], day) or ""}
    wrong = (row for row in strays if row["source"] in {source, ""} and row["why"] != AHEAD)
    return next(wrong, None)


def _is_misnamed(source: str, row: Row, area: Area) -> bool:
    """Say whether a stray is one of this source's: by its name, else by the folder that it lies in."""
    if row["source"] in area.sources and not str(row["why"]).startswith((AHEAD, *WRONG_NAME)):
        return False
    named = {name for name in area.sources if _begins_with(str(row["name"]), name)}
    return source in named if named else bool(row["source"] == source)


def _begins_with(name: str, source: str) -> bool:
    """Say whether a name begins with that of a source, whatever stands between its letters, as in A&E."""
    letters = "".join(sign for sign in name.casefold() if sign.isalpha())
    return letters.startswith("".join(sign for sign in source.casefold() if sign.isalpha()))


def _may_be_of(name: str, source: str, day: date, area: Area) -> bool:
    """Say whether a name is nearly that of a day's delivery, in this year or in another."""
    feed = area.sources[source]
    likely = mended_name(name, feed) or likely_name(name, feed)
    arrival = arrival_at(Path(likely), feed, area) if likely else None
    named = arrival.last_date if arrival and not arrival.is_history else None
    return named is not None and (named.month, named.day) == (day.month, day.day)
