"""Two weeks after an alert, in its thread: what the nights since were, and whether it was useful. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from alerts.deciding.facts import EVERYWHERE
from alerts.outbox.intents import NOT_POSTED, Intent
from alerts.words.doubted import Doubted, without_doubted
from alerts.words.message import Action, Message, strong
from alerts.words.seen_rows import seen_rows
from alerts.words.wording import say_expected
from nte.area import Area
from nte.disclosure import DisclosurePolicy, audience_of, policy_of
from nte.english import say_share
from nte.outcomes import AFTER
from nte.stops import silence_of
from nte.words import Answered, Audience, Verdict

Row = dict[str, Any]
LONGEST_AFTER = timedelta(days=28)
"""Nobody remembers an older alert well enough to say whether it was useful."""
QUESTION = "Was this useful?"
USE = {str(Answered.USEFUL): "Yes", str(Answered.NOT_USEFUL): "No", str(Answered.TOO_LATE): "Too late"}
"""What may be answered, by name and title."""


@dataclass(frozen=True)
class Since:
    """What is known of the nights after an alert, told to one audience."""

    area: Area
    policy: DisclosurePolicy
    audience: Audience
    rows: pl.DataFrame
    """The latest judgement of each night and source of its town centre."""

    def say(self) -> str:
        """Return 'The 6 nights since: Police 34 so far (about 85 % is in, usually about 40 in the end); …'."""
        n_nights = self.rows["evening"].n_unique()
        if n_nights == 0:
            return "Of the nights since nothing is known yet."
        said = [self._source(name) for name in self.area.sources if name in set(self.rows["source"])]
        nights = "The night since" if n_nights == 1 else f"The {n_nights} nights since"
        return f"{nights}: {'; '.join(said)}."

    def _source(self, source: str) -> str:
        """Return one source's count of them all beside what was to be expected, where each night's may be shown.

        A total of shown counts says nothing that they do not say; with one hidden among them it would.
        """
        title = self.area.source_title(source)
        own = self.rows.filter(pl.col("source") == source)
        known = own.filter(pl.col("verdict") != str(Verdict.UNKNOWN)).drop_nulls(
            ["n_incidents", "expected", "known_share"]
        )
        if known.is_empty():
            return f"{title} not known"
        if not all(self.policy.is_shown(source, n, self.audience) for n in known["n_incidents"]):
            least = self.policy.least_shown(source, self.audience)
            return f"{title} fewer than {least} on some nights, so no total is shown"
        missing = own.height - known.height
        return f"{title} {self._beside(known, f', {missing} not known' if missing else '')}"

    def _beside(self, known: pl.DataFrame, missing: str) -> str:
        expected = float(known["expected"].sum())
        is_in = float((known["expected"] * known["known_share"]).sum()) / expected if expected else 1.0
        total, usual = int(known["n_incidents"].sum()), say_expected(expected)
        if is_in >= self.area.slack.complete_share:
            return f"{total} (usually {usual}{missing})"
        return f"{total} so far (about {say_share(is_in)} is in, usually {usual} in the end{missing})"


def due_reviews(
    alerts: pl.DataFrame, heads: pl.DataFrame, silences: pl.DataFrame, told: Sequence[str], now: datetime
) -> list[Row]:
    """Return the first message, with its alert, of each review that is due: not written yet, where people were told.

    `heads` say with first_at on which morning their channel was first told: two weeks count from there. `told`: ids of
    messages that were written before. Where its town centre is silent it waits until that ends.
    """
    is_due = pl.col("first_at").is_between(now - LONGEST_AFTER, now - AFTER)
    own = heads.filter(pl.col("status") != NOT_POSTED).sort("sequence")
    latest = own.unique(["alert_id", "channel"], keep="last", maintain_order=True)
    columns = ["alert_id", "centre_code", "last_evening"]
    found = latest.filter(is_due).join(alerts.select(columns), on="alert_id", maintain_order="left")
    return [
        row
        for row in found.iter_rows(named=True)
        if _message_id(row) not in told
        and silence_of(silences, row["centre_code"], row["channel"], now) is None
    ]


def review_intents(
    area: Area, due: Sequence[Row], judgements: pl.DataFrame, doubted: Doubted = ()
) -> list[Intent]:
    """Return the reviews that are due. `judgements`: the latest of each series."""
    intents = []
    for head in due:
        audience = audience_of(area, head["channel"])
        nights = _nights_after(area, head["centre_code"], head["last_evening"], judgements)
        if nights is not None:
            nights = without_doubted(seen_rows(area, nights, audience), doubted)
        intents.append(
            Intent(
                message_id=_message_id(head),
                purpose="review",
                kind="reply",
                channel=head["channel"],
                message=_message(area, head["alert_id"], nights, audience),
                head_id=head["message_id"],
                alert_id=head["alert_id"],
            )
        )
    return intents


def _message_id(head: Row) -> str:
    return f"review@{head['alert_id']}|{head['channel']}"


def _message(area: Area, alert_id: str, nights: pl.DataFrame | None, audience: Audience) -> Message:
    said = [] if nights is None else [Since(area, policy_of(area), audience, nights).say()]
    actions = [Action(name=name, title=title, about=alert_id) for name, title in USE.items()]
    asks = [strong(QUESTION)] if area.slack.has_buttons else []
    spoken = " ".join(["Two weeks on.", *said, *asks])
    return Message.of(spoken, lead=spoken, actions=actions if asks else ())


def _nights_after(
    area: Area, centre_code: str, last_evening: date, judgements: pl.DataFrame
) -> pl.DataFrame | None:
    """Return the judgements of a town centre's nights in the two weeks after an alert; None for many centres."""
    if centre_code == EVERYWHERE:
        return None
    return judgements.filter(
        pl.col("centre_code") == centre_code,
        pl.col("definition") == area.alert_definition,
        pl.col("evening").is_between(last_evening, last_evening + AFTER, closed="right"),
    )
