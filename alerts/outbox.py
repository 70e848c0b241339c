"""The outbox: which intents a decision makes, for whom, and which of them may be posted. Pure, over rows."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from alerts.blocks import Payload, payload, section
from alerts.decisions import Reason, Said
from alerts.disclosure import audience_of
from alerts.facts import AlertFacts
from alerts.messages import Writer
from alerts.mornings import Decision
from alerts.mrkdwn import escape
from alerts.wording import headline, say_place, say_when
from nte.area import Area
from nte.tables import OUTBOX

PENDING, POSTED, HELD, NOT_POSTED = "pending", "posted", "held", "not_posted"
SUPERSEDED = "a later edit says it all"


@dataclass(frozen=True)
class Intent:
    """One message that is to be posted, or the reason why not."""

    message_id: str
    purpose: str
    kind: str
    head_id: str | None
    alert_id: str
    decision_id: str | None
    channel: str
    payload: Payload
    status: str = PENDING
    status_reason: str | None = None
    chart: str | None = None

    def row(self, sequence: int, now: datetime) -> dict[str, Any]:
        """Return the outbox row."""
        facts = {
            "sequence": sequence, "written_at": now, "posted_at": None, "slack_channel": None, "slack_ts": None,
            "n_attempts": 0,
        }
        own = {name: getattr(self, name) for name in OUTBOX.names if name in self.__dataclass_fields__}
        return own | facts | {"payload": json.dumps(self.payload, ensure_ascii=False)}


@dataclass
class Threads:
    """The head of each alert and channel, and whether people can see it."""

    heads: dict[tuple[str, str], tuple[str, str, str | None]]
    """(alert, channel) → message, status, why."""

    @classmethod
    def of(cls, outbox: pl.DataFrame) -> "Threads":
        """Return the threads of what is in the outbox."""
        heads = outbox.filter(pl.col("kind") == "head", pl.col("purpose") == "alert")
        columns = ("alert_id", "channel", "message_id", "status", "status_reason")
        return cls({(a, c): (m, s, why) for a, c, m, s, why in heads.select(columns).iter_rows()})


def channels_of(facts: AlertFacts, area: Area) -> list[str]:
    """Return who hears of an alert: the police, and the licensing authority of each district concerned."""
    districts = {c.centre_code: c.district for c in area.current_centres}
    concerned = {districts[n.centre_code] for n in facts.nights if n.centre_code in districts}
    if facts.centre_code in districts:
        concerned.add(districts[facts.centre_code])
    channels = [area.slack.district_channels[d] for d in sorted(concerned) if d in area.slack.district_channels]
    return list(dict.fromkeys([area.slack.police_channel, *channels]))


def write_intents(
    decisions: Iterable[tuple[str, Decision]], before: Mapping[str, Said], threads: Threads, area: Area,
    now: datetime, base_url: str,
) -> list[Intent]:
    """Return the intents of decisions that say something, in order.

    `before` is what was said of each alert ahead of the first of them; it and `threads` are moved along.
    """
    said, intents = dict(before), []
    first_said: dict[str, list[str]] = defaultdict(list)
    by_morning: dict[datetime, list[tuple[str, Decision]]] = defaultdict(list)
    for decision_id, decision in decisions:
        by_morning[decision.morning].append((decision_id, decision))
    for morning, made in sorted(by_morning.items()):
        first_said.clear()
        for decision_id, decision in sorted(made, key=_urgency):
            earlier = said.get(decision.facts.alert_id)
            for channel in channels_of((earlier or decision).facts, area):
                writer = Writer(area, audience_of(area, channel), base_url)
                intents += _intents(decision_id, decision, earlier, threads, writer, channel, first_said, now)
            said[decision.facts.alert_id] = Said(decision.facts, decision.reason)
        intents += _overflow(morning, first_said, area, now)
    return intents


def _urgency(pair: tuple[str, Decision]) -> tuple[int, float, str]:
    """The gravest first: what does not fit into the day's maximum is the least grave."""
    facts = pair[1].facts
    return (-facts.level.rank, facts.rarest, facts.alert_id)


def _intents(
    decision_id: str, decision: Decision, earlier: Said | None, threads: Threads, writer: Writer, channel: str,
    first_said: dict[str, list[str]], now: datetime,
) -> list[Intent]:
    facts, reason = decision.facts, decision.reason
    if reason is Reason.FIRST or (facts.alert_id, channel) not in threads.heads:
        head = writer.head(facts, reason, decision.morning)
        intent = Intent(f"{decision_id}|{channel}|head", "alert", "head", None, facts.alert_id, decision_id,
                        channel, head)
        intent = _may_post(intent, facts, writer.area, first_said[channel], now)
        threads.heads[facts.alert_id, channel] = (intent.message_id, intent.status, intent.status_reason)
        return [intent]
    head_id, status, why = threads.heads[facts.alert_id, channel]
    status, why = (NOT_POSTED, why) if status == NOT_POSTED else (PENDING, None)
    made = []
    history = ""
    if earlier and reason.is_revision:
        reply = writer.reply(facts, reason, earlier, decision.morning)
        made.append(Intent(f"{decision_id}|{channel}|reply", "alert", "reply", head_id, facts.alert_id,
                           decision_id, channel, reply, status, why))
        history = f"Changed since it was first said: {writer.change(facts, reason, earlier)}"
    edit = writer.head(facts, reason, decision.morning, history=history)
    made.append(Intent(f"{decision_id}|{channel}|edit", "alert", "edit", head_id, facts.alert_id, decision_id,
                       channel, edit, status, why))
    return made


def _may_post(intent: Intent, facts: AlertFacts, area: Area, first_said: list[str], now: datetime) -> Intent:
    """Return a first message as pending, or as not posted with the reason."""
    closed_at = area.clock.closes_at(facts.last_evening)
    if now - closed_at > timedelta(days=area.slack.most_days_late):
        why = f"the night closed more than {area.slack.most_days_late} days before this run"
        return replace(intent, status=NOT_POSTED, status_reason=why)
    first_said.append(f"{escape(say_place(facts, area))} ({escape(say_when(facts))})")
    if len(first_said) > area.slack.most_alerts_a_day:
        return replace(intent, status=NOT_POSTED, status_reason="over the day's maximum; named in one line")
    return intent


def _overflow(morning: datetime, first_said: dict[str, list[str]], area: Area, now: datetime) -> list[Intent]:
    """Return one honest line for each channel whose day was full."""
    intents = []
    for channel, names in first_said.items():
        rest = names[area.slack.most_alerts_a_day :]
        if rest:
            text = (f"{len(rest)} more alerts this morning, less unusual than those above and not posted one by one: "
                    f"{'; '.join(rest)}.")
            message_id = f"overflow@{morning:%Y-%m-%d}|{channel}"
            intents.append(Intent(message_id, "overflow", "head", None, "", None, channel,
                                  payload(text, [section(text)])))
    return intents


def supersede(outbox: pl.DataFrame) -> pl.DataFrame:
    """Return the pending edits that a later pending edit of the same head makes needless, as not posted."""
    edits = outbox.filter(pl.col("kind") == "edit", pl.col("status").is_in([PENDING, HELD]))
    is_last = pl.col("sequence") == pl.col("sequence").max().over("head_id")
    return edits.filter(~is_last).with_columns(
        status=pl.lit(NOT_POSTED), status_reason=pl.lit(SUPERSEDED, dtype=pl.String)
    )
