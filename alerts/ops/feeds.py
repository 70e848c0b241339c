"""What the ops team hears of feeds: late or refused, once, and once when it is mended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from alerts.ops.ops_messages import OpsWriter
from alerts.outbox.intents import Intent
from alerts.slack.mrkdwn import escape
from alerts.words.links import Links
from alerts.words.wording import say_day
from nte.area import Area, Source

LOOK_BACK_NIGHTS = 14


@dataclass(frozen=True)
class LateFeed:
    """A source whose latest nights are not covered although they are due."""

    source: str
    first_evening: date
    last_evening: date


@dataclass(frozen=True)
class RefusedDelivery:
    """A delivery of which no row is used."""

    delivery_id: str
    source: str
    known_at: datetime
    first_evening: date
    last_evening: date
    summary: str


def late_feeds(area: Area, covered: Collection[tuple[str, date]], now: datetime) -> list[LateFeed]:
    """Return the sources whose latest due night is not covered, with the run of nights that are missing."""
    late = []
    for name, source in area.sources.items():
        missing: list[date] = []
        for evening in reversed(_due_evenings(area, source, now)):
            if (name, evening) in covered:
                break
            missing.append(evening)
        if missing:
            late.append(LateFeed(name, missing[-1], missing[0]))
    return late


def _due_evenings(area: Area, source: Source, now: datetime) -> list[date]:
    local = now.astimezone(area.clock.time_zone)
    last = local.date() - timedelta(days=1 if local.time() >= source.due_by else 2)
    evenings = [last - timedelta(days=n) for n in reversed(range(LOOK_BACK_NIGHTS))]
    return [evening for evening in evenings if area.clock.closes_at(evening) <= now]


def covered_nights(night_counts: pl.DataFrame) -> set[tuple[str, date]]:
    """Return (source, evening) of each night that some centre's count says is covered."""
    return set(night_counts.filter("is_covered").select("source", "evening").unique().iter_rows())


def refused_deliveries(deliveries: pl.DataFrame, verdicts: pl.DataFrame, area: Area) -> list[RefusedDelivery]:
    """Return the refused deliveries, oldest first, with the nights that they would have covered."""
    refused = verdicts.filter(pl.col("verdict") == "rejected").sort("decided_at")
    joined = refused.join(deliveries.drop("file_name"), on="delivery_id").unique("delivery_id", keep="last")
    found = []
    for row in joined.sort("known_at", "delivery_id").iter_rows(named=True):
        first = area.clock.local_date(row["covers_from_at"] + timedelta(hours=1))
        last = area.clock.local_date(row["covers_to_at"] - timedelta(hours=12))
        found.append(
            RefusedDelivery(
                row["delivery_id"], row["source"], row["known_at"], first, max(first, last), row["summary"]
            )
        )
    return found


def feed_intents(
    area: Area,
    late: list[LateFeed],
    refused: list[RefusedDelivery],
    *,
    covered: Collection[tuple[str, date]],
    outbox: pl.DataFrame,
    now: datetime,
    base_url: str = "",
) -> list[Intent]:
    """Return what ops have not been told yet: each trouble once, each end of it once."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    writer = OpsWriter(area, "feed", told, Links(base_url))
    standing = [r for r in refused if not _is_covered(r, covered)]
    intents = []
    for delivery in refused:
        intents += _about_refused(delivery, writer, now, is_standing=delivery in standing)
    for name in area.sources:
        feed = next((f for f in late if f.source == name), None)
        is_explained = feed is not None and any(
            r.source == name and r.last_evening >= feed.first_evening for r in standing
        )
        if feed is None:
            intents += _about_punctual(name, writer, covered, now)
        elif not is_explained and not writer.standing(f"late|{name}|"):
            intents += _about_late(feed, writer)
    return intents


def _is_covered(delivery: RefusedDelivery, covered: Collection[tuple[str, date]]) -> bool:
    n_nights = (delivery.last_evening - delivery.first_evening).days + 1
    evenings = [delivery.first_evening + timedelta(days=n) for n in range(n_nights)]
    return all((delivery.source, evening) in covered for evening in evenings)


def _about_refused(
    delivery: RefusedDelivery, writer: OpsWriter, now: datetime, *, is_standing: bool
) -> list[Intent]:
    head_id = f"refused|{delivery.delivery_id}"
    title, most_days = _title(writer.area, delivery.source), writer.area.slack.most_days_late
    if is_standing:
        is_old = now - delivery.known_at > timedelta(days=most_days)
        return writer.head(
            head_id,
            f"*{title}: a delivery was refused.* {escape(delivery.summary, 900)}",
            _unknown(delivery.first_evening, delivery.last_evening),
            buttons=[
                *writer.links.delivery(delivery.delivery_id),
                *writer.links.runbook("rejected-delivery"),
            ],
            why_not=f"the delivery is more than {most_days} days old" if is_old else None,
        )
    if head_id in writer.told:
        nights = _nights(delivery.first_evening, delivery.last_evening)
        verb = "is" if delivery.first_evening == delivery.last_evening else "are"
        return writer.ended(head_id, f"*{title}: mended.* {nights} {verb} covered now.")
    return []


def _about_late(feed: LateFeed, writer: OpsWriter) -> list[Intent]:
    source = writer.area.sources[feed.source]
    due = f"{source.due_by:%H:%M} on {say_day(feed.last_evening + timedelta(days=1))}"
    text = (
        f"*{_title(writer.area, feed.source)}: the delivery is late.* It was due by {due}. "
        "Ask the provider for it; it is taken as soon as it lands."
    )
    return writer.head(
        f"late|{feed.source}|{feed.first_evening}",
        text,
        _unknown(feed.first_evening, feed.last_evening),
        buttons=writer.links.runbook("late-delivery"),
    )


def _about_punctual(
    name: str, writer: OpsWriter, covered: Collection[tuple[str, date]], now: datetime
) -> list[Intent]:
    return [
        intent
        for head_id in writer.standing(f"late|{name}|")
        for intent in writer.ended(head_id, _late_end(writer.area, name, head_id, covered, now))
    ]


def _late_end(
    area: Area, name: str, head_id: str, covered: Collection[tuple[str, date]], now: datetime
) -> str:
    first = date.fromisoformat(head_id.rsplit("|", 1)[1])
    due = [e for e in _due_evenings(area, area.sources[name], now) if e >= first]
    missing = [e for e in due if (name, e) not in covered]
    text = f"*{_title(area, name)}: deliveries come again.*"
    if missing:
        nights = ", ".join(say_day(e) for e in missing)
        return f"{text} Still not known: {nights}. Ask the provider to send that again."
    return f"{text} The night of {say_day(first)} was late and is known now."


def _title(area: Area, name: str) -> str:
    source = area.sources.get(name)
    return escape(source.title if source else name)


def _unknown(first: date, last: date) -> str:
    return f"{_nights(first, last)} of this source: not known, not quiet. Its violence alerts wait."


def _nights(first: date, last: date) -> str:
    if first == last:
        return f"The night of {say_day(first)}"
    return f"The nights from {say_day(first)} to {say_day(last)}"
