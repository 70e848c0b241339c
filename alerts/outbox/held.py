"""Which messages are held back, since when, and why: with what a person can do about it. Pure, over rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from alerts.outbox.answers import Scope, refusal_in
from alerts.outbox.intents import HELD, IS_WAITING
from nte.area import Area
from nte.english import say_short_instant


@dataclass(frozen=True)
class HeldBack:
    """Messages to one channel that wait for one reason."""

    channel: str
    n_messages: int
    since: datetime
    why: str

    def say(self, area: Area) -> str:
        """Return '2 messages to #nte-derby wait since Mon 30 Mar, 09:00: Slack says is_archived: …'."""
        waits = "1 message" if self.n_messages == 1 else f"{self.n_messages} messages"
        verb = "waits" if self.n_messages == 1 else "wait"
        return f"{waits} to {self.channel} {verb} since {say_short_instant(self.since, area)}: {self.why.rstrip('.')}"


def held_back(outbox: pl.DataFrame) -> list[HeldBack]:
    """Return what is held, a row a channel and reason; with a channel that Slack refuses, all that waits for it."""
    refused = refused_channels(outbox)
    waiting = outbox.filter(IS_WAITING).with_columns(
        why=pl.col("channel").replace_strict(refused, default=None, return_dtype=pl.String)
    )
    held = waiting.with_columns(why=pl.coalesce("why", "status_reason")).drop_nulls("why")
    grouped = held.group_by("channel", "why").agg(n=pl.len(), since=pl.col("written_at").min())
    rows = grouped.sort("since", "channel", "why").select("channel", "n", "since", "why")
    return [HeldBack(*row) for row in rows.iter_rows()]


def refused_channels(outbox: pl.DataFrame) -> dict[str, str]:
    """Return each channel that Slack does not let us post to, with what it says and what to do."""
    return dict(_refused(outbox, Scope.CHANNEL))


def unreached_alerts(outbox: pl.DataFrame) -> dict[str, list[str]]:
    """Return each alert whose first message waits in every channel that it is for, all of which Slack refuses."""
    refused = refused_channels(outbox)
    heads = outbox.filter(
        pl.col("kind") == "head", pl.col("purpose") == "alert", pl.col("status") != "not_posted"
    )
    is_stuck = pl.col("channel").is_in(list(refused)) & IS_WAITING
    found = (
        heads.sort("sequence")
        .group_by("alert_id", maintain_order=True)
        .agg("channel", is_stuck=is_stuck.all())
    )
    return dict(found.filter("is_stuck").select("alert_id", "channel").iter_rows())


def _refused(outbox: pl.DataFrame, scope: Scope) -> Iterator[tuple[str, str]]:
    held = outbox.filter(pl.col("status") == HELD).sort("sequence")
    for channel, why in held.select("channel", "status_reason").iter_rows():
        refusal = refusal_in(why or "")
        if refusal is not None and refusal.scope is scope:
            yield channel, why
