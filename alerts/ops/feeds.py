"""What the ops team hears of feeds: late or refused, once, and once when it is mended."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.words.links import Links
from alerts.words.message import outside, strong
from nte.area import Area
from nte.due import (
    SEND_WHOLE,
    Deliveries,
    Row,
    SourceState,
    due_at,
    due_evenings,
    next_action,
    say_unusable,
    state_of_source,
)
from nte.english import say_day
from nte.words import DeliveryVerdict, FeedState

PUNCTUAL = (FeedState.HERE, FeedState.NOT_DUE)
HALF_A_YEAR = timedelta(days=182)
"""A night that is older is told with its year."""
SAID_OF_THE_FILE = (FeedState.REFUSED, FeedState.HELD, FeedState.UNUSABLE)
"""States that a message about the file itself tells."""


def feed_states(area: Area, come: Deliveries, now: datetime) -> list[SourceState]:
    """Return how every source stands."""
    return [state_of_source(area, source, come, now) for source in area.sources]


def feed_intents(
    area: Area,
    states: Sequence[SourceState],
    come: Deliveries,
    *,
    outbox: pl.DataFrame,
    now: datetime,
    base_url: str = "",
) -> list[Intent]:
    """Return what ops have not been told yet: each trouble once, each end of it once."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    intents = []
    unmended = set(writer.standing("refused|"))
    refused = [
        row
        for row in come.rows
        if row["verdict"] == DeliveryVerdict.REJECTED or f"refused|{row['delivery_id']}" in unmended
    ]
    for delivery in reversed(refused):
        intents += _about_refused(delivery, writer, come, now)
    for delivery in reversed(come.rows):
        intents += _about_held(delivery, writer) + _about_contradicted(delivery, writer, come)
    intents += _about_unusable(come, writer, now)
    for state in states:
        if state.state in PUNCTUAL:
            intents += _about_punctual(state.source, writer, come, now)
        elif standing := writer.standing(f"late|{state.source}|"):
            intents += _about_misnamed(state, writer, outbox, standing)
        elif state.state not in SAID_OF_THE_FILE and not state.is_contradicted:
            intents += _about_missing(state, writer)
    return intents


def rows_intents(
    area: Area, come: Deliveries, *, outbox: pl.DataFrame, now: datetime, base_url: str = ""
) -> list[Intent]:
    """Return what ops have not been told of deliveries in use with too few or too many rows, each once.

    Of one that cannot be used more is told than that.
    """
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    unusable, intents = {row["delivery_id"] for row in come.unusable}, list[Intent]()
    since = now - timedelta(days=area.slack.most_days_late)
    for row in reversed(come.rows):
        is_told = row["delivery_id"] in unusable or row["known_at"] < since
        if row["rows_warning"] is None or not row["is_conformed"] or is_told:
            continue
        title = strong(f"{_title(area, row['source'])}: a delivery may not be whole.")
        intents += writer.head(
            f"rows|{row['delivery_id']}",
            f"{title} {outside(area.ask(row['rows_warning'], row['source']), 900)}",
            "Its rows are used, and its nights count as known.",
            links=[*writer.links.delivery(row["delivery_id"]), *writer.links.runbook("volume_unusual")],
        )
    return intents


def nights_of_delivery(delivery: Row, area: Area) -> tuple[date, date]:
    """Return the first and the last evening that a delivery accounts for, or would have."""
    first = area.clock.local_date(delivery["covers_from_at"] + timedelta(hours=1))
    return first, max(first, area.clock.local_date(delivery["covers_to_at"] - timedelta(hours=12)))


def _is_covered(source: str, first: date, last: date, come: Deliveries) -> bool:
    evenings = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return all((source, evening) in come.covered for evening in evenings)


def _about_refused(delivery: Row, writer: OpsWriter, come: Deliveries, now: datetime) -> list[Intent]:
    """Tell of a refused delivery until another accounts for its nights; of one with personal data always, once."""
    head_id, source = f"refused|{delivery['delivery_id']}", delivery["source"]
    first, last = nights_of_delivery(delivery, writer.area)
    title, most_days = _title(writer.area, source), writer.area.slack.most_days_late
    is_covered = _is_covered(source, first, last, come)
    is_mended = is_covered and (delivery["is_conformed"] or not _was_known_before(delivery, come))
    if is_mended and head_id in writer.told:
        verb = "is" if first == last else "are"
        return writer.ended(
            head_id, f"{strong(f'{title}: mended.')} {_nights(first, last)} {verb} covered now."
        )
    if is_mended and not delivery["is_breach"]:
        return []
    is_old = now - delivery["known_at"] > timedelta(days=most_days) and not delivery["is_breach"]
    return writer.head(
        head_id,
        f"{strong(f'{title}: a delivery was refused.')} {outside(writer.area.ask(delivery['summary'], source), 900)}",
        _known_otherwise(first, last) if is_covered else _unknown(first, last, now),
        links=[
            *writer.links.delivery(delivery["delivery_id"]),
            *writer.links.runbook("rejected-delivery"),
        ],
        why_not=f"the delivery is more than {most_days} days old" if is_old else None,
    )


def _about_held(delivery: Row, writer: OpsWriter) -> list[Intent]:
    """Tell of a held delivery, whatever is known of its nights, and once what became of it."""
    head_id, title = f"held|{delivery['delivery_id']}", _title(writer.area, delivery["source"])
    summary = outside(writer.area.ask(delivery["summary"], delivery["source"]), 900)
    if delivery["verdict"] == DeliveryVerdict.HELD:
        links = [*writer.links.delivery(delivery["delivery_id"]), *writer.links.runbook("held-delivery")]
        small = "None of its rows is used until somebody has decided."
        return writer.head(
            head_id, f"{strong(f'{title}: a delivery is held.')} {summary}", small, links=links
        )
    if head_id in writer.told:
        return writer.ended(
            head_id, f"{strong(f'{title}: it is decided about the held delivery.')} {summary}"
        )
    return []


def _about_contradicted(delivery: Row, writer: OpsWriter, come: Deliveries) -> list[Intent]:
    """Tell of a used delivery that a manifest which came later contradicts, and once when its night is known again."""
    head_id, title = f"contradicted|{delivery['delivery_id']}", _title(writer.area, delivery["source"])
    evening = writer.area.clock.local_date(delivery["named_at"]) - timedelta(days=1)
    is_covered = (delivery["source"], evening) in come.covered
    if delivery["is_contradicted"] and not is_covered:
        bold = strong(f"{title}: a manifest contradicts a delivery that is in use.")
        return writer.head(
            head_id,
            f"{bold} {outside(delivery['summary'], 700)} {writer.area.ask(SEND_WHOLE, delivery['source'])}",
            _unknown(evening, evening),
            links=[*writer.links.delivery(delivery["delivery_id"]), *writer.links.runbook("late-delivery")],
        )
    if head_id in writer.told and is_covered:
        return writer.ended(
            head_id, f"{strong(f'{title}: mended.')} {_nights(evening, evening)} is covered now."
        )
    return []


def _about_unusable(come: Deliveries, writer: OpsWriter, now: datetime) -> list[Intent]:
    """Tell of a delivery of which nights cannot be used, until they are known, and once that they are."""
    nights: dict[str, list[Row]] = {}
    for row in come.unusable:
        nights.setdefault(f"unusable|{row['delivery_id']}", []).append(row)
    intents: list[Intent] = []
    for head_id, rows in nights.items():
        missing = [r["evening"] for r in rows if (r["source"], r["evening"]) not in come.covered]
        delivery = next(d for d in come.rows if d["delivery_id"] == rows[0]["delivery_id"])
        if missing or _was_known_before(delivery, come):
            intents += _say_unusable(head_id, rows, missing, writer, now)
        elif head_id in writer.told:
            intents += writer.ended(head_id, _usable_again(rows[0]["source"], writer.area))
    for head_id in writer.standing("unusable|"):
        source = next((d["source"] for d in come.rows if head_id == f"unusable|{d['delivery_id']}"), None)
        if head_id not in nights and source is not None:
            intents += writer.ended(head_id, _usable_again(source, writer.area))
    return intents


def _say_unusable(
    head_id: str, rows: Sequence[Row], missing: Sequence[date], writer: OpsWriter, now: datetime
) -> list[Intent]:
    area, row = writer.area, rows[0]
    title = strong(f"{_title(area, row['source'])}: a delivery is here and cannot be used.")
    file_name, most_days = outside(row["file_name"], 120), area.slack.most_days_late
    is_old = now - row["known_at"] > timedelta(days=most_days)
    return writer.head(
        head_id,
        f"{title} {file_name}: {say_unusable(row)}. Its good rows are kept. Ask the provider to mend it and to send it "
        f"again; if it is right as it is, say `nte accept {file_name}`.",
        _unknown(missing[0], missing[-1])
        if missing
        else _known_otherwise(row["evening"], rows[-1]["evening"]),
        links=[*writer.links.delivery(row["delivery_id"]), *writer.links.runbook("unusable-delivery")],
        why_not=f"the delivery is more than {most_days} days old" if is_old else None,
    )


def _usable_again(source: str, area: Area) -> str:
    return f"{strong(f'{_title(area, source)}: mended.')} The nights that could not be used are known now."


def _was_known_before(delivery: Row, come: Deliveries) -> bool:
    """Say whether what a delivery speaks of was accounted for when it came, and nothing of it was sent since."""
    start, end = delivery["covers_from_at"], delivery["covers_to_at"]
    believed = [r for r in come.of(delivery["source"]) if r["is_conformed"] and r is not delivery]
    since = (r for r in believed if r["taken_at"] > delivery["taken_at"])
    if any(r["covers_from_at"] < end and r["covers_to_at"] > start for r in since):
        return False
    reached = start
    for row in sorted(believed, key=lambda r: r["covers_from_at"]):
        if row["covers_from_at"] <= reached:
            reached = max(reached, row["covers_to_at"])
    return bool(reached >= end)


def _about_missing(state: SourceState, writer: OpsWriter) -> list[Intent]:
    first, last = state.missing[0], state.missing[-1]
    due = due_at(writer.area, state.source, last).astimezone(writer.area.clock.time_zone)
    text = (
        f"{strong(f'{_title(writer.area, state.source)}{_WRONG[state.state]}')} It was due by {due:%H:%M} on "
        f"{say_day(due.date())}. {outside(next_action(state, writer.area))}"
    )
    return writer.head(
        f"late|{state.source}|{first}",
        text,
        _unknown(first, last),
        links=writer.links.runbook("late-delivery"),
    )


def _about_misnamed(
    state: SourceState, writer: OpsWriter, outbox: pl.DataFrame, standing: Sequence[str]
) -> list[Intent]:
    """Tell of a file under a wrong name that came after its delivery was said to be late, once."""
    said = "\n".join(outbox.filter(pl.col("message_id").is_in(standing))["message"])
    if state.state is not FeedState.MISNAMED or state.file_name in said:
        return []
    bold = strong(f"{_title(writer.area, state.source)}: a file is here under a wrong name.")
    return writer.head(
        f"misnamed|{state.source}|{state.file_name}",
        f"{bold} {outside(next_action(state, writer.area))}",
        _unknown(state.missing[0], state.missing[-1]),
        links=writer.links.runbook("late-delivery"),
    )


_WRONG = {
    FeedState.LATE: ": the delivery is late.",
    FeedState.SILENT: ": nothing has come for a week or longer.",
    FeedState.SHORT: ": the delivery is here and leaves the night open.",
    FeedState.MISNAMED: ": the delivery is late, and a file is here under a wrong name.",
    FeedState.WAITING: ": the delivery is late, and a file is here that waits.",
}


def _about_punctual(name: str, writer: OpsWriter, come: Deliveries, now: datetime) -> list[Intent]:
    return [
        intent
        for head_id in writer.standing(f"late|{name}|")
        for intent in writer.ended(head_id, _late_end(writer.area, name, head_id, come, now))
    ]


def _late_end(area: Area, name: str, head_id: str, come: Deliveries, now: datetime) -> str:
    first = date.fromisoformat(head_id.rsplit("|", 1)[1])
    due = [e for e in due_evenings(area, name, now) if e >= first]
    missing = [e for e in due if (name, e) not in come.covered]
    text = strong(f"{_title(area, name)}: deliveries come again.")
    if missing:
        nights = ", ".join(say_day(e) for e in missing)
        return area.ask(f"{text} Still not known: {nights}. Ask the provider to send that again.", name)
    return f"{text} The night of {say_day(first)} is known now."


def _title(area: Area, name: str) -> str:
    return area.sources[name].title if name in area.sources else outside(name)


def _unknown(first: date, last: date, now: datetime | None = None) -> str:
    year = f" {last.year}" if now and now.date() - last > HALF_A_YEAR else ""
    return f"{_nights(first, last)}{year} of this source: not known, not quiet. Its violence alerts wait."


def _known_otherwise(first: date, last: date) -> str:
    verb = "is" if first == last else "are"
    return (
        f"{_nights(first, last)} {verb} known from other deliveries; what this one would have changed is not."
    )


def _nights(first: date, last: date) -> str:
    if first == last:
        return f"The night of {say_day(first)}"
    return f"The nights from {say_day(first)} to {say_day(last)}"
