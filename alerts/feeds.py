"""What the ops team hears of feeds: late or refused, once, and once when it is mended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from alerts import blocks
from alerts.mrkdwn import escape
from alerts.outbox import NOT_POSTED, PENDING, Intent
from alerts.wording import say_day
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
) -> list[Intent]:
    """Return what ops have not been told yet: each trouble once, each end of it once."""
    told = set(outbox.filter(pl.col("purpose") == "feed")["message_id"])
    standing = [r for r in refused if not _is_covered(r, covered)]
    intents = []
    for delivery in refused:
        intents += _about_refused(delivery, delivery in standing, told, area, now)
    for name in area.sources:
        feed = next((f for f in late if f.source == name), None)
        is_explained = feed is not None and any(
            r.source == name and r.last_evening >= feed.first_evening for r in standing
        )
        intents += _about_late(name, feed, told, area, is_explained=is_explained, covered=covered, now=now)
    return intents


def _is_covered(delivery: RefusedDelivery, covered: Collection[tuple[str, date]]) -> bool:
    n_nights = (delivery.last_evening - delivery.first_evening).days + 1
    evenings = [delivery.first_evening + timedelta(days=n) for n in range(n_nights)]
    return all((delivery.source, evening) in covered for evening in evenings)


def _about_refused(
    delivery: RefusedDelivery, is_standing: bool, told: set[str], area: Area, now: datetime
) -> list[Intent]:
    head_id = f"refused|{delivery.delivery_id}"
    title = _title(area, delivery.source)
    if is_standing and head_id not in told:
        text = f"*{title}: a delivery was refused.* {escape(delivery.summary, 900)}"
        until = _unknown(delivery.first_evening, delivery.last_evening)
        age = now - delivery.known_at
        is_old = age > timedelta(days=area.slack.most_days_late)
        why = f"the delivery is more than {area.slack.most_days_late} days old" if is_old else None
        return [_intent(area, head_id, "head", text, until, why=why)]
    if not is_standing and head_id in told:
        text = f"*{title}: mended.* {_nights(delivery.first_evening, delivery.last_evening)} is covered now."
        return _resolved(area, head_id, text, told)
    return []


def _about_late(
    name: str,
    feed: LateFeed | None,
    told: set[str],
    area: Area,
    *,
    is_explained: bool,
    covered: Collection[tuple[str, date]],
    now: datetime,
) -> list[Intent]:
    heads = {m for m in told if m.startswith(f"late|{name}|") and m.count("|") == 2}  # noqa: PLR2004
    open_heads = sorted(m for m in heads if f"{m}|mended" not in told)
    if feed is not None:
        if open_heads or is_explained:
            return []
        return [_late_head(area, feed)]
    return [
        intent
        for head_id in open_heads
        for intent in _resolved(area, head_id, _late_end(area, name, head_id, covered, now), told)
    ]


def _late_head(area: Area, feed: LateFeed) -> Intent:
    source = area.sources[feed.source]
    due = f"{source.due_by:%H:%M} on {say_day(feed.last_evening + timedelta(days=1))}"
    text = (
        f"*{_title(area, feed.source)}: the delivery is late.* It was due by {due}. "
        "Ask the provider for it; it is taken as soon as it lands."
    )
    until = _unknown(feed.first_evening, feed.last_evening)
    return _intent(area, f"late|{feed.source}|{feed.first_evening}", "head", text, until)


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


def _resolved(area: Area, head_id: str, text: str, told: set[str]) -> list[Intent]:
    if f"{head_id}|mended" in told:
        return []
    reply = _intent(area, f"{head_id}|mended", "reply", text, head_id=head_id)
    small = "The thread says when it was mended."
    edit = _intent(area, f"{head_id}|mended-edit", "edit", text, small, head_id=head_id)
    return [reply, edit]


def _intent(
    area: Area,
    message_id: str,
    kind: str,
    text: str,
    small: str = "",
    *,
    head_id: str | None = None,
    why: str | None = None,
) -> Intent:
    parts = [blocks.section(text), *([blocks.context(small)] if small else [])]
    message = blocks.payload(f"{text} {small}".strip(), parts)
    return Intent(
        message_id=message_id,
        purpose="feed",
        kind=kind,
        channel=area.slack.ops_channel,
        payload=message,
        head_id=head_id,
        status=NOT_POSTED if why else PENDING,
        status_reason=why,
    )


def _title(area: Area, name: str) -> str:
    source = area.sources.get(name)
    return escape(source.title if source else name)


def _unknown(first: date, last: date) -> str:
    return f"{_nights(first, last)} of this source: not known, not quiet. Its violence alerts wait."


def _nights(first: date, last: date) -> str:
    if first == last:
        return f"The night of {say_day(first)}"
    return f"The nights from {say_day(first)} to {say_day(last)}"
